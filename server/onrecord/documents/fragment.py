"""A table in HTML, to be pasted into a page elsewhere: no style, no script, and nothing unescaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from onrecord.documents.texts import heading, rows_note, text_of
from onrecord.solutions import NUMBERS, Row, SolutionSequence, Term

_LINKED = re.compile(r"https?://[^\s]+")
_NO_ROWS = "No row matches. That nothing is recorded does not mean that nothing was said."


def write_fragment(title: str, solutions: SolutionSequence, facts: dict[str, str]) -> bytes:
    """A `table` with the title as its caption and, at its foot, the rows counted and where they came from.

    A column called after one of IRIs (`x`, `xLabel`) is written into it, as
    its text. A column without any value is left out.

    >>> row = {"x": Term("literal", "a<b", "en")}
    >>> print(write_fragment("T", SolutionSequence(("x",), (row,)), {"generation": "g-1"}).decode())
    <table>
    <caption>T</caption>
    <thead><tr><th scope="col">x</th></tr></thead>
    <tbody>
    <tr><td lang="en" dir="auto">a&lt;b</td></tr>
    </tbody>
    <tfoot><tr><td>1 row. Generation: g-1.</td></tr></tfoot>
    </table>
    <BLANKLINE>
    """
    labels = _labels_of(solutions)
    shown = [
        name
        for name in solutions.variables
        if name not in labels.values() and (not solutions.rows or any(name in row for row in solutions.rows))
    ]
    heads = "".join(f'<th scope="col">{escape(heading(name))}</th>' for name in shown)
    body = [
        f"<tr>{''.join(_cell(row, name, labels.get(name, '')) for name in shown)}</tr>"
        for row in solutions.rows
    ]
    if not body:
        body = [f"<tr><td{_span(shown)}>{_NO_ROWS}</td></tr>"]
    note = rows_note(len(solutions.rows), solutions.truncated).capitalize()
    return _table(title, heads, body, _span(shown), note, facts)


def write_boolean_fragment(title: str, answer: bool, facts: dict[str, str]) -> bytes:
    """The answer of an ASK query as a table of one cell."""
    return _table(title, "", [f"<tr><td>{'Yes' if answer else 'No'}</td></tr>"], "", "", facts)


def _table(title: str, heads: str, body: list[str], span: str, note: str, facts: dict[str, str]) -> bytes:
    told = [f"{note}."] if note else []
    told += [_tell_source(facts)] if "query" in facts else []
    told += [f"Generation: {escape(facts['generation'])}."] if "generation" in facts else []
    told += [f"Other endpoints: {escape(facts['other endpoints'])}"] if "other endpoints" in facts else []
    lines = [
        "<table>",
        f"<caption>{escape(title)}</caption>",
        *([f"<thead><tr>{heads}</tr></thead>"] if heads else []),
        "<tbody>",
        *body,
        "</tbody>",
        f"<tfoot><tr><td{span}>{' '.join(told)}</td></tr></tfoot>",
        "</table>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _tell_source(facts: dict[str, str]) -> str:
    query = f'<a href="{escape(facts["from"])}">{escape(facts["query"])}</a>'
    return f"<cite>{escape(facts['dataset'])}</cite>, query {query}."


def _labels_of(solutions: SolutionSequence) -> dict[str, str]:
    """Column of IRIs -> the column that holds their names, and nothing where they lack."""
    found = {}
    for name in solutions.variables:
        label = f"{name}Label"
        if label in solutions.variables and all(
            (row[name].kind == "iri" if name in row else label not in row)
            and (label not in row or row[label].kind == "literal")
            for row in solutions.rows
        ):
            found[name] = label
    return found


def _cell(row: Row, name: str, label: str) -> str:
    term = row.get(name)
    if term is None:
        return "<td></td>"
    named = row.get(label, term) if label else term
    if term.kind == "iri" and _LINKED.fullmatch(term.value):
        return f'<td><a href="{escape(term.value)}"{_language(named)}>{escape(text_of(named))}</a></td>'
    return f"<td{_language(named)}>{escape(text_of(named))}</td>"


def _language(term: Term) -> str:
    if term.kind != "literal" or term.datatype in NUMBERS:
        return ""
    return (f' lang="{escape(term.language)}"' if term.language else "") + ' dir="auto"'


def _span(shown: Sequence[str]) -> str:
    return f' colspan="{len(shown)}"' if len(shown) > 1 else ""
