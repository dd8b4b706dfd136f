"""Answers of the thin layer itself: one held whole for HTTP/1.0, and refusals."""

from __future__ import annotations

import json

from onrecord.errors import Http10Error, OnrecordError
from onrecord.web.visit import Message, Send, Visit

HELD_BYTES = 16 << 20
"""Longest answer for an HTTP/1.0 client, which cannot tell a broken answer from a whole one."""


class HeldAnswer:
    """A whole answer held in memory, for a client of HTTP/1.0."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._start: Message = {}
        self._pieces: list[bytes] = []
        self._size = 0

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif self._size <= HELD_BYTES:
            piece = message.get("body", b"")
            self._pieces.append(piece)
            self._size += len(piece)
            if self._size > HELD_BYTES:
                self._pieces.clear()
                self._visit.leave()

    async def release(self, send: Send) -> None:
        if self._size > HELD_BYTES:
            await self.refuse(OnrecordError("The answer is too long."), send)
            return
        names = {name.lower() for name, _ in self._start["headers"]}
        headers = list(self._start["headers"])
        if b"content-length" not in names:
            headers.append((b"content-length", str(self._size).encode()))
        await send({**self._start, "headers": headers})
        await send({"type": "http.response.body", "body": b"".join(self._pieces)})

    async def refuse(self, error: OnrecordError, send: Send) -> None:
        if self._size > HELD_BYTES:
            error = Http10Error(
                f"The answer is longer than {HELD_BYTES >> 20} MB, the most that is sent by HTTP/1.0, "
                "where a broken answer looks like a whole one. Ask by HTTP/1.1."
            )
        await refuse(error, send)


async def refuse(error: OnrecordError, send: Send) -> None:
    """Answer with the problem document of `error` (RFC 9457)."""
    document = {
        "type": f"/problems#{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = [
        (b"content-type", b"application/problem+json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"access-control-allow-origin", b"*"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if error.retry_after is not None:
        headers.append((b"retry-after", str(error.retry_after).encode()))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
