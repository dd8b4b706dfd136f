"""Finding claims by who spoke, about whom, how, where and when; a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from onrecord.solutions import Reader
from onrecord.terms import REC, XSD

FILTERS: Mapping[str, str] = {
    "speaker": "Who says it",
    "about": "About",
    "subject": "Subject",
    "object": "Object",
    "act": "Speech act",
    "voice": "Voice",
    "relation": "Relation",
    "polarity": "Polarity",
    "modality": "Modality",
    "attribution": "Attribution",
    "place": "Place, with all it contains",
    "source": "Article",
}
"""Filters whose value is an IRI, with what people call them; several values of one mean any of them."""

_ANY_OF_THREE = " UNION ".join(f"{{{{ ?claim rec:{p} ?any }}}}" for p in ("subject", "object", "place"))
_PATTERNS = {
    "speaker": "?statement rec:makes ?claim ; rec:speaker ?{0} .",
    "about": _ANY_OF_THREE.replace("?any", "?{0}"),
    "subject": "?claim rec:subject ?{0} .",
    "object": "?claim rec:object ?{0} .",
    "act": "?statement rec:makes ?claim ; rec:act ?{0} .",
    "voice": "?statement rec:makes ?claim ; rec:voice ?{0} .",
    "relation": "?claim rec:relation/rec:broader* ?{0} .",
    "polarity": "?claim rec:polarity ?{0} .",
    "modality": "?claim rec:modality ?{0} .",
    "attribution": "?claim rec:attribution ?{0} .",
    "place": "?inner rec:directlyWithin* ?{0} . " + _ANY_OF_THREE.replace("?any", "?inner"),
    "source": "?statement rec:makes ?claim ; rec:foundIn ?{0} .",
}
SORTED_UP_TO = 5_000
"""Claims in a graph up to which lists are in the order of the text; a larger one keeps the index's order."""


@dataclass(frozen=True)
class Search:
    """What is asked of claims: IRIs by filter, and a stretch of days (ISO dates or empty).

    One statement must fit all of speaker, act, voice and source together.
    """

    iris: Mapping[str, tuple[str, ...]]
    after: str = ""
    before: str = ""

    @property
    def is_empty(self) -> bool:
        return not (any(self.iris.values()) or self.after or self.before)


@dataclass(frozen=True)
class ClaimPage:
    """The IRIs of one page of claims, and whether there is another."""

    claims: tuple[str, ...]
    more: bool


def find_claims(reader: Reader, asked: Search, page: int, size: int, *, in_text_order: bool) -> ClaimPage:
    """Page `page` (from 1) of the claims that fit `asked`; one query.

    In text order means: by source, then by where the evidence starts.
    """
    pattern = _pattern(asked)
    cut = f"LIMIT {size + 1} OFFSET {(page - 1) * size}"
    if in_text_order:
        text = (
            f"PREFIX rec: <{REC}> SELECT ?claim {{ {{ SELECT DISTINCT ?claim {{ {pattern} }} }} "
            "OPTIONAL { ?claim rec:evidence ?span . ?span rec:start ?start . "
            "OPTIONAL { ?span rec:inSource ?source } } } "
            f"GROUP BY ?claim ORDER BY (MIN(STR(?source))) (MIN(?start)) ?claim {cut}"
        )
    else:
        text = f"PREFIX rec: <{REC}> SELECT DISTINCT ?claim {{ {pattern} }} {cut}"
    rows = reader.select(text, size + 1).rows
    claims = tuple(row["claim"].value for row in rows if "claim" in row and row["claim"].kind == "iri")
    return ClaimPage(claims[:size], len(rows) > size)


def _pattern(asked: Search) -> str:
    parts = []
    for name, iris in asked.iris.items():
        if iris:
            listed = " ".join(f"<{iri}>" for iri in iris)
            parts.append(f"VALUES ?{name} {{ {listed} }} {_PATTERNS[name].format(name)}")
    if asked.after or asked.before:
        # A span that may overlap the days: a bound that is not known excludes nothing.
        parts.append("?claim rec:happenedDuring ?time .")
        if asked.after:
            parts.append(
                "OPTIONAL { ?time rec:notAfter ?latest } "
                f'FILTER(!BOUND(?latest) || ?latest >= "{asked.after}T00:00:00Z"^^<{XSD}dateTime>)'
            )
        if asked.before:
            parts.append(
                "OPTIONAL { ?time rec:notBefore ?earliest } "
                f'FILTER(!BOUND(?earliest) || ?earliest <= "{asked.before}T23:59:59Z"^^<{XSD}dateTime>)'
            )
    return " ".join(["?claim a rec:Claim .", *parts])
