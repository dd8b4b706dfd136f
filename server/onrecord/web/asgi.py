"""The thin ASGI layer before Flask: it knows clients as WSGI cannot.

Flask defines every route. This layer reads the request's body before a thread
is taken for it, lets no more requests at the engine than there are threads,
tells a route when its client has left (`scope["onrecord.on_leave"]`), so that
a query nobody waits for ends at once, and sees to it that half an answer
never passes for a whole one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import IO, Any, cast
from urllib.parse import quote_from_bytes, urlsplit

from a2wsgi import WSGIMiddleware
from flask import Flask

from onrecord.config import Settings
from onrecord.engine import Generation
from onrecord.errors import (
    ClientLeftError,
    OnrecordError,
    SlowBodyError,
    StoreError,
    TooBusyError,
    UnavailableError,
)
from onrecord.supervision.asking import Asker
from onrecord.supervision.counters import Counters
from onrecord.web.cache import Age, Asked, Cache, Kept, read_asked
from onrecord.web.cache_recording import CacheRecording
from onrecord.web.held_answers import HeldAnswer, refuse
from onrecord.web.hot import HotPath
from onrecord.web.recording import route_of
from onrecord.web.site import KEY, Site
from onrecord.web.visit import FAILURE, KEEP, Message, Receive, Scope, Send, Visit

_LOG = logging.getLogger("onrecord")

ENGINE_THREADS = 256
"""Requests at the engine at once; most of them wait for a worker or a client."""
PAGE_THREADS = 16
"""Other requests at once. Apart, so that pages are served while the engine is busy."""
OPERATOR_THREADS = 4
"""Requests of operators at once: they see what runs, and end it, while everything else is busy."""
FAILURE_THREADS = 2
"""Answers at once that tell why the engine gave none. Few: when many queries are refused in one moment, the
event loop, which answers look-ups, must not wait for as many threads."""
MOST_WAITING = 1000
"""Requests that may wait for an engine thread."""

UPLOAD_SECONDS = 3600.0
"""An upload must be whole after this long, as long as its parts keep coming."""
_PIECE = 1 << 18

_MOST_ANSWERED, _LONGEST_ANSWERED = 2048, 4096
"""Requests answered from the cache that are known again as they came, and the most bytes of one."""
_Facts = tuple[str, str, str, bytes, str, tuple[tuple[bytes, bytes], ...]]

_QUERY_STRING_SAFE = "".join(chr(c) for c in range(0x21, 0x7F))
_HTTP_1_0 = ("1.0", "1")
_BODY_FACTOR, _BODY_EXTRA = 4, 1 << 20


class Front:
    """The ASGI application: one `Flask` behind it. `is_stopping` tells when nothing new is to be begun."""

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        counters: Counters,
        is_stopping: Callable[[], bool] = lambda: False,
        asker: Asker | None = None,
    ) -> None:
        """With an `asker` plain queries are asked without a thread."""
        # The adapter's own type aliases are narrower than ASGI; the protocol is the same.
        self._engine_routes = cast(Any, WSGIMiddleware(cast(Any, app), ENGINE_THREADS))
        self._other_routes = cast(Any, WSGIMiddleware(cast(Any, app), PAGE_THREADS))
        self._operator_routes = cast(Any, WSGIMiddleware(cast(Any, app), OPERATOR_THREADS))
        self._failure_routes = cast(Any, WSGIMiddleware(cast(Any, app), FAILURE_THREADS))
        self._counters = counters
        self._is_stopping = is_stopping
        self._places = asyncio.Semaphore(ENGINE_THREADS)
        self._waiting = 0
        self._site = cast(Site, app.extensions[KEY])
        # Where readers need a token, Flask asks for it.
        keeps = settings.reading == "open" and settings.cache_memory > 0
        self._cache = Cache(settings.cache_memory << 20) if keeps else None
        self._answered: dict[_Facts, Asked] = {}
        self._last_age = Age(Generation("", 0), 0)
        self._prefix = urlsplit(settings.public_url).path.rstrip("/")
        is_open = settings.reading == "open"
        self._hot = HotPath(self._site, asker, self._prefix) if asker is not None and is_open else None
        self._queue_timeout = settings.queue_timeout
        # A form may escape every byte of the text; what is longer still, Flask refuses by its length.
        self._most_upload = settings.upload_bytes
        self._most_body = settings.query_bytes * _BODY_FACTOR + _BODY_EXTRA

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if self._is_stopping():
            await refuse(UnavailableError("This server is being stopped. Try again in a moment."), send)
            return
        facts = _facts_of(scope)
        asked = self._answered.get(facts)
        if asked is not None:
            scope["query_string"] = asked.query_string
        else:
            # WSGI takes ASCII; a client that sends other bytes unescaped means their escapes.
            scope["query_string"] = quote_from_bytes(scope["query_string"], _QUERY_STRING_SAFE).encode()
            asked = self._read_asked(scope)
        if self._cache is not None and asked is not None:
            age = self._age()
            kept = self._cache.find(asked, age)
            self._counters.count("cache_misses" if kept is None else "cache_hits")
            if kept is not None:
                self._remember(facts, asked)
                await _send_kept(kept, send)
                return
            recording = CacheRecording(send)
            scope[KEEP] = recording.allow
            found = await self._pass_on(scope, receive, recording.send, asked) or recording.whole()
            if found is not None and self._age() == age:
                self._cache.keep(asked, age, found)
            return
        await self._pass_on(scope, receive, send, asked)

    def _remember(self, facts: _Facts, asked: Asked) -> None:
        """Let a request that was answered from the cache be read no more when it comes again."""
        if facts in self._answered:
            return
        if len(self._answered) >= _MOST_ANSWERED:
            self._answered.clear()
        if len(asked.query_string) + sum(len(value) for _, value in facts[-1]) <= _LONGEST_ANSWERED:
            self._answered[facts] = asked

    def _age(self) -> Age:
        generation, reading = self._site.engine.generation(), self._site.reading
        if self._last_age.generation is not generation or self._last_age.reading != reading:
            self._last_age = Age(generation, reading)
        return self._last_age

    def _read_asked(self, scope: Scope) -> Asked | None:
        """The request, where it is of those whose answers are kept."""
        own = scope["path"].removeprefix(self._prefix)
        if scope["http_version"] in _HTTP_1_0 or not (own == "/sparql" or own.startswith("/queries/")):
            return None
        return read_asked(
            scope["method"], scope["scheme"], scope["path"], scope["query_string"], scope["headers"]
        )

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, asked: Asked | None) -> Kept | None:
        """Answer by the hot path, and where that is not possible by Flask; a response that may be kept."""
        visit = Visit(scope, receive)
        scope["onrecord.on_leave"] = visit.on_leave
        try:
            question = self._hot.read(asked, scope) if self._hot is not None and asked is not None else None
            if question is not None and self._hot is not None and not self._places.locked():
                async with self._places:
                    is_answered, kept = await self._hot.answer(question, scope, visit, send)
                if is_answered:
                    self._counters.count("hot_answers")
                    return kept
            with await self._read_body(scope["path"], visit) as body:
                visit.watch()
                if FAILURE in scope:
                    await _answer(self._failure_routes, scope, body, visit, send)
                elif self._asks_engine(scope["path"]):
                    await self._take_place()
                    try:
                        await _answer(self._engine_routes, scope, body, visit, send)
                    finally:
                        self._places.release()
                elif route_of(scope["path"].removeprefix(self._prefix)) == "operator":
                    await _answer(self._operator_routes, scope, body, visit, send)
                else:
                    await _answer(self._other_routes, scope, body, visit, send)
        except (TooBusyError, SlowBodyError, ClientLeftError, StoreError) as error:
            await refuse(error, send)
        finally:
            visit.stop()
        return None

    async def _read_body(self, path: str, visit: Visit) -> IO[bytes]:
        if _is_graph_store(path.removeprefix(self._prefix)):
            return await visit.read_body(self._most_upload, UPLOAD_SECONDS)
        return await visit.read_body(self._most_body)

    def _asks_engine(self, path: str) -> bool:
        own = path.removeprefix(self._prefix)
        return own == "/sparql" or own.startswith(("/sparql/", "/queries/", "/s/")) or _is_graph_store(own)

    async def _take_place(self) -> None:
        """Wait for a thread that may ask the engine. Raises TooBusyError."""
        if self._waiting >= MOST_WAITING:
            raise TooBusyError("Too many requests wait already. Try again in a moment.")
        self._waiting += 1
        try:
            await asyncio.wait_for(self._places.acquire(), self._queue_timeout)
        except TimeoutError:
            raise TooBusyError("All query workers are busy. Try again in a moment.") from None
        finally:
            self._waiting -= 1


def _facts_of(scope: Scope) -> _Facts:
    """All of a request that what is read of it depends on, as it came."""
    return (
        scope["method"],
        scope["scheme"],
        scope["path"],
        scope["query_string"],
        scope["http_version"],
        tuple(scope["headers"]),
    )


async def _send_kept(kept: Kept, send: Send) -> None:
    await send({"type": "http.response.start", "status": kept.status, "headers": list(kept.headers)})
    await send({"type": "http.response.body", "body": kept.body})


def _is_graph_store(path: str) -> bool:
    return path == "/graphs" or path.startswith("/graphs/")


async def _answer(routes: Any, scope: Scope, body: IO[bytes], visit: Visit, send: Send) -> None:
    held = HeldAnswer(visit) if scope["http_version"] in _HTTP_1_0 else None
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            raise ClientLeftError("The body of the request broke off or is malformed.")
        piece = body.read(_PIECE)
        sent = len(piece) < _PIECE
        return {"type": "http.request", "body": piece, "more_body": not sent}

    try:
        await routes(scope, receive, held.take if held is not None else send)
    except OnrecordError as error:
        # Returning without a last message breaks the connection.
        if not visit.left:
            _LOG.warning("an answer broke off: %s", error)
        if held is not None:
            await held.refuse(error, send)
    else:
        if held is not None:
            await held.release(send)
