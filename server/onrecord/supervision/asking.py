"""Queries asked by an event loop: the same conversation as `leased` holds in a thread.

For one loop alone. What is unusual (kept generations, long texts) goes
through `client`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from onrecord.engine import Generation, QueryRequest
from onrecord.errors import OnrecordError, QueryCancelledError, UnavailableError, decode_error
from onrecord.store.channel import DATA, ChannelClosedError
from onrecord.supervision.leased import EXCERPT_LENGTH, GONE, LEFT, check_lease, read_object, to_wire
from onrecord.supervision.line import Line
from onrecord.supervision.runs import Kind, Place, Run, RunLease, Runs

LONGEST_TEXT = 32_768
"""Characters of the longest text: with it a request fits into the buffer of a socket."""


class Asker:
    """Connections to the supervisor whose runtime directory is `runtime`.

    `generation` tells the number of the newest generation, without a round trip.
    """

    def __init__(self, runtime: Path, generation: Callable[[], int]) -> None:
        self._path = str(runtime / "supervisor.sock")
        self._idle: list[Line] = []
        self.runs = Runs(generation, self.give_back)

    def ask(self, request: QueryRequest, shape: str, text: str) -> AskedAnswer:
        """An answer to be started; `shape` and `text` are the digests of `sparql.shape_of`."""
        return AskedAnswer(self, request, shape, text)

    def connect(self) -> Line:
        """A line on which a worker may be asked for. Raises UnavailableError when the supervisor has gone."""
        if self._idle:
            return self._idle.pop()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(self._path)
        except OSError:
            sock.close()
            raise UnavailableError(GONE) from None
        return Line(sock)

    def give_back(self, lease: RunLease) -> None:
        """Release a worker whose last answer was read to the end: the next one begins where that ended."""
        try:
            lease.supervisor.send({"op": "release", "answered": lease.answered})
        except ChannelClosedError:
            lease.worker.close()
            lease.supervisor.close()
        else:
            lease.supervisor.kept = lease.worker
            self._idle.append(lease.supervisor)

    def close(self) -> None:
        """Close what no answer uses, in the loop."""
        self.runs.close()
        while self._idle:
            self._idle.pop().close()


class AskedAnswer:
    """An answer that a leased worker is writing. `close` it in every case."""

    def __init__(self, asker: Asker, request: QueryRequest, shape: str, text: str) -> None:
        self._asker = asker
        self._wire = to_wire(request)
        self._kind: Kind = (request.sender, shape)
        self._facts: dict[str, object] = {"text": text, "excerpt": request.text[:EXCERPT_LENGTH]}
        self._message: dict[str, object] = {
            "op": "lease",
            "sender": request.sender,
            "shape": shape,
            "keeps": True,
            **self._facts,
        }
        self._supervisor: Line | None = None
        self._worker: Line | None = None
        self._lease = 0
        self._mark: object = 0
        """What each message of the answer repeats."""
        self._size = 0
        self._run: Run | None = None
        """The run in which it has a turn, or for which it asks for the next lease."""
        self._place: asyncio.Future[Place] | None = None
        """Set while it waits in a run."""
        self._is_asked = False
        self._left = False
        self._whole = False
        self._ended = False
        self.generation = Generation("", 0)

    async def start(self) -> None:
        """Get a worker, ask it, and wait for the head. Raises the answer's error."""
        answer = None
        if await self._take_turn():
            answer = await self._hear_worker()
            self._message = {"op": "cause", "lease": self._lease, **self._facts}
        else:
            self._supervisor = self._asker.connect()
        while answer is None:
            # A query that overran its quantum is asked again, of the worker that comes next.
            await self._take_worker()
            self._send_question()
            answer = await self._hear_worker()
            self._message = {"op": "cause", "lease": self._lease, **self._facts}
        if "error" in answer:
            self._settle(0.0)
            raise decode_error(read_object(answer["error"]))
        head = read_object(answer["head"])
        self.generation = Generation(str(head["uuid"]), int(str(head["number"])))

    async def next_piece(self) -> bytes | None:
        """The next bytes of the answer; None at its end. Raises what made it fail half-way."""
        if self._ended:
            return None
        assert self._worker is not None
        try:
            frame = await self._worker.receive()
        except ChannelClosedError:
            raise await self._cause() from None
        if frame.kind == DATA:
            self._size += len(frame.payload)
            return frame.payload
        message = check_lease(frame, self._mark, self._size)
        self._ended = True
        self._settle(float(str(read_object(message["end"])["seconds"])) if "end" in message else 0.0)
        if "error" in message:
            raise decode_error(read_object(message["error"]))
        return None

    def leave(self) -> None:
        """The client has gone: wake whoever waits for this answer. Nothing happens to a whole one."""
        if self._whole:
            return
        self._left = True
        if self._place is not None and not self._place.done():
            self._place.set_result(Place.NONE)
        elif (line := self._worker or self._supervisor) is not None:
            line.end()

    def close(self) -> None:
        """Have the worker ended when its answer is not whole, or give it back where it was not asked."""
        run, self._run = self._run, None
        supervisor, self._supervisor = self._supervisor, None
        worker, self._worker = self._worker, None
        if run is not None:
            if run.lease is None:
                run.end()
            elif self._is_asked:
                run.break_off()
            else:
                # The lines are the run's.
                run.end_turn(None)
                return
        if worker is not None:
            worker.close()
        if supervisor is not None:
            # The supervisor ends the worker, or drops the place in the queue, when the connection ends.
            supervisor.close()

    def _settle(self, seconds: float) -> None:
        """The answer is whole, after `seconds` of its worker: give that on or back before it is passed on."""
        self._whole = True
        if self._left:
            return
        assert self._supervisor is not None and self._worker is not None
        run, self._run = self._run, None
        supervisor, self._supervisor = self._supervisor, None
        worker, self._worker = self._worker, None
        if run is not None:
            run.end_turn(seconds)
        else:
            self._asker.give_back(RunLease(supervisor, worker, self._lease, answered=1))

    async def _take_turn(self) -> bool:
        """Follow in a run of such queries; whether the worker has this one's question now."""
        run = self._asker.runs.find(self._kind)
        if run is None:
            return False
        if run.take():
            self._begin_turn(run)
            return True
        self._place = run.wait(partial(self._begin_turn, run))
        try:
            place = await self._place
            if self._left and self._run is None:
                raise self._gone()
        except BaseException:
            run.decline(self._place)
            raise
        finally:
            self._place = None
        if place is Place.LEAD:
            self._run = run
        return place is Place.TURN

    def _begin_turn(self, run: Run) -> None:
        """Ask the worker of `run`, whose turn this query has."""
        lease = run.lease
        assert lease is not None
        self._run = run
        self._supervisor, self._worker = lease.supervisor, lease.worker
        self._lease, self._mark = lease.number, [lease.number, lease.turn]
        run.on_slow = self._tell_slow
        self._send_question()

    def _send_question(self) -> None:
        assert self._worker is not None
        self._is_asked = True
        # Where it has gone, there is no answer either, which is dealt with then.
        with suppress(ChannelClosedError):
            self._worker.send({**self._wire, "lease": self._mark})

    def _tell_slow(self) -> None:
        """Have the supervisor know whose query its worker runs."""
        run = self._run
        if run is None or run.lease is None or not run.lease.turn or self._supervisor is None:
            return
        answered, run.lease.answered = run.lease.answered, 0
        with suppress(ChannelClosedError):
            self._supervisor.send({"op": "asks", "answered": answered, **self._facts})

    async def _take_worker(self) -> None:
        assert self._supervisor is not None
        try:
            self._supervisor.send(self._message)
            frame = await self._supervisor.receive()
        except ChannelClosedError:
            raise self._gone() from None
        document = frame.message()
        if "error" in document:
            raise decode_error(read_object(document["error"]))
        self._lease = self._mark = int(str(document["lease"]))
        kept, self._supervisor.kept = self._supervisor.kept, None
        if frame.fd is None:
            assert kept is not None
            self._worker = kept
        else:
            if kept is not None:
                kept.close()
            # Its descriptor is shared with others, so it is never set to non-blocking.
            self._worker = Line(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, frame.fd))
        self._is_asked = False
        self._begin_run(document)
        if self._left:
            # Nobody wants the answer any more: the worker is not asked.
            raise self._gone()

    def _begin_run(self, told: dict[str, object]) -> None:
        """Let others follow on the worker, as long as the supervisor told with its lease."""
        led, self._run = self._run, None
        seconds = float(str(told.get("run", 0.0)))
        if seconds:
            assert self._supervisor is not None and self._worker is not None
            until = asyncio.get_running_loop().time() + seconds
            number = int(str(told["generation"]))
            lease = RunLease(self._supervisor, self._worker, self._lease, number, until)
            self._run = self._asker.runs.begin(self._kind, lease)
        if led is not None and led.lease is None:
            led.end()

    async def _hear_worker(self) -> dict[str, object] | None:
        """The worker's head or error; None when it ended before it told either."""
        assert self._worker is not None
        try:
            return check_lease(await self._worker.receive(), self._mark)
        except ChannelClosedError:
            self._worker.close()
            self._worker = None
            run, self._run = self._run, None
            if run is not None:
                run.break_off()
            if self._left:
                raise self._gone() from None
            return None

    async def _cause(self) -> OnrecordError:
        assert self._supervisor is not None
        if self._left:
            return self._gone()
        try:
            self._supervisor.send({"op": "cause", "lease": self._lease, **self._facts})
            document = (await self._supervisor.receive()).message()
        except ChannelClosedError:
            return self._gone()
        return decode_error(read_object(document["error"]))

    def _gone(self) -> OnrecordError:
        return QueryCancelledError(LEFT) if self._left else UnavailableError(GONE)
