"""A process of the supervisor beside writer and workers: started when it is needed, asked over a channel."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from onrecord.store.channel import Channel, ChannelClosedError, Frame, channel_pair
from onrecord.store.process import fork_child
from onrecord.supervision.events import Events


class Companion:
    """Runs `work` in a child; tells `on_frame` what it says and `on_end` when it has ended by itself."""

    def __init__(
        self,
        events: Events,
        work: Callable[[Channel], None],
        on_frame: Callable[[Frame], None],
        on_end: Callable[[], None],
    ) -> None:
        self._events = events
        self._work = work
        self._on_frame = on_frame
        self._on_end = on_end
        self._process: tuple[Channel, int] | None = None

    def send(self, message: dict[str, object]) -> None:
        """Send `message`, to a new process if there is none."""
        if self._process is None:
            ours, theirs = channel_pair()
            pid = fork_child(frozenset({theirs.fileno()}), lambda: self._work(theirs))
            theirs.close()
            self._process = ours, pid
            self._events.watch(ours, lambda: self._read(ours))
        try:
            self._process[0].send_message(message)
        except ChannelClosedError:
            # Its end is dealt with where its channel is read.
            return

    def stop(self) -> None:
        """End the process at once, if it runs."""
        if self._process is None:
            return
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
            for frame in channel.ready():
                self._on_frame(frame)
        except ChannelClosedError:
            self._events.forget(channel)
            channel.close()
            self._process = None
            self._on_end()
