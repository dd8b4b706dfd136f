"""The thin ASGI layer before Flask: it knows when a client has left.

Flask defines every route. Through this layer a route learns that its client
has gone (`scope["onrecord.on_leave"]`), which WSGI cannot say, so that a query
nobody waits for any more ends at once.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware
from flask import Flask

from onrecord.errors import OnrecordError

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_LOG = logging.getLogger("onrecord")

THREADS = 64
"""Requests that Flask handles at once; most of them wait for a worker or a client."""

_QUERY_STRING_SAFE = "".join(chr(c) for c in range(0x21, 0x7F))


class ClientLeftError(ConnectionError):
    """The client went away before its request was complete."""


class Front:
    """The ASGI application: one `Flask` behind it."""

    def __init__(self, app: Flask) -> None:
        # The adapter's own type aliases are narrower than ASGI; the protocol is the same.
        self._flask = cast(
            Callable[[Scope, Receive, Send], Awaitable[None]], WSGIMiddleware(cast(Any, app), THREADS)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        # WSGI takes ASCII; a client that sends other bytes unescaped means their escapes.
        scope["query_string"] = quote_from_bytes(scope["query_string"], _QUERY_STRING_SAFE).encode()
        visit = _Visit(receive, _has_body(scope))
        scope["onrecord.on_leave"] = visit.on_leave
        visit.start()
        try:
            await self._flask(scope, visit.receive, send)
        except (OnrecordError, ClientLeftError) as error:
            # Returning without a last message breaks the connection, so that half an answer
            # never passes for a whole one.
            if not visit.left:
                _LOG.warning("an answer broke off: %s", error)
        finally:
            visit.stop()


class _Visit:
    """One request's client: watched from the end of its request body on."""

    def __init__(self, receive: Receive, has_body: bool) -> None:
        self._receive = receive
        self._has_body = has_body
        self._watch: asyncio.Task[None] | None = None
        self._callbacks: set[Callable[[], None]] = set()
        self._lock = threading.Lock()
        self.left = False

    def start(self) -> None:
        if not self._has_body:
            self._watch = asyncio.get_running_loop().create_task(self._wait_for_leave())

    def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    async def receive(self) -> Message:
        """The next part of the request body."""
        if not self._has_body:
            return {"type": "http.request", "body": b"", "more_body": False}
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._leave()
            # Half a body must never pass for a whole one.
            raise ClientLeftError("the client left while it sent its request")
        if not message.get("more_body", False):
            self._has_body = False
            self.start()
        return message

    def on_leave(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called when the client leaves, at once when it has; returns how to undo it."""
        with self._lock:
            if not self.left:
                self._callbacks.add(callback)
                return lambda: self._callbacks.discard(callback)
        callback()
        return lambda: None

    async def _wait_for_leave(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            self.left = True
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") not in (b"0", b"")
