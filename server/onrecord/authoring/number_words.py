"""Numbers written in words or digits, and the figure that each prints."""

# ruff: noqa: RUF001, RUF002  # the marks of many scripts are what this module is about

from __future__ import annotations

import re

from onrecord.authoring.lexicon import list_words

_ONES = list_words("zero one two three four five six seven eight nine")
_TEENS = list_words("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_TENS = list_words("twenty thirty forty fifty sixty seventy eighty ninety")
_VALUES = {word: value for value, word in enumerate(_ONES + _TEENS)}
_VALUES |= {word: 20 + 10 * place for place, word in enumerate(_TENS)}
_SCALES = {
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "mn": 10**6,
    "bn": 10**9,
}

_ONE = "|".join(_ONES)
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s]+(?:{_ONE}))?|{'|'.join(_TEENS)}|{_ONE})"
_BELOW_1000 = rf"(?:(?:{_SMALL}|an?)\s+hundred(?:\s+(?:and\s+)?{_SMALL})?|{_SMALL})"
_SCALE = "thousand|million|billion|trillion"
WORDS = (
    rf"(?:(?:{_BELOW_1000}|half\s+an?|an?)\s+(?:{_SCALE})(?:\s+(?:and\s+)?{_BELOW_1000})?"
    rf"|(?:{_SMALL}|half\s+an?|an?)\s+dozen|{_BELOW_1000})"
)
"""A number in English words: `forty-two`, `two hundred and six`, `a dozen`, `half a million`."""

# Groups of three with a comma, an apostrophe, a thin or fixed space or the Arabic mark; of two with a dot.
_GROUPED = r"\d{1,3}(?:[,٬'’\u00a0\u2009\u202f]\d{3})+(?!\d)|\d{1,3}(?:\.\d{3}){2,}(?!\d)"
DIGITS = rf"(?:(?:{_GROUPED}|\d+)(?:[.٫]\d+|,\d{{1,2}}(?!\d))?(?:[-\s]+(?:{_SCALE}|mn|bn)\b)?)"
"""A number in digits of any script, with a scale word if one follows: `1,600`, `1.2 million`, `٧٬٥٠٠`."""

_DIGITS = re.compile(rf"(?P<number>(?:{_GROUPED}|\d+))(?:[.٫,](?P<fraction>\d+))?(?:[-\s]+(?P<scale>\w+))?")


def figure_of(words: str) -> int | None:
    """The whole number that `words` print; None for one that is not whole or can be read in two ways.

    >>> figure_of("1,600"), figure_of("1.2 million"), figure_of("two hundred and six"), figure_of("a dozen")
    (1600, 1200000, 206, 12)
    >>> figure_of("٧٬٥٠٠"), figure_of("3.5"), figure_of("1.600")
    (7500, None, None)
    """
    line = re.sub(r"[ \t\r\n]+", " ", words.lower())
    match = _DIGITS.fullmatch(line)
    if match is None:
        return _in_words(line)
    whole = int(re.sub(r"\D", "", match["number"]))
    scale = _SCALES[match["scale"]] if match["scale"] else 1
    fraction = match["fraction"] or ""
    if not fraction:
        return whole * scale
    parts = (whole * 10 ** len(fraction) + int(fraction)) * scale
    return parts // 10 ** len(fraction) if scale > 1 and parts % 10 ** len(fraction) == 0 else None


def _in_words(line: str) -> int | None:
    total, current = 0, 0
    half = line.startswith("half ")
    for word in re.split(r"[-\s]+", line.removeprefix("half ")):
        if word in ("a", "an"):
            current = 1
        elif word in _VALUES:
            current += _VALUES[word]
        elif word == "hundred":
            current *= 100
        elif word == "dozen":
            current *= 12
        elif word in _SCALES:
            total, current = total + current * _SCALES[word], 0
        elif word != "and":
            return None
    return (total + current) // 2 if half else total + current
