"""Words that a text puts in quotation marks, in the marks of many languages."""

# ruff: noqa: RUF001  # the marks of many scripts are what this module is about

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.authoring.blocks import Block
from onrecord.authoring.spans import Span, join_words

_PAIRS = {
    '"': '"',
    "“": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "‘": "’",
    "‚": "‘’",
    "'": "'",
    "”": "”",
    "「": "」",
    "『": "』",
    "〝": "〟",
    "＂": "＂",
}
"""Each opening mark and what may close it."""

_DEEPEST = 4
"""Quotations inside one another that are followed; a mark left open for longer is forgotten."""
_SINGLE = "'’‘"
_SIDES_ALIKE = "\"'”＂»›"
"""Marks that open only before a word and after none, since they close as well."""


@dataclass(frozen=True)
class Quotation:
    """A quotation: `span` includes its marks, `words` do not, nor a comma or full stop before the last."""

    span: Span
    words: str


def find_quotations(text: str, blocks: Iterable[Block]) -> list[Quotation]:
    """What stands in quotation marks, one inside another too.

    One that its paragraph leaves open counts to the paragraph's end where the
    next one opens with the same mark again.

    >>> from onrecord.authoring.blocks import read_blocks
    >>> text = "She called it “the dockers' plan” and 'dire'."
    >>> [found.words for found in find_quotations(text, read_blocks(text))]
    ["the dockers' plan", 'dire']
    """
    found = []
    following = list(blocks)
    for number, block in enumerate(following):
        after = following[number + 1] if number + 1 < len(following) else None
        resumed = text[after.span.start] if after else ""
        found += [_quotation(text, span) for span in _quoted(text, block.span, resumed)]
    return sorted(found, key=lambda quotation: quotation.span)


def _quoted(text: str, block: Span, resumed: str) -> list[Span]:
    found: list[Span] = []
    opened: list[int] = []
    for position in range(block.start, block.end):
        character = text[position]
        closes = next(
            (mark for mark in reversed(opened) if character in _PAIRS[text[mark]] and position > mark + 1),
            None,
        )
        if closes is not None and _may_close(text, position):
            found.append(Span(closes, position + 1))
            del opened[opened.index(closes) :]
        elif character in _PAIRS and _may_open(text, position, block):
            opened.append(position)
            del opened[:-_DEEPEST]
    if opened and text[opened[0]] == resumed and resumed not in _SINGLE:
        found.append(Span(opened[0], block.end))
    return found


def _may_open(text: str, position: int, block: Span) -> bool:
    character = text[position]
    before = text[position - 1] if position > block.start else " "
    after = text[position + 1 : position + 2]
    if not after.strip() and character not in "«":
        return False
    if character in _SIDES_ALIKE and (before.isalnum() or before in ".,!?;:%…)"):
        return False
    if character in "'‘":
        return not before.isalnum() and not (after.isdecimal() and text[position + 3 : position + 4] == "s")
    return True


def _may_close(text: str, position: int) -> bool:
    """Whether the mark at `position` can close: not before a word, where it would be an apostrophe."""
    character = text[position]
    before, after = text[position - 1], text[position + 1 : position + 2]
    if character in _SINGLE:
        return not before.isspace() and not after.isalnum()
    if character in '"”＂':
        return not before.isspace()
    return True


def _quotation(text: str, span: Span) -> Quotation:
    closed = text[span.end - 1] in _PAIRS[text[span.start]]
    inner = text[span.start + 1 : span.end - 1 if closed else span.end]
    return Quotation(span, join_words(inner).rstrip(",.").strip())
