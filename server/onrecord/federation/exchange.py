"""One HTTP exchange with a checked address, under limits that no server can stretch.

http.client is the library: a connection takes whatever socket it is given, so
the address that was checked is the one that is asked (httpx and urllib3 resolve
names themselves, deep inside), it follows no redirect, keeps no connection and
is part of Python. What it lacks, one time limit for the whole exchange, is in
the socket that it reads from here.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
import zlib
from dataclasses import dataclass

from onrecord.errors import (
    QueryCancelledError,
    RemoteAnswerError,
    RemoteTimeoutError,
    RemoteUnreachableError,
)
from onrecord.federation.address import Connector
from onrecord.federation.endpoints import Target

_PIECE = 1 << 16


@dataclass(frozen=True)
class Limits:
    """Seconds and bytes of one exchange. `size` bounds the body, both as sent and unpacked."""

    connect: float = 10.0
    first_byte: float = 65.0
    total: float = 120.0
    size: int = 64 << 20

    def within(self, seconds: float, size: int) -> Limits:
        """These limits, none beyond `seconds` or `size`."""
        return Limits(
            min(self.connect, seconds),
            min(self.first_byte, seconds),
            min(self.total, seconds),
            min(self.size, size),
        )


@dataclass(frozen=True)
class RawResponse:
    """A response whose body came whole. `wire_size` is the body's size as it was sent."""

    status: int
    content_type: str
    retry_after: str | None
    location: str | None
    body: bytes
    wire_size: int


@dataclass(frozen=True)
class HttpRequest:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None


