"""The query workers: fast ones, as many as were asked for, and lowered ones for heavy queries."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator

from onrecord.config import Settings
from onrecord.errors import StoreError
from onrecord.store.channel import ChannelClosedError
from onrecord.store.worker import WorkerTask
from onrecord.supervision.events import Events
from onrecord.supervision.lanes import QUICK_SECONDS, Lane, heavy_places, long_places
from onrecord.supervision.slots import WorkerSlot

HEAVY_PRIORITY = 10
LONG_PRIORITY = 15
MOST_STREAMS = 16
"""Workers that wait for slow clients beside those that serve."""
KEPT_SECONDS = 5.0
"""So long is a lowered worker kept for the next heavy query."""
_KEPT_BYTES = 128 << 20
"""So much may a lowered worker hold of the query before, to be kept."""
_MOST_FAILED_STARTS = 5


class WorkerPool:
    """Owns the worker slots; tells `on_idle` whenever a worker can take a query.

    `on_damage` is told of a generation whose files were found spoiled, and why.

    A worker that has run a heavy query has a lower priority for good, since
    raising it again takes root: another fast one is started in its place.
    """

    def __init__(
        self,
        task: WorkerTask,
        settings: Settings,
        events: Events,
        on_idle: Callable[[], None],
        on_damage: Callable[[int, str], None],
    ) -> None:
        self._task = task
        self._settings = settings
        self._events = events
        self._on_idle = on_idle
        self._on_damage = on_damage
        self._slots: dict[int, WorkerSlot] = {}
        self._number = 0
        self._failed_starts = 0
        self.ended: Counter[str] = Counter()
        """Why workers have ended -> how many."""

    def __iter__(self) -> Iterator[WorkerSlot]:
        return iter(self._slots.values())

    def __len__(self) -> int:
        return len(self._slots)

    def open(self, number: int) -> None:
        """Have all workers, the first ones started now, serve generation `number`.

        Lowered ones open it when they are needed next: there may be many, and
        opening takes more time than most queries.
        """
        self._number = number
        self._fill()
        for slot in self:
            if slot.lease is None and slot.is_fast:
                self._refresh(slot)

    def places(self, lane: Lane) -> int:
        """How many queries of `lane` run at once."""
        if lane == "heavy":
            return heavy_places()
        if lane == "long":
            return long_places()
        return self._settings.workers if lane == "quick" else max(1, self._settings.workers - 1)

    def has_place(self, lane: Lane) -> bool:
        """Whether one more query of `lane` may run beside those that do."""
        return lane == "quick" or self._running(lane) < self.places(lane)

    def take(self, lane: Lane, known: int = 0) -> WorkerSlot | None:
        """An idle worker for a query of `lane`; None when there is none now. `on_idle` tells when.

        Of several fast ones, that of the serial number `known` if it is among them.
        """
        if not self.has_place(lane):
            return None
        fast = [slot for slot in self if slot.idle and slot.is_fast]
        if lane in ("quick", "unknown"):
            return next((slot for slot in fast if slot.serial == known), fast[-1]) if fast else None
        lowered = next((slot for slot in self if slot.idle and not slot.is_fast), None)
        if lowered is None and len(fast) >= min(2, self._settings.workers):
            lowered = fast[0]
        if lowered is not None:
            self._refresh(lowered)
            self.lower(lowered, lane)
        elif not any(slot.priority and not slot.ready for slot in self):
            self._start().lower(HEAVY_PRIORITY)
        return lowered

    def lower(self, slot: WorkerSlot, lane: Lane) -> None:
        """Give `slot` the priority of a heavy lane, and start another fast worker in its place."""
        priority = LONG_PRIORITY if lane == "long" else HEAVY_PRIORITY
        if priority > slot.priority:
            slot.lower(priority)
        self._fill()

    def set_aside(self, slot: WorkerSlot) -> bool:
        """Let `slot`, which streams, no longer count among those that serve; False when too many do."""
        limit = self._settings.workers + heavy_places() + long_places() + MOST_STREAMS
        if slot.is_fast and len(self._slots) >= limit:
            return False
        self.lower(slot, "heavy")
        return True

    def give_back(self, slot: WorkerSlot, used: float) -> None:
        """A query has ended after `used` seconds: have its worker open the newest generation, or retire."""
        slot.idle_since = time.monotonic()
        if slot.is_fast:
            if used >= QUICK_SECONDS:
                # What the query has left behind is not held against the next one.
                slot.rest()
            self._refresh(slot)
        elif slot.taken_bytes() > _KEPT_BYTES:
            slot.kill("retired")

    def retire_idle(self, now: float) -> None:
        """End lowered workers that nobody has needed for a while."""
        for slot in self:
            if slot.idle and not slot.is_fast and now >= slot.idle_since + KEPT_SECONDS:
                slot.kill("retired")

    def next_retirement(self) -> float | None:
        """When `retire_idle` is due next, on the monotonic clock."""
        idle = (slot.idle_since + KEPT_SECONDS for slot in self if slot.idle and not slot.is_fast)
        return min(idle, default=None)

    def bury(self, pid: int, status: int) -> WorkerSlot | None:
        """Take the worker `pid`, which has ended, out of the pool and start another; None if it is none.

        Raises StoreError when new workers keep failing before they can serve.
        Being killed from outside (`status`, as waitpid tells it) is no failure of the store.
        """
        slot = self._slots.pop(pid, None)
        if slot is None:
            return None
        self.ended[slot.reason(status)] += 1
        self._events.forget(slot.control)
        if not slot.ready and not os.WIFSIGNALED(status):
            self._failed_starts += 1
        slot.close()
        if self._failed_starts > _MOST_FAILED_STARTS:
            raise StoreError(
                f"Query workers cannot open the store {self._task.store}; the reason stands above. "
                "Start again, or name another store with --store."
            )
        self._fill()
        return slot

    def kill_all(self) -> list[int]:
        """End every worker; returns their process numbers, to be waited for."""
        for slot in self:
            slot.kill("cancelled")
        return list(self._slots)

    def count_running(self, lane: Lane) -> int:
        """Queries of `lane` that run now, those set aside among them."""
        return sum(slot.lease is not None and slot.lease.lane == lane for slot in self)

    def _running(self, lane: Lane) -> int:
        aside = lane in ("heavy", "long")
        return sum(
            slot.lease is not None
            and slot.lease.lane == lane
            # What streams to a slow client from a worker set aside takes nobody's place.
            and (aside or slot.is_fast)
            for slot in self
        )

    def _fill(self) -> None:
        while sum(slot.is_fast for slot in self) < self._settings.workers:
            self._start()

    def _start(self) -> WorkerSlot:
        slot = WorkerSlot(self._task)
        slot.idle_since = time.monotonic()
        self._slots[slot.pid] = slot
        self._events.watch(slot.control, lambda: self._on_control(slot))
        self._refresh(slot)
        return slot

    def _refresh(self, slot: WorkerSlot) -> None:
        """Order one worker to the newest generation; it obeys before its next query."""
        try:
            slot.open(self._number)
        except ChannelClosedError:
            # It has died; its death is dealt with where it is reaped.
            return

    def _on_control(self, slot: WorkerSlot) -> None:
        try:
            for frame in slot.control.ready():
                message = frame.message()
                if message.get("event") == "ready":
                    slot.exempt(float(str(message["processor"])))
                    slot.ready = True
                    if slot.lease is None:
                        slot.rest()
                        slot.idle_since = time.monotonic()
                    self._failed_starts = 0
                    self._on_idle()
                elif message.get("event") == "damaged":
                    self._on_damage(int(str(message["number"])), str(message["reason"]))
        except ChannelClosedError:
            self._events.forget(slot.control)
