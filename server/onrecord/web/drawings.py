"""Drawings as numbers: bars of a time line, points of a map, sides of an alliance. Knows no Flask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onrecord.claims.timeline import Moment
from onrecord.entities import Point

WIDTH = 600
_EDGE = 24


@dataclass(frozen=True)
class Tick:
    """A mark on the axis: a day and its place."""

    x: float
    day: str


@dataclass(frozen=True)
class Bar:
    """Where a moment lies on the axis. An open end has no known bound there and fades out in the drawing."""

    x: float
    width: float
    opens_before: bool
    opens_after: bool


@dataclass(frozen=True)
class TimeAxis:
    """One tick for each bound that occurs, evenly spaced: the axis shows order, not length."""

    ticks: tuple[Tick, ...]

    def bar(self, moment: Moment) -> Bar:
        places = {tick.day: tick.x for tick in self.ticks}
        first, last = moment.not_before[:10], moment.not_after[:10]
        start = places[first] if first else 0.0
        end = places[last] if last else float(WIDTH)
        # A single day still has a width that can be seen.
        return Bar(
            round(start - 5, 1) if first else 0.0,
            round(max(end - start, 0) + (10 if first and last else 5), 1),
            not first,
            not last,
        )


def make_axis(moments: Sequence[Moment]) -> TimeAxis:
    """The axis of `moments`.

    >>> make_axis([Moment("w", False, "t", "2018-03-28T00:00:00Z", "2018-03-29T23:59:59Z", False)]).ticks
    (Tick(x=24.0, day='2018-03-28'), Tick(x=576.0, day='2018-03-29'))
    """
    days = sorted({bound[:10] for m in moments for bound in (m.not_before, m.not_after) if bound})
    step = (WIDTH - 2 * _EDGE) / max(len(days) - 1, 1)
    return TimeAxis(tuple(Tick(round(_EDGE + place * step, 1), day) for place, day in enumerate(days)))


@dataclass(frozen=True)
class Mark:
    """A place on the map: its number in the list beside it, and its place on the drawing."""

    number: int
    point: Point
    x: float
    y: float
    label_x: float
    label_y: float


@dataclass(frozen=True)
class Line:
    """A line of the grid, in degrees, and its place on the drawing."""

    degrees: str
    place: float


@dataclass(frozen=True)
class Map:
    """An equirectangular drawing, true to scale at its middle latitude."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    meridians: tuple[Line, ...]
    parallels: tuple[Line, ...]


def draw_map(points: Sequence[Point], width: float = 720) -> Map:
    """The map of `points`; their numbers are pushed apart where the points lie close together."""
    if not points:
        return Map(width, 0, (), (), ())
    south, north = _stretch(min(p.latitude for p in points), max(p.latitude for p in points), 90)
    west, east = _stretch(min(p.longitude for p in points), max(p.longitude for p in points), 180)
    shrink = max(math.cos(math.radians((south + north) / 2)), 0.05)
    # Neither a ribbon nor a tower: the shorter side grows until it is half of the longer.
    wide_degrees, high_degrees = (east - west) * shrink, north - south
    west, east = _widen(west, east, (high_degrees / 2 / shrink), 180)
    south, north = _widen(south, north, wide_degrees / 2, 90)
    scale = min(width / ((east - west) * shrink), 0.9 * width / (north - south))
    wide, height = (east - west) * shrink * scale, (north - south) * scale

    def place(longitude: float, latitude: float) -> tuple[float, float]:
        return round((longitude - west) * shrink * scale, 1), round((north - latitude) * scale, 1)

    marks: list[Mark] = []
    for number, point in enumerate(points, 1):
        x, y = place(point.longitude, point.latitude)
        label_x, label_y = x, y - 16
        turn = 0
        while any(math.hypot(label_x - m.label_x, label_y - m.label_y) < 24 for m in marks) and turn < 48:
            turn += 1
            angle, reach = turn * math.pi / 4, 18 + 4 * turn
            label_x, label_y = round(x + reach * math.sin(angle), 1), round(y - reach * math.cos(angle), 1)
        marks.append(Mark(number, point, x, y, label_x, label_y))
    return Map(
        round(wide, 1),
        round(height, 1),
        tuple(marks),
        tuple(Line(f"{d:g}°", place(d, south)[0]) for d in _grid(west, east)),
        tuple(Line(f"{d:g}°", place(west, d)[1]) for d in _grid(south, north)),
    )


def _stretch(low: float, high: float, limit: float) -> tuple[float, float]:
    """The interval with a margin, never empty, within ±`limit`."""
    margin = max((high - low) * 0.15, 0.1)
    return max(low - margin, -limit), min(high + margin, limit)


def _widen(low: float, high: float, least: float, limit: float) -> tuple[float, float]:
    """The interval grown on both sides to a length of `least`, within ±`limit`."""
    missing = max(least - (high - low), 0) / 2
    return max(low - missing, -limit), min(high + missing, limit)


def _grid(low: float, high: float) -> list[float]:
    step = next(s for s in (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60) if (high - low) / s <= 6)
    first = math.ceil(low / step)
    return [n * step for n in range(first, math.floor(high / step) + 1)]


@dataclass(frozen=True)
class Side:
    """One claim of the drawing: from the one supported or joined to the one who does, by height."""

    claim: str
    left: str
    right: str
    y_left: float
    y_right: float


@dataclass(frozen=True)
class Sides:
    """Two columns of names and the claims that join them."""

    height: float
    lefts: tuple[tuple[str, float], ...]
    rights: tuple[tuple[str, float], ...]
    lines: tuple[Side, ...]


def draw_sides(ends: Mapping[str, tuple[Sequence[str], Sequence[str]]], row: float = 44) -> Sides:
    """Claims (IRI -> its subjects and objects) as lines between two columns."""
    lefts = list(dict.fromkeys(s for subjects, _ in ends.values() for s in subjects))
    rights = list(dict.fromkeys(o for _, objects in ends.values() for o in objects))
    height = row * max(len(lefts), len(rights), 1)
    y_left = {iri: round(height * (n + 0.5) / len(lefts), 1) for n, iri in enumerate(lefts)}
    y_right = {iri: round(height * (n + 0.5) / len(rights), 1) for n, iri in enumerate(rights)}
    lines = tuple(
        Side(claim, s, o, y_left[s], y_right[o])
        for claim, (subjects, objects) in ends.items()
        for s in subjects
        for o in objects
    )
    return Sides(height, tuple(y_left.items()), tuple(y_right.items()), lines)
