"""The supervisor: one thread, one loop, no store.

It owns the web fronts, and through their desks the writer, the query workers
and the background process; it lends workers to whoever asks over its Unix
socket, and ends those that overstay.
"""

from __future__ import annotations

import logging
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from onrecord.config import Settings
from onrecord.errors import OnrecordError, StoreError, UnavailableError, encode_error
from onrecord.logs import LOGGER
from onrecord.store.records import Derived, GenerationRecord
from onrecord.store.state import StateDirectory
from onrecord.store.worker import WorkerTask
from onrecord.supervision.background import Background
from onrecord.supervision.connection import Connection
from onrecord.supervision.counters import add_up
from onrecord.supervision.desk import LeaseDesk
from onrecord.supervision.events import Events
from onrecord.supervision.keeping import Keeper
from onrecord.supervision.pool import WorkerPool
from onrecord.supervision.rates import Recent
from onrecord.supervision.rebuilds import Rebuilds
from onrecord.supervision.stopping import StoppingMark, tell_patience
from onrecord.supervision.writing import WRITES, WritingDesk

_LOG = logging.getLogger(LOGGER)

_TICK = 0.5
_STOPPING_TICK = 0.05
_TEND_SECONDS = 0.01
"""So often at most is looked at what falls due, however much comes meanwhile."""
_GRACE_SECONDS = 5.0
_HURRY_SECONDS = 0.5
_PROBE_SECONDS = 0.02

GENERATION_PAGE = struct.Struct("!32sQ")
"""UUID (hexadecimal) and number of the newest generation, as the fronts map it."""

STORE_NOTE = "store"
"""The file in the runtime directory that tells clients where the store lies."""


Announce = Callable[[GenerationRecord, Derived], None]


@dataclass(frozen=True)
class Plan:
    """What a supervisor runs.

    `runtime` is a private directory for its socket. `front` is the command
    that starts the web fronts, empty for an engine without a web server. With
    `read_only` the store may be held by another process.
    """

    settings: Settings
    store: Path
    folder: Path | None
    runtime: Path
    front: tuple[str, ...] = ()
    read_only: bool = False


