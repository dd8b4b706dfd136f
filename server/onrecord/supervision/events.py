"""The supervisor's one loop: what to call when a descriptor can be read or a signal came."""

from __future__ import annotations

import selectors
import signal
import socket
from collections.abc import Callable
from typing import Protocol


class Watched(Protocol):
    def fileno(self) -> int: ...


_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class Events:
    """Descriptors and signals of a single-threaded process."""

    def __init__(self, on_signals: Callable[[frozenset[int]], None]) -> None:
        self._selector = selectors.DefaultSelector()
        self._on_signals = on_signals
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, lambda number, frame: None)
        self.watch(self._wake, self._take_signals)

    def watch(self, watched: Watched, handler: Callable[[], None]) -> None:
        self._selector.register(watched.fileno(), selectors.EVENT_READ, handler)

    def forget(self, watched: Watched) -> None:
        """Stop watching; harmless for what is not watched."""
        fd = watched.fileno()
        if fd >= 0 and fd in self._selector.get_map():
            self._selector.unregister(fd)

    def wait(self, seconds: float) -> bool:
        """Handle what comes first within `seconds`; whether anything came."""
        found = self._selector.select(seconds)
        for key, _ in found:
            # A handler before this one may have closed the descriptor, and its number may be another's.
            if self._selector.get_map().get(key.fd) is key:
                key.data()
        return bool(found)

    def stop_signals(self) -> None:
        """From here on signals are ignored: a second Control-C must not leave children behind."""
        signal.set_wakeup_fd(-1)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else signal.SIG_IGN)

    def _take_signals(self) -> None:
        try:
            self._on_signals(frozenset(self._wake.recv(4096)))
        except BlockingIOError:
            return
