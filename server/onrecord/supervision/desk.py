"""The desk where queries wait for a worker: connections, leases, and what is told to those who asked."""

from __future__ import annotations

import math
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from onrecord.config import Settings
from onrecord.errors import NotFoundError, QueryCancelledError, TooBusyError, encode_error
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.supervision.connection import Connection as Connection
from onrecord.supervision.events import Events
from onrecord.supervision.lanes import LANES, Asked, Experience, Lane
from onrecord.supervision.leasing import Leasing
from onrecord.supervision.memory import MemoryWatch
from onrecord.supervision.pool import WorkerPool
from onrecord.supervision.queues import FairQueue, Ledger, crowding_waiter
from onrecord.supervision.slots import WorkerSlot
from onrecord.supervision.under_way import UnderWay
from onrecord.supervision.watch import Watch
from onrecord.supervision.yielding import seconds_until_it_yields

MOST_WAITING = 1000
"""Queries that may wait for a worker at once."""
_LONGEST_RETRY = 60


OtherOp = Callable[[Connection, str], None]


class LeaseDesk:
    """Accepts clients on a Unix socket and lends them workers, lane by lane.

    Operations that are not about leases go to `on_other`.
    """

    def __init__(
        self, path: Path, settings: Settings, events: Events, pool: WorkerPool, on_other: OtherOp
    ) -> None:
        self._settings = settings
        self._events = events
        self._pool = pool
        self._on_other = on_other
        self._experience = Experience()
        self._ledger = Ledger()
        self._queues: dict[Lane, FairQueue[Connection]] = {lane: FairQueue(self._ledger) for lane in LANES}
        self._arrivals: deque[tuple[float, Connection]] = deque()
        self._number = 0
        self._refused = 0
        self._watch = Watch(pool, settings, self._experience, self._ledger, self._queues)
        self._leasing = Leasing(settings, self._experience, self._ledger, self._watch)
        self._memory = MemoryWatch(pool, settings.total_memory << 20)
        self._under_way = UnderWay(pool, self._queues)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(512)
        self._listener.setblocking(False)
        events.watch(self._listener, self._accept)

    @property
    def waiting(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    @property
    def is_idle(self) -> bool:
        """Whether no query runs or waits."""
        return not self.waiting and all(slot.lease is None for slot in self._pool)

    def describe_work(self) -> dict[str, object]:
        """The members of `EngineWork` that queries decide."""
        return {
            "running": {lane: self._pool.count_running(lane) for lane in LANES},
            "waiting": {lane: len(queue) for lane, queue in self._queues.items()},
            "started": self._leasing.started,
            "refused": self._refused,
            "ended": dict(self._pool.ended),
        }

    def lend(self) -> None:
        """Give idle workers to those who wait, the quickest lanes first."""
        now = time.monotonic()
        for lane in LANES:
            queue = self._queues[lane]
            while queue and self._pool.has_place(lane):
                connection = queue.take(now)
                now_in = self._lane(connection, now)
                if LANES.index(now_in) > LANES.index(lane):
                    # Others of its kind have shown meanwhile what it will take.
                    self._queues[now_in].add(connection)
                    continue
                slot = self._pool.take(lane, connection.kept)
                if slot is None:
                    queue.restore(connection)
                    break
                self._lease(connection, slot, lane, now)

    def settle_death(self, slot: WorkerSlot, status: int) -> None:
        """Tell whoever leased the ended worker why, or let the query wait in its next lane.

        Its place is free then, for whoever waits in its lane. `status` is that of waitpid.
        """
        self._settle(slot, status)
        self.lend()

    def _settle(self, slot: WorkerSlot, status: int) -> None:
        lease = slot.lease
        if lease is None:
            return
        connection = lease.holder
        assert isinstance(connection, Connection)
        if connection.slot is not slot:
            # It gave the worker back while that was being ended; it has no question left.
            return
        connection.slot = None
        if slot.end_reason == "overran":
            connection.least_lane = lease.lane
            self._wait(connection, lease.lane)
            return
        connection.cause = slot.cause(status, self._settings)
        self._tell_cause(connection)

    def end_overdue(self) -> None:
        """End queries over their limit, move those over their quantum, refuse who waited too long."""
        self._watch.look()
        now = time.monotonic()
        self._memory.look(now)
        self._pool.retire_idle(now)
        while self._arrivals and now >= self._arrivals[0][0]:
            due, connection = self._arrivals.popleft()
            if connection.due == due:
                self._leave_queue(connection)
                self._refuse(connection, 5)

    def next_deadline(self) -> float | None:
        """When `end_overdue` is due next, on the monotonic clock."""
        check = self._watch.next_check()
        arrival = self._arrivals[0][0] if self._arrivals else None
        due = (check, arrival, self._memory.next_look(), self._pool.next_retirement())
        return min((time for time in due if time is not None), default=None)

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except BlockingIOError:
            return
        sock.setblocking(True)
        connection = Connection(Channel(sock))
        self._events.watch(connection.channel, lambda: self._read(connection))

    def _read(self, connection: Connection) -> None:
        try:
            for frame in connection.channel.take_ready():
                connection.request = frame
                self._obey(connection, frame.message())
        except (ChannelClosedError, ValueError):
            self._drop(connection)

    def _obey(self, connection: Connection, message: dict[str, object]) -> None:
        op = message.get("op")
        if op == "lease":
            self._enqueue(connection, message)
        elif op == "release":
            self._release(connection, int(str(message.get("answered", 1))))
        elif op == "asks":
            self._follow(connection, message)
        elif op == "cause":
            self._rename(connection, message)
            # One that was asked about an earlier worker has been answered by the next one.
            connection.wants_cause = message.get("lease") == connection.lease
            self._tell_cause(connection)
        elif op == "queries":
            connection.tell({"queries": self._under_way.describe()})
        elif op == "kill":
            connection.tell(self._kill(message.get("number")))
        else:
            self._on_other(connection, str(op))

    def _kill(self, number: object) -> dict[str, object]:
        """End the query of that number, wherever it is."""
        for connection, _, slot in self._under_way:
            if connection.query != number:
                continue
            if slot is not None:
                slot.kill("killed")
            else:
                self._leave_queue(connection)
                error = QueryCancelledError("The query was stopped by an operator of this server.")
                connection.tell({"error": encode_error(error)})
            return {"killed": number}
        missing = NotFoundError(f"No query of number {number} runs or waits; it may have ended.")
        return {"error": encode_error(missing)}

    def _enqueue(self, connection: Connection, message: dict[str, object]) -> None:
        parts = (str(message.get(name, "")) for name in ("sender", "shape", "text", "excerpt"))
        connection.asked = Asked(*parts)
        connection.keeps = message.get("keeps") is True
        connection.cause = None
        connection.wants_cause = False
        connection.least_lane = "quick"
        connection.since = time.monotonic()
        self._number += 1
        connection.query = self._number
        lane = self._lane(connection, connection.since)
        if self.waiting >= MOST_WAITING:
            crowding = crowding_waiter(self._queues.values(), connection.asked.sender)
            if crowding is None:
                self._refuse(connection, 5)
                return
            self._leave_queue(crowding)
            self._refuse(crowding, 5)
        expected = self._expected_wait(connection, lane, connection.since)
        if expected > self._settings.queue_timeout:
            # It would wait in vain: better told now.
            self._refuse(connection, min(_LONGEST_RETRY, math.ceil(expected)))
            return
        self._wait(connection, lane)

    def _wait(self, connection: Connection, lane: Lane) -> None:
        connection.due = time.monotonic() + self._settings.queue_timeout
        self._arrivals.append((connection.due, connection))
        self._queues[lane].add(connection)
        self.lend()

    def _lane(self, connection: Connection, now: float) -> Lane:
        learned = self._experience.lane(connection.asked, now)
        return max(learned, connection.least_lane, key=LANES.index)

    def _expected_wait(self, connection: Connection, lane: Lane, now: float) -> float:
        """Seconds until a query of `lane` would start, as far as anybody can tell."""
        if not self._queues[lane] and self._pool.has_place(lane):
            return 0.0
        guess = self._experience.expected
        work = self._queues[lane].work_before(connection.asked, lambda other: guess(other.asked, lane), now)
        for slot in self._pool:
            if slot.lease is not None and slot.lease.lane == lane:
                held = now - slot.lease.started
                lead = self._ledger.lead(connection.asked, slot.lease.asked, now)
                yields = seconds_until_it_yields(lane, held, lead)
                left = max(0.0, guess(slot.lease.asked, lane) - held)
                work += left if yields is None else min(left, yields)
        return work / self._pool.places(lane)

    def _lease(self, connection: Connection, slot: WorkerSlot, lane: Lane, now: float) -> None:
        connection.due = None
        self._number += 1
        connection.lease = self._number
        run = self._leasing.begin(connection, slot, lane, now)
        # One that has the descriptor of this very worker is not sent it again.
        known, connection.kept = connection.keeps and connection.kept == slot.serial, slot.serial
        told: dict[str, object] = {"lease": connection.lease}
        if run:
            told |= {"run": run, "generation": slot.number}
        if not connection.tell(told, None if known else slot.data.fileno()):
            slot.lease = connection.slot = None

    def _release(self, connection: Connection, answered: int) -> None:
        """A worker is given back that has answered so many queries since it was lent."""
        slot, connection.slot = connection.slot, None
        if slot is None or slot.lease is None or slot.end_reason is not None:
            return
        lease, slot.lease = slot.lease, None
        used = self._leasing.end(lease, slot, answered, time.monotonic())
        self._pool.give_back(slot, used)
        self.lend()

    def _follow(self, connection: Connection, message: dict[str, object]) -> None:
        """A later query of a run takes long: what is measured, and seen by operators, is it alone."""
        self._rename(connection, message)
        slot = connection.slot
        if slot is None or slot.lease is None or slot.end_reason is not None:
            return
        self._number += 1
        connection.query, connection.since = self._number, time.monotonic()
        self._leasing.follow(connection, slot, int(str(message["answered"])), connection.since)

    def _rename(self, connection: Connection, message: dict[str, object]) -> None:
        """Whose text its query has, which came after others of its shape."""
        if "text" in message:
            text, excerpt = str(message["text"]), str(message["excerpt"])
            connection.asked = replace(connection.asked, text=text, excerpt=excerpt)

    def _refuse(self, connection: Connection, retry_after: int) -> None:
        self._refused += 1
        error = TooBusyError("All query workers are busy. Try again in a moment.")
        error.retry_after = retry_after
        connection.tell({"error": encode_error(error)})

    def _tell_cause(self, connection: Connection) -> None:
        if connection.wants_cause and connection.cause is not None:
            connection.wants_cause = False
            connection.tell({"error": encode_error(connection.cause)})

    def _leave_queue(self, connection: Connection) -> None:
        connection.due = None
        for queue in self._queues.values():
            try:
                queue.remove(connection)
            except ValueError:
                continue
            return

    def _drop(self, connection: Connection) -> None:
        slot = connection.slot
        if slot is not None:
            if slot.lease is not None and slot.end_reason is None:
                self._watch.charge(slot, slot.lease, time.monotonic())
            slot.kill("cancelled")
        if connection.due is not None:
            self._leave_queue(connection)
        self._events.forget(connection.channel)
        connection.channel.close()
