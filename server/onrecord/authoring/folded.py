"""A text as it is compared: marks that print nothing left out, signs of one meaning made one, offsets kept.

Words broken at the end of a line are whole again after a hyphen, white space
is one space, accents stand apart from their letters, Arabic vowel signs and
lengthening are left out.
"""

# ruff: noqa: RUF001, RUF002  # the marks of many scripts are what this module is about

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from onrecord.authoring.spans import INVISIBLE, Span

_SAME = {"’": "'", "‘": "'", "ʼ": "'", "‐": "-", "‑": "-", "‒": "-", "–": "-", "“": '"', "”": '"', "„": '"'}
_LEFT_OUT = frozenset(INVISIBLE) | frozenset(map(chr, range(0x064B, 0x0660))) | {"\u0640", "\u0670"}


@dataclass(frozen=True)
class Folded:
    """`text` is what is compared; `places[i]` is where its character i stands in the original."""

    text: str
    places: tuple[int, ...]

    def original(self, start: int, end: int) -> Span:
        """The span of the original that folds to the characters from `start` to `end`."""
        return Span(self.places[start], self.places[end - 1] + 1)


def fold(text: str, span: Span | None = None) -> Folded:
    """`text`, or a part of it, in the form in which words are compared.

    >>> fold("Abu al-\\n Amin’s").text
    "Abu al-Amin's"
    """
    whole = span or Span(0, len(text))
    characters: list[str] = []
    places: list[int] = []
    for position in range(whole.start, whole.end):
        character = text[position]
        if character in _LEFT_OUT:
            continue
        if character.isspace():
            broken = characters and characters[-1] == "-" and len(characters) > 1 and characters[-2].isalnum()
            if (
                not characters
                or characters[-1] == " "
                or (broken and "\n" in text[places[-1] : position + 1])
            ):
                continue
            character = " "
        for part in unicodedata.normalize("NFD", _SAME.get(character, character)):
            characters.append(part)
            places.append(position)
    return Folded("".join(characters), tuple(places))
