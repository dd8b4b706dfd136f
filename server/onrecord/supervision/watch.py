"""The watch over running queries: time limits, quanta, and clients that stopped reading."""

from __future__ import annotations

import time
from collections.abc import Mapping

from onrecord.config import Settings
from onrecord.supervision.connection import Connection
from onrecord.supervision.lanes import UNKNOWN_QUANTUM, Experience, Lane
from onrecord.supervision.pool import WorkerPool
from onrecord.supervision.queues import FairQueue, Ledger
from onrecord.supervision.slots import Lease, WorkerSlot
from onrecord.supervision.yielding import may_stay, seconds_until_it_yields

STALL_SECONDS = 30.0
"""A client that takes nothing for this long is cut."""
_LOOK_SECONDS = 0.5
_LEAST_WAIT = 0.005


class Watch:
    """Ends queries over their limit and moves those over their quantum to the next lane.

    Charges their senders meanwhile, so that a query that is ended has cost what it took.
    """

    def __init__(
        self,
        pool: WorkerPool,
        settings: Settings,
        experience: Experience,
        ledger: Ledger,
        queues: Mapping[Lane, FairQueue[Connection]],
    ) -> None:
        self._pool = pool
        self._limit = settings.query_timeout
        self._experience = experience
        self._ledger = ledger
        self._queues = queues

    def first_check(self, quantum: float | None, now: float) -> float:
        """When to look at a query that starts now."""
        return now + min(quantum or _LOOK_SECONDS, self._limit, _LOOK_SECONDS)

    def look(self) -> None:
        """Look at every query that is due."""
        now = time.monotonic()
        for slot in list(self._pool):
            if slot.lease is not None and slot.end_reason is None and now >= slot.lease.check_at:
                self._look_at(slot, slot.lease, now)

    def next_check(self) -> float | None:
        """When `look` is due next, on the monotonic clock."""
        return min((slot.lease.check_at for slot in self._pool if slot.lease is not None), default=None)

    def charge(self, slot: WorkerSlot, lease: Lease, now: float) -> float:
        """Charge what the query has used since it was charged last; the seconds of processor time in all."""
        used = slot.processor_time(now) - lease.processor
        if used > lease.charged:
            self._ledger.charge_query(lease.asked, used - lease.charged, now)
            lease.charged = used
        return used

    def _look_at(self, slot: WorkerSlot, lease: Lease, now: float) -> None:
        waited, waiting = slot.stopwatch.read(now)
        # The limit counts the time that the worker works, not the time it waits for its client.
        lease.deadline = lease.started + self._limit + waited
        used = self.charge(slot, lease, now)
        lease.check_at = min(lease.deadline, now + _LOOK_SECONDS)
        if waiting > STALL_SECONDS:
            slot.kill("stalled")
        elif now >= lease.deadline:
            # For all that time it took its worker from others, whatever else the machine did meanwhile.
            self._experience.charge_overrun(lease.asked, now - lease.started - waited, now)
            slot.kill("timeout")
        elif lease.quantum is not None and used >= lease.quantum:
            self._experience.charge_overrun(lease.asked, used, now)
            self._move(slot, lease)
        elif slot.is_fast and slot.gate.released and waited >= UNKNOWN_QUANTUM:
            # A slow client holds up a worker that quick queries need.
            self._pool.set_aside(slot)
        elif self._yields(slot, lease, now):
            lease.lane = "long"
            slot.kill("overran")
        elif lease.quantum is not None:
            lease.check_at = min(lease.check_at, now + max(_LEAST_WAIT, lease.quantum - used))

    def _yields(self, slot: WorkerSlot, lease: Lease, now: float) -> bool:
        """Whether the query gives way to one that waits; its worker is doomed then."""
        lead = self._queues[lease.lane].longest_lead(lease.asked, now)
        if seconds_until_it_yields(lease.lane, now - lease.started, lead) != 0.0:
            return False
        # One at a time: a place that becomes free may be all that is wanted.
        return not any(other.end_reason == "overran" for other in self._pool) and slot.gate.doom()

    def _move(self, slot: WorkerSlot, lease: Lease) -> None:
        """What to do with a query over its quantum: it goes on where there is room, or starts anew there."""
        lane: Lane = "long" if lease.lane == "heavy" else "heavy"
        lease.has_overrun = True
        if not slot.gate.released:
            if self._pool.has_place(lane) and not self._queues[lane]:
                lease.lane = lane
                lease.quantum = self._experience.quantum(lease.asked, lane)
                self._pool.lower(slot, lane)
                return
            now = time.monotonic()
            if lane == "long" and may_stay(self._queues["heavy"].longest_lead(lease.asked, now)):
                return
            if slot.gate.doom():
                lease.lane = lane
                slot.kill("overran")
                return
        # What has released bytes is never stopped for its lane.
        if self._pool.set_aside(slot):
            lease.quantum = None
