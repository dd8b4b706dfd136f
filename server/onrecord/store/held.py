"""The output of a query worker: held back until the outcome is known or enough has come, then streamed."""

from __future__ import annotations

import json

from onrecord.errors import OnrecordError, encode_error
from onrecord.store.channel import DATA, MESSAGE, Channel
from onrecord.store.gate import Gate
from onrecord.store.process import Stopwatch

HELD_BYTES = 1 << 17
"""An answer is held until its end or this size, whichever comes first.

The engine writes it in about 5 ms: a long answer begins to arrive before 20 ms have passed, and what
fails early still fails cleanly.
"""
PIECE_BYTES = 1 << 16
"""The serializer writes 8 KB pieces; joined to this size they cost less to pass on."""


class HeldOutput:
    """A file for the serializer: joins pieces, holds the first part, then streams."""

    def __init__(self, data: Channel, stopwatch: Stopwatch, gate: Gate, lease: object) -> None:
        """`lease` is the number that came with the question: each message of the answer repeats it."""
        self._data = data
        self._lease = lease
        self._stopwatch = stopwatch
        self._gate = gate
        self._released = False
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._threshold = HELD_BYTES
        self.head: dict[str, object] | None = None
        self.size = 0

    def write(self, piece: bytes) -> int:
        data = bytes(piece)
        self._pieces.append(data)
        self._waiting += len(data)
        self.size += len(data)
        if self._waiting >= self._threshold:
            self.release()
        return len(data)

    def flush(self) -> None:
        """The serializer calls this at its end; what is held stays held until `release`."""

    def release(self) -> None:
        """Release the head, if it was still held, and all that has been written."""
        self._send(self._take_held())

    def finish(self, trailer: dict[str, object]) -> None:
        """Release what is held, and tell that the answer is whole."""
        self._send([*self._take_held(), self._message("end", trailer)])

    def fail(self, error: OnrecordError) -> None:
        """Send `error` in place of whatever was not released yet."""
        self._send([self._message("error", encode_error(error))])

    def _message(self, name: str, content: object) -> tuple[bytes, bytes]:
        return MESSAGE, json.dumps({name: content, "lease": self._lease}).encode()

    def _take_held(self) -> list[tuple[bytes, bytes]]:
        frames = []
        if self.head is not None:
            frames.append(self._message("head", self.head))
            self.head = None
            self._threshold = PIECE_BYTES
        joined = b"".join(self._pieces)
        self._pieces.clear()
        self._waiting = 0
        pieces = (joined[start : start + HELD_BYTES] for start in range(0, len(joined), HELD_BYTES))
        return [*frames, *((DATA, piece) for piece in pieces)]

    def _send(self, frames: list[tuple[bytes, bytes]]) -> None:
        if not self._released:
            # From here on the query is not asked again elsewhere.
            self._gate.release()
            self._released = True
        self._stopwatch.block()
        try:
            self._data.send_frames(frames)
        finally:
            self._stopwatch.unblock()
