"""The query workers: as many as were asked for, all at the newest generation."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

from onrecord.config import Settings
from onrecord.errors import StoreError
from onrecord.store.channel import ChannelClosedError
from onrecord.store.worker import WorkerTask
from onrecord.supervision.events import Events
from onrecord.supervision.slots import WorkerSlot

STALL_SECONDS = 30.0
"""A client that takes nothing for this long is cut."""
_MOST_FAILED_STARTS = 5


class WorkerPool:
    """Owns the worker slots; tells `on_idle` whenever a worker can take a query."""

    def __init__(
        self, task: WorkerTask, settings: Settings, events: Events, on_idle: Callable[[], None]
    ) -> None:
        self._task = task
        self._settings = settings
        self._events = events
        self._on_idle = on_idle
        self._slots: dict[int, WorkerSlot] = {}
        self._number = 0
        self._failed_starts = 0

    def __iter__(self) -> Iterator[WorkerSlot]:
        return iter(self._slots.values())

    def __len__(self) -> int:
        return len(self._slots)

    def open(self, number: int) -> None:
        """Have all workers, the first ones started now, serve generation `number`."""
        self._number = number
        while len(self._slots) < self._settings.workers:
            self._start()
        for slot in self:
            if slot.lease is None:
                self.refresh(slot)

    def refresh(self, slot: WorkerSlot) -> None:
        """Order one worker to the newest generation; it obeys before its next query."""
        try:
            slot.open(self._number)
        except ChannelClosedError:
            # It has died; its death is dealt with where it is reaped.
            return

    def idle(self) -> list[WorkerSlot]:
        return [slot for slot in self if slot.idle]

    def bury(self, pid: int, status: int) -> WorkerSlot | None:
        """Take the worker `pid`, which has ended, out of the pool and start another; None if it is none.

        Raises StoreError when new workers keep failing before they can serve.
        Being killed from outside (`status`, as waitpid tells it) is no failure of the store.
        """
        slot = self._slots.pop(pid, None)
        if slot is None:
            return None
        self._events.forget(slot.control)
        if not slot.ready and not os.WIFSIGNALED(status):
            self._failed_starts += 1
        slot.close()
        if self._failed_starts > _MOST_FAILED_STARTS:
            raise StoreError(
                f"Query workers cannot open the store {self._task.store}; the reason stands above. "
                "Start again, or name another store with --store."
            )
        self._start()
        return slot

    def end_overdue(self) -> None:
        """End the workers whose query is over its limit, or whose client has stopped reading."""
        now = time.monotonic()
        for slot in self:
            if slot.lease is None or slot.end_reason is not None:
                continue
            waited, waiting = slot.stopwatch.read(now)
            # The limit counts the time that the worker works, not the time it waits for its client.
            slot.lease.deadline = slot.lease.started + self._settings.query_timeout + waited
            if waiting > STALL_SECONDS:
                slot.kill("stalled")
            elif now >= slot.lease.deadline:
                slot.kill("timeout")

    def next_deadline(self) -> float | None:
        """When `end_overdue` is due next, on the monotonic clock."""
        return min((slot.lease.deadline for slot in self if slot.lease is not None), default=None)

    def kill_all(self) -> list[int]:
        """End every worker; returns their process numbers, to be waited for."""
        for slot in self:
            slot.kill("cancelled")
        return list(self._slots)

    def _start(self) -> None:
        slot = WorkerSlot(self._task)
        self._slots[slot.pid] = slot
        self._events.watch(slot.control, lambda: self._on_control(slot))
        self.refresh(slot)

    def _on_control(self, slot: WorkerSlot) -> None:
        try:
            for frame in slot.control.ready():
                if frame.message().get("event") == "ready":
                    slot.ready = True
                    self._failed_starts = 0
                    self._on_idle()
        except ChannelClosedError:
            self._events.forget(slot.control)
