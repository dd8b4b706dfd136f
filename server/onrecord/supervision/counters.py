"""What the web processes count, in files that they share with the supervisor.

Each process writes a file of its own in the runtime directory, and whoever
wants the numbers of all of them adds the files up. The file of a process that
ended stays, so that no sum ever falls.
"""

from __future__ import annotations

import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from onrecord.store.process import is_alive

ROUTES = ("sparql", "graphs", "queries", "permalink", "static", "operator", "page")
"""The classes of requests that are told apart."""
_OK = (200, 201, 204, 301, 302, 303, 304, 307, 308)
_REFUSED = (400, 401, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 417, 422, 428, 429, 431)
_FAILED = (500, 501, 502, 503, 504, 505)
STATUSES = (0, *_OK, *_REFUSED, *_FAILED)
"""Statuses that are counted each for itself; 0 stands for a client that left before there was one."""
EVENTS = (
    "cache_hits",
    "cache_misses",
    "hot_answers",
    "federation_requests",
)
BUCKETS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
"""Upper bounds of the classes of durations, in seconds."""

_PREFIX = "front-"
_SUFFIX = ".counts"
_PLACE_OF_STATUS = {status: place for place, status in enumerate(STATUSES)}
_PLACE_OF_ROUTE = {route: place for place, route in enumerate(ROUTES)}
_PLACE_OF_EVENT = {event: place for place, event in enumerate(EVENTS)}
_DURATIONS = len(BUCKETS) + 2
"""For each class of requests: the durations by bucket, those above, and their sum in microseconds."""
_UNDER_WAY = 0
_FIRST_EVENT = 1
_FIRST_DURATION = _FIRST_EVENT + len(EVENTS)
_FIRST_STATUS = _FIRST_DURATION + _DURATIONS * len(ROUTES)
_LENGTH = _FIRST_STATUS + len(STATUSES) * len(ROUTES)


class Counters:
    """The numbers of this process; counted from any thread."""

    def __init__(self, runtime: Path) -> None:
        self.runtime = runtime
        path = runtime / f"{_PREFIX}{os.getpid()}{_SUFFIX}"
        path.write_bytes(bytes(_LENGTH * 8))
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _LENGTH * 8)
        self._numbers = memoryview(self._page).cast("Q")
        self._lock = threading.Lock()

    def begin(self) -> None:
        """A request has come."""
        with self._lock:
            self._numbers[_UNDER_WAY] += 1

    def end(self, route: str, status: int, seconds: float) -> None:
        """A request that `begin` counted has been answered, or its client has left."""
        place = _PLACE_OF_ROUTE[route]
        # What is not in the list counts as the plain status of its class.
        known = _PLACE_OF_STATUS.get(status)
        if known is None:
            known = _PLACE_OF_STATUS.get(status // 100 * 100, 0)
        durations = _FIRST_DURATION + place * _DURATIONS
        bucket = bisect_left(BUCKETS, seconds)
        numbers = self._numbers
        with self._lock:
            numbers[_UNDER_WAY] -= 1
            numbers[_FIRST_STATUS + place * len(STATUSES) + known] += 1
            numbers[durations + bucket] += 1
            numbers[durations + len(BUCKETS) + 1] += int(seconds * 1_000_000)

    def count(self, event: str) -> None:
        """One more of `EVENTS`."""
        with self._lock:
            self._numbers[_FIRST_EVENT + _PLACE_OF_EVENT[event]] += 1


@dataclass(frozen=True)
class Totals:
    """The numbers of all web processes together."""

    under_way: int
    """Requests that are being answered now."""
    events: dict[str, int]
    requests: dict[tuple[str, int], int]
    """(class, status) -> number, those that occurred."""
    durations: dict[str, tuple[tuple[int, ...], float]]
    """Class -> how many took at most the seconds of each bucket and more than the one before, the last
    one without a bound; and the sum of seconds."""


def add_up(runtime: Path) -> Totals:
    """The numbers of all web processes whose files lie in `runtime`."""
    total = [0] * _LENGTH
    for path in runtime.glob(f"{_PREFIX}*{_SUFFIX}"):
        data = path.read_bytes()
        if len(data) != _LENGTH * 8:
            continue
        numbers: Sequence[int] = memoryview(data).cast("Q")
        still_runs = is_alive(int(path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)))
        for place, number in enumerate(numbers):
            # What an ended process was about to answer is no longer under way.
            if place != _UNDER_WAY or still_runs:
                total[place] += number
    requests = {}
    durations = {}
    for place, route in enumerate(ROUTES):
        first = _FIRST_STATUS + place * len(STATUSES)
        for offset, status in enumerate(STATUSES):
            if total[first + offset]:
                requests[route, status] = total[first + offset]
        first = _FIRST_DURATION + place * _DURATIONS
        durations[route] = (
            tuple(total[first : first + len(BUCKETS) + 1]),
            total[first + len(BUCKETS) + 1] / 1_000_000,
        )
    events = {event: total[_FIRST_EVENT + place] for place, event in enumerate(EVENTS)}
    return Totals(total[_UNDER_WAY], events, requests, durations)
