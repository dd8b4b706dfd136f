"""The desk where queries wait for a worker: connections, the queue, leases."""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from onrecord.config import Settings
from onrecord.errors import OnrecordError, TooBusyError, encode_error
from onrecord.store.channel import Channel, ChannelClosedError, Frame
from onrecord.supervision.events import Events
from onrecord.supervision.pool import WorkerPool
from onrecord.supervision.slots import Lease, WorkerSlot

MOST_WAITING = 1000
"""Queries that may wait for a worker at once."""


class Connection:
    """One client of the supervisor; it holds at most one lease at a time."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.slot: WorkerSlot | None = None
        self.waiting_since: float | None = None
        self.cause: OnrecordError | None = None
        self.wants_cause = False
        self.request: Frame | None = None
        """What it asked last."""

    def tell(self, message: dict[str, object], fd: int | None = None) -> bool:
        """Send `message`; False when the client has gone, which is dealt with where it is read."""
        try:
            self.channel.send_message(message, fd)
        except ChannelClosedError:
            return False
        return True


OtherOp = Callable[[Connection, str], None]


class LeaseDesk:
    """Accepts clients on a Unix socket and lends them workers, first come first served.

    Operations that are not about leases go to `on_other`.
    """

    def __init__(self, path: Path, settings: Settings, events: Events, on_other: OtherOp) -> None:
        self._settings = settings
        self._events = events
        self._on_other = on_other
        self._queue: deque[Connection] = deque()
        self._leases = 0
        self.pool: WorkerPool | None = None
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(512)
        self._listener.setblocking(False)
        events.watch(self._listener, self._accept)

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def lend(self) -> None:
        """Give idle workers to those who wait."""
        idle = self.pool.idle() if self.pool is not None else []
        while self._queue and idle:
            connection = self._queue.popleft()
            connection.waiting_since = None
            slot = idle.pop()
            now = time.monotonic()
            self._leases += 1
            slot.stopwatch.reset()
            slot.lease = Lease(connection, now, now + self._settings.query_timeout)
            connection.slot = slot
            connection.cause = None
            if not connection.tell({"lease": self._leases}, slot.data.fileno()):
                slot.lease = connection.slot = None
                idle.append(slot)

    def settle_death(self, slot: WorkerSlot, status: int) -> None:
        """Tell whoever leased the ended worker why; `status` is that of waitpid."""
        if slot.lease is not None:
            connection = slot.lease.holder
            assert isinstance(connection, Connection)
            if connection.slot is not slot:
                # It gave the worker back while that was being ended; it has no question left.
                return
            connection.slot = None
            connection.cause = slot.cause(status, self._settings.query_timeout, self._settings.query_memory)
            self._tell_cause(connection)

    def refuse_overdue(self) -> None:
        """Send away those who have waited too long for a worker."""
        now = time.monotonic()
        while self._queue and now >= self._due(self._queue[0]):
            self._refuse(self._queue.popleft())

    def next_deadline(self) -> float | None:
        """When `refuse_overdue` is due next, on the monotonic clock."""
        return self._due(self._queue[0]) if self._queue else None

    def _due(self, connection: Connection) -> float:
        return (connection.waiting_since or 0.0) + self._settings.queue_timeout

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
            for frame in connection.channel.ready():
                connection.request = frame
                self._obey(connection, str(frame.message().get("op")))
        except (ChannelClosedError, ValueError):
            self._drop(connection)

    def _obey(self, connection: Connection, op: str) -> None:
        if op == "lease":
            self._enqueue(connection)
        elif op == "release":
            self._release(connection)
        elif op == "cause":
            connection.wants_cause = True
            self._tell_cause(connection)
        else:
            self._on_other(connection, op)

    def _enqueue(self, connection: Connection) -> None:
        if len(self._queue) >= MOST_WAITING:
            self._refuse(connection)
            return
        connection.cause = None
        connection.wants_cause = False
        connection.waiting_since = time.monotonic()
        self._queue.append(connection)
        self.lend()

    def _release(self, connection: Connection) -> None:
        slot, connection.slot = connection.slot, None
        if slot is not None and slot.end_reason is None and self.pool is not None:
            slot.lease = None
            self.pool.refresh(slot)
            self.lend()

    def _refuse(self, connection: Connection) -> None:
        error = TooBusyError("All query workers are busy. Try again in a moment.")
        connection.tell({"error": encode_error(error)})

    def _tell_cause(self, connection: Connection) -> None:
        if connection.wants_cause and connection.cause is not None:
            connection.wants_cause = False
            connection.tell({"error": encode_error(connection.cause)})

    def _drop(self, connection: Connection) -> None:
        if connection.slot is not None:
            connection.slot.kill("cancelled")
        if connection in self._queue:
            self._queue.remove(connection)
        self._events.forget(connection.channel)
        connection.channel.close()
