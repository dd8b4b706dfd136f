"""Leases: what is agreed when a worker is lent, and what is charged and learned when it comes back."""

from __future__ import annotations

from onrecord.config import Settings
from onrecord.supervision.connection import Connection
from onrecord.supervision.lanes import UNKNOWN_QUANTUM, Experience, Lane
from onrecord.supervision.queues import Ledger
from onrecord.supervision.slots import Lease, WorkerSlot
from onrecord.supervision.watch import Watch

RUN_SECONDS = 0.01
"""So long may queries of one sender and shape follow each other on a worker that was lent to a quick one."""


class Leasing:
    """The terms of every lease. Times are seconds on the monotonic clock."""

    def __init__(self, settings: Settings, experience: Experience, ledger: Ledger, watch: Watch) -> None:
        self._limit = settings.query_timeout
        self._experience = experience
        self._ledger = ledger
        self._watch = watch
        self.started = 0
        """Queries that had a worker."""

    def begin(self, connection: Connection, slot: WorkerSlot, lane: Lane, now: float) -> float:
        """Lend `slot` to `connection`; returns for how long others of its kind may follow (`runs`)."""
        run = RUN_SECONDS if lane == "quick" and connection.keeps else 0.0
        self.started += 1
        connection.slot = slot
        slot.stopwatch.reset()
        slot.gate.reset()
        slot.lease = lease = self._agree(connection, slot, lane, now, run)
        # Charged beforehand, so that many queries at once do not all pass for the first.
        lease.charged = min(lease.quantum or UNKNOWN_QUANTUM, UNKNOWN_QUANTUM)
        self._ledger.charge_query(connection.asked, lease.charged, now)
        return run

    def follow(self, connection: Connection, slot: WorkerSlot, answered: int, now: float) -> None:
        """The query that runs came after `answered` others on this lease: from now on it is for it alone."""
        assert slot.lease is not None
        lane = slot.lease.lane
        self.end(slot.lease, slot, answered, now)
        self.started += 1
        slot.lease = self._agree(connection, slot, lane, now, 0.0)

    def end(self, lease: Lease, slot: WorkerSlot, answered: int, now: float) -> float:
        """Charge and learn from `answered` queries; the seconds of processor time that they took in all."""
        used = slot.processor_time(now) - lease.processor
        lane: Lane = "heavy" if lease.has_overrun else lease.lane
        self.started += max(0, answered - 1)
        for _ in range(answered):
            self._experience.charge(lease.asked, used / answered, lane)
        self._ledger.charge_query(lease.asked, used - lease.charged, now)
        return used

    def _agree(self, connection: Connection, slot: WorkerSlot, lane: Lane, now: float, run: float) -> Lease:
        """For a query that begins now, before which others may take up to `run` seconds."""
        quantum = self._experience.quantum(connection.asked, lane)
        if quantum is not None:
            quantum += run
        return Lease(
            connection,
            connection.lease,
            connection.asked,
            lane,
            now,
            now + self._limit,
            slot.processor_time(now),
            quantum,
            self._watch.first_check(quantum, now),
        )
