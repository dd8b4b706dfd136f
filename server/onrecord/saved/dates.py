"""The lexical forms of xsd:date and xsd:dateTime (XML Schema 1.1 part 2, 3.3.7 and 3.3.9)."""

from __future__ import annotations

import calendar
import re

_YEAR = r"(-?(?:[1-9][0-9]{3,8}|0[0-9]{3}))"
_ZONE = r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_DATE = re.compile(rf"{_YEAR}-([0-9]{{2}})-([0-9]{{2}}){_ZONE}?")
_DATE_TIME = re.compile(
    rf"{_YEAR}-([0-9]{{2}})-([0-9]{{2}})T"
    rf"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,18}})?|24:00:00(?:\.0{{1,18}})?){_ZONE}"
)


def is_date(text: str) -> bool:
    """Whether `text` is an xsd:date of the calendar; a zone may follow.

    >>> is_date("2018-03-28"), is_date("2018-02-30"), is_date("28.03.2018")
    (True, False, False)
    """
    match = _DATE.fullmatch(text)
    return match is not None and _is_day(int(match[1]), int(match[2]), int(match[3]))


def is_date_time(text: str) -> bool:
    """Whether `text` is an xsd:dateTime of the calendar with a time zone.

    A time without zone does not compare with one that has a zone, so it is none here.

    >>> is_date_time("2018-03-28T09:00:00Z"), is_date_time("2018-03-28T09:00:00")
    (True, False)
    """
    match = _DATE_TIME.fullmatch(text)
    return match is not None and _is_day(int(match[1]), int(match[2]), int(match[3]))


def _is_day(year: int, month: int, day: int) -> bool:
    if not 1 <= month <= 12:
        return False
    # Leap years repeat every 400 years, so that every year has the calendar of one from 1 to 400.
    return 1 <= day <= calendar.monthrange(year % 400 or 400, month)[1]
