"""The embedded engine as its users see it: a client of the supervisor.

A query asks the supervisor for a worker, talks to the worker directly, and
gives it back. Safe to use from any number of threads.
"""

from __future__ import annotations

import mmap
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from onrecord.engine import (
    AnswerHead,
    AnswerTrailer,
    EngineStatus,
    EngineWork,
    Generation,
    OnLeave,
    QueryRequest,
    QueryUnderWay,
    Write,
    WriteReceipt,
)
from onrecord.errors import (
    OnrecordError,
    QueryCancelledError,
    UnavailableError,
    WriteOutcomeUnknownError,
    decode_error,
)
from onrecord.sparql import shape_of
from onrecord.store.channel import DATA, MESSAGE, Channel, ChannelClosedError
from onrecord.store.history import StoreHistory
from onrecord.store.loading import LoadProgress, Source, Tell
from onrecord.store.write_messages import describe_load, describe_write
from onrecord.supervision.supervisor import GENERATION_PAGE, STOPPING, STORE_NOTE

EXCERPT_LENGTH = 300
"""Characters of a text that operators see."""
GONE = "The engine is not running. Try again in a moment."
UNKNOWN = (
    "The server ended while it worked at this write, and whether it was made is not known. "
    "Look at the data before you send it again."
)
LEFT = "The query was stopped because its client left."


