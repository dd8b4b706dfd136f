"""Whether each item is what the folder takes it for: label, kind, country, place, number.

A wrong identifier makes every join with Wikidata wrong, and nothing else shows
it: a public table gives the number of one city for another one.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.federation.remote import Remote
from onrecord.federation.solutions import Term
from onrecord.terms import REC
from onrecord.wikidata.facts import (
    ALSO_KNOWN_AS,
    DIRECT,
    LABEL,
    Facts,
    Progress,
    ask_facts,
    facts_query,
)
from onrecord.wikidata.linked import ENTITY, LinkedEntity

FARTHEST_KILOMETRES = 30.0
"""Two points for one place may lie this far apart: towns and governorates have no one centre."""

_KIND, _COUNTRY, _COORDINATES, _GEONAMES = (DIRECT + name for name in ("P31", "P17", "P625", "P1566"))
_PLACE_SIGNS = (_COUNTRY, _COORDINATES, _GEONAMES, DIRECT + "P131", DIRECT + "P36", DIRECT + "P47")
_PERSON = f"<{ENTITY}Q5>"
_POINT = re.compile(r"\s*Point\s*\(\s*([-+.0-9eE]+)\s+([-+.0-9eE]+)\s*\)\s*", re.IGNORECASE)
_EARTH_KILOMETRES = 6371.0


@dataclass(frozen=True)
class Suspicion:
    """One reason to doubt that `item` describes `entity`; `what` is a word for it, `why` a sentence."""

    entity: str
    item: str
    what: str
    why: str


def check_items(
    remote: Remote, linked: Iterable[LinkedEntity], languages: Iterable[str], progress: Progress
) -> list[Suspicion]:
    """All reasons to doubt the items of `linked`, in its order. Raises RemoteError."""
    entities = list(linked)
    query = facts_query([LABEL, ALSO_KNOWN_AS, _KIND, *_PLACE_SIGNS], languages)
    facts = ask_facts(remote, query, (e.item for e in entities), progress)
    owners: dict[str, set[str]] = {}
    for entity in entities:
        owners.setdefault(entity.item, set()).add(entity.entity)
    found: list[Suspicion] = []
    for entity in entities:
        reasons = _doubts(entity, facts)
        others = sorted(owners[entity.item] - {entity.entity})
        if others:
            reasons.append(("shared", f"The same item is given to {', '.join(others)}."))
        found += [Suspicion(entity.entity, entity.item, what, why) for what, why in reasons]
    return found


def _doubts(entity: LinkedEntity, facts: Facts) -> list[tuple[str, str]]:
    item = entity.item
    labels = facts.of(item, LABEL)
    signs = [p for p in (_KIND, *_PLACE_SIGNS) if facts.of(item, p)]
    if not labels and not signs:
        return [("unknown", "The endpoint knows nothing of this item. Check its number.")]
    checks = (
        _doubt_label(entity, [*labels, *facts.of(item, ALSO_KNOWN_AS)]),
        _doubt_kind(entity, facts.of(item, _KIND), signs),
        _doubt_country(entity, facts.of(item, _COUNTRY)),
        _doubt_coordinates(entity, facts.of(item, _COORDINATES)),
        _doubt_geonames(entity, facts.of(item, _GEONAMES)),
    )
    return [doubt for doubt in checks if doubt is not None]


def _doubt_label(entity: LinkedEntity, names: list[Term]) -> tuple[str, str] | None:
    ours = {fold(label.value) for label in entity.labels} - {""}
    theirs = {fold(_text(name)): _text(name) for name in names}
    if any(_is_alike(a, b) for a in ours for b in theirs):
        return None
    called = ", ".join(f'"{name}"' for name in list(theirs.values())[:3]) or "nothing in these languages"
    return "label", f'The folder calls it "{entity.label}", Wikidata {called}.'


def _doubt_kind(entity: LinkedEntity, kinds: list[Term], signs: list[str]) -> tuple[str, str] | None:
    is_person = _PERSON in kinds
    if REC + "Person" in entity.classes:
        if kinds and not is_person:
            return "kind", "The folder has a person here, and the item is of another kind."
    elif is_person:
        return "kind", "The item is a person, and the folder has no person here."
    if REC + "Location" in entity.classes and not any(sign in signs for sign in _PLACE_SIGNS):
        return (
            "kind",
            "The folder has a place here, and nothing that Wikidata says of the item is said of places.",
        )
    return None


def _doubt_country(entity: LinkedEntity, countries: list[Term]) -> tuple[str, str] | None:
    named = {country[1:-1] for country in countries}
    if not named or not entity.within or named & (entity.within | {entity.item}):
        return None
    return "country", (f"Wikidata puts it into {_numbers(named)}, the folder into {_numbers(entity.within)}.")


def _doubt_coordinates(entity: LinkedEntity, points: list[Term]) -> tuple[str, str] | None:
    found = [point for point in (read_point(_text(term)) for term in points) if point is not None]
    if entity.coordinates is None or not found:
        return None
    nearest = min(kilometres(entity.coordinates, point) for point in found)
    if nearest <= FARTHEST_KILOMETRES:
        return None
    return "coordinates", f"The coordinates of the two lie {nearest:.0f} km apart."


def _doubt_geonames(entity: LinkedEntity, numbers: list[Term]) -> tuple[str, str] | None:
    theirs = {_text(number) for number in numbers}
    if not theirs or not entity.geonames_ids or theirs & entity.geonames_ids:
        return None
    ours = ", ".join(sorted(entity.geonames_ids))
    return (
        "geonames",
        f"Its GeoNames number is {ours} in the folder and {', '.join(sorted(theirs))} in Wikidata.",
    )


def fold(label: str) -> str:
    """A label as it is compared: without case, marks, brackets and punctuation.

    >>> fold("Basra (Governorate)"), fold("Mahmoud al-Darwish")
    ('basra', 'mahmoud al darwish')
    """
    bare = re.sub(r"\([^)]*\)", " ", label)
    decomposed = unicodedata.normalize("NFKD", bare.casefold())
    kept = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(word for word in kept.split() if word != "the")


def _is_alike(ours: str, theirs: str) -> bool:
    """Whether one name has all words of the other ("Chile" and "Chile the state")."""
    a, b = set(ours.split()), set(theirs.split())
    return bool(a and b) and (a <= b or b <= a)


def read_point(wkt: str) -> tuple[float, float] | None:
    """Latitude and longitude of a WKT point on Earth; None for others (a leading IRI names another globe).

    >>> read_point("Point(36.4027 33.57175)")
    (33.57175, 36.4027)
    >>> read_point("<http://www.wikidata.org/entity/Q405> Point(1.0 2.0)")
    """
    match = _POINT.fullmatch(wkt)
    if match is None:
        return None
    try:
        return float(match[2]), float(match[1])
    except ValueError:
        return None


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The distance of two points (latitude, longitude in degrees) on a sphere.

    >>> round(kilometres((0.0, 0.0), (0.0, 1.0)))
    111
    """
    north_a, north_b = math.radians(a[0]), math.radians(b[0])
    east = math.radians(b[1] - a[1])
    chord = (
        math.sin((north_b - north_a) / 2) ** 2
        + math.cos(north_a) * math.cos(north_b) * math.sin(east / 2) ** 2
    )
    return 2 * _EARTH_KILOMETRES * math.asin(math.sqrt(min(1.0, chord)))


def _numbers(items: Iterable[str]) -> str:
    return ", ".join(sorted(item.removeprefix(ENTITY) for item in items))


def _text(term: Term) -> str:
    """The text of a literal as SPARQL writes it; an IRI as it is."""
    match = re.match(r'"((?:[^"\\]|\\.)*)"', term)
    if match is None:
        return term
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), match[1])
