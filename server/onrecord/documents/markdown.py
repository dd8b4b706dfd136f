"""Markdown tables (GitHub Flavored Markdown), for notes, issues and chat."""

from __future__ import annotations

import re

from onrecord.documents.texts import rows_note, text_of
from onrecord.solutions import SolutionSequence, Term

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+!|~&])")
_BREAK = re.compile(r"\r\n?|\n")


def write_markdown(title: str, solutions: SolutionSequence, facts: dict[str, str]) -> bytes:
    """Title, table and where it came from.

    >>> row = {"x": Term("literal", "a|b")}
    >>> print(write_markdown("T", SolutionSequence(("x",), (row,)), {}).decode())
    ## T
    <BLANKLINE>
    | x |
    | --- |
    | a\\|b |
    <BLANKLINE>
    1 row
    <BLANKLINE>
    """
    names = solutions.variables or ("",)
    lines = [f"## {escape(title)}", "", _line([escape(n) for n in names]), _line(["---"] * len(names))]
    lines += [_line([_cell(row.get(name)) for name in names]) for row in solutions.rows]
    lines += ["", rows_note(len(solutions.rows), solutions.truncated), *_facts(facts)]
    return ("\n".join(lines) + "\n").encode()


def write_boolean(title: str, answer: bool, facts: dict[str, str]) -> bytes:
    """The answer of an ASK query in a sentence."""
    lines = [f"## {escape(title)}", "", "yes" if answer else "no", *_facts(facts)]
    return ("\n".join(lines) + "\n").encode()


def escape(text: str) -> str:
    """`text` so that Markdown shows it and interprets none of it.

    >>> escape("<b>*x*|")
    '\\\\<b\\\\>\\\\*x\\\\*\\\\|'
    """
    return _BREAK.sub("<br>", _SPECIAL.sub(r"\\\1", text))


def _cell(term: Term | None) -> str:
    if term is not None and term.kind == "iri" and re.fullmatch(r"https?://[^\s<>|\\]+", term.value):
        return f"<{term.value}>"
    return escape(text_of(term))


def _facts(facts: dict[str, str]) -> list[str]:
    return ["", *(f"- {escape(name)}: {escape(value)}" for name, value in facts.items())] if facts else []


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