class SupervisedEngine:
    """An `Engine` behind the supervisor whose runtime directory is `runtime`."""

    def __init__(self, runtime: Path) -> None:
        self._runtime = runtime
        self._socket_path = str(runtime / "supervisor.sock")
        fd = os.open(runtime / "generation", os.O_RDONLY)
        self._page = mmap.mmap(fd, mmap.PAGESIZE, access=mmap.ACCESS_READ)
        os.close(fd)
        self._store = Path((runtime / STORE_NOTE).read_text())
        self._pool: list[Channel] = []
        self._seen = (b"", Generation("", 0))

    def generation(self) -> Generation:
        """From shared memory: no round trip."""
        known, generation = self._seen
        written = self._page[: GENERATION_PAGE.size]
        if written != known:
            uuid, number = GENERATION_PAGE.unpack(written)
            generation = Generation(uuid.decode(), number)
            self._seen = (written, generation)
        return generation

    def is_stopping(self) -> bool:
        """Whether the server lets what runs end and takes nothing new. From shared memory: no round trip."""
        return self._page[STOPPING] != 0

    def query(self, request: QueryRequest, on_leave: OnLeave | None = None) -> LeasedAnswer:
        assert request.federating is None, "SERVICE is answered before the engine is asked"
        answer = LeasedAnswer(self, self._connect(), request)
        unregister = on_leave(answer.leave) if on_leave is not None else None
        try:
            answer.start(unregister)
        except BaseException:
            answer.close()
            raise
        return answer

    def history(self) -> StoreHistory:
        """Read from the store's directory: a round trip only to open what was laid to rest."""
        return StoreHistory(self._store, self.generation, self._wake, self._tell_pinned)

    def _wake(self, number: int) -> None:
        self._ask({"op": "wake", "number": number})

    def _tell_pinned(self) -> None:
        self._ask({"op": "pinned"})

    def status(self) -> EngineStatus:
        document = self._ask({"op": "status"})
        graphs = document["graphs"]
        classes = document["classes"]
        properties, links = document["properties"], document["links"]
        assert isinstance(properties, dict) and isinstance(links, dict)
        warnings = document["warnings"]
        assert isinstance(graphs, dict) and isinstance(classes, dict) and isinstance(warnings, list)
        return EngineStatus(
            generation=Generation(str(document["uuid"]), int(str(document["number"]))),
            published=str(document["published"]),
            triples=sum(graphs.values()) - int(str(document["repeated"])),
            graphs=graphs,
            classes=classes,
            workers=int(str(document["workers"])),
            busy=int(str(document["busy"])),
            waiting=int(str(document["waiting"])),
            uptime=float(str(document["uptime"])),
            warnings=tuple(warnings),
            counted=int(str(document["counted"])),
            work=EngineWork(**cast(Any, document["work"])),
            properties=properties,
            links=links,
        )

    def queries(self) -> tuple[QueryUnderWay, ...]:
        found = self._ask({"op": "queries"})["queries"]
        assert isinstance(found, list)
        return tuple(QueryUnderWay(**query) for query in found)

    def end_query(self, number: int) -> None:
        self._ask({"op": "kill", "number": number})

    def write(self, request: Write) -> WriteReceipt:
        """The data goes to the supervisor as the descriptor of a file without a name.

        Raises WriteOutcomeUnknownError when the server ends before it answers.
        """
        message, data = describe_write(request, self._runtime)
        try:
            document = self._ask(
                message, data.fileno() if data is not None else None, WriteOutcomeUnknownError(UNKNOWN)
            )
        finally:
            if data is not None:
                data.close()
        return self._receipt(_object(document["written"]))

    def _receipt(self, written: dict[str, object]) -> WriteReceipt:
        return WriteReceipt(
            Generation(self.generation().uuid, int(str(written["number"]))),
            float(str(written["seconds"])),
            str(written["what"]),
            bool(written["created"]),
            int(str(written["count"])),
        )

    def load(self, sources: Sequence[Source], by: str, tell: Tell) -> WriteReceipt:
        """Load files that lie on this machine, all of them or nothing; serving goes on meanwhile.

        Raises LoadError, FolderGraphError and UnavailableErrors; after each nothing has been changed.
        Raises WriteOutcomeUnknownError when the server ends before it answers.
        """
        channel = self._connect()
        error: OnrecordError = UnavailableError(GONE)
        try:
            channel.send_message(describe_load(sources, by))
            error = WriteOutcomeUnknownError(UNKNOWN)
            document, _ = channel.receive_message()
            while "progress" in document:
                tell(LoadProgress(**cast(Any, document["progress"])))
                document, _ = channel.receive_message()
        except ChannelClosedError:
            channel.close()
            raise error from None
        except BaseException:
            # Whoever asked has stopped waiting: the end of the connection ends the load.
            channel.close()
            raise
        self._pool.append(channel)
        if "error" in document:
            raise decode_error(_object(document["error"]))
        return self._receipt(_object(document["written"]))

    def rebuild(self) -> tuple[int, list[str]]:
        """Build the folder again and publish it; returns the generation's number and warnings.

        Raises the FolderError or StoreError that prevented it.
        """
        document = self._ask({"op": "rebuild"})
        warnings = document["warnings"]
        assert isinstance(warnings, list)
        return int(str(document["number"])), warnings

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._pool:
            self._pool.pop().close()
        self._page.close()

    def say_hello(self) -> None:
        """Tell the supervisor that a front can serve."""
        channel = self._connect()
        channel.send_message({"op": "hello"})
        self._pool.append(channel)

    def give_back(self, channel: Channel) -> None:
        self._pool.append(channel)

    def _ask(
        self, message: dict[str, object], fd: int | None = None, unanswered: OnrecordError | None = None
    ) -> dict[str, object]:
        """The answer to `message`; raises `unanswered` when it was sent and none came."""
        channel = self._connect()
        error: OnrecordError = UnavailableError(GONE)
        try:
            channel.send_message(message, fd)
            error = unanswered or error
            document, _ = channel.receive_message()
        except ChannelClosedError:
            channel.close()
            raise error from None
        self._pool.append(channel)
        if "error" in document:
            raise decode_error(_object(document["error"]))
        return document

    def _connect(self) -> Channel:
        try:
            return self._pool.pop()
        except IndexError:
            pass
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(self._socket_path)
        except OSError:
            sock.close()
            raise UnavailableError(GONE) from None
        return Channel(sock)


