"""An index of the names of one generation, which finds them in any script and spelling."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass

from onrecord.engine import Generation
from onrecord.errors import UnavailableError
from onrecord.search.folding import fold, romanize, skeleton

LONGEST_QUERY = 200
MOST_CANDIDATES = 1000
"""Names that are looked at for each way in which a name may fit."""
_MOST_SCANNED = 20_000
# Ids follow the length of names: the first ones are the shortest, and nothing has to be sorted.
_BY_START = (
    "SELECT iri, text, language, name.folded, name.latin FROM name WHERE id IN (SELECT id FROM "
    "(SELECT id FROM name WHERE folded >= :from AND folded < :to LIMIT :scanned) ORDER BY id LIMIT :most)"
)
_SHORT_BY_START = (
    "SELECT iri, text, language, name.folded, name.latin FROM name "
    "WHERE id <= :scanned AND +folded >= :from AND +folded < :to LIMIT :most"
)
_BY_PART = (
    "SELECT iri, text, language, name.folded, name.latin "
    "FROM spelled CROSS JOIN name ON name.id = spelled.rowid "
    "WHERE spelled MATCH ? ORDER BY spelled.rowid LIMIT ?"
)
_BY_SOUND = (
    "SELECT iri, text, language, name.folded, name.latin "
    "FROM heard CROSS JOIN name ON name.id = heard.rowid "
    "WHERE heard MATCH ? ORDER BY heard.rowid LIMIT ?"
)
_KINDS = ("exact", "start", "part", "sound")
_Name = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Hit:
    """A name that fits; `how` is exact, start, part or sound."""

    iri: str
    text: str
    language: str
    how: str


@dataclass(frozen=True)
class Hits:
    """One page of hits, one for each IRI; the index is of `generation`, `complete` when it has all names."""

    hits: tuple[Hit, ...]
    more: bool
    generation: Generation
    complete: bool


class NameIndex:
    """A whole index of the names of `generation`, in a database as `writing` fills it."""

    def __init__(self, base: sqlite3.Connection, generation: Generation) -> None:
        """Raises UnavailableError for a file that is none."""
        self._lock = threading.Lock()
        self._base = base
        self.generation = generation
        self._complete = bool(self._rows("SELECT complete FROM told", ())[0][0])

    def search(self, text: str, page: int, size: int) -> Hits:
        """Page `page` (from 1) of the names that fit `text`, the best first."""
        asked = text[:LONGEST_QUERY]
        folded, latin, bones = fold(asked), romanize(asked), skeleton(asked)
        best: dict[str, tuple[tuple[int, int, str], Hit]] = {}
        for iri, name, language, name_folded, name_latin in self._candidates(folded, latin, bones):
            place = _place(folded, latin, name_folded, name_latin)
            rank = (place, len(name), iri)
            if iri not in best or rank < best[iri][0]:
                best[iri] = (rank, Hit(iri, name, language, _KINDS[place]))
        ordered = [hit for _, hit in sorted(best.values(), key=lambda ranked: ranked[0])]
        start = (page - 1) * size
        more = len(ordered) > start + size
        return Hits(tuple(ordered[start : start + size]), more, self.generation, self._complete)

    def _candidates(self, folded: str, latin: str, bones: str) -> list[_Name]:
        found: list[_Name] = []
        if folded:
            span = {
                "from": folded,
                "to": folded + "\U0010ffff",
                "scanned": _MOST_SCANNED,
                "most": MOST_CANDIDATES,
            }
            found += self._rows(_BY_START, span)
            found += self._rows(_SHORT_BY_START, span)
        if len(folded) >= 3:
            either = f"{_quote(folded)} OR {_quote(latin)}" if len(latin) >= 3 else _quote(folded)
            found += self._rows(_BY_PART, (either, MOST_CANDIDATES))
        if len(bones.replace(" ", "")) >= 2:
            words = " AND ".join(_quote(word) for word in bones.split(" "))
            found += self._rows(_BY_SOUND, (words, MOST_CANDIDATES))
        return found

    def _rows(self, query: str, values: tuple[object, ...] | dict[str, object]) -> list[_Name]:
        try:
            with self._lock:
                return self._base.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise UnavailableError(f"The index of names cannot be read: {error}.") from error


def _place(folded: str, latin: str, name: str, name_latin: str) -> int:
    """How well a name fits, as an index of `_KINDS`."""
    if folded == name or (latin and latin == name_latin):
        return 0
    if name.startswith(folded) or (latin and name_latin.startswith(latin)):
        return 1
    return 2 if folded in name or (latin and latin in name_latin) else 3


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
