"""Terms as plain texts, the way a cell of a document shows them."""

from __future__ import annotations

import re

from onrecord.solutions import Term

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])|_|-")


def text_of(term: Term | None) -> str:
    """The text of a term; the empty string where nothing is bound.

    >>> text_of(Term("bnode", "b0")), text_of(None)
    ('_:b0', '')
    """
    if term is None:
        return ""
    if term.kind == "bnode":
        return f"_:{term.value}"
    if term.kind == "triple":
        return f"<<( {' '.join(text_of(part) for part in term.parts)} )>>"
    return term.value


def rows_note(count: int, truncated: bool) -> str:
    """How many rows stand here, and aloud that there are more.

    >>> rows_note(2, True)
    'the first 2 rows; there are more'
    """
    counted = f"{count:,} row{'' if count == 1 else 's'}"
    return f"the first {counted}; there are more" if truncated else counted


def heading(variable: str) -> str:
    """A variable's name as words.

    >>> heading("cueStart"), heading("speaker1Label"), heading("claim1")
    ('cue start', 'speaker 1 label', 'claim 1')
    """
    return " ".join(word for word in _WORDS.split(variable) if word).lower()
