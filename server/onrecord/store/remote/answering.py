"""An answer of the remote under way: read as it comes, checked, written in our formats.

A thread parses and serializes into a pipe that holds little, so that memory
stays bounded however long the answer and however slow its reader.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import IO, cast

import pyoxigraph

from onrecord.engine import AnswerHead, AnswerTrailer, Generation, QueryRequest
from onrecord.errors import EngineFaultError, OnrecordError, QueryCancelledError, QueryTimeoutError
from onrecord.federation.exchange import Cancellation
from onrecord.store.remote.mending import MendedBody, Readable, is_virtuoso
from onrecord.store.remote.transport import EngineResponse
from onrecord.store.serializing import Results, serialize

ACCEPT_RESULTS = "application/sparql-results+json, application/sparql-results+xml;q=0.7"
ACCEPT_GRAPH = "application/n-triples, text/turtle;q=0.7"
HELD_BYTES = 1 << 20
"""As with the embedded engine: so much is held back, so that what fails until then fails cleanly."""
_PIECE = 1 << 16
_RESULTS = {
    "application/sparql-results+json": pyoxigraph.QueryResultsFormat.JSON,
    "application/json": pyoxigraph.QueryResultsFormat.JSON,
    "application/sparql-results+xml": pyoxigraph.QueryResultsFormat.XML,
    "application/xml": pyoxigraph.QueryResultsFormat.XML,
    "text/xml": pyoxigraph.QueryResultsFormat.XML,
}
_RESULT_TYPES = (pyoxigraph.QuerySolutions, pyoxigraph.QueryBoolean, pyoxigraph.QueryTriples)
_GRAPHS = {
    "application/n-triples": pyoxigraph.RdfFormat.N_TRIPLES,
    "text/plain": pyoxigraph.RdfFormat.N_TRIPLES,
    "text/turtle": pyoxigraph.RdfFormat.TURTLE,
    "application/x-turtle": pyoxigraph.RdfFormat.TURTLE,
}


class RemoteAnswer:
    """As `engine.Answer`; `release` is called once, when it is closed."""

    def __init__(
        self,
        url: str,
        request: QueryRequest,
        response: EngineResponse,
        generation: Generation,
        cancellation: Cancellation,
        release: Callable[[], None],
    ) -> None:
        """Reads up to the names of the variables. Raises EngineFaultError and QueryTimeoutError."""
        self._url, self._request, self._response = url, request, response
        self._cancellation, self._release = cancellation, release
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._closed = False
        self._variables: tuple[str, ...] = ()
        self._failure: Exception | None = None
        self._parsed = threading.Event()
        self.trailer = AnswerTrailer()
        self.server = response.header("Server")
        body = self._body()
        self._reading, writing = os.pipe()
        # What the engine's parsers give stays with the thread that made it.
        self._thread = threading.Thread(
            target=self._produce, args=(body, writing), name="remote-answer", daemon=True
        )
        self._thread.start()
        self._parsed.wait()
        if self._failure is not None:
            self._thread.join()
            os.close(self._reading)
            raise self._failure
        self.head = AnswerHead(generation, self._variables)

    def __iter__(self) -> Iterator[bytes]:
        held = bytearray()
        released = False
        while piece := os.read(self._reading, _PIECE):
            self.trailer.size += len(piece)
            if released:
                yield piece
                continue
            held += piece
            if len(held) >= HELD_BYTES:
                released = True
                yield bytes(held)
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        self.trailer.seconds = time.monotonic() - self._started
        if not released:
            yield bytes(held)

    def close(self) -> None:
        """End what is under way; the remote sees the connection close."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        # The thread is freed wherever it waits: for the remote, or for a reader of the pipe.
        self._cancellation.cancel()
        os.close(self._reading)
        self._thread.join()
        self._response.close()
        self._release()

    def _produce(self, body: IO[bytes], writing: int) -> None:
        try:
            results = self._parse(body)
            if isinstance(results, pyoxigraph.QuerySolutions):
                self._variables = tuple(v.value for v in results.variables)
            self._parsed.set()
            told = self._write(results, _Pipe(writing))
            if told:
                self.trailer.rows, self.trailer.truncated = int(str(told["rows"])), bool(told["truncated"])
        except BrokenPipeError:
            pass  # nobody reads any more
        except OnrecordError as error:
            # Without its traceback, whose frames hold what only this thread may let go of.
            self._failure = self._cause(error).with_traceback(None)
        except (SyntaxError, ValueError, OSError) as error:
            self._failure = self._cause(self._malformed(error))
        finally:
            os.close(writing)
            self._parsed.set()

    def _parse(self, body: IO[bytes]) -> Results | Iterator[pyoxigraph.Quad]:
        kind = self._response.media_type
        formats: Mapping[str, object] = _GRAPHS if self._request.kind == "graph" else _RESULTS
        if kind not in formats:
            raise self._other_type(kind)
        if self._request.kind == "graph":
            return pyoxigraph.parse(body, _GRAPHS[kind])
        return pyoxigraph.parse_query_results(body, _RESULTS[kind])

    def _write(self, results: Results | Iterator[pyoxigraph.Quad], pipe: _Pipe) -> dict[str, object]:
        asked = self._request
        if isinstance(results, _RESULT_TYPES):
            return serialize(results, asked.format.serializer, asked.row_limit, pipe)
        format = getattr(pyoxigraph.RdfFormat, asked.format.serializer)
        pyoxigraph.serialize(results, cast(IO[bytes], pipe), format)
        return {}

    def _body(self) -> IO[bytes]:
        """The body, mended where that is needed. Raises for an answer that says it is not whole."""
        response = self._response
        most = response.header("X-SPARQL-MaxRows")
        if most and not self._wants_fewer_than(most):
            raise EngineFaultError(
                f"The engine at {self._url} gives at most {most[:20]} rows and cut this answer off, "
                "so nothing "
                "of it is used. Ask for fewer with LIMIT, or have its limit raised (ResultSetMaxRows)."
            )
        if response.header("X-SQL-State") == "S1TAT":
            raise QueryTimeoutError(
                f"The engine at {self._url} ran into its own time limit; the part that it gave is not used."
            )
        if self._request.kind == "graph" and not response.is_framed:
            raise EngineFaultError(
                f"The engine at {self._url} does not tell where its answer ends, so a cut one would "
                "look whole."
            )
        body: Readable = response
        if is_virtuoso(response.header("Server")):
            body = MendedBody(response)
        # The parsers ask for nothing but `read`.
        return cast(IO[bytes], body)

    def _wants_fewer_than(self, most: str) -> bool:
        limit = self._request.row_limit
        return limit is not None and most.isdecimal() and limit < int(most)

    def _other_type(self, kind: str) -> EngineFaultError:
        what = "a web page" if kind == "text/html" else f'"{_printable(kind) or "no type"}"'
        return EngineFaultError(
            f"The engine at {self._url} answers with {what} where SPARQL results were asked for. Check that "
            "--engine is the address of the SPARQL endpoint itself."
        )

    def _malformed(self, error: Exception) -> EngineFaultError:
        return EngineFaultError(
            f"The answer of the engine at {self._url} is cut or malformed ({_printable(str(error))})."
        )

    def _cause(self, error: OnrecordError) -> OnrecordError:
        if self._cancellation.is_cancelled:
            return QueryCancelledError("The query was stopped because its client left.")
        return error


class _Pipe:
    """The writing end, as serializers want it; a write blocks while the reader is behind."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, piece: bytes) -> int:
        data = memoryview(bytes(piece))
        while data:
            data = data[os.write(self._descriptor, data) :]
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text[:200]).strip()
