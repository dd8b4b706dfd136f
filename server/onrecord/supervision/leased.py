"""An answer from a leased worker, as a thread reads it, and the messages that ask for one."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator

from onrecord.engine import AnswerHead, AnswerTrailer, Generation, QueryRequest
from onrecord.errors import QueryCancelledError, StrayAnswerError, UnavailableError, decode_error
from onrecord.logs import LOGGER
from onrecord.sparql import shape_of
from onrecord.store.channel import DATA, MESSAGE, Channel, ChannelClosedError, Frame

_LOG = logging.getLogger(LOGGER)

EXCERPT_LENGTH = 300
"""Characters of a text that operators see."""
GONE = "The engine is not running. Try again in a moment."
LEFT = "The query was stopped because its client left."


class LeasedAnswer:
    """An answer that a leased worker is writing. `leave` may be called from any thread."""

    def __init__(
        self, supervisor: Channel, request: QueryRequest, give_back: Callable[[Channel], None]
    ) -> None:
        """`give_back` takes the connection to the supervisor when it can serve another query."""
        self._give_back = give_back
        self._supervisor = supervisor
        self._request = request
        self._worker: Channel | None = None
        self._lease = 0
        self._size = 0
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
            raise decode_error(read_object(answer["error"]))
        head = read_object(answer["head"])
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
            raise decode_error(read_object(document["error"]))
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
            self._worker.send_message({**to_wire(self._request), "lease": self._lease})
            return check_lease(self._worker.receive(), self._lease)
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
                self._size += len(frame.payload)
                yield frame.payload
            else:
                message = check_lease(frame, self._lease, self._size)
                self._complete()
                if "error" in message:
                    raise decode_error(read_object(message["error"]))
                self._finish(read_object(message["end"]))
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
            self._give_back(self._supervisor)

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
        return decode_error(read_object(document["error"]))

    def _gone(self) -> Exception:
        if self._left:
            return QueryCancelledError(LEFT)
        return UnavailableError(GONE)


def check_lease(frame: Frame, lease: object, size: int = 0) -> dict[str, object]:
    """The message in `frame`, where it belongs to the query of that lease and ends an answer of `size` bytes.

    `lease` is what was sent with the question: a number, or where one lease is for several, that of the
    lease and that of the turn.

    Workers are lent again and again. One answer in place of another would credit somebody with
    words that are not theirs, so it is looked at even where it cannot happen. Raises StrayAnswerError.
    """
    message = frame.message() if frame.kind == MESSAGE else {}
    end = message.get("end")
    if message.get("lease") == lease and (not isinstance(end, dict) or end["size"] == size):
        return message
    _LOG.error("a worker gave the answer to lease %s where %s was asked", message.get("lease"), lease)
    raise StrayAnswerError("The engine gave the answer to another query, which was thrown away. Ask again.")


def read_object(value: object) -> dict[str, object]:
    """A member of a message that is an object."""
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
