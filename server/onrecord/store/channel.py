"""Frames between our processes: over Unix stream sockets, with descriptors beside them.

A frame is a length (4 bytes, network order), a kind (1 byte) and a payload.
Small control messages are JSON objects of kind `MESSAGE`; the data of an
answer travels as it is, in frames of kind `DATA`. A file descriptor may ride
on a message (SCM_RIGHTS), whose kind on the wire then tells so: one call of
the kernel may bring several messages and the descriptors of some of them.
"""

from __future__ import annotations

import array
import json
import os
import select
import socket
import struct
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MESSAGE = b"M"
DATA = b"D"

_WITH_DESCRIPTOR = b"F"
_HEADER = struct.Struct("!Ic")
_LEAST_READ, _MOST_READ = 1 << 13, 1 << 18
"""Bytes asked for at once: few at first, since the kernel is given a buffer of that size each time."""
_FD_SIZE = array.array("i").itemsize
_ROOM_FOR_DESCRIPTORS = socket.CMSG_SPACE(4 * _FD_SIZE)


@dataclass(frozen=True)
class Frame:
    kind: bytes
    payload: bytes
    fd: int | None = None

    def message(self) -> dict[str, object]:
        """The JSON object of a control message."""
        loaded = json.loads(self.payload)
        if not isinstance(loaded, dict):
            raise ValueError("a control message must be a JSON object")
        return loaded


class ChannelClosedError(Exception):
    """The other side has gone. Never leaves the package boundary: callers turn it into their error."""


class Channel:
    """One end of a framed socket. Used by one thread at a time; `shut` may come from any."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._buffer = bytearray()
        self._descriptors: deque[int] = deque()
        self._room = _LEAST_READ

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, kind: bytes, payload: bytes, fd: int | None = None) -> None:
        """Send one frame, all of it. Raises ChannelClosedError."""
        self._send(_HEADER.pack(len(payload), kind if fd is None else _WITH_DESCRIPTOR) + payload, fd)

    def send_frames(self, frames: Sequence[tuple[bytes, bytes]]) -> None:
        """Send several frames, (kind, payload) each, with as few calls of the kernel as it takes."""
        parts = (part for kind, payload in frames for part in (_HEADER.pack(len(payload), kind), payload))
        self._send(b"".join(parts), None)

    def _send(self, data: bytes, fd: int | None) -> None:
        try:
            if fd is not None:
                sent = socket.send_fds(self._socket, [data], [fd])
                data = data[sent:]
                if not data:
                    # To send nothing fails where the other side took the message and has gone. Whoever sent
                    # it would believe that it never arrived, and that nobody asked the worker it lent.
                    return
            self._socket.sendall(data)
        except OSError as error:
            raise ChannelClosedError(str(error)) from error

    def send_message(self, message: dict[str, object], fd: int | None = None) -> None:
        self.send(MESSAGE, json.dumps(message).encode(), fd)

    def receive(self) -> Frame:
        """The next frame; waits for it. Raises ChannelClosedError at the end of the stream."""
        while True:
            frame = self._take()
            if frame is not None:
                return frame
            self._fill(0)

    def receive_message(self) -> tuple[dict[str, object], int | None]:
        """The next control message and the descriptor that came with it, if any."""
        frame = self.receive()
        return frame.message(), frame.fd

    def ready(self) -> Iterator[Frame]:
        """The frames that have arrived, without waiting. Raises ChannelClosedError after the last."""
        closed: ChannelClosedError | None = None
        try:
            while self._fill(socket.MSG_DONTWAIT):
                pass
        except ChannelClosedError as error:
            closed = error
        while (frame := self._take()) is not None:
            yield frame
        if closed is not None:
            raise closed

    def take_ready(self) -> list[Frame]:
        """The frames that one look at the socket brings, without waiting; what is left, the next look does.

        Raises ChannelClosedError at the end of the stream.
        """
        self._fill(socket.MSG_DONTWAIT)
        found = []
        while (frame := self._take()) is not None:
            found.append(frame)
        return found

    def has_more(self, seconds: float = 0.0) -> bool:
        """Whether something has arrived that `receive` did not return yet, or the other side has gone.

        Waits for it at most `seconds`.
        """
        return bool(self._buffer) or bool(select.select([self._socket], [], [], seconds)[0])

    def shut(self) -> None:
        """End both directions, so that whoever waits on either side wakes; the descriptor stays."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        while self._descriptors:
            os.close(self._descriptors.popleft())
        self._socket.close()

    def _fill(self, flags: int) -> bool:
        try:
            data, ancillary, _, _ = self._socket.recvmsg(self._room, _ROOM_FOR_DESCRIPTORS, flags)
        except BlockingIOError:
            return False
        except OSError as error:
            raise ChannelClosedError(str(error)) from error
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                received = array.array("i")
                received.frombytes(content[: len(content) - len(content) % _FD_SIZE])
                self._descriptors.extend(received)
        if not data:
            raise ChannelClosedError("end of stream")
        self._buffer += data
        # A stream fills the buffer, a look-up does not.
        self._room = min(2 * self._room, _MOST_READ) if len(data) == self._room else _LEAST_READ
        return True

    def _take(self) -> Frame | None:
        if len(self._buffer) < _HEADER.size:
            return None
        length, kind = _HEADER.unpack_from(self._buffer)
        end = _HEADER.size + length
        if len(self._buffer) < end:
            return None
        payload = bytes(self._buffer[_HEADER.size : end])
        del self._buffer[:end]
        # A descriptor only ever rides on a message, and at most one on each.
        if kind == _WITH_DESCRIPTOR:
            if not self._descriptors:
                # The kernel drops what there is no room for; the message alone would mean another worker.
                raise ChannelClosedError("a descriptor did not arrive")
            return Frame(MESSAGE, payload, self._descriptors.popleft())
        return Frame(kind, payload)


def channel_pair() -> tuple[Channel, Channel]:
    """Two ends of one connection between a process and its child."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    return Channel(left), Channel(right)
