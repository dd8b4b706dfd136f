"""Worker slots: a query worker as the supervisor sees it, through all its states."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Literal

from onrecord.config import Settings
from onrecord.errors import (
    OnrecordError,
    QueryCancelledError,
    QueryCrashError,
    QueryMemoryError,
    QueryTimeoutError,
)
from onrecord.store.channel import channel_pair
from onrecord.store.gate import Gate
from onrecord.store.process import Stopwatch, cpu_seconds, fork_child, resident_bytes
from onrecord.store.worker import WorkerTask, run_worker
from onrecord.supervision.lanes import Asked, Lane

EndReason = Literal["timeout", "cancelled", "stalled", "killed", "overran", "retired", "crowded"]


@dataclass
class Lease:
    """A worker lent for one query; times on the monotonic clock.

    `processor` is the worker's processor time when it was lent, `quantum` the
    processor time after which the query has overrun, `check_at` when to look
    next. `charged` was charged to its sender beforehand.
    """

    holder: object
    number: int
    asked: Asked
    lane: Lane
    started: float
    deadline: float
    processor: float
    quantum: float | None
    check_at: float
    charged: float = 0.0
    has_overrun: bool = False


class WorkerSlot:
    """One query worker: starting, idle, leased or ended."""

    _made = 0

    def __init__(self, task: WorkerTask) -> None:
        self.stopwatch = Stopwatch()
        self.gate = Gate()
        self.control, worker_control = channel_pair()
        self.data, worker_data = channel_pair()
        self.pid = fork_child(
            frozenset({worker_control.fileno(), worker_data.fileno()}),
            lambda: run_worker(task, worker_control, worker_data, self.stopwatch, self.gate),
        )
        worker_control.close()
        worker_data.close()
        WorkerSlot._made += 1
        self.serial = WorkerSlot._made
        """Its number among all workers; unlike that of a process it never returns."""
        self.number = 0
        """The generation that the worker was told to open."""
        self.ready = False
        self.priority = 0
        """The kernel's nice value; what was raised cannot be lowered again."""
        self.idle_since = 0.0
        self.rest_bytes = 0
        """Memory that it held when it last rested."""
        self.lease: Lease | None = None
        self.end_reason: EndReason | None = None

    @property
    def idle(self) -> bool:
        return self.ready and self.lease is None and self.end_reason is None

    def open(self, number: int) -> None:
        """Order the worker to open a generation; it obeys before the next query."""
        if number != self.number:
            self.number = number
            self.control.send_message({"number": number})

    @property
    def is_fast(self) -> bool:
        """Whether it serves the quick and unknown lanes."""
        return self.priority == 0 and self.end_reason is None

    def lower(self, priority: int) -> None:
        """Let the kernel prefer others to this worker, for the rest of its life."""
        self.priority = priority
        try:
            os.setpriority(os.PRIO_PROCESS, self.pid, priority)
        except OSError:
            # It has died; its death is dealt with where it is reaped.
            return

    def processor_time(self, now: float) -> float:
        """Seconds of processor time that the worker has used in its life, or an upper bound."""
        used = cpu_seconds(self.pid)
        if used is not None:
            return used
        # Where the system does not tell: the time it has worked on its query.
        return now - self.lease.started - self.stopwatch.read(now)[0] if self.lease is not None else 0.0

    def rest(self) -> None:
        """What it holds now is not of a query."""
        self.rest_bytes = resident_bytes(self.pid)

    def taken_bytes(self) -> int:
        """Memory that it has taken since it last rested."""
        return max(0, resident_bytes(self.pid) - self.rest_bytes)

    def exempt(self, processor: float) -> None:
        """Do not charge the query that was leased meanwhile for what opening a generation took.

        `processor` is the worker's processor time, in seconds, when it had opened it.
        """
        if self.lease is not None:
            self.lease.processor = max(self.lease.processor, processor)

    def kill(self, reason: EndReason) -> None:
        if self.end_reason is None:
            self.end_reason = reason
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self.control.close()
        self.data.close()
        self.stopwatch.close()
        self.gate.close()

    def reason(self, status: int) -> str:
        """Why an ended worker ended, in a word; `status` is that of waitpid."""
        if self.end_reason is not None:
            return self.end_reason
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGABRT, signal.SIGKILL):
            return "memory"
        return "crash"

    def cause(self, status: int, settings: Settings) -> OnrecordError:
        """Why the query of an ended worker has no answer; `status` is that of waitpid."""
        limit, memory = settings.query_timeout, settings.query_memory
        if self.end_reason == "crowded":
            return QueryMemoryError(
                "The queries that run here needed more than the "
                f"{settings.total_memory} MB of memory that they may take together, and this one was the "
                "largest of whoever took most. Ask for less, or try again in a moment."
            )
        if self.end_reason == "timeout":
            return QueryTimeoutError(
                f"The query ran into the time limit of {limit:g} seconds. "
                "Ask for less (LIMIT, a more selective pattern), "
                "or raise --query-timeout on a server of your own."
            )
        if self.end_reason == "stalled":
            return QueryCancelledError("The query was stopped because its client took nothing for too long.")
        if self.end_reason == "killed":
            return QueryCancelledError("The query was stopped by an operator of this server.")
        if self.end_reason in ("cancelled", "retired"):
            return QueryCancelledError("The query was stopped.")
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGABRT, signal.SIGKILL):
            return QueryMemoryError(
                f"The query ran into the memory limit of {memory} MB, probably. "
                "Ask for less, or raise --query-memory on a server of your own."
            )
        return QueryCrashError(
            "The engine ended while it ran this query; other queries are unharmed. "
            "Simplify the query: nested groups, long lists or long paths can be too much for it."
        )
