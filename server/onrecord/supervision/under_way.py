"""The queries that run and wait now, as operators see them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from onrecord.supervision.connection import Connection
from onrecord.supervision.lanes import Lane
from onrecord.supervision.pool import WorkerPool
from onrecord.supervision.queues import FairQueue
from onrecord.supervision.slots import WorkerSlot

_MOST_LISTED = 200


class UnderWay:
    """Iterates over who asked, in which lane, and the worker that runs it (None while it waits)."""

    def __init__(self, pool: WorkerPool, queues: Mapping[Lane, FairQueue[Connection]]) -> None:
        self._pool = pool
        self._queues = queues

    def __iter__(self) -> Iterator[tuple[Connection, Lane, WorkerSlot | None]]:
        for slot in list(self._pool):
            if slot.lease is not None and slot.end_reason is None:
                assert isinstance(slot.lease.holder, Connection)
                yield slot.lease.holder, slot.lease.lane, slot
        for lane, queue in self._queues.items():
            for connection in list(queue):
                yield connection, lane, None

    def describe(self) -> list[dict[str, object]]:
        """What runs and waits now, the oldest first."""
        now = time.monotonic()
        found: list[dict[str, object]] = []
        for connection, lane, slot in self:
            used = slot.processor_time(now) - slot.lease.processor if slot and slot.lease else 0.0
            told: dict[str, object] = {
                "number": connection.query,
                "lane": lane,
                "state": "running" if slot else "waiting",
                "age": now - connection.since,
                "processor": used,
                "sender": connection.asked.sender,
                "excerpt": connection.asked.excerpt,
            }
            found.append(told)
        return sorted(found, key=lambda told: int(str(told["number"])))[:_MOST_LISTED]
