"""What all running queries hold together, and which of them ends when that is too much.

Each query has a limit of its own, which the kernel holds it to. Several at
once would still take as many times as much: what they hold together is
looked at every tenth of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.supervision.pool import WorkerPool
from onrecord.supervision.slots import WorkerSlot

LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Holding:
    """What one query holds, in bytes; whether some of its answer has left."""

    sender: str
    bytes: int
    is_released: bool = False


def largest_of_largest(holdings: Sequence[Holding], limit: int) -> int | None:
    """The place of the query that ends when `holdings` pass `limit` bytes together; None when they do not.

    Of those that have released nothing, if there are any: the largest one of the sender whose
    queries hold most.

    >>> held = [Holding("flood", 40), Holding("honest", 50), Holding("flood", 30)]
    >>> largest_of_largest(held, 100), largest_of_largest(held, 120)
    (0, None)
    """
    if sum(holding.bytes for holding in holdings) <= limit:
        return None
    totals: Counter[str] = Counter()
    for holding in holdings:
        totals[holding.sender] += holding.bytes

    def rank(place: int) -> tuple[bool, int, int]:
        holding = holdings[place]
        return (not holding.is_released, totals[holding.sender], holding.bytes)

    return max(range(len(holdings)), key=rank)


class MemoryWatch:
    """Ends queries while all together hold more than `limit` bytes."""

    def __init__(self, pool: WorkerPool, limit: int) -> None:
        self._pool = pool
        self._limit = limit
        self._next = 0.0

    def look(self, now: float) -> None:
        if now < self._next:
            return
        self._next = now + LOOK_SECONDS
        found: list[tuple[WorkerSlot, Holding]] = []
        for slot in self._pool:
            # What opens a generation meanwhile, or is being ended, is not of a query.
            if slot.lease is not None and slot.ready and slot.end_reason is None:
                holding = Holding(slot.lease.asked.sender, slot.taken_bytes(), slot.gate.released)
                found.append((slot, holding))
        place = largest_of_largest([holding for _, holding in found], self._limit)
        if place is not None:
            found[place][0].kill("crowded")

    def next_look(self) -> float | None:
        """When `look` is due next, on the monotonic clock; None while no query runs."""
        return self._next if any(slot.lease is not None for slot in self._pool) else None
