"""Numbers with the words that hedge them, in English: `more than 1,600`, `tens of thousands`, `some 40`."""

# ruff: noqa: RUF001  # the marks of many scripts are what this module is about

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from onrecord.authoring.blocks import Block
from onrecord.authoring.number_words import DIGITS, WORDS, figure_of
from onrecord.authoring.spans import UNSPACED, Span, join_words

Bounds = Literal["stated", "convention"]

_HEDGES = {
    "about": r"about|around|roughly|approximately|circa|ca\.|an\s+estimated|estimated",
    "some": "some",
    "more-than": r"more\s+than|over|above|upwards\s+of|in\s+excess\s+of",
    "nearly": "nearly",
    "almost": r"almost|close\s+to|just\s+under",
    "at-least": r"at\s+least|no\s+fewer\s+than|no\s+less\s+than",
    "up-to": r"up\s+to|as\s+many\s+as|at\s+most|no\s+more\s+than",
    "fewer-than": r"fewer\s+than|less\s+than|under|below",
}
_PLURALS = {
    "tens-of-thousands": (r"tens\s+of\s+thousands", 20000, 99999),
    "hundreds-of-thousands": (r"hundreds\s+of\s+thousands", None, None),
    "tens-of-millions": (r"tens\s+of\s+millions", None, None),
    "hundreds-of-millions": (r"hundreds\s+of\s+millions", None, None),
    "several-thousand": (r"(?:several|a\s+few)\s+thousand", None, None),
    "several-hundred": (r"(?:several|a\s+few)\s+hundred", None, None),
    "several-dozen": (r"(?:several|a\s+few)\s+dozen", None, None),
    "millions-of": ("millions", None, None),
    "thousands-of": ("thousands", 2000, 9999),
    "hundreds-of": ("hundreds", None, None),
    "dozens": ("dozens", 24, 119),
    "scores": ("scores", None, None),
    "several": ("several", 2, 7),
    "a-few": (r"a\s+few|a\s+handful\s+of|a\s+couple\s+of", None, None),
}
"""Bare plurals with the bounds that the convention of their hedge sets, where it sets any."""

_UNITS = {
    "person": r"people|persons?|civilian\w*|residents?|men|women|children|fighter\w*|soldiers|workers",
    "death": "deaths?|dead",
    "kilometre": r"km|kilomet(?:re|er)s?",
    "year": "years?",
    "town": "towns?",
    "part": "parts?",
}
_HEDGE = "|".join(f"(?P<h{place}>{words})" for place, words in enumerate(_HEDGES.values()))
_PLURAL = "|".join(f"(?P<p{place}>{words})" for place, (words, _, _) in enumerate(_PLURALS.values()))
_UNIT = "|".join(f"(?P<u{place}>{words})" for place, words in enumerate(_UNITS.values()))
_AMOUNT = re.compile(
    rf"""(?<![^\W{UNSPACED}])(?<!\w[-–./:,'’])
    (?P<phrase>(?:between\s+(?P<from>{DIGITS}|{WORDS}\b)\s+and\s+(?P<to>{DIGITS}|{WORDS}\b))
    |(?:(?:{_HEDGE})\s+)?(?:(?:US)?[$€£¥₽₺]\s?)?(?:(?P<number>(?P<digits>{DIGITS})|(?P<words>{WORDS})\b)|(?:{_PLURAL})\b)%?)
    (?:(?=[-\s]*(?:{_UNIT})\b))?""",
    re.IGNORECASE | re.VERBOSE,
)
_STUCK = re.compile(
    r"[-–/:.,]\d|[-\s](?:thirds?|quarters?|halves|half|fifths?|tenths?)\b|\s*(?:[ap]\.?m\b|o['’]clock\b)",
    re.IGNORECASE,
)
_STUCK_LETTER = re.compile(f"[^\\W\\d_{UNSPACED}]")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_BEFORE_YEAR = re.compile(
    r"\b(?:in|since|until|till|by|from|during|of|to|before|after|early|late|mid|the|year|[a-z]{3,9}ber|january|"
    r"february|march|april|may|june|july|august)[-\s]+\Z",
    re.IGNORECASE,
)
_NO_AMOUNT_BEFORE = re.compile(r"\b(?:no|any|every|the|this|that|which|each|another)\s+\Z", re.IGNORECASE)
_NO_AMOUNT_AFTER = re.compile(r"\s+(?:of|another|by|day|who|hand|side)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Amount:
    """A number phrase: the figure as printed, its hedge and unit by their names in the term lists.

    `hedge` is `none` for a number printed plainly, and may be a name that no
    list has; `unit` is None where the next word tells none.
    """

    span: Span
    words: str
    figure: int | None
    hedge: str
    at_least: int | None = None
    at_most: int | None = None
    bounds: Bounds | None = None
    unit: str | None = None


def find_amounts(text: str, blocks: Iterable[Block]) -> list[Amount]:
    """The number phrases of `text`, years and ordinals aside.

    >>> from onrecord.authoring.blocks import read_blocks
    >>> text = "In 2016 more than\\n1,600 people fled, some 30 by bus, and dozens drowned."
    >>> for found in find_amounts(text, read_blocks(text)):
    ...     print(found.words, found.figure, found.hedge, found.at_least, found.at_most, found.unit)
    more than 1,600 1600 more-than 1600 None person
    some 30 30 some None None None
    dozens None dozens 24 119 None
    """
    return [
        _amount(match)
        for block in blocks
        for match in _AMOUNT.finditer(text, block.span.start, block.span.end)
        if not _is_no_amount(text, match)
    ]


def _is_no_amount(text: str, match: re.Match[str]) -> bool:
    """Whether the match is a year, a part of a name or a date, an ordinal, or `one` as a pronoun."""
    before, end = text[max(0, match.start() - 12) : match.start()], match.end("phrase")
    number = match["number"] or ""
    if _STUCK.match(text, end):
        return True
    if match["digits"] and _STUCK_LETTER.match(text, end) and not _group(match, "u", _UNITS):
        return True
    if number == match["phrase"] and _YEAR.fullmatch(number):
        return bool(_BEFORE_YEAR.search(before)) or not text[end : end + 2].strip()[:1].isalpha()
    if number.lower() == "one" and number == match["phrase"]:
        return bool(_NO_AMOUNT_BEFORE.search(before) or _NO_AMOUNT_AFTER.match(text, end))
    return False


def _amount(match: re.Match[str]) -> Amount:
    span = Span(*match.span("phrase"))
    words = join_words(match["phrase"])
    unit = _group(match, "u", _UNITS)
    if match["from"]:
        low, high = figure_of(match["from"]), figure_of(match["to"])
        return Amount(span, words, None, "none", low, high, "stated", unit)
    if match["number"] is None:
        plural = _group(match, "p", _PLURALS) or ""
        _, low, high = _PLURALS[plural]
        return Amount(span, words, None, plural, low, high, "convention" if low else None, unit)
    figure = figure_of(match["number"])
    hedge = _group(match, "h", _HEDGES) or "none"
    low = figure if hedge in ("more-than", "at-least") else None
    high = figure if hedge in ("up-to", "fewer-than") else None
    bounds: Bounds | None = "stated" if low is not None or high is not None else None
    return Amount(span, words, figure, hedge, low, high, bounds, unit)


def _group(match: re.Match[str], letter: str, names: Iterable[str]) -> str | None:
    """The name whose group took part in the match."""
    return next((name for place, name in enumerate(names) if match[f"{letter}{place}"]), None)
