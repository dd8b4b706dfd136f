"""The lexical forms of xsd:date and xsd:dateTime (XML Schema 1.1 part 2, 3.3.7 and 3.3.9)."""

from __future__ import annotations

import calendar
import re
from decimal import Decimal

_YEAR = r"(-?(?:[1-9][0-9]{3,8}|0[0-9]{3}))"
_ZONE = r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_DATE = re.compile(rf"{_YEAR}-([0-9]{{2}})-([0-9]{{2}}){_ZONE}?")
_DATE_TIME = re.compile(
    rf"{_YEAR}-([0-9]{{2}})-([0-9]{{2}})T"
    rf"((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,18}})?|24:00:00(?:\.0{{1,18}})?){_ZONE}"
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


def moment_of(text: str) -> tuple[Decimal, bool] | None:
    """The moment at which an xsd:date or xsd:dateTime begins, in seconds, and whether it has a zone.

    Two that are equal in value have the same moment, however they are written. None for other texts.

    >>> moment_of("2018-03-28T11:00:00+02:00") == moment_of("2018-03-28T09:00:00.0Z")
    True
    >>> moment_of("2018-03-28Z") == moment_of("2018-03-28")
    False
    """
    date, date_time = _DATE.fullmatch(text), _DATE_TIME.fullmatch(text)
    match = date or date_time
    if match is None:
        return None
    hours, minutes, seconds = match[4].split(":") if match is date_time else ("0", "0", "0")
    zone = (match[4] if match is date else match[5]) or ""
    east = 0
    if zone not in ("", "Z"):
        east = (int(zone[1:3]) * 60 + int(zone[4:6])) * (-1 if zone[0] == "-" else 1)
    whole = _days_before(int(match[1]), int(match[2]), int(match[3])) * 86_400
    whole += int(hours) * 3600 + (int(minutes) - east) * 60
    return whole + Decimal(seconds), bool(zone)


def _days_before(year: int, month: int, day: int) -> int:
    """The days from the first of March of the year 0 to a day of the Gregorian calendar."""
    started = year - (month <= 2)  # years are counted from March, so that a leap day is the last one
    months = month - 3 if month > 2 else month + 9
    return 365 * started + started // 4 - started // 100 + started // 400 + (153 * months + 2) // 5 + day - 1


def _is_day(year: int, month: int, day: int) -> bool:
    if not 1 <= month <= 12:
        return False
    # Leap years repeat every 400 years, so that every year has the calendar of one from 1 to 400.
    return 1 <= day <= calendar.monthrange(year % 400 or 400, month)[1]
