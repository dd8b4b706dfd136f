"""Requests to build the folder again: those that come while a build runs share one more."""

from __future__ import annotations

from collections.abc import Callable

from onrecord.supervision.connection import Connection


class Rebuilds:
    """Who waits for which build; `order` has the writer build."""

    def __init__(self, order: Callable[[], None]) -> None:
        self._order = order
        self._running = False
        self._askers: list[Connection] = []
        self._next: list[Connection] | None = None

    @property
    def are_asked(self) -> bool:
        """Whether somebody waits for the build under way."""
        return bool(self._askers)

    def start(self) -> None:
        """A build runs that nobody asked for."""
        self._running = True

    def ask(self, *askers: Connection) -> None:
        """Have the folder built, after the build under way if one runs."""
        if self._running:
            self._next = [*(self._next or ()), *askers]
            return
        self._running = True
        self._askers += askers
        self._order()

    def restart(self, answer: dict[str, object]) -> None:
        """The writer ended and starts again, which is a build that nobody asked for."""
        waiting, self._next = self._next, None
        self.answer(answer)
        self._next = waiting
        self._running = True

    def answer(self, answer: dict[str, object]) -> None:
        """The build under way has ended with `answer`; start the next one if it is asked for."""
        for connection in self._askers:
            connection.tell(answer)
        self._askers.clear()
        self._running = False
        if self._next is not None:
            askers, self._next = self._next, None
            self.ask(*askers)
