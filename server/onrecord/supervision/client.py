"""The embedded engine as its users see it: a client of the supervisor.

A query asks the supervisor for a worker, talks to the worker directly, and
gives it back. Safe to use from any number of threads.
"""

from __future__ import annotations

import mmap
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from onrecord.engine import (
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
    UnavailableError,
    WriteOutcomeUnknownError,
    decode_error,
)
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.store.history import StoreHistory
from onrecord.store.loading import LoadProgress, Source, Tell
from onrecord.store.write_messages import describe_load, describe_write
from onrecord.supervision.leased import GONE, LeasedAnswer, read_object
from onrecord.supervision.supervisor import GENERATION_PAGE, STORE_NOTE

UNKNOWN = (
    "The server ended while it worked at this write, and whether it was made is not known. "
    "Look at the data before you send it again."
)


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

    def query(self, request: QueryRequest, on_leave: OnLeave | None = None) -> LeasedAnswer:
        assert request.federating is None, "SERVICE is answered before the engine is asked"
        answer = LeasedAnswer(self._connect(), request, self.give_back)
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
        graphs, named = document["graphs"], document["named"]
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
            named=int(str(named)) if named is not None else None,
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
        return self._receipt(read_object(document["written"]))

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
            raise decode_error(read_object(document["error"]))
        return self._receipt(read_object(document["written"]))

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
            raise decode_error(read_object(document["error"]))
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
