"""Words that several finders know."""

from __future__ import annotations

import calendar


def list_words(text: str) -> list[str]:
    """The words of `text`, a list written as people read it.

    >>> list_words("mr mrs ms")
    ['mr', 'mrs', 'ms']
    """
    return text.split()


DAYS = [name.lower() for name in calendar.day_name]
MONTHS = list_words("january february march april may june july august september october november december")
MONTHS_ELSEWHERE = list_words(
    "januar februar märz april mai juni juli august september oktober november dezember "
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
)
"""German and French, which write a full stop or an ordinal before them."""