class LeasedAnswer:
    """An answer that a leased worker is writing. `leave` may be called from any thread."""

    def __init__(self, engine: SupervisedEngine, supervisor: Channel, request: QueryRequest) -> None:
        self._engine = engine
        self._supervisor = supervisor
        self._request = request
        self._worker: Channel | None = None
        self._lease = 0
        self._unregister: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._left = False
        self._whole = False
        self._closed = False
        self.head = AnswerHead(Generation("", 0))
        self.trailer = AnswerTrailer()

    def start(self, unregister: Callable[[], None] | None) -> None:
        """Get a worker, ask it, and wait for the head or the error."""
        self._unregister = unregister
        answer = None
        message = ask_for_lease(self._request)
        while answer is None:
            # A query that overran its quantum is asked again, of the worker that comes next.
            self._take_worker(message)
            answer = self._ask_worker()
            message = {"op": "cause", "lease": self._lease}
        if "error" in answer:
            self._complete()
            raise decode_error(_object(answer["error"]))
        head = _object(answer["head"])
        variables = head["variables"]
        assert isinstance(variables, list)
        self.head = AnswerHead(Generation(str(head["uuid"]), int(str(head["number"]))), tuple(variables))

    def _take_worker(self, message: dict[str, object]) -> None:
        """Send `message` to the supervisor and wait for a worker. Raises what it tells instead."""
        try:
            self._supervisor.send_message(message)
            document, fd = self._supervisor.receive_message()
        except ChannelClosedError:
            raise self._gone() from None
        if "error" in document:
            raise decode_error(_object(document["error"]))
        assert fd is not None
        self._lease = int(str(document["lease"]))
        with self._lock:
            self._worker = Channel(socket.socket(fileno=fd))
            if self._left:
                self._worker.shut()

    def _ask_worker(self) -> dict[str, object] | None:
        """The worker's head or error; None when it ended before it told either."""
        assert self._worker is not None
        try:
            self._worker.send_message(to_wire(self._request))
            return self._worker.receive_message()[0]
        except ChannelClosedError:
            with self._lock:
                ended, self._worker = self._worker, None
                ended.close()
                if self._left:
                    raise self._gone() from None
            return None

    def __iter__(self) -> Iterator[bytes]:
        assert self._worker is not None
        while True:
            try:
                frame = self._worker.receive()
            except ChannelClosedError:
                raise self._cause() from None
            if frame.kind == DATA:
                yield frame.payload
            elif frame.kind == MESSAGE:
                message = frame.message()
                self._complete()
                if "error" in message:
                    raise decode_error(_object(message["error"]))
                self._finish(_object(message["end"]))
                return

    def leave(self) -> None:
        """The client has gone: wake whoever waits for this answer. Nothing happens to a whole one."""
        with self._lock:
            if not self._whole and not self._closed:
                self._left = True
                (self._worker or self._supervisor).shut()

    def close(self) -> None:
        """Give the worker back, or have it ended when its answer is not whole."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        if self._unregister is not None:
            self._unregister()
        if self._worker is not None:
            self._worker.close()
        if self._left or not self._whole:
            # The supervisor ends the worker, or drops the place in the queue, when the connection ends.
            self._supervisor.close()
            return
        try:
            self._supervisor.send_message({"op": "release"})
        except ChannelClosedError:
            self._supervisor.close()
        else:
            self._engine.give_back(self._supervisor)

    def _complete(self) -> None:
        with self._lock:
            self._whole = True

    def _finish(self, end: dict[str, object]) -> None:
        self.trailer.seconds = float(str(end["seconds"]))
        self.trailer.size = int(str(end["size"]))
        if "rows" in end:
            self.trailer.rows = int(str(end["rows"]))
            self.trailer.truncated = bool(end["truncated"])

    def _cause(self) -> Exception:
        if self._left:
            return self._gone()
        try:
            self._supervisor.send_message({"op": "cause", "lease": self._lease})
            document, _ = self._supervisor.receive_message()
        except ChannelClosedError:
            return UnavailableError(GONE)
        return decode_error(_object(document["error"]))

    def _gone(self) -> Exception:
        if self._left:
            return QueryCancelledError(LEFT)
        return UnavailableError(GONE)


def _object(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value


def ask_for_lease(request: QueryRequest) -> dict[str, object]:
    """The message that asks the supervisor for a worker; what it tells decides where the query waits."""
    shape, text = shape_of(request.text)
    return {
        "op": "lease",
        "sender": request.sender,
        "shape": shape,
        "text": text,
        "excerpt": request.text[:EXCERPT_LENGTH],
    }


def to_wire(request: QueryRequest) -> dict[str, object]:
    """A query as the worker reads it."""
    return {
        "text": request.text,
        "serializer": request.format.serializer,
        "base_iri": request.base_iri,
        "default_graphs": request.default_graphs,
        "named_graphs": request.named_graphs,
        "has_dataset_clause": request.has_dataset_clause,
        "row_limit": request.row_limit,
        "generation": request.generation,
    }
