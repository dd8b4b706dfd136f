"""The blocks of an article: paragraphs, headings, and links to other articles.

A blank line always parts blocks. Without one, a line starts a new paragraph
where the line before ended a sentence and left room, or where it is indented;
whether lines were wrapped at a width is read from the text itself.
"""

# ruff: noqa: RUF001  # the marks of many scripts are what this module is about

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Literal

from onrecord.authoring.sentences import ends_sentence, find_sentences
from onrecord.authoring.spans import Span, count_words, trim

Kind = Literal["paragraph", "heading", "related"]

_LETTER: dict[Kind, str] = {"paragraph": "P", "heading": "H", "related": "R"}
_RELATED = re.compile(
    r"(?:related(?:\s+(?:articles?|stor(?:y|ies)|coverage|content|links?|topics?|news))?|read\s+(?:more|also|next)"
    r"|see\s+also|also\s+read|more\s+on\s+this(?:\s+story)?|lire\s+aussi|mehr\s+zum\s+thema|lea\s+también"
    r"|читайте\s+также|اقرأ\s+أيضا|اقرأ\s+أيضًا)\s*[:：]",
    re.IGNORECASE,
)
_WRAPPED_AT_MOST = 160
"""Longer lines are paragraphs: nobody wraps at such a width."""
_FULL = 0.85
"""A line filled to less than this part of the width was ended on purpose."""
_HEADING_WORDS, _HEADING_CHARACTERS = 16, 140


@dataclass(frozen=True)
class Sentence:
    """A sentence with its name: P8S1 is the first of paragraph 8, H1S1 a heading, R1S1 a link."""

    id: str
    span: Span


@dataclass(frozen=True)
class Block:
    """A paragraph (P1, P2, ...), a heading (H1, ...) or a link to another article (R1, ...)."""

    id: str
    kind: Kind
    span: Span
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class _Line:
    span: Span
    indent: int

    @property
    def blank(self) -> bool:
        return self.span.start == self.span.end


@dataclass(frozen=True)
class _Layout:
    """How the lines of a text are set: their usual width and indent, or one paragraph to a line."""

    width: int
    indent: int
    line_is_paragraph: bool


def read_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of `text` in their order, each with its sentences.

    >>> [(block.id, len(block.sentences)) for block in read_blocks("Dam opens\\n\\nIt did. He left.\\n")]
    [('H1', 1), ('P1', 2)]
    """
    counted = dict.fromkeys(_LETTER, 0)
    blocks = []
    for span in _block_spans(text):
        kind = _kind(text, span)
        counted[kind] += 1
        name = f"{_LETTER[kind]}{counted[kind]}"
        spans = find_sentences(text, span) if kind == "paragraph" else [span]
        sentences = tuple(Sentence(f"{name}S{number}", part) for number, part in enumerate(spans, 1))
        blocks.append(Block(name, kind, span, sentences))
    return tuple(blocks)


def _block_spans(text: str) -> list[Span]:
    lines = _lines(text)
    layout = _layout(text, lines)
    found: list[list[_Line]] = []
    for number, line in enumerate(lines):
        previous = lines[number - 1] if number else None
        if line.blank:
            continue
        following = lines[number + 1] if number + 1 < len(lines) else None
        if previous is None or previous.blank or _starts(text, found[-1], line, following, layout):
            found.append([])
        found[-1].append(line)
    return [trim(text, Span(block[0].span.start, block[-1].span.end)) for block in found]


def _lines(text: str) -> list[_Line]:
    lines = []
    start = 0
    for raw in text.splitlines(keepends=True):
        span = trim(text, Span(start, start + len(raw)))
        lines.append(_Line(span, len(text[start : span.start].strip("\ufeff").expandtabs(4))))
        start += len(raw)
    return lines


def _layout(text: str, lines: list[_Line]) -> _Layout:
    indent = min((line.indent for line in lines if not line.blank), default=0)
    inner = [line for line, after in itertools.pairwise(lines) if not line.blank and not after.blank]
    if not inner:
        return _Layout(0, indent, False)
    lengths = sorted(line.span.end - line.span.start for line in inner)
    width = lengths[(len(lengths) - 1) * 9 // 10]
    ended = sum(ends_sentence(line.span.cut(text)) for line in inner)
    return _Layout(width, indent, width > _WRAPPED_AT_MOST or (len(inner) > 2 and ended >= 0.8 * len(inner)))


def _starts(text: str, block: list[_Line], line: _Line, following: _Line | None, layout: _Layout) -> bool:
    """Whether `line`, which comes right after the lines of `block`, starts a block of its own."""
    previous = block[-1]
    before, words = previous.span.cut(text), line.span.cut(text)
    if layout.line_is_paragraph or _RELATED.match(words):
        return True
    if words[0].islower():
        return False
    left_room = len(before) + 1 + len(words.split()[0]) <= _FULL * layout.width
    if _RELATED.match(block[0].span.cut(text)):
        return left_room
    alone = following is None or following.blank or following.indent < line.indent
    indented = line.indent > layout.indent and (line.indent > previous.indent or alone)
    if ends_sentence(before):
        return indented or left_room
    heading = len(block) == 1 and _reads_as_heading(before) and len(before) <= 0.6 * layout.width
    return left_room and (indented or heading)


def _kind(text: str, span: Span) -> Kind:
    words = span.cut(text)
    if _RELATED.match(words):
        return "related"
    return "heading" if _reads_as_heading(words) else "paragraph"


def _reads_as_heading(words: str) -> bool:
    """Short and without a mark at its end that ends or continues a sentence."""
    if ends_sentence(words) or words[-1] in ":;,-—–،؛：；，、":
        return False
    return (
        len(words) <= _HEADING_CHARACTERS
        and words.count("\n") < 2
        and count_words(words) <= _HEADING_WORDS
        and not words[0].islower()
    )
