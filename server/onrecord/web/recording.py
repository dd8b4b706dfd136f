"""Counts every request and writes its line in the log, in front of all that answers."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from onrecord.logs import RequestLog
from onrecord.supervision.counters import Counters
from onrecord.web.visit import TEXT, Message, Receive, Scope, Send

_OPERATORS = ("/health", "/metrics", "/admin/")

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def route_of(path: str) -> str:
    """The class of requests that `path` (without the prefix of the public address) belongs to.

    >>> route_of("/sparql"), route_of("/id/mayor"), route_of("/metrics")
    ('sparql', 'page', 'operator')
    """
    if path == "/sparql" or path.startswith("/sparql/"):
        return "sparql"
    if path == "/graphs" or path.startswith("/graphs/"):
        return "graphs"
    if path == "/queries" or path.startswith("/queries/"):
        return "queries"
    if path.startswith("/s/"):
        return "permalink"
    if path.startswith("/static/"):
        return "static"
    return "operator" if path.startswith(_OPERATORS) else "page"


class Recorded:
    """An ASGI application whose requests are counted and logged.

    `detail` is a value of the setting `request_log`: without `queries` no line
    tells what was asked, without `clients` none tells who asked.
    """

    def __init__(
        self, application: Application, counters: Counters, prefix: str, log: RequestLog | None, detail: str
    ) -> None:
        self._application = application
        self._counters = counters
        self._prefix = prefix
        self._log = log
        self._tells_queries = detail in ("queries", "full")
        self._tells_clients = detail in ("clients", "full")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        route = route_of(scope["path"].removeprefix(self._prefix))
        status = size = 0

        def watch(message: Message) -> Awaitable[None]:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            return send(message)

        self._counters.begin()
        try:
            await self._application(scope, receive, watch)
        finally:
            seconds = time.perf_counter() - started
            self._counters.end(route, status, seconds)
            if self._log is not None:
                self._log.note(self._describe(scope, route, status, size, seconds))

    def _describe(
        self, scope: Scope, route: str, status: int, size: int, seconds: float
    ) -> dict[str, object]:
        told: dict[str, object] = {
            "method": scope["method"],
            "path": scope["path"],
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "bytes": size,
        }
        if self._tells_clients:
            told["client"] = scope["client"][0] if scope.get("client") else ""
        if self._tells_queries:
            told["query_string"] = scope["query_string"].decode("latin-1")
            if (text := scope.get(TEXT)) is not None:
                told["text"] = text
        return told
