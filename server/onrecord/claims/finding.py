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
_FEW = 2_000
"""Claims about a thing up to which each is looked at for its relation."""
_MOST_KINDS = 500


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
        if asked.iris.get("about") and asked.iris.get("relation") and _has_many(reader, asked):
            pattern = _pattern_from_relation(reader, asked) or pattern
        text = f"PREFIX rec: <{REC}> SELECT DISTINCT ?claim {{ {pattern} }} {cut}"
    rows = reader.select(text, size + 1).rows
    claims = tuple(row["claim"].value for row in rows if "claim" in row and row["claim"].kind == "iri")
    return ClaimPage(claims[:size], len(rows) > size)


def _has_many(reader: Reader, asked: Search) -> bool:
    """Whether there are more claims about what is asked than can be looked at one by one."""
    about = _pattern(Search({"about": asked.iris["about"]}))
    text = f"PREFIX rec: <{REC}> SELECT ?claim {{ {about} }} LIMIT {_FEW + 1}"
    return len(reader.select(text, _FEW + 1).rows) > _FEW


def _pattern_from_relation(reader: Reader, asked: Search) -> str:
    """The same pattern, so written that the engine begins with the relations: much is said of the thing,
    and most of it by other relations than these. Empty where these are too many to be listed."""
    listed = " ".join(f"<{iri}>" for iri in asked.iris["relation"])
    family = reader.select(
        f"PREFIX rec: <{REC}> SELECT DISTINCT ?kind {{ VALUES ?relation {{ {listed} }} "
        f"?kind rec:broader* ?relation }} LIMIT {_MOST_KINDS + 1}",
        _MOST_KINDS + 1,
    ).rows
    if len(family) > _MOST_KINDS:
        return ""
    kinds = " ".join(f"<{row['kind'].value}>" for row in family if row["kind"].kind == "iri")
    about = " UNION ".join(
        f"{{ ?claim rec:{name} <{iri}> }}"
        for iri in asked.iris["about"]
        for name in ("subject", "object", "place")
    )
    rest = _pattern(
        Search(
            {name: iris for name, iris in asked.iris.items() if name not in ("about", "relation")},
            asked.after,
            asked.before,
        )
    )
    return f"VALUES ?kind {{ {kinds} }} ?claim rec:relation ?kind . {rest} FILTER(EXISTS {{ {about} }})"


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
