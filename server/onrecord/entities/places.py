"""Places: what lies inside what and by which graph we know it, and points on a map with their source."""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.solutions import Reader
from onrecord.terms import REC

MOST_PLACES = 2000


@dataclass(frozen=True)
class Containment:
    """`inner` lies directly within `outer`, as `graphs` tell."""

    inner: str
    outer: str
    graphs: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """A place with coordinates in degrees (WGS 84); `source` is where they were taken from, or empty."""

    place: str
    latitude: float
    longitude: float
    source: str
    kind: str


def find_containment(
    reader: Reader, place: str
) -> tuple[tuple[Containment, ...], tuple[Containment, ...], bool]:
    """The containments above `place`, those below it, and whether there are more than are read here."""
    above = _find(reader, f"<{place}> <{REC}directlyWithin>* ?inner . ?inner <{REC}directlyWithin> ?outer")
    below = _find(reader, f"?outer <{REC}directlyWithin>* <{place}> . ?inner <{REC}directlyWithin> ?outer")
    return above[0], below[0], above[1] or below[1]


def find_points(reader: Reader) -> tuple[tuple[Point, ...], bool]:
    """The places that have coordinates, and whether there are more than are read here."""
    found = reader.select(
        f"SELECT ?place ?lat ?long ?from ?kind {{ ?place <{REC}latitude> ?lat ; <{REC}longitude> ?long . "
        f"OPTIONAL {{ ?place <{REC}coordinatesFrom> ?from }} "
        f"OPTIONAL {{ ?place <{REC}locationKind> ?kind }} }} ORDER BY ?place ?from",
        MOST_PLACES,
    )
    points: dict[str, Point] = {}
    for row in found.rows:
        place = row["place"].value
        try:
            latitude, longitude = float(row["lat"].value), float(row["long"].value)
        except ValueError:
            continue
        if place not in points and -90 <= latitude <= 90 and -180 <= longitude <= 180:
            source = row["from"].value if "from" in row else ""
            kind = row["kind"].value if "kind" in row else ""
            points[place] = Point(place, latitude, longitude, source, kind)
    return tuple(points.values()), found.truncated


def _find(reader: Reader, pattern: str) -> tuple[tuple[Containment, ...], bool]:
    found = reader.select(
        f"SELECT DISTINCT ?inner ?outer ?g {{ {{ SELECT DISTINCT ?inner ?outer {{ {pattern} }} "
        f"LIMIT {MOST_PLACES} }} "
        f"OPTIONAL {{ GRAPH ?g {{ ?inner <{REC}directlyWithin> ?outer }} }} }} ORDER BY ?inner ?outer",
        2 * MOST_PLACES,
    )
    graphs: dict[tuple[str, str], list[str]] = {}
    for row in found.rows:
        known = graphs.setdefault((row["inner"].value, row["outer"].value), [])
        if "g" in row and row["g"].value not in known:
            known.append(row["g"].value)
    told = tuple(Containment(inner, outer, tuple(sorted(g))) for (inner, outer), g in graphs.items())
    return told, found.truncated or len(told) >= MOST_PLACES
