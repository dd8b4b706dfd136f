"""GeoJSON (RFC 7946): rows with a place as features."""

from __future__ import annotations

import json
import re

from geomet import wkt

from onrecord.documents.texts import text_of
from onrecord.errors import NotAcceptableError
from onrecord.solutions import NUMBERS, Row, SolutionSequence, Term

_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_REFERENCE = re.compile(r"\s*<([^>]*)>\s*")
_CRS84 = ("", "http://www.opengis.net/def/crs/OGC/1.3/CRS84")
_LATITUDE = ("latitude", "lat")
_LONGITUDE = ("longitude", "long", "lon", "lng")


def write_geojson(title: str, solutions: SolutionSequence, facts: dict[str, str]) -> bytes:
    """A FeatureCollection: a feature each row; its geometry is null where the row has no place.

    The place comes from a column of WKT literals in CRS84 (longitude first),
    else from a pair of columns called like `latitude` and `longitude` (`xLat`
    and `xLong` too). Everything else of the row is a property. Raises
    NotAcceptableError when no column has places.
    """
    column = _wkt_column(solutions)
    pair = None if column else _pair(solutions.variables)
    if column is None and pair is None:
        raise NotAcceptableError(
            "This result has no places to draw. GeoJSON needs a column of geo:wktLiteral values, "
            "or two columns called latitude and longitude."
        )
    used = {column} if column else set(pair or ())
    features = [
        {
            "type": "Feature",
            "geometry": _geometry(row.get(column)) if column else _point(row, *(pair or ("", ""))),
            "properties": {
                name: _property(row[name]) for name in solutions.variables if name in row and name not in used
            },
        }
        for row in solutions.rows
    ]
    told = {"title": title, **facts, "truncated": solutions.truncated}
    document = {"type": "FeatureCollection", "features": features, "onrecord": told}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _wkt_column(solutions: SolutionSequence) -> str | None:
    for name in solutions.variables:
        if any(name in row and row[name].datatype == _WKT for row in solutions.rows):
            return name
    return None


def _pair(variables: tuple[str, ...]) -> tuple[str, str] | None:
    """The columns of latitude and longitude, whose names differ in nothing but that word."""
    lower = {name.lower(): name for name in variables}
    for word in _LATITUDE:
        for name in (n for n in lower if n.endswith(word)):
            for other in _LONGITUDE:
                if (partner := name.removesuffix(word) + other) in lower:
                    return lower[name], lower[partner]
    return None


def _geometry(term: Term | None) -> object:
    if term is None or term.datatype != _WKT:
        return None
    found = _REFERENCE.match(term.value)
    if (found[1] if found else "") not in _CRS84:
        # GeoJSON knows one reference system; to draw another as if it were that one would move the place.
        return None
    try:
        return wkt.loads(term.value[found.end() if found else 0 :])
    except (ValueError, StopIteration, KeyError, IndexError):
        return None


def _point(row: Row, latitude: str, longitude: str) -> object:
    north, east = _degrees(row.get(latitude), 90), _degrees(row.get(longitude), 180)
    return None if north is None or east is None else {"type": "Point", "coordinates": [east, north]}


def _degrees(term: Term | None, most: int) -> float | None:
    try:
        value = float(term.value) if term is not None else None
    except ValueError:
        return None
    return value if value is not None and abs(value) <= most else None


def _property(term: Term) -> object:
    if term.datatype in NUMBERS:
        try:
            return int(term.value)
        except ValueError:
            return text_of(term)
    return text_of(term)
