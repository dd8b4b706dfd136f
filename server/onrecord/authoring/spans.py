"""Spans of a text: offsets in code points from 0, end exclusive, and what a graph may keep of them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

INVISIBLE = "\ufeff\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060"
INVISIBLE += "\u2066\u2067\u2068\u2069"
"""Marks that print nothing: byte order, soft hyphen, joiners, directions."""

UNSPACED = (
    "\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""As a regular expression's character class, scripts without spaces: Thai to Burmese, Khmer, kana, Han."""

_UNIT = re.compile(f"[{UNSPACED}]{{1,2}}|[^\\s{UNSPACED}]+")
MOST_ANCHOR_WORDS = 5


@dataclass(frozen=True, order=True)
class Span:
    """From `start` to `end`, exclusive."""

    start: int
    end: int

    def cut(self, text: str) -> str:
        """The span's text, as it stands in the source."""
        return text[self.start : self.end]

    def sha256(self, text: str) -> str:
        """The SHA-256 of the span's UTF-8 bytes, in hexadecimal.

        >>> Span(0, 4).sha256("dire straits")[:8]
        '49025f2f'
        """
        return hashlib.sha256(self.cut(text).encode()).hexdigest()

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def __str__(self) -> str:
        return f"{self.start}-{self.end}"


def trim(text: str, span: Span) -> Span:
    """`span` without white space and invisible marks at its ends; empty at its end if nothing is left.

    >>> trim("  said.\\n", Span(0, 8))
    Span(start=2, end=7)
    """
    start, end = span.start, span.end
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return Span(start, end)


def skip_blank(text: str, position: int, limit: int) -> int:
    """The first position from `position` on, below `limit`, with a character that prints."""
    while position < limit and _is_blank(text[position]):
        position += 1
    return position


def join_words(words: str) -> str:
    """`words` on one line.

    >>> join_words("more than\\n1,600")
    'more than 1,600'
    """
    return " ".join(words.split())


def anchor(words: str, whole_sentence: bool = False) -> str:
    """The first words of a span, at most five, and of a whole sentence always fewer than it has.

    In scripts without spaces two characters count as a word. Of a sentence of
    one word, that word.

    >>> anchor("A commander in the\\nalliance said")
    'A commander in the alliance'
    >>> anchor("It is dire.", whole_sentence=True)
    'It is'
    """
    line = join_words(words)
    units = list(_UNIT.finditer(line))
    most = min(MOST_ANCHOR_WORDS, len(units) - 1) if whole_sentence else MOST_ANCHOR_WORDS
    return line[: units[min(max(most, 1), len(units)) - 1].end()]


def count_words(words: str) -> int:
    """How many words there are; in scripts without spaces two characters count as one.

    >>> count_words("put pressure on everybody")
    4
    """
    return len(_UNIT.findall(words))


def _is_blank(character: str) -> bool:
    return character.isspace() or character in INVISIBLE
