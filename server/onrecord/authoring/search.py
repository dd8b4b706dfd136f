"""Where given words stand in a text, however its lines are wrapped and its quotation marks are shaped."""

from __future__ import annotations

import itertools
import re
from difflib import SequenceMatcher

from onrecord.authoring.folded import fold
from onrecord.authoring.spans import Span

_WORD = re.compile(r"\S+")


def find_words(text: str, words: str) -> list[Span]:
    """Every place of `words`, as whole words if there is one, and as given if there is one.

    Only where there is none are parts of words found, or words in other capitals.

    >>> find_words("It was dire.\\nDire it\\nwas.", "dire it was")
    [Span(start=13, end=24)]
    """
    folded, wanted = fold(text), re.escape(fold(words).text.strip())
    if not wanted:
        return []
    whole = rf"(?<!\w){wanted}(?!\w)"
    for pattern, flags in itertools.product((whole, wanted), (re.NOFLAG, re.IGNORECASE)):
        found = [folded.original(*match.span()) for match in re.finditer(pattern, folded.text, flags)]
        if found:
            return found
    return []


def find_nearest(text: str, words: str) -> Span | None:
    """The words of `text` that are most like `words`; None in a text without words.

    >>> text = "The gates were opened at night."
    >>> find_nearest(text, "gates where open").cut(text)
    'gates were opened'
    """
    wanted = " ".join(words.split()).casefold()
    tokens = [match.span() for match in _WORD.finditer(text)]
    length = len(wanted.split())
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    best, nearest = 0.0, None
    for size in {max(length - 1, 1), length, length + 1}:
        for place in range(len(tokens) - size + 1):
            span = Span(tokens[place][0], tokens[place + size - 1][1])
            matcher.set_seq1(" ".join(span.cut(text).split()).casefold())
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best and matcher.ratio() > best:
                best, nearest = matcher.ratio(), span
    if nearest is None and tokens:
        return Span(tokens[0][0], tokens[min(length, len(tokens)) - 1][1])
    return nearest
