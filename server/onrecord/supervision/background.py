"""The background process as the supervisor sees it."""

from __future__ import annotations

from pathlib import Path

from onrecord.store.background import run_background
from onrecord.store.state import StateDirectory
from onrecord.supervision.companion import Companion
from onrecord.supervision.events import Events
from onrecord.supervision.rates import Recent


class Background:
    """Starts the process when there is something to derive, and again when it ended."""

    def __init__(self, store: Path, events: Events) -> None:
        self._state = StateDirectory(store)
        self._companion = Companion(
            events, lambda channel: run_background(store, channel), lambda _: None, self._begin_again
        )
        self._ends = Recent()
        self._number = 0

    def derive(self, number: int) -> None:
        """Have what is told of generation `number` derived, unless it has been."""
        self._number = number
        derived = self._state.derived_of(number)
        if derived is not None and (derived.content_hash or derived.hash_trouble):
            return
        self.look()

    def look(self) -> None:
        """Have what is missing derived, of the newest generation and of pinned ones."""
        self._companion.send({"number": self._number})

    def stop(self) -> None:
        """End the process at once, if it runs."""
        self._companion.stop()

    def _begin_again(self) -> None:
        if not self._ends.too_many():
            self.derive(self._number)
