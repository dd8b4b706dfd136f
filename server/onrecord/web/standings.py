"""Standings as pages and the feed tell them: judged in the background, once for a generation."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

from flask import current_app

from onrecord.engine import Engine
from onrecord.saved import SavedQuery
from onrecord.saved.standing import Book, StandingFile, judge_all
from onrecord.terms import IriSpace
from onrecord.web.shared_queries import shared_queries
from onrecord.web.site import Site

KEY = "onrecord.standings"
_PATIENCE = 1.5
"""Seconds that a page waits for a verdict; afterwards it shows the last one and says so."""


class Standings:
    """The standings of one site; `path` is the book's file in the state directory."""

    def __init__(self, path: Path) -> None:
        self._file = StandingFile(path)
        self._lock = threading.Lock()
        self._book = self._file.read()
        self._judging = ""
        self._done = threading.Event()

    def current(self, site: Site) -> tuple[Book, bool]:
        """The book, and whether it is of the current generation and texts; starts the judging if not.

        It tells of the queries that everybody is shown, and of those that once were.
        """
        queries = shared_queries().public_queries()
        generation = site.engine.generation().label
        texts = sha256("".join(query.version for query in queries).encode()).hexdigest()[:12]
        of = f"{generation}.{texts}"
        with self._lock:
            if self._book.of == of:
                return self._book, True
            if self._judging != of:
                self._judging, self._done = of, threading.Event()
                asked = (
                    site.engine,
                    queries,
                    site.space,
                    site.settings.query_bytes,
                    of,
                    generation,
                )
                thread = threading.Thread(target=self._judge, args=asked, name="standings", daemon=True)
                thread.start()
            done = self._done
        done.wait(_PATIENCE)
        with self._lock:
            return self._book, self._book.of == of

    def _judge(
        self,
        engine: Engine,
        queries: tuple[SavedQuery, ...],
        space: IriSpace,
        most_bytes: int,
        of: str,
        generation: str,
    ) -> None:
        done = self._done
        try:
            # Another web process may have done it already.
            book = self._file.read()
            if book.of != of:
                verdicts = judge_all(engine, queries, space, most_bytes)
                if engine.generation().label != generation:
                    return  # judged across two states, so it says nothing of either
                now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
                book = self._file.turn_page(of, generation, now, verdicts)
            with self._lock:
                self._book = book
        finally:
            with self._lock:
                if self._judging == of:
                    self._judging = ""
            done.set()


def standings() -> Standings | None:
    """The standings of the current application; None where nothing is kept."""
    return cast("Standings | None", current_app.extensions.get(KEY))
