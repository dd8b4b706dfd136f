"""A response on its way to the client, remembered for the cache."""

from __future__ import annotations

from onrecord.web.cache import LONGEST_BODY, Kept
from onrecord.web.visit import Message, Send


class CacheRecording:
    """Passes a response on, and remembers it while it may be kept."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._allowed = False
        self._start: Message | None = None
        self._pieces: list[bytes] = []
        self._size = 0
        self._ended = False

    def allow(self) -> None:
        """Called from the thread of the route, before the response begins."""
        self._allowed = True

    async def send(self, message: Message) -> None:
        await self._send(message)
        if not self._allowed or self._size > LONGEST_BODY:
            return
        if message["type"] == "http.response.start":
            self._start = message
            return
        piece = message.get("body", b"")
        self._size += len(piece)
        self._pieces.append(piece)
        self._ended = not message.get("more_body", False)
        if self._size > LONGEST_BODY:
            self._pieces.clear()

    def whole(self) -> Kept | None:
        """The response, if it was allowed, short enough and sent to its end."""
        if not self._allowed or self._start is None or not self._ended or self._size > LONGEST_BODY:
            return None
        return Kept(self._start["status"], tuple(self._start["headers"]), b"".join(self._pieces))
