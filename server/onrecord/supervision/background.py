"""The background process as the supervisor sees it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from onrecord.logs import LOGGER
from onrecord.search import write_index
from onrecord.store.background import run_background
from onrecord.store.channel import Channel, Frame
from onrecord.store.names import NameIndexes
from onrecord.store.state import StateDirectory
from onrecord.supervision.companion import Companion
from onrecord.supervision.events import Events

_LOG = logging.getLogger(LOGGER)

VERIFY_SECONDS = 3_600.0
_MOST_ENDS = 3
"""After so many ends of the process what it works at is left until there is a newer generation."""


class Background:
    """Starts the process when there is something to derive, and again when it ended."""

    def __init__(
        self, store: Path, is_union: bool, events: Events, on_damage: Callable[[int, str], None]
    ) -> None:
        self._state = StateDirectory(store)
        self._names = NameIndexes(self._state.generations, is_union)
        self._companion = Companion(events, self._run, self._hear, self._begin_again)
        self._on_damage = on_damage
        self._verified = time.monotonic()
        self._ends = 0
        """How often the process ended by itself while this generation was the newest."""
        self._number = 0

    def derive(self, number: int) -> None:
        """Have what is told of generation `number` derived, unless it has been."""
        if number != self._number:
            self._ends = 0
        self._number = number
        derived = self._state.derived_of(number)
        if (
            derived is not None
            and (derived.content_hash or derived.hash_trouble)
            and self._state.sums_path(number).exists()
            and self._names.path(number).exists()
        ):
            return
        self.look()

    def look(self) -> None:
        """Have what is missing derived, of the newest generation and of pinned ones."""
        self._companion.send({"number": self._number})

    def tend(self) -> None:
        """To be called now and then: each hour the files of the newest generation are read again."""
        if time.monotonic() - self._verified >= VERIFY_SECONDS and self._number:
            self._verified = time.monotonic()
            self._companion.send({"number": self._number, "verify": True})

    def stop(self) -> None:
        """End the process at once, if it runs."""
        self._companion.stop()

    def named(self, number: int) -> int | None:
        """The generation whose names a search finds while `number` is served; None before the first."""
        return self._names.newest(number)

    def _run(self, channel: Channel) -> None:
        run_background(self._state.path, channel, self._names, write_index)

    def _hear(self, frame: Frame) -> None:
        message = frame.message()
        if "damaged" in message:
            self._on_damage(int(str(message["damaged"])), str(message["reason"]))

    def _begin_again(self) -> None:
        """Have the files read first: a spoiled one may be what ended the process."""
        self._ends += 1
        if self._ends <= _MOST_ENDS:
            self._companion.send({"number": self._number, "verify": True})
        else:
            _LOG.warning("What is told of generation %d cannot be derived; it is left out.", self._number)
