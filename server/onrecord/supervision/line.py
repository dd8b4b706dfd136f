"""One end of a framed socket as an event loop reads it."""

from __future__ import annotations

import asyncio
import socket
from collections import deque

from onrecord.store.channel import Channel, ChannelClosedError, Frame


class Line:
    """One end of a framed socket, read when the loop says that there is something."""

    def __init__(self, sock: socket.socket) -> None:
        self._channel = Channel(sock)
        self._loop = asyncio.get_running_loop()
        self._fd = sock.fileno()
        self._frames: deque[Frame] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._is_watched = False
        self.kept: Line | None = None
        """The one to the worker that was lent last over this one: it is lent again without a descriptor."""

    def send(self, message: dict[str, object]) -> None:
        """Raises ChannelClosedError."""
        self._channel.send_message(message)

    async def receive(self) -> Frame:
        """The next frame. Raises ChannelClosedError at the end of the stream."""
        while not self._frames:
            if self._ended:
                raise ChannelClosedError("end of stream")
            if not self._is_watched:
                self._loop.add_reader(self._fd, self._read)
                self._is_watched = True
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._frames.popleft()

    def end(self) -> None:
        """Wake whoever waits for a frame: there will be none."""
        self._ended = True
        self._wake()

    def close(self) -> None:
        self.end()
        if self._is_watched:
            self._loop.remove_reader(self._fd)
            self._is_watched = False
        self._channel.close()
        if self.kept is not None:
            self.kept.close()
            self.kept = None

    def _read(self) -> None:
        if self._waiter is None:
            # Nobody wants more now: what the other side sends stays there.
            self._loop.remove_reader(self._fd)
            self._is_watched = False
            return
        try:
            self._frames.extend(self._channel.take_ready())
        except ChannelClosedError:
            self._ended = True
        if self._frames or self._ended:
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
