"""One request's client, as ASGI shows it: its body, and the moment it leaves."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from onrecord.errors import ClientLeftError, SlowBodyError, StoreError, name_failure

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PART_SECONDS = 10.0
"""A client that sends nothing of its body for this long is refused."""
_IN_MEMORY = 1 << 20
TEXT = "onrecord.text"
"""Where in the scope a route leaves the text of a query or update, for the log."""
KEEP = "onrecord.keep"
"""Where in the scope stands what to call before an answer is sent that may be kept."""
FAILURE = "onrecord.failure"
"""Where in the scope stands why the engine did not answer the query that a route is to answer."""
BODY_SECONDS = 60.0
"""A body must be whole after this long."""


class Visit:
    """A client that is watched from the end of its request body on.

    `on_leave` may be called from any thread.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        self._has_body = b"transfer-encoding" in headers or length not in (b"0", b"")
        self._length = int(length) if length.isdigit() else 0
        self._receive = receive
        self._watch: asyncio.Task[None] | None = None
        self._callbacks: set[Callable[[], None]] = set()
        self._lock = threading.Lock()
        self.left = False

    async def read_body(self, most: int, seconds: float = BODY_SECONDS) -> IO[bytes]:
        """The request's body, or its beginning when it is longer than `most` bytes; nothing when it says so.

        Read here, before a thread is taken: a client that sends slowly must
        cost nobody but itself. A long body goes to disk. Raises SlowBodyError,
        ClientLeftError and DiskFullError.
        """
        body = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115, the caller closes it
        size = 0
        failure: StoreError | None = None
        try:
            async with asyncio.timeout(seconds):
                while self._has_body and self._length <= most and size <= most:
                    message = await asyncio.wait_for(self._receive(), PART_SECONDS)
                    if message["type"] == "http.disconnect":
                        raise ClientLeftError("The body of the request broke off or is malformed.")
                    size += len(message.get("body", b""))
                    if failure is None:
                        failure = _try_to_keep(body, message.get("body", b""))
                    self._has_body = message.get("more_body", False)
        except TimeoutError:
            raise SlowBodyError(
                "The body of the request did not arrive: each part must come within "
                f"{PART_SECONDS:g} seconds, all of it within {seconds:g}."
            ) from None
        if failure is not None:
            # All of the body was taken first: a client that still sends might not read what it is told.
            raise failure
        body.seek(0)
        return body

    def watch(self) -> None:
        """From now on notice when the client leaves."""
        if self._watch is None:
            self._watch = asyncio.get_running_loop().create_task(self._wait_for_leave())

    def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    def on_leave(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have `callback` called when the client leaves, at once when it has; returns how to undo it."""
        with self._lock:
            if not self.left:
                self._callbacks.add(callback)
                return lambda: self._callbacks.discard(callback)
        callback()
        return lambda: None

    def leave(self) -> None:
        """Have everybody who waits for this client's answer stop."""
        with self._lock:
            self.left = True
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    async def _wait_for_leave(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.leave()


def _try_to_keep(body: IO[bytes], piece: bytes) -> StoreError | None:
    try:
        keep_piece(body, piece)
    except StoreError as error:
        return error
    return None


def keep_piece(body: IO[bytes], piece: bytes) -> None:
    """Add `piece` to a body that is spooled. Raises StoreError, DiskFullError for a full disk."""
    try:
        body.write(piece)
    except OSError as error:
        with suppress(OSError):
            body.close()
        raise name_failure(Path(tempfile.gettempdir()), error) from error