class Cancellation:
    """Ends the exchanges of one query from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._event = threading.Event()

    def cancel(self) -> None:
        with self._lock:
            self._event.set()
            for sock in self._sockets:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # not connected any more

    @property
    def is_cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises QueryCancelledError once cancelled."""
        if self._event.is_set():
            raise QueryCancelledError("The query was stopped while it asked another endpoint.")

    def sleep(self, seconds: float) -> None:
        """Sleep, or raise QueryCancelledError as soon as cancelled."""
        self._event.wait(seconds)
        self.check()

    def watch(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.add(sock)
        self.check()

    def forget(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.discard(sock)


def exchange(
    target: Target,
    addresses: list[str],
    request: HttpRequest,
    limits: Limits,
    connector: Connector,
    tls: ssl.SSLContext,
    cancellation: Cancellation,
) -> RawResponse:
    """Send `request` to the first of `addresses` that accepts a connection; the whole response.

    Raises RemoteUnreachableError, RemoteTimeoutError, RemoteAnswerError for a
    body that is cut, too large or not HTTP, and QueryCancelledError.
    """
    started = time.monotonic()
    sock = open_connection(target, addresses, limits, connector, cancellation)
    try:
        cancellation.watch(sock)
        if target.origin.scheme == "https":
            sock = secure(target, sock, limits.connect, tls, cancellation)
        return _converse(target, request, limits, started, sock)
    except (TimeoutError, ConnectionError, http.client.HTTPException, OSError, ValueError) as error:
        cancellation.check()
        raise explain(target, error, time.monotonic() - started) from None
    finally:
        cancellation.forget(sock)
        sock.close()


def open_connection(
    target: Target, addresses: list[str], limits: Limits, connector: Connector, cancellation: Cancellation
) -> socket.socket:
    """A connection to the first of `addresses` that accepts one.

    Raises RemoteTimeoutError, RemoteUnreachableError and QueryCancelledError.
    """
    deadline = time.monotonic() + limits.connect
    failure: OSError = OSError("no address")
    for address in addresses:
        cancellation.check()
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            break
        try:
            return connector(address, target.origin.port, remaining)
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise RemoteTimeoutError(
            f"{target.url}: no connection within {limits.connect:.0f} s. Try again later.", target.url
        )
    reason = (failure.strerror or str(failure)).lower()
    raise RemoteUnreachableError(
        f"{target.url}: no connection ({reason}). Check that the endpoint runs and can be reached from here.",
        target.url,
    )


def secure(
    target: Target, sock: socket.socket, seconds: float, tls: ssl.SSLContext, cancellation: Cancellation
) -> socket.socket:
    """The connection under TLS, its certificate checked for the name. Raises RemoteUnreachableError."""
    sock.settimeout(seconds)
    try:
        secured = tls.wrap_socket(sock, server_hostname=target.origin.host)
    except ssl.SSLCertVerificationError as error:
        raise RemoteUnreachableError(
            f"{target.url}: its certificate is not accepted ({error.verify_message}). Nothing was sent. "
            "If it is signed by an authority of your own, name its file in SSL_CERT_FILE.",
            target.url,
        ) from None
    except ssl.SSLError as error:
        raise RemoteUnreachableError(
            f"{target.url}: no secure connection ({error.reason or 'the handshake failed'}). "
            "Check that the port speaks TLS.",
            target.url,
        ) from None
    cancellation.forget(sock)
    cancellation.watch(secured)
    return secured


def _converse(
    target: Target, request: HttpRequest, limits: Limits, started: float, sock: socket.socket
) -> RawResponse:
    timed = _TimedSocket(sock, started + limits.total, started + limits.first_byte)
    connection = http.client.HTTPConnection(target.origin.host, target.origin.port)
    connection.sock = timed
    connection.request(request.method, request.path, request.body, request.headers)
    response = connection.getresponse()
    body, wire_size = _read_body(target, response, limits.size)
    return RawResponse(
        response.status,
        response.getheader("Content-Type") or "",
        response.getheader("Retry-After"),
        response.getheader("Location"),
        body,
        wire_size,
    )


def _read_body(target: Target, response: http.client.HTTPResponse, most: int) -> tuple[bytes, int]:
    coding = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise RemoteAnswerError(
            f'{target.url}: it packs its answer as "{coding[:40]}", which was not asked for. '
            "Tell who runs it.",
            target.url,
        )
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if coding != "identity" else None
    body = io.BytesIO()
    wire_size = 0
    while piece := response.read(_PIECE):
        wire_size += len(piece)
        try:
            body.write(piece if unpack is None else unpack.decompress(piece, most + 1 - body.tell()))
        except zlib.error:
            raise http.client.HTTPException("its gzip is damaged") from None
        if max(wire_size, body.tell()) > most:
            raise RemoteAnswerError(
                f"{target.url}: its answer is longer than the {most} bytes that are read. "
                "Make the SERVICE group more selective, or select fewer variables.",
                target.url,
            )
    if response.length or (unpack is not None and wire_size and not unpack.eof):
        raise http.client.IncompleteRead(b"")
    return body.getvalue(), wire_size


def explain(target: Target, error: Exception, seconds: float) -> Exception:
    """The RemoteError that says what `error` of an exchange means; after `seconds` of it."""
    if isinstance(error, TimeoutError):
        return RemoteTimeoutError(
            f"{target.url}: no whole answer within {seconds:.0f} s. Ask for less, or try again later.",
            target.url,
        )
    if isinstance(error, http.client.IncompleteRead):
        return RemoteAnswerError(
            f"{target.url}: its answer broke off half-way and is not used. Try again later.", target.url
        )
    if isinstance(error, ConnectionError | http.client.RemoteDisconnected):
        return RemoteUnreachableError(f"{target.url}: the connection broke. Try again later.", target.url)
    if isinstance(error, http.client.HTTPException | ValueError):
        return RemoteAnswerError(
            f"{target.url}: what it sends is not HTTP as it should be. Check that the address is a "
            "SPARQL endpoint.",
            target.url,
        )
    return RemoteUnreachableError(
        f"{target.url}: the connection failed ({str(error)[:100]}). Try again later.", target.url
    )


class _TimedSocket:
    """A socket for http.client whose every operation ends at one deadline, however slowly bytes drip."""

    def __init__(self, sock: socket.socket, deadline: float, first_byte: float) -> None:
        self._sock = sock
        self._deadline = deadline
        self._first_byte = first_byte

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(max(0.001, self._deadline - time.monotonic()))
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._deadline, self._first_byte), _PIECE)

    def close(self) -> None:
        """The socket is closed by who opened it."""


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float, first_byte: float) -> None:
        self._sock = sock
        self._deadline = deadline
        self._next = min(first_byte, deadline)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        remaining = self._next - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        self._sock.settimeout(remaining)
        count = self._sock.recv_into(buffer)
        self._next = self._deadline
        return count
