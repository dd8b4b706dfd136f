"""What `onrecord serve --engine` runs in place of a supervisor: the web fronts, and no store."""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType

from onrecord.errors import OnrecordError
from onrecord.store.state import StateDirectory
from onrecord.supervision.counters import add_up
from onrecord.supervision.rates import Recent
from onrecord.supervision.stopping import StoppingMark, tell_patience
from onrecord.supervision.supervisor import Plan

_LOG = logging.getLogger("onrecord")
_GRACE_SECONDS = 5.0
_TICK = 0.1
_PROBE_SECONDS = 0.05


class RemoteHost:
    """Serves from `run` until a signal ends it. `on_ready` is called once, when pages are answered."""

    def __init__(self, plan: Plan, on_ready: Callable[[], None]) -> None:
        self._plan = plan
        self._on_ready = on_ready
        self._state = StateDirectory(plan.store)
        self._front: subprocess.Popen[bytes] | None = None
        self._ends = Recent()
        self._is_ready = False
        self._ending = False
        self._stop_at: float | None = None
        self._stopping = StoppingMark(plan.runtime, create=True)

    def run(self) -> None:
        """Raises StoreLockedError when another server has the state directory, and OnrecordError
        when the web server does not stay up."""
        self._state.lock()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        front = self._start()
        try:
            while not self._ending and not self._has_stopped():
                self._is_ready = self._is_ready or self._announce_when_reachable()
                try:
                    front.wait(_TICK if self._is_ready else _PROBE_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
                if self._ending or self._stop_at is not None:
                    return
                if not self._is_ready or self._ends.too_many():
                    raise OnrecordError("The web server ended unexpectedly.")
                _LOG.warning("The web server ended unexpectedly and is started again.")
                front = self._start()
        finally:
            self._stop()

    def _has_stopped(self) -> bool:
        """Whether the server was asked to end and nobody waits for an answer, or has waited enough."""
        if self._stop_at is None:
            return False
        return not self._is_busy() or time.monotonic() >= self._stop_at

    def _is_busy(self) -> bool:
        return add_up(self._plan.runtime).under_way > 0

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own: Control-C reaches this process alone, which ends the front gracefully.
        self._front = subprocess.Popen(
            self._plan.front, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
        )
        return self._front

    def _end(self, number: int, frame: FrameType | None) -> None:
        """Take nothing new and let what runs end; at once when asked again or nobody is served."""
        if self._stop_at is not None or not self._is_ready:
            self._ending = True
            return
        self._stopping.set()
        seconds = self._plan.settings.stop_timeout
        self._stop_at = time.monotonic() + seconds
        if self._is_busy():
            _LOG.info(tell_patience(seconds))

    def _announce_when_reachable(self) -> bool:
        settings = self._plan.settings
        try:
            socket.create_connection((settings.host, settings.port), timeout=_PROBE_SECONDS).close()
        except OSError:
            time.sleep(_PROBE_SECONDS)
            return False
        self._on_ready()
        return True

    def _stop(self) -> None:
        front = self._front
        if front is None or front.poll() is not None:
            return
        front.terminate()
        try:
            front.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            front.kill()
            front.wait()
