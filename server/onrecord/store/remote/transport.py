"""One HTTP exchange with the engine's own address, its answer read piece by piece.

http.client is the library, as in federation: no redirect is followed, no proxy
is asked. The time limit counts what the remote takes, never what a slow
reader of ours takes.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, TypeVar

from onrecord import __version__
from onrecord.errors import (
    EngineFaultError,
    EngineUnreachableError,
    QueryTimeoutError,
    RemoteError,
    RemoteTimeoutError,
    RemoteUnreachableError,
)
from onrecord.federation.address import connect, resolve, resolve_and_check
from onrecord.federation.endpoints import Target
from onrecord.federation.exchange import Cancellation, Limits, open_connection, secure

_T = TypeVar("_T")
_PIECE = 1 << 16
_MOST_OF_A_REFUSAL = 1 << 16


@dataclass(frozen=True)
class EngineRequest:
    """A request; `body` may be a file, whose length is then `size` bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | IO[bytes] | None = None
    size: int | None = None


class EngineResponse:
    """A response whose body is still to be read; `close` in every case."""

    def __init__(self, target: Target, sock: socket.socket, response: http.client.HTTPResponse) -> None:
        self._target = target
        self._sock = sock
        self._response = response
        self.status = response.status
        self.closed = False

    @property
    def media_type(self) -> str:
        return self.header("Content-Type").partition(";")[0].strip().lower()

    @property
    def is_framed(self) -> bool:
        """Whether HTTP tells where the body ends, so that a cut one is seen."""
        return self._response.chunked or self._response.length is not None

    def header(self, name: str) -> str:
        """The value of a header, empty where there is none."""
        return self._response.getheader(name) or ""

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes of the body, empty at its end.

        Raises QueryTimeoutError, and EngineFaultError for a body that breaks off.
        """
        try:
            piece = self._response.read1(size if 0 < size <= _PIECE else _PIECE)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise explain(self._target, error) from None
        if not piece and self._response.length:
            raise explain(self._target, http.client.IncompleteRead(b""))
        return piece

    def read_refusal(self) -> bytes:
        """The beginning of the body of a refusal; what cannot be read is left out."""
        pieces, left = [], _MOST_OF_A_REFUSAL
        try:
            while left > 0 and (piece := self.read(left)):
                pieces.append(piece)
                left -= len(piece)
        except (EngineFaultError, EngineUnreachableError, QueryTimeoutError):
            pass
        return b"".join(pieces)

    def close(self) -> None:
        self.closed = True
        self._sock.close()


@dataclass
class Transport:
    """Sends requests to the engine, each over a connection of its own. Safe to use from any thread."""

    authorization: str = ""
    seconds: float = 30.0
    """What the remote may take for one answer."""
    connect_seconds: float = 10.0
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def send(
        self, target: Target, request: EngineRequest, cancellation: Cancellation, seconds: float | None = None
    ) -> EngineResponse:
        """The response to `request`, as soon as its headers are there.

        Raises EngineUnreachableError, QueryTimeoutError, EngineFaultError and QueryCancelledError.
        """
        limit = seconds if seconds is not None else self.seconds
        connecting = min(self.connect_seconds, limit)
        sock = self._connect(target, connecting, cancellation)
        try:
            cancellation.watch(sock)
            if target.origin.scheme == "https":
                sock = self._secure(target, sock, connecting, cancellation)
            return self._converse(target, request, sock, limit)
        except (OSError, http.client.HTTPException, ValueError) as error:
            cancellation.forget(sock)
            sock.close()
            cancellation.check()
            raise explain(target, error) from None
        except BaseException:
            cancellation.forget(sock)
            sock.close()
            raise

    def _connect(self, target: Target, seconds: float, cancellation: Cancellation) -> socket.socket:
        try:
            addresses = resolve_and_check(target, resolve, seconds)
            return open_connection(target, addresses, Limits(connect=seconds), connect, cancellation)
        except RemoteError as error:
            raise EngineUnreachableError(_own(error)) from None

    def _secure(
        self, target: Target, sock: socket.socket, seconds: float, cancellation: Cancellation
    ) -> socket.socket:
        try:
            return secure(target, sock, seconds, self.tls, cancellation)
        except (RemoteUnreachableError, RemoteTimeoutError) as error:
            raise EngineUnreachableError(_own(error)) from None

    def _converse(
        self, target: Target, request: EngineRequest, sock: socket.socket, seconds: float
    ) -> EngineResponse:
        connection = http.client.HTTPConnection(target.origin.host, target.origin.port)
        connection.sock = _CountingSocket(sock, seconds)
        headers = {
            "Host": str(target.origin).partition("://")[2],
            "User-Agent": f"Onrecord/{__version__}",
            "Accept-Encoding": "identity",
            "Connection": "close",
            **request.headers,
        }
        if self.authorization:
            headers["Authorization"] = self.authorization
        if request.size is not None:
            headers["Content-Length"] = str(request.size)
        connection.request(request.method, request.path, request.body, headers)
        response = connection.getresponse()
        if (response.getheader("Content-Encoding") or "identity").lower() != "identity":
            raise EngineFaultError(f"{target.url}: it packs its answer, which was not asked for.")
        return EngineResponse(target, sock, response)


def explain(target: Target, error: Exception) -> Exception:
    """What an error on the way means to whoever asked."""
    url = target.url
    if isinstance(error, TimeoutError):
        return QueryTimeoutError(
            f"The engine at {url} did not answer in time. Ask for less, or raise --query-timeout on a server "
            "of your own."
        )
    if isinstance(error, http.client.IncompleteRead):
        return EngineFaultError(f"The answer of the engine at {url} broke off half-way. Try again later.")
    if isinstance(error, ConnectionError | http.client.RemoteDisconnected):
        return EngineUnreachableError(f"The connection to the engine at {url} broke. Try again in a moment.")
    if isinstance(error, http.client.HTTPException | ValueError):
        return EngineFaultError(
            f"What the engine at {url} sends is not HTTP as it should be. Check that --engine is the address "
            "of a SPARQL endpoint."
        )
    return EngineUnreachableError(f"The connection to the engine at {url} failed. Try again in a moment.")


def _own(error: RemoteError) -> str:
    """The sentence of an error of connecting, as one about the engine."""
    return f"The engine does not answer. {error.detail}"


class _CountingSocket:
    """A socket for http.client: all that it waits for the remote together is at most `seconds`."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._left = seconds

    def sendall(self, data: bytes) -> None:
        self._wait(lambda: self._sock.sendall(data))

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_CountingReader(self), _PIECE)

    def close(self) -> None:
        """The socket is closed by who opened it."""

    def receive(self, buffer: memoryview) -> int:
        return self._wait(lambda: self._sock.recv_into(buffer))

    def _wait(self, work: Callable[[], _T]) -> _T:
        if self._left <= 0:
            raise TimeoutError
        self._sock.settimeout(self._left)
        started = time.monotonic()
        try:
            return work()
        finally:
            self._left -= time.monotonic() - started


class _CountingReader(io.RawIOBase):
    def __init__(self, counting: _CountingSocket) -> None:
        self._counting = counting

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._counting.receive(buffer)