class Supervisor:
    """Serves from `run` until a signal ends it.

    `on_ready` is called once, when queries (and web pages, with a front) are answered.
    """

    def __init__(
        self,
        plan: Plan,
        on_ready: Announce,
        on_progress: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._plan = plan
        self._on_ready: Announce | None = on_ready
        self._on_progress = on_progress
        self._state = StateDirectory(plan.store)
        self._events = Events(self._on_signals)
        task = WorkerTask(plan.store, plan.settings.union_default_graph, plan.settings.query_memory << 20)
        self._pool = WorkerPool(task, plan.settings, self._events, self._on_idle, self._on_damage)
        self._desk = LeaseDesk(
            plan.runtime / "supervisor.sock", plan.settings, self._events, self._pool, self._on_request
        )
        self._page = _shared_page(plan.runtime / "generation")
        self._stopping = StoppingMark(plan.runtime, create=True)
        (plan.runtime / STORE_NOTE).write_text(str(plan.store))
        self._record: GenerationRecord | None = None
        self._front: subprocess.Popen[bytes] | None = None
        self._front_listens = False
        self._front_ends = Recent()
        self._fronts_replaced = 0
        self._writing = WritingDesk(
            plan.store, plan.folder, plan.settings, self._events, self, read_only=plan.read_only
        )
        self._rebuilds = Rebuilds(self._writing.ask_for_rebuild)
        self._background = Background(
            plan.store, plan.settings.union_default_graph, self._events, self._on_damage
        )
        self._keeper = Keeper(plan.store, self._events)
        self._started = time.monotonic()
        self._ending = False
        self._stop_at: float | None = None
        """When what still runs is ended, once the server is to stop."""
        self._failure: OnrecordError | None = None

    def run(self) -> None:
        """Serve until a signal ends it. Raises the OnrecordError that made it impossible to go on."""
        # The writer's first event tells of its own start: a rebuild asked for meanwhile comes after it.
        self._rebuilds.start()
        self._writing.start()
        try:
            patience, tend_at = self._patience(), 0.0
            while not self._ending:
                came = self._events.wait(patience)
                if came and (left := tend_at - time.monotonic()) > 0:
                    # Look-ups come more often than anything falls due.
                    patience = left
                    continue
                if self._front_listens and self._on_ready is not None:
                    self._announce_when_reachable()
                self._desk.end_overdue()
                self._writing.end_overdue()
                self._keeper.tend()
                self._background.tend()
                if self._stop_at is not None and (self._is_idle() or time.monotonic() >= self._stop_at):
                    self._ending = True
                patience = self._patience()
                tend_at = time.monotonic() + min(patience, _TEND_SECONDS)
        finally:
            self._stop()
        if self._failure is not None:
            raise self._failure

    def _stop(self) -> None:
        self._events.stop_signals()
        if self._front is not None and self._front.poll() is None:
            self._front.terminate()
            try:
                self._front.wait(_GRACE_SECONDS if self._is_idle() else _HURRY_SECONDS)
            except subprocess.TimeoutExpired:
                # It leads a session of its own: its workers end with it.
                os.killpg(self._front.pid, signal.SIGKILL)
                self._front.wait()
        for pid in self._pool.kill_all():
            os.waitpid(pid, 0)
        self._background.stop()
        self._keeper.stop()
        self._writing.stop(_GRACE_SECONDS)

    def _fail(self, error: OnrecordError) -> None:
        self._failure = error
        self._ending = True

    def _patience(self) -> float:
        if self._front_listens and self._on_ready is not None:
            return _PROBE_SECONDS
        told = (self._desk.next_deadline(), self._writing.next_deadline())
        deadlines = [d for d in told if d is not None]
        tick = _TICK if self._stop_at is None else _STOPPING_TICK
        return min(tick, max(0.0, min(deadlines) - time.monotonic())) if deadlines else tick

    # -- what happens --------------------------------------------------------------------------

    def _on_signals(self, numbers: frozenset[int]) -> None:
        if signal.SIGCHLD in numbers:
            self._reap()
        if numbers & {signal.SIGTERM, signal.SIGINT}:
            self._begin_to_stop()
        if signal.SIGHUP in numbers:
            self._rebuilds.ask()

    def _begin_to_stop(self) -> None:
        """Take nothing new and let what runs end; at once when asked again or nobody is served."""
        if self._stop_at is not None or self._on_ready is not None or not self._plan.front:
            self._ending = True
            return
        self._stopping.set()
        seconds = self._plan.settings.stop_timeout
        self._stop_at = time.monotonic() + seconds
        if not self._is_idle():
            _LOG.info(tell_patience(seconds))

    def _is_idle(self) -> bool:
        """Whether nobody waits for an answer."""
        under_way = add_up(self._plan.runtime).under_way if self._plan.front else 0
        return not under_way and self._desk.is_idle and self._writing.is_idle

    def _on_idle(self) -> None:
        if self._plan.front and self._front is None:
            self._start_front()
        elif not self._plan.front:
            self._announce()
        self._desk.lend()

    def _on_damage(self, number: int, reason: str) -> None:
        """Somebody found files of generation `number` spoiled."""
        self._writing.mend(number, reason)

    def _on_request(self, connection: Connection, op: str) -> None:
        if op == "status":
            connection.tell(self._status())
        elif self._stop_at is not None and op in ("load", "rebuild"):
            stopping = UnavailableError("This server is being stopped. Try again when it has started.")
            connection.tell({"error": encode_error(stopping)})
        elif op == "hello":
            self._front_listens = True
        elif op == "rebuild":
            self._rebuilds.ask(connection)
        elif op == "wake" and connection.request is not None:
            self._keeper.wake(int(str(connection.request.message()["number"])), connection)
        elif op == "pinned":
            self._background.look()
            connection.tell({"seen": True})
        elif op in WRITES and connection.request is not None:
            self._writing.submit(connection, connection.request.message(), connection.request.fd)

    def _start_front(self) -> None:
        # A session of its own: Control-C reaches the supervisor alone, which ends the front gracefully.
        self._front = subprocess.Popen(
            self._plan.front, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
        )

    def _replace_front(self) -> None:
        if self._on_ready is not None or self._front_ends.too_many():
            self._fail(OnrecordError("The web server ended unexpectedly."))
            return
        _LOG.warning("The web server ended unexpectedly and is started again.")
        self._fronts_replaced += 1
        self._start_front()

    def _announce_when_reachable(self) -> None:
        """A front says hello when its application stands, a moment before it accepts connections."""
        settings = self._plan.settings
        try:
            socket.create_connection((settings.host, settings.port), timeout=_PROBE_SECONDS).close()
        except OSError:
            return
        self._announce()

    def _announce(self) -> None:
        if self._on_ready is not None and self._record is not None:
            on_ready, self._on_ready = self._on_ready, None
            on_ready(self._record, self._derived())

    # -- what comes of writes and builds ---------------------------------------------------------

    def adopt(self, number: int) -> bool:
        """Serve generation `number` from now on; False when its record cannot be read."""
        record = self._state.record(number)
        if record is None:
            self.fail_writer(StoreError(f"Generation {number} cannot be read."))
            return False
        self._record = record
        GENERATION_PAGE.pack_into(self._page, 0, record.uuid.encode(), record.number)
        self._pool.open(number)
        self._background.derive(number)
        return True

    def adopt_build(self, number: int) -> None:
        """Serve what the writer built, and tell those who asked for it."""
        if self.adopt(number):
            assert self._record is not None
            self._rebuilds.answer({"number": number, "warnings": self._record.warnings})

    def fail_writer(self, error: OnrecordError) -> None:
        """Tell those who wait for a build why there is none; without any generation, end."""
        if self._record is None:
            self._fail(error)
        elif not self._rebuilds.are_asked:
            _LOG.warning(error.detail)
        self._rebuilds.answer({"error": encode_error(error)})

    def restart_writer(self, error: OnrecordError) -> None:
        """Tell of the end of the writer, which starts again."""
        if not self._rebuilds.are_asked:
            _LOG.warning(error.detail)
        self._rebuilds.restart({"error": encode_error(error)})

    def end(self, error: OnrecordError) -> None:
        """Stop serving, because of `error`."""
        self._fail(error)

    def tell_progress(self, text: str) -> None:
        self._on_progress(text)

    def generation_number(self) -> int:
        """The number of the generation that is served; 0 before the first."""
        return self._record.number if self._record is not None else 0

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if self._front is not None and pid == self._front.pid:
                self._front.returncode = os.waitstatus_to_exitcode(status)
                self._replace_front()
                continue
            try:
                slot = self._pool.bury(pid, status)
            except StoreError as error:
                self._fail(error)
                return
            if slot is not None:
                self._desk.settle_death(slot, status)

    def _status(self) -> dict[str, object]:
        if self._record is None:
            return {"error": encode_error(UnavailableError("The store is still being built."))}
        derived, damage = self._derived(), self._writing.damage_of(self._record.number)
        return {
            "uuid": self._record.uuid,
            "number": self._record.number,
            "published": self._record.published,
            "graphs": derived.graphs,
            "repeated": max(0, self._record.repeated),
            "classes": derived.classes,
            "properties": derived.properties,
            "links": derived.links,
            "counted": derived.number,
            "named": self._background.named(self._record.number),
            "warnings": [*self._record.warnings, *([damage] if damage else [])],
            "workers": len(self._pool),
            "busy": sum(1 for slot in self._pool if slot.lease is not None),
            "waiting": self._desk.waiting,
            "uptime": time.monotonic() - self._started,
            "work": {
                **self._desk.describe_work(),
                "writes": self._writing.describe_writes(),
                "fronts_replaced": self._fronts_replaced,
            },
        }

    def _derived(self) -> Derived:
        """What was derived last; of a store that has just been opened it may be nothing."""
        return self._state.derived(self.generation_number()) or Derived(0, {}, {})


def _shared_page(path: Path) -> mmap.mmap:
    """A page of memory that the fronts map by its name."""
    path.write_bytes(bytes(mmap.PAGESIZE))
    fd = os.open(path, os.O_RDWR)
    try:
        return mmap.mmap(fd, mmap.PAGESIZE)
    finally:
        os.close(fd)
