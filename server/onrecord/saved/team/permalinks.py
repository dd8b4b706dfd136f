"""Permalinks of ad-hoc queries, kept under the hash of what they ask: the same query has one address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from onrecord.errors import StoreError
from onrecord.saved.team.database import SavedDatabase

MOST_PERMALINKS = 200_000
"""Permalinks that a store keeps."""
LONGEST_TEXT = 50_000
"""Bytes of the text of one."""
_DIGITS = 32


class PermalinksFullError(StoreError):
    """There is no room for another permalink."""

    status = 507
    title = "No room for another permalink"
    code = "permalinks-full"


@dataclass(frozen=True)
class AdHocQuery:
    """A query text with the dataset that it is asked of, as the SPARQL Protocol names it."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    @property
    def document(self) -> str:
        """What is hashed and kept."""
        parts = {"query": self.text, "default": self.default_graphs, "named": self.named_graphs}
        return json.dumps(parts, ensure_ascii=False, sort_keys=True)

    @property
    def hash(self) -> str:
        """Its name: the first 32 hexadecimal digits of the SHA-256 of `document`.

        >>> AdHocQuery("ASK {}").hash
        '198ab0cc71de547816a403714913c681'
        """
        return hashlib.sha256(self.document.encode()).hexdigest()[:_DIGITS]


class PermalinkShelf:
    """The permalinks of a state directory. Safe to use from any thread and process."""

    def __init__(self, state: Path) -> None:
        self._database = SavedDatabase(state)

    def keep(self, query: AdHocQuery) -> str:
        """Keep `query`; returns its hash. On disk when this returns.

        Raises PermalinksFullError and StoreError.
        """
        if self.find(query.hash) is not None:
            return query.hash
        with self._database.write() as connection:
            (count,) = connection.execute("SELECT COUNT(*) FROM permalink").fetchone()
            if count >= MOST_PERMALINKS:
                raise PermalinksFullError(
                    f"This server keeps {MOST_PERMALINKS:,} permalinks and has no room for another. "
                    "Save the query under a name instead."
                )
            made = datetime.now(UTC).isoformat(timespec="seconds")
            connection.execute(
                "INSERT OR IGNORE INTO permalink VALUES (?, ?, ?)", (query.hash, query.document, made)
            )
        return query.hash

    def find(self, digest: str) -> AdHocQuery | None:
        """The query with that hash. Raises StoreError."""
        with self._database.read() as connection:
            if connection is None:
                return None
            row = connection.execute("SELECT document FROM permalink WHERE hash = ?", (digest,)).fetchone()
        return _read(json.loads(row[0])) if row is not None else None


def _read(document: dict[str, str | Sequence[str]]) -> AdHocQuery:
    return AdHocQuery(str(document["query"]), tuple(document["default"]), tuple(document["named"]))
