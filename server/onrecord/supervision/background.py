"""The background process as the supervisor sees it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from onrecord.store.background import run_background
from onrecord.store.channel import Channel, ChannelClosedError, channel_pair
from onrecord.store.process import fork_child
from onrecord.store.state import StateDirectory
from onrecord.supervision.events import Events
from onrecord.supervision.rates import Recent


class Background:
    """Starts the process when there is something to derive, and again when it ended."""

    def __init__(self, store: Path, events: Events) -> None:
        self._store = store
        self._state = StateDirectory(store)
        self._events = events
        self._process: tuple[Channel, int] | None = None
        self._ends = Recent()
        self._number = 0

    def derive(self, number: int) -> None:
        """Have what is told of generation `number` derived, unless it has been."""
        self._number = number
        derived = self._state.derived_of(number)
        if derived is not None and (derived.content_hash or derived.hash_trouble):
            return
        self.look()

    def look(self) -> None:
        """Have what is missing derived, of the newest generation and of pinned ones."""
        number = self._number
        if self._process is None:
            ours, theirs = channel_pair()
            pid = fork_child(frozenset({theirs.fileno()}), lambda: run_background(self._store, theirs))
            theirs.close()
            self._process = ours, pid
            self._events.watch(ours, lambda: self._read(ours))
        try:
            self._process[0].send_message({"number": number})
        except ChannelClosedError:
            # Its end is dealt with where its channel is read.
            return

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

    def _read(self, channel: Channel) -> None:
        try:
            for _ in channel.ready():
                pass
        except ChannelClosedError:
            self._events.forget(channel)
            channel.close()
            self._process = None
            if not self._ends.too_many():
                self.derive(self._number)
