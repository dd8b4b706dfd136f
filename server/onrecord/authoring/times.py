"""Days and dates that an English text names, with the bounds they have when the day of the text is known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from onrecord.authoring.blocks import Block
from onrecord.authoring.lexicon import DAYS, MONTHS
from onrecord.authoring.spans import Span, join_words

_MONTH = r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)|apr(?:il|\.)|may|june?|july?|aug(?:ust|\.)?|"
_MONTH += r"sept?(?:ember|\.)?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
_COUNT = r"(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten|several|a\s+few|some|\d+)"
_TIME = re.compile(
    rf"""\b(?:
    (?P<iso>\d{{4}}-\d\d-\d\d)
    |(?P<day1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month1>{_MONTH})(?:,?\s+(?P<year1>\d{{4}}))?
    |(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<year2>\d{{4}}))?
    |(?P<month3>{_MONTH}),?\s+(?P<year3>\d{{4}})
    |(?P<weekday>{"|".join(DAYS)})
    |(?P<near>today|yesterday|tomorrow)
    |(?P<which>last|this|next)\s+(?P<what>week|month|year)
    |(?P<ago>{_COUNT}\s+(?:day|week|month|year|hour)s?\s+(?:ago|earlier|later))
    |(?P<past>(?:in\s+)?(?:the\s+)?(?:past|recent|coming|last)\s+(?:{_COUNT}\s+)?(?:days?|weeks?|months?|years?))
    |(?P<year4>(?:1[5-9]|20)\d\d)
    )(?!\w|[-/]\d|,\d{{3}})""",
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE_YEAR = re.compile(
    r"\b(?:in|since|until|till|by|from|during|of|before|after|the|early|late|mid|year)[-\s]+\Z", re.I
)


@dataclass(frozen=True)
class TimeWords:
    """A time expression. `first` and `last` are its days, where the text or the day of the text gives them.

    `precision` is a name in the term list; `convention` is true where the days follow from a habit of
    reading (a weekday is the last one) and not from the words.
    """

    span: Span
    words: str
    precision: str
    first: date | None = None
    last: date | None = None
    convention: bool = False

    @property
    def name(self) -> str | None:
        """`2031-06-17`, `2031-06` or `2031` for a whole day, month or year."""
        if self.first is None or self.precision not in ("day", "month", "year"):
            return None
        return self.first.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]


def spell_day(day: date) -> str:
    """`day` in words.

    >>> spell_day(date(2031, 6, 19))
    'Thursday 19 June 2031'
    """
    return f"{DAYS[day.weekday()].capitalize()} {day.day} {MONTHS[day.month - 1].capitalize()} {day.year}"


def find_times(text: str, blocks: Iterable[Block], written: date | None) -> list[TimeWords]:
    """The time expressions of `text`; `written` is the day of the text, from which weekdays are counted back.

    >>> from onrecord.authoring.blocks import read_blocks
    >>> text = "It opened on Monday, after the floods of May 2029, she said two days ago."
    >>> for found in find_times(text, read_blocks(text), date(2031, 6, 19)):
    ...     print(found.words, found.name, found.precision)
    Monday 2031-06-16 day
    May 2029 2029-05 month
    two days ago None day
    """
    return [
        _read(match, written)
        for block in blocks
        for match in _TIME.finditer(text, block.span.start, block.span.end)
        if not _is_no_time(text, match)
    ]


def _is_no_time(text: str, match: re.Match[str]) -> bool:
    """Whether the digits are no year, or the month is the verb `may` or `march` in small letters."""
    if match["year4"]:
        before = text[max(0, match.start() - 10) : match.start()]
        following = text[match.end() : match.end() + 2].strip()
        return not _BEFORE_YEAR.search(before) and following[:1].isalpha()
    month = match["month1"] or match["month2"] or match["month3"]
    return bool(month) and month.islower()


def _read(match: re.Match[str], written: date | None) -> TimeWords:
    span, words = Span(*match.span()), join_words(match.group())
    if match["weekday"] or match["near"]:
        day = _near_day(match, written)
        return TimeWords(span, words, "day", day, day, convention=bool(match["weekday"]))
    if match["which"]:
        first, last = _near_period(match["which"].lower(), match["what"].lower(), written)
        return TimeWords(span, words, match["what"].lower(), first, last)
    if match["ago"] or match["past"]:
        unit = re.sub(r"hour", "day", re.findall(r"(day|week|month|year|hour)s?\b", words, re.I)[-1].lower())
        return TimeWords(span, words, unit, convention=True)
    if match["year4"]:
        return TimeWords(span, words, "year", *_year(int(match["year4"])))
    if match["month3"]:
        return TimeWords(span, words, "month", *_month(int(match["year3"]), _month_number(match["month3"])))
    day = _date(match, written)
    return TimeWords(span, words, "day", day, day, convention=not re.search(r"\d{4}", words))


def _near_day(match: re.Match[str], written: date | None) -> date | None:
    if written is None:
        return None
    if match["near"]:
        return written + timedelta(days={"yesterday": -1, "today": 0, "tomorrow": 1}[match["near"].lower()])
    back = (written.weekday() - DAYS.index(match["weekday"].lower())) % 7
    return written - timedelta(days=back)


def _near_period(which: str, what: str, written: date | None) -> tuple[date | None, date | None]:
    if written is None:
        return None, None
    step = {"last": -1, "this": 0, "next": 1}[which]
    if what == "week":
        monday = written - timedelta(days=written.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(days=6)
    if what == "year":
        return _year(written.year + step)
    months = written.year * 12 + written.month - 1 + step
    return _month(months // 12, months % 12 + 1)


def _date(match: re.Match[str], written: date | None) -> date | None:
    """A day with its month; without a year, the last such day up to the day of the text."""
    if match["iso"]:
        return _day(*map(int, match["iso"].split("-")))
    number = _month_number(match["month1"] or match["month2"])
    day = int(match["day1"] or match["day2"])
    year = match["year1"] or match["year2"]
    if year:
        return _day(int(year), number, day)
    if written is None:
        return None
    this = _day(written.year, number, day)
    return this if this is None or this <= written else _day(written.year - 1, number, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(year: int, month: int) -> tuple[date, date]:
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _month_number(name: str) -> int:
    start = name.lower()[:3]
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(start))
