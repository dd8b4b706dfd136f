"""How large the result of a query was when somebody last asked it with its default parameters."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from onrecord.errors import StoreError
from onrecord.saved.team.database import SavedDatabase


@dataclass(frozen=True)
class ResultSize:
    """Rows (or triples) of a result; `is_more` tells that there were more than these."""

    size: int
    is_more: bool


class SizeNotes:
    """What is remembered of sizes in a state directory: of each query the last one.

    A note is a convenience: what cannot be written or read is forgotten.
    """

    def __init__(self, state: Path) -> None:
        self._database = SavedDatabase(state)
        self._lock = threading.Lock()
        self._written: dict[str, tuple[str, str, ResultSize]] = {}

    def note(self, name: str, version: str, generation: str, size: ResultSize) -> None:
        """Remember the size of the query `name`, for its text `version` on `generation`. Never fails."""
        told = (version, generation, size)
        with self._lock:
            if self._written.get(name) == told:
                return
            self._written[name] = told
        try:
            with self._database.write() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO result_size VALUES (?, ?, ?, ?, ?)",
                    (name, version, generation, size.size, size.is_more),
                )
        except StoreError:
            pass  # a full disk takes nobody's answer away

    def sizes(self, generation: str) -> dict[tuple[str, str], ResultSize]:
        """What is known of `generation`, by name and version of the query."""
        try:
            with self._database.read() as connection:
                if connection is None:
                    return {}
                rows = connection.execute(
                    "SELECT name, hash, size, is_more FROM result_size WHERE generation = ?", (generation,)
                ).fetchall()
        except StoreError:
            return {}
        return {(name, version): ResultSize(size, bool(more)) for name, version, size, more in rows}
