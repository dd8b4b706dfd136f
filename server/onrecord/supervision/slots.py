"""Worker slots: a query worker as the supervisor sees it, through all its states."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Literal

from onrecord.errors import (
    OnrecordError,
    QueryCancelledError,
    QueryCrashError,
    QueryMemoryError,
    QueryTimeoutError,
)
from onrecord.store.channel import channel_pair
from onrecord.store.process import Stopwatch, fork_child
from onrecord.store.worker import WorkerTask, run_worker

EndReason = Literal["timeout", "cancelled", "stalled"]


@dataclass
class Lease:
    """A worker lent for one query; times on the monotonic clock."""

    holder: object
    started: float
    deadline: float


class WorkerSlot:
    """One query worker: starting, idle, leased or ended."""

    def __init__(self, task: WorkerTask) -> None:
        self.stopwatch = Stopwatch()
        self.control, worker_control = channel_pair()
        self.data, worker_data = channel_pair()
        self.pid = fork_child(
            frozenset({worker_control.fileno(), worker_data.fileno()}),
            lambda: run_worker(task, worker_control, worker_data, self.stopwatch),
        )
        worker_control.close()
        worker_data.close()
        self.number = 0
        """The generation that the worker was told to open."""
        self.ready = False
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

    def kill(self, reason: EndReason) -> None:
        if self.end_reason is None:
            self.end_reason = reason
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self.control.close()
        self.data.close()
        self.stopwatch.close()

    def cause(self, status: int, limit: float, memory: int) -> OnrecordError:
        """Why the query of an ended worker has no answer; `status` is that of waitpid."""
        if self.end_reason == "timeout":
            return QueryTimeoutError(
                f"The query ran into the time limit of {limit:g} seconds. "
                "Ask for less (LIMIT, a more selective pattern), "
                "or raise --query-timeout on a server of your own."
            )
        if self.end_reason == "stalled":
            return QueryCancelledError("The query was stopped because its client took nothing for too long.")
        if self.end_reason == "cancelled":
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
