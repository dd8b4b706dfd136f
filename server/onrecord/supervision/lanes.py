"""Lanes: what is learned of queries, and where the next one waits.

Nobody knows what a query costs before it has run; but queries of one shape
cost about the same. Four lanes:

``quick``
    Shapes known to take little. First served, on every fast worker.
``unknown``
    Everything else that may turn out quick; one fast worker is kept free of it.
``heavy``
    What overran its quantum; on as many workers as there are processors, at a lower priority.
``long``
    What overran the longer quantum there, so that queries of a few seconds do not wait for
    those of minutes; on half as many.

A query that overruns is stopped and asked again in the next lane, and its text
goes there at once for a minute. A heavy query gives way early to a sender who was charged
less (`yielding`). Its shape follows only when nearly all of its
queries overrun: one that wears a look-up's shape must not send look-ups there.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

Lane = Literal["quick", "unknown", "heavy", "long"]

LANES: tuple[Lane, ...] = ("quick", "unknown", "heavy", "long")
"""In the order in which they are served."""

QUICK_SECONDS = 0.05
"""Processor time below which a shape counts as quick, on average."""
UNKNOWN_QUANTUM = 0.1
LEAST_QUANTUM = 0.02
"""Quantum of shapes known to be very quick: a heavy query in their shape is found out sooner."""
HEAVY_QUANTUM = 5.0
REMEMBERED_SECONDS = 60.0
"""So long is what overran known to be slow."""

_NEWEST = 0.2  # the weight of the newest query in a moving average
_QUANTUM_FACTOR = 10
_MOST_SHAPES = 10_000
_MOST_COUNTED = 64
_LEAST_SHARE = 0.05


def heavy_places() -> int:
    """How many heavy queries run at once: one for each processor."""
    return max(1, os.cpu_count() or 1)


def long_places() -> int:
    """How many long queries run at once beside the heavy ones."""
    return max(1, heavy_places() // 2)


@dataclass(frozen=True)
class Asked:
    """A query as the queues know it: who asks, its shape, its text's digest and its beginning."""

    sender: str
    shape: str
    text: str
    excerpt: str = ""


@dataclass
class _Shape:
    average: float = 0.0
    quick: float = 0
    overran: float = 0
    slow_until: float = 0.0

    def count(self, *, overran: bool) -> None:
        if overran:
            self.overran += 1
        else:
            self.quick += 1
        if self.quick + self.overran > _MOST_COUNTED:
            # What was long ago counts less.
            self.quick /= 2
            self.overran /= 2

    @property
    def is_mixed(self) -> bool:
        """Whether at least a few of its queries end within their quantum."""
        return self.quick > 0 and self.quick >= _LEAST_SHARE * self.overran


class Experience:
    """What queries have taken so far. Times are seconds on one monotonic clock."""

    def __init__(self) -> None:
        self._shapes: OrderedDict[str, _Shape] = OrderedDict()
        self._slow: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def lane(self, asked: Asked, now: float) -> Lane:
        """Where a query waits.

        >>> experience, query = Experience(), Asked("", "shape", "text")
        >>> experience.lane(query, 0)
        'unknown'
        >>> experience.charge(query, 0.001)
        >>> experience.lane(query, 0)
        'quick'
        >>> experience.charge_overrun(query, 0.1, 0)
        >>> experience.lane(query, 0), experience.lane(Asked("", "shape", "other"), 0)
        ('heavy', 'quick')
        """
        until, seconds = self._slow.get(asked.text, (0.0, 0.0))
        if until > now:
            return "long" if seconds >= HEAVY_QUANTUM else "heavy"
        known = self._shapes.get(asked.shape)
        if known is None:
            return "unknown"
        if known.is_mixed:
            is_quick = known.average < QUICK_SECONDS and known.quick >= known.overran
            return "quick" if is_quick else "unknown"
        if known.slow_until > now:
            return "long" if known.average >= HEAVY_QUANTUM else "heavy"
        return "unknown"

    def quantum(self, asked: Asked, lane: Lane) -> float | None:
        """Seconds of processor time after which a query in `lane` has overrun; None for no limit."""
        if lane == "long":
            return None
        if lane == "heavy":
            return HEAVY_QUANTUM
        known = self._shapes.get(asked.shape)
        if known is None or not known.is_mixed:
            return UNKNOWN_QUANTUM
        return min(UNKNOWN_QUANTUM, max(LEAST_QUANTUM, _QUANTUM_FACTOR * known.average))

    def expected(self, asked: Asked, lane: Lane) -> float:
        """Seconds of processor time that a query will take in `lane`, as far as anybody can tell."""
        _, seconds = self._slow.get(asked.text, (0.0, 0.0))
        known = self._shapes.get(asked.shape)
        if lane in ("heavy", "long"):
            guess = max(seconds, known.average if known is not None and not known.is_mixed else 0.0, 0.1)
            # What takes longer leaves the heavy lane by then.
            return min(guess, HEAVY_QUANTUM) if lane == "heavy" else guess
        return known.average if known is not None else 0.01

    def charge(self, asked: Asked, seconds: float, lane: Lane = "unknown") -> None:
        """A query ended after `seconds` of processor time."""
        known = self._shape(asked.shape)
        if lane in ("heavy", "long") and seconds >= QUICK_SECONDS:
            if asked.text in self._slow:
                self._slow[asked.text] = (self._slow[asked.text][0], seconds)
            if not known.is_mixed:
                known.average += _NEWEST * (seconds - known.average)
            return
        self._slow.pop(asked.text, None)
        known.average += (_NEWEST if known.quick else 1.0) * (seconds - known.average)
        known.count(overran=False)

    def charge_overrun(self, asked: Asked, seconds: float, now: float) -> None:
        """A query was still working after `seconds`, its quantum or its time limit."""
        _, before = self._slow.pop(asked.text, (0.0, 0.0))
        self._slow[asked.text] = (now + REMEMBERED_SECONDS, max(seconds, before))
        if len(self._slow) > _MOST_SHAPES:
            self._slow.popitem(last=False)
        known = self._shape(asked.shape)
        known.count(overran=True)
        if not known.is_mixed:
            known.average = max(known.average, seconds)
            known.slow_until = now + REMEMBERED_SECONDS

    def _shape(self, digest: str) -> _Shape:
        known = self._shapes.setdefault(digest, _Shape())
        self._shapes.move_to_end(digest)
        if len(self._shapes) > _MOST_SHAPES:
            self._shapes.popitem(last=False)
        return known
