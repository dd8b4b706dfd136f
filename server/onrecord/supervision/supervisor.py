"""The supervisor: one thread, one loop, no store.

It forks and owns the writer, the query workers and the web fronts; it lends
workers to whoever asks over its Unix socket, and ends those that overstay.
"""

from __future__ import annotations

import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from onrecord.config import Settings
from onrecord.errors import OnrecordError, StoreError, UnavailableError, decode_error, encode_error
from onrecord.store.channel import Channel, ChannelClosedError, channel_pair
from onrecord.store.process import fork_child
from onrecord.store.state import GenerationRecord, StateDirectory
from onrecord.store.worker import WorkerTask
from onrecord.store.writer import WriterTask, run_writer
from onrecord.supervision.desk import Connection, LeaseDesk
from onrecord.supervision.events import Events
from onrecord.supervision.pool import WorkerPool

_TICK = 0.5
_GRACE_SECONDS = 5.0
_PROBE_SECONDS = 0.02
_MOST_ENDS_A_MINUTE = 10

GENERATION_PAGE = struct.Struct("!32sQ")
"""UUID (hexadecimal) and number of the newest generation, as the fronts map it."""


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


class _Recent:
    """Counts what should be rare, over the last minute."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_MOST_ENDS_A_MINUTE)

    def too_many(self) -> bool:
        """Count one more; whether that makes more than are borne."""
        now = time.monotonic()
        full = len(self._times) == _MOST_ENDS_A_MINUTE and now - self._times[0] < 60
        self._times.append(now)
        return full


class Supervisor:
    """Serves from `run` until a signal ends it.

    `on_ready` is called once, when queries (and web pages, with a front) are answered.
    """

    def __init__(
        self,
        plan: Plan,
        on_ready: Callable[[GenerationRecord], None],
        on_progress: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._plan = plan
        self._on_ready: Callable[[GenerationRecord], None] | None = on_ready
        self._on_progress = on_progress
        self._state = StateDirectory(plan.store)
        self._events = Events(self._on_signals)
        self._desk = LeaseDesk(
            plan.runtime / "supervisor.sock", plan.settings, self._events, self._on_request
        )
        task = WorkerTask(plan.store, plan.settings.union_default_graph, plan.settings.query_memory << 20)
        self._pool = self._desk.pool = WorkerPool(task, plan.settings, self._events, self._on_idle)
        self._page = _shared_page(plan.runtime / "generation")
        self._record: GenerationRecord | None = None
        self._rebuild_askers: list[Connection] = []
        self._rebuild_running = False
        self._next_rebuild: list[Connection] | None = None
        self._front: subprocess.Popen[bytes] | None = None
        self._front_listens = False
        self._writer_ends = _Recent()
        self._front_ends = _Recent()
        self._started = time.monotonic()
        self._ending = False
        self._failure: OnrecordError | None = None

    def run(self) -> None:
        """Serve until a signal ends it. Raises the OnrecordError that made it impossible to go on."""
        self._start_writer()
        try:
            while not self._ending:
                self._events.wait(self._patience())
                if self._front_listens and self._on_ready is not None:
                    self._announce_when_reachable()
                self._pool.end_overdue()
                self._desk.refuse_overdue()
        finally:
            self._stop()
        if self._failure is not None:
            raise self._failure

    def _start_writer(self) -> None:
        """Its first event tells of its own start, so that a rebuild asked for meanwhile comes after it."""
        self._writer, self._writer_pid = self._fork_writer()
        self._events.watch(self._writer, self._on_writer)
        self._rebuild_running = True

    def _fork_writer(self) -> tuple[Channel, int]:
        plan = self._plan
        ours, theirs = channel_pair()
        task = WriterTask(plan.store, plan.folder, plan.read_only)
        pid = fork_child(frozenset({theirs.fileno()}), lambda: run_writer(task, theirs))
        theirs.close()
        return ours, pid

    def _stop(self) -> None:
        self._events.stop_signals()
        if self._front is not None and self._front.poll() is None:
            self._front.terminate()
            try:
                self._front.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._front.kill()
                self._front.wait()
        for pid in self._pool.kill_all():
            os.waitpid(pid, 0)
        self._writer.close()
        _wait_for_writer(self._writer_pid)

    def _fail(self, error: OnrecordError) -> None:
        self._failure = error
        self._ending = True

    def _patience(self) -> float:
        if self._front_listens and self._on_ready is not None:
            return _PROBE_SECONDS
        deadlines = [d for d in (self._pool.next_deadline(), self._desk.next_deadline()) if d is not None]
        return min(_TICK, max(0.0, min(deadlines) - time.monotonic())) if deadlines else _TICK

    # -- what happens --------------------------------------------------------------------------

    def _on_signals(self, numbers: frozenset[int]) -> None:
        if signal.SIGCHLD in numbers:
            self._reap()
        if numbers & {signal.SIGTERM, signal.SIGINT}:
            self._ending = True
        if signal.SIGHUP in numbers:
            self._ask_for_rebuild()

    def _on_idle(self) -> None:
        if self._plan.front and self._front is None:
            self._start_front()
        elif not self._plan.front:
            self._announce()
        self._desk.lend()

    def _on_request(self, connection: Connection, op: str) -> None:
        if op == "status":
            connection.tell(self._status())
        elif op == "hello":
            self._front_listens = True
        elif op == "rebuild":
            self._ask_for_rebuild(connection)

    def _on_writer(self) -> None:
        try:
            for frame in self._writer.ready():
                message = frame.message()
                if message["event"] == "progress":
                    self._on_progress(str(message["text"]))
                elif message["event"] == "note":
                    print(f"onrecord: {message['text']}", file=sys.stderr, flush=True)
                elif message["event"] == "published":
                    self._adopt(int(str(message["number"])))
                elif message["event"] == "failed":
                    document = message["error"]
                    assert isinstance(document, dict)
                    self._report_failure(decode_error(document))
        except ChannelClosedError:
            self._events.forget(self._writer)
            self._replace_writer()

    def _start_front(self) -> None:
        # A session of its own: Control-C reaches the supervisor alone, which ends the front gracefully.
        self._front = subprocess.Popen(
            self._plan.front, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
        )

    def _replace_front(self) -> None:
        if self._on_ready is not None or self._front_ends.too_many():
            self._fail(OnrecordError("The web server ended unexpectedly."))
            return
        print("onrecord: The web server ended unexpectedly and is started again.", file=sys.stderr)
        self._start_front()

    def _replace_writer(self) -> None:
        """Readers go on meanwhile: what was published does not need the writer."""
        error = StoreError("The writer ended unexpectedly; nothing published is lost.")
        if self._record is None or self._writer_ends.too_many():
            self._fail(error)
            return
        waiting, self._next_rebuild = self._next_rebuild, None
        self._report_failure(error)
        self._writer.close()
        self._start_writer()
        self._next_rebuild = waiting

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
            on_ready(self._record)

    def _adopt(self, number: int) -> None:
        record = self._state.record(number)
        if record is None:
            self._report_failure(StoreError(f"Generation {number} cannot be read."))
            return
        self._record = record
        GENERATION_PAGE.pack_into(self._page, 0, record.uuid.encode(), record.number)
        self._pool.open(number)
        self._answer_rebuild({"number": number, "warnings": record.warnings})

    def _report_failure(self, error: OnrecordError) -> None:
        if self._record is None:
            self._fail(error)
        elif not self._rebuild_askers:
            print(f"onrecord: {error.detail}", file=sys.stderr, flush=True)
        self._answer_rebuild({"error": encode_error(error)})

    def _ask_for_rebuild(self, *askers: Connection) -> None:
        """Have the writer build again; requests that come meanwhile share one more rebuild."""
        if self._rebuild_running:
            self._next_rebuild = [*(self._next_rebuild or ()), *askers]
            return
        self._rebuild_running = True
        self._rebuild_askers += askers
        try:
            self._writer.send_message({"op": "rebuild"})
        except ChannelClosedError:
            # Its end is dealt with where its channel is read.
            return

    def _answer_rebuild(self, answer: dict[str, object]) -> None:
        for connection in self._rebuild_askers:
            connection.tell(answer)
        self._rebuild_askers.clear()
        self._rebuild_running = False
        if self._next_rebuild is not None:
            askers, self._next_rebuild = self._next_rebuild, None
            self._ask_for_rebuild(*askers)

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
        return {
            "uuid": self._record.uuid,
            "number": self._record.number,
            "published": self._record.published,
            "graphs": self._record.graphs,
            "classes": self._record.classes,
            "warnings": self._record.warnings,
            "workers": len(self._pool),
            "busy": sum(1 for slot in self._pool if slot.lease is not None),
            "waiting": self._desk.waiting,
            "uptime": time.monotonic() - self._started,
        }


def _shared_page(path: Path) -> mmap.mmap:
    """A page of memory that the fronts map by its name."""
    path.write_bytes(bytes(mmap.PAGESIZE))
    fd = os.open(path, os.O_RDWR)
    try:
        return mmap.mmap(fd, mmap.PAGESIZE)
    finally:
        os.close(fd)


def _wait_for_writer(pid: int) -> None:
    """Wait for the writer, which was asked to end; after a while, make it."""
    end = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < end:
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
        except ChildProcessError:
            return
        time.sleep(0.01)
    print("onrecord: The writer did not end and is killed; nothing published is lost.", file=sys.stderr)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
