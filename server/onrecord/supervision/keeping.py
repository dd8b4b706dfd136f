"""The process that wakes pinned generations and lays others to rest, as the supervisor sees it."""

from __future__ import annotations

import time
from pathlib import Path

from onrecord.errors import StoreError, encode_error
from onrecord.store.channel import Frame
from onrecord.store.resting import run_keeper
from onrecord.supervision.companion import Companion
from onrecord.supervision.connection import Connection
from onrecord.supervision.events import Events

TEND_SECONDS = 3_600.0
_TEND = 0
"""The number that wakes nothing: pins are looked through in any case."""


class Keeper:
    """Starts the process when somebody asks for a generation at rest, and each hour where there are pins."""

    def __init__(self, store: Path, events: Events) -> None:
        self._store = store
        self._companion = Companion(
            events, lambda channel: run_keeper(store, channel), self._hear, self._give_up
        )
        self._waiting: dict[int, list[Connection]] = {}
        self._tended = time.monotonic()

    def wake(self, number: int, connection: Connection) -> None:
        """Have a pinned generation opened again; `connection` is told when it is, or why it cannot be."""
        asked = self._waiting.setdefault(number, [])
        asked.append(connection)
        if len(asked) == 1:
            self._send(number)

    def tend(self) -> None:
        """To be called now and then."""
        if time.monotonic() - self._tended < TEND_SECONDS:
            return
        self._tended = time.monotonic()
        if any((self._store / "pins").glob("*/pin.json")):
            self._send(_TEND)

    def stop(self) -> None:
        """End the process at once, if it runs."""
        self._companion.stop()

    def _send(self, number: int) -> None:
        self._companion.send({"wake": number})

    def _hear(self, frame: Frame) -> None:
        message = frame.message()
        self._answer(int(str(message["wake"])), str(message.get("error", "")))

    def _give_up(self) -> None:
        for number in list(self._waiting):
            self._answer(
                number, f"Generation {number} cannot be opened again: the process that does it ended."
            )

    def _answer(self, number: int, error: str) -> None:
        for connection in self._waiting.pop(number, ()):
            if error:
                connection.tell({"error": encode_error(StoreError(error))})
            else:
                connection.tell({"woken": number})
