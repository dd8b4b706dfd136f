"""The process that wakes pinned generations and lays others to rest, as the supervisor sees it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from onrecord.errors import StoreError, encode_error
from onrecord.store.channel import Channel, ChannelClosedError, channel_pair
from onrecord.store.process import fork_child
from onrecord.store.resting import run_keeper
from onrecord.supervision.desk import Connection
from onrecord.supervision.events import Events

TEND_SECONDS = 3_600.0
_TEND = 0
"""The number that wakes nothing: pins are looked through in any case."""


class Keeper:
    """Starts the process when somebody asks for a generation at rest, and each hour where there are pins."""

    def __init__(self, store: Path, events: Events) -> None:
        self._store = store
        self._events = events
        self._process: tuple[Channel, int] | None = None
        self._waiting: dict[int, list[Connection]] = {}
        self._tended = time.monotonic()

    def wake(self, number: int, connection: Connection) -> None:
        """Have a pinned generation opened again; `connection` is told when it is, or why it cannot be."""
        asked = self._waiting.setdefault(number, [])
        asked.append(connection)
        if len(asked) == 1:
            self._send(number)

    def tend(self) -> None:
        """To be called now and then."""
        if time.monotonic() - self._tended < TEND_SECONDS:
            return
        self._tended = time.monotonic()
        if any((self._store / "pins").glob("*/pin.json")):
            self._send(_TEND)

    def stop(self) -> None:
        if self._process is not None:
            channel, pid = self._process
            self._process = None
            self._events.forget(channel)
            channel.close()
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                return

    def _send(self, number: int) -> None:
        if self._process is None:
            ours, theirs = channel_pair()
            pid = fork_child(frozenset({theirs.fileno()}), lambda: run_keeper(self._store, theirs))
            theirs.close()
            self._process = ours, pid
            self._events.watch(ours, lambda: self._read(ours))
        try:
            self._process[0].send_message({"wake": number})
        except ChannelClosedError:
            # Its end is dealt with where its channel is read.
            return

    def _read(self, channel: Channel) -> None:
        try:
            for frame in channel.ready():
                message = frame.message()
                self._answer(int(str(message["wake"])), str(message.get("error", "")))
        except ChannelClosedError:
            self._events.forget(channel)
            channel.close()
            self._process = None
            for number in list(self._waiting):
                self._answer(
                    number, f"Generation {number} cannot be opened again: the process that does it ended."
                )

    def _answer(self, number: int, error: str) -> None:
        for connection in self._waiting.pop(number, ()):
            if error:
                connection.tell({"error": encode_error(StoreError(error))})
            else:
                connection.tell({"woken": number})
