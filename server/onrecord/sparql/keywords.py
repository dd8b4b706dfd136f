"""The bare words of SPARQL 1.1 and 1.2, and of the engine's extensions."""

from __future__ import annotations

import difflib
import re

KEYWORDS = frozenset(
    """
    ADD ALL AS ASC ASK BASE BIND BY CLEAR CONSTRUCT COPY CREATE DATA DEFAULT DELETE DESC DESCRIBE
    DISTINCT DROP EXISTS FILTER FROM GRAPH GROUP HAVING IN INSERT INTO LATERAL LIMIT LOAD MINUS MOVE
    NAMED NOT OFFSET OPTIONAL ORDER PREFIX REDUCED SELECT SEPARATOR SERVICE SILENT TO UNDEF UNION USING
    VALUES VERSION WHERE WITH
    ABS ADJUST AVG BNODE BOUND CEIL COALESCE CONCAT CONTAINS COUNT DATATYPE DAY ENCODE_FOR_URI FLOOR
    GROUP_CONCAT HASLANG HASLANGDIR HOURS IF IRI ISBLANK ISIRI ISLITERAL ISNUMERIC ISTRIPLE ISURI LANG
    LANGDIR LANGMATCHES LCASE MAX MD5 MIN MINUTES MONTH NOW OBJECT PREDICATE RAND REGEX REPLACE ROUND
    SAMETERM SAMPLE SECONDS SHA1 SHA256 SHA384 SHA512 STR STRAFTER STRBEFORE STRDT STRENDS STRLANG
    STRLANGDIR STRLEN STRSTARTS STRUUID SUBJECT SUBSTR SUM TIMEZONE TRIPLE TZ UCASE URI UUID YEAR
    """.split()  # noqa: SIM905, a list of 130 quoted words is no easier to read
)

_GLUED = re.compile(
    "(?:TRUE|FALSE|A|" + "|".join(sorted(KEYWORDS, key=lambda k: (-len(k), k))) + ")+", re.IGNORECASE
)


def is_known(word: str) -> bool:
    """Whether the engine could read `word`: a keyword, or keywords without space between them.

    >>> is_known("optional"), is_known("SELECTDISTINCT"), is_known("SELCT")
    (True, True, False)
    """
    return len(word) <= 60 and _GLUED.fullmatch(word) is not None


def nearest_keyword(word: str) -> str | None:
    """The keyword that was probably meant, or None.

    >>> nearest_keyword("selct")
    'SELECT'
    """
    near = difflib.get_close_matches(word.upper()[:60], sorted(KEYWORDS), n=1, cutoff=0.7)
    return near[0] if near else None
