"""Entities that a text names, found by the labels and other names that the folder gives, in any language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.authoring.blocks import Block
from onrecord.authoring.folded import Folded, fold
from onrecord.authoring.spans import UNSPACED, Span
from onrecord.authoring.vocabulary import Label

_REMARK = re.compile(r"\s*\([^)]*\)\s*\Z")
_ARTICLE = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
# One-letter words that Arabic and Hebrew write together with the next: and, so, in, as, to, from, that.
_PROCLITICS = re.compile("[وفبكل]{1,2}|[והבלמשכ]{1,2}")
_WORD_START = re.compile(rf"(?<![^\W{UNSPACED}])\w")
_UNSPACED = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True)
class Mention:
    """Words that are a label of each of `entities`; which is meant, if any, is for the author to say."""

    span: Span
    words: str
    entities: tuple[str, ...]


def find_mentions(text: str, blocks: Iterable[Block], labels: Iterable[Label]) -> list[Mention]:
    """The longest labels that stand in `text` as whole words, none inside another.

    A capital in a label is one in the text too, save the first of several words;
    a small letter may be either, as in headlines. A remark in brackets after a label, and an article before
    it, need not stand in the text.

    >>> from onrecord.authoring.blocks import read_blocks
    >>> labels = [Label("id/board", "harbour board"), Label("id/orm", "Orm")]
    >>> labels.append(Label("id/port", "the port of Orm"))
    >>> text = "Harbour Board of Orm closes port of Orm"
    >>> [(found.words, found.entities) for found in find_mentions(text, read_blocks(text), labels)]
    [('Harbour Board', ('id/board',)), ('Orm', ('id/orm',)), ('port of Orm', ('id/port',))]
    """
    index = _index(labels)
    found = []
    for block in blocks:
        folded = fold(text, block.span)
        position = 0
        while (start := _WORD_START.search(folded.text, position)) is not None:
            match = _longest(folded, start.start(), index)
            if match is None:
                position = start.end()
                continue
            begin, end, entities = match
            words = unicodedata.normalize("NFC", folded.text[begin:end])
            found.append(Mention(folded.original(begin, end), words, entities))
            position = end
    return found


_Index = dict[str, list[tuple[str, Label]]]


def _index(labels: Iterable[Label]) -> _Index:
    """Folded labels by their first two letters without case, the longest first."""
    index: _Index = {}
    for label in labels:
        bare = _REMARK.sub("", label.words)
        for words in {bare, _ARTICLE.sub("", bare, count=1), label.words}:
            folded = fold(words).text.strip()
            if len(folded) > 1 and any(character.isalnum() for character in folded):
                index.setdefault(folded[:2].casefold(), []).append((folded, label))
    for entries in index.values():
        entries.sort(key=lambda entry: (-len(entry[0]), entry[0], entry[1].entity))
    return index


def _longest(folded: Folded, start: int, index: _Index) -> tuple[int, int, tuple[str, ...]] | None:
    """Start, end and entities of the longest label at the word that starts at `start`."""
    starts = [start]
    proclitics = _PROCLITICS.match(folded.text, start)
    if proclitics is not None:
        starts += range(start + 1, proclitics.end() + 1)
    for begin in starts:
        entries = index.get(folded.text[begin : begin + 2].casefold(), [])
        for words, label in entries:
            if _stands(folded.text, begin, words, label.common):
                end = begin + len(words)
                return begin, end, _entities(folded.text[begin:end], begin, folded, entries, len(words))
    return None


def _entities(
    found: str, begin: int, folded: Folded, entries: list[tuple[str, Label]], length: int
) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                label.entity
                for words, label in entries
                if len(words) == length and _stands(folded.text, begin, words, label.common)
            }
        )
    )


def _goes_on(last: str, following: str) -> bool:
    """Whether `following` belongs to the word that `last` ends; never between words that no space parts."""
    return following.isalnum() and not (_UNSPACED.match(last) or _UNSPACED.match(following))


def _stands(text: str, begin: int, words: str, common: bool) -> bool:
    end = begin + len(words)
    if text[begin:end].casefold() != words.casefold():
        return False
    if end < len(text) and (unicodedata.combining(text[end]) or _goes_on(text[end - 1], text[end])):
        return False
    first_is_free = common or " " in words
    pairs = zip(text[begin:end], words, strict=False)
    return all(
        not (wanted.isupper() and given.islower()) or (place == 0 and first_is_free)
        for place, (given, wanted) in enumerate(pairs)
    )
