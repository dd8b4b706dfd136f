"""Queries asked by an event loop: the same conversation as `leased` holds in a thread.

For one loop alone. What is unusual (kept generations, long texts) goes
through `client`.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from pathlib import Path

from onrecord.engine import Generation, QueryRequest
from onrecord.errors import OnrecordError, QueryCancelledError, UnavailableError, decode_error
from onrecord.store.channel import DATA, Channel, ChannelClosedError, Frame
from onrecord.supervision.leased import EXCERPT_LENGTH, GONE, LEFT, check_lease, read_object, to_wire

LONGEST_TEXT = 32_768
"""Characters of the longest text: with it a request fits into the buffer of a socket."""


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


class Asker:
    """Connections to the supervisor whose runtime directory is `runtime`."""

    def __init__(self, runtime: Path) -> None:
        self._path = str(runtime / "supervisor.sock")
        self._idle: list[Line] = []

    def ask(self, request: QueryRequest, shape: str, text: str) -> AskedAnswer:
        """An answer to be started; `shape` and `text` are the digests of `sparql.shape_of`.

        Raises UnavailableError when the supervisor has gone.
        """
        lease: dict[str, object] = {
            "op": "lease",
            "sender": request.sender,
            "shape": shape,
            "text": text,
            "excerpt": request.text[:EXCERPT_LENGTH],
            "keeps": True,
        }
        return AskedAnswer(self, self._connect(), to_wire(request), lease)

    def take_back(self, line: Line) -> None:
        self._idle.append(line)

    def _connect(self) -> Line:
        if self._idle:
            return self._idle.pop()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(self._path)
        except OSError:
            sock.close()
            raise UnavailableError(GONE) from None
        return Line(sock)


class AskedAnswer:
    """An answer that a leased worker is writing. `close` it in every case."""

    def __init__(
        self, asker: Asker, supervisor: Line, wire: dict[str, object], lease: dict[str, object]
    ) -> None:
        self._asker = asker
        self._supervisor = supervisor
        self._wire = wire
        self._message = lease
        self._worker: Line | None = None
        self._lease = 0
        self._size = 0
        self._left = False
        self._whole = False
        self._ended = False
        self.generation = Generation("", 0)

    async def start(self) -> None:
        """Get a worker, ask it, and wait for the head. Raises the answer's error."""
        answer = None
        while answer is None:
            # A query that overran its quantum is asked again, of the worker that comes next.
            await self._take_worker()
            answer = await self._ask_worker()
            self._message = {"op": "cause", "lease": self._lease}
        if "error" in answer:
            self._whole = True
            raise decode_error(read_object(answer["error"]))
        head = read_object(answer["head"])
        self.generation = Generation(str(head["uuid"]), int(str(head["number"])))

    async def next_piece(self) -> bytes | None:
        """The next bytes of the answer; None at its end. Raises what made it fail half-way."""
        assert self._worker is not None
        if self._ended:
            return None
        try:
            frame = await self._worker.receive()
        except ChannelClosedError:
            raise await self._cause() from None
        if frame.kind == DATA:
            self._size += len(frame.payload)
            return frame.payload
        message = check_lease(frame, self._lease, self._size)
        self._whole = self._ended = True
        if "error" in message:
            raise decode_error(read_object(message["error"]))
        return None

    def leave(self) -> None:
        """The client has gone: wake whoever waits for this answer. Nothing happens to a whole one."""
        if not self._whole:
            self._left = True
            (self._worker or self._supervisor).end()

    def close(self) -> None:
        """Give the worker back, or have it ended when its answer is not whole."""
        worker, self._worker = self._worker, None
        if self._whole and not self._left:
            try:
                self._supervisor.send({"op": "release"})
            except ChannelClosedError:
                pass
            else:
                # Its answer was read to the end: the next one begins where this one ended.
                self._supervisor.kept = worker
                self._asker.take_back(self._supervisor)
                return
        if worker is not None:
            worker.close()
        # The supervisor ends the worker, or drops the place in the queue, when the connection ends.
        self._supervisor.close()

    async def _take_worker(self) -> None:
        try:
            self._supervisor.send(self._message)
            frame = await self._supervisor.receive()
        except ChannelClosedError:
            raise self._gone() from None
        document = frame.message()
        if "error" in document:
            raise decode_error(read_object(document["error"]))
        self._lease = int(str(document["lease"]))
        kept, self._supervisor.kept = self._supervisor.kept, None
        if frame.fd is None:
            assert kept is not None
            self._worker = kept
        else:
            if kept is not None:
                kept.close()
            # Its descriptor is shared with others, so it is never set to non-blocking.
            self._worker = Line(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, frame.fd))
        if self._left:
            # Nobody wants the answer any more: the worker is not asked.
            raise self._gone()

    async def _ask_worker(self) -> dict[str, object] | None:
        assert self._worker is not None
        try:
            self._worker.send({**self._wire, "lease": self._lease})
            return check_lease(await self._worker.receive(), self._lease)
        except ChannelClosedError:
            self._worker.close()
            self._worker = None
            if self._left:
                raise self._gone() from None
            return None

    async def _cause(self) -> OnrecordError:
        if self._left:
            return self._gone()
        try:
            self._supervisor.send({"op": "cause", "lease": self._lease})
            document = (await self._supervisor.receive()).message()
        except ChannelClosedError:
            return self._gone()
        return decode_error(read_object(document["error"]))

    def _gone(self) -> OnrecordError:
        return QueryCancelledError(LEFT) if self._left else UnavailableError(GONE)
