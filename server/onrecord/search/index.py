"""An index of the labels of one generation: SQLite's full text search, in a file that vanishes with it.

Built on demand by the process that searches, in a thread of its own; until it
is done, the index of an older generation answers and says so.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.engine import Engine, Generation
from onrecord.errors import OnrecordError, UnavailableError
from onrecord.search.folding import fold, romanize, skeleton
from onrecord.solutions import Reader
from onrecord.terms import RDFS, REC

NAMES = (RDFS + "label", REC + "alsoCalled")
MOST_NAMES = 1_000_000
"""Names that are indexed; a search tells when there are more."""
_CHUNK = 50_000
_SMALL_CHUNK = 5_000
"""From an engine elsewhere, which may give fewer rows at once: Virtuoso gives 10,000."""
_FRESH_SECONDS = 300.0
"""For so long an index serves where others may write unseen."""
_PATIENCE = 4.0
"""Seconds that a search waits for an index."""
LONGEST_QUERY = 200
_SCHEMA = """
CREATE TABLE name (id INTEGER PRIMARY KEY, iri TEXT, text TEXT, language TEXT, folded TEXT, latin TEXT);
CREATE VIRTUAL TABLE spelled USING fts5(folded, latin, content='', tokenize='trigram');
CREATE VIRTUAL TABLE heard USING fts5(bones, content='', tokenize='unicode61');
"""


_BY_START = (
    "SELECT iri, text, language, folded, latin FROM name WHERE folded >= ? AND folded < ? "
    "ORDER BY length(folded) LIMIT ?"
)
_BY_PART = (
    "SELECT iri, text, language, name.folded, name.latin FROM spelled JOIN name ON name.id = spelled.rowid "
    "WHERE spelled MATCH ? ORDER BY rank LIMIT ?"
)
_BY_SOUND = (
    "SELECT iri, text, language, folded, latin FROM heard JOIN name ON name.id = heard.rowid "
    "WHERE heard MATCH ? ORDER BY rank LIMIT ?"
)
MOST_CANDIDATES = 1000
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


class LabelIndex:
    """The searchable names of the newest generation that was asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._ready: _Built | None = None
        self._building: threading.Thread | None = None
        self._failure: OnrecordError | None = None

    def search(self, text: str, page: int, size: int) -> Hits:
        """Page `page` (from 1) of the names that fit `text`, the best first.

        Raises UnavailableError while the first index is being built.
        """
        return self._current().search(text[:LONGEST_QUERY], page, size)

    def _current(self) -> _Built:
        wanted = self._engine.generation()
        with self._lock:
            if self._ready is not None and self._ready.is_of(wanted):
                return self._ready
            if self._building is None or not self._building.is_alive():
                self._building = threading.Thread(target=self._build, name="label-index", daemon=True)
                self._building.start()
            building = self._building
        building.join(_PATIENCE)
        with self._lock:
            if self._ready is not None:
                return self._ready
            if self._failure is not None:
                raise self._failure
        raise UnavailableError("The index of names is being built. Try again in a few seconds.")

    def _build(self) -> None:
        try:
            built = _Built(Reader(self._engine))
        except OnrecordError as error:
            with self._lock:
                self._failure = error
            return
        with self._lock:
            self._ready, self._failure = built, None


class _Built:
    """An index that is whole."""

    def __init__(self, reader: Reader) -> None:
        self._lock = threading.Lock()
        # An empty name is a temporary database: on disk when it grows, gone when it is closed.
        self._base = sqlite3.connect("", check_same_thread=False)
        self._base.executescript(_SCHEMA)
        self.complete = True
        self._made = time.monotonic()
        start, size = 0, _SMALL_CHUNK
        while True:
            rows = _read_names(reader, start, size)
            with self._base:
                self._add(rows)
            start += size
            if len(rows) < size:
                break
            assert reader.generation is not None
            size = _CHUNK if reader.generation.is_immutable else _SMALL_CHUNK
            if start >= MOST_NAMES:
                self.complete = False
                break
        assert reader.generation is not None
        self.generation = reader.generation
        self._base.execute("CREATE INDEX name_folded ON name (folded)")

    def is_of(self, generation: Generation) -> bool:
        """Whether it has the names of `generation`, as far as that can be told."""
        is_fresh = generation.is_immutable or time.monotonic() - self._made < _FRESH_SECONDS
        return is_fresh and self.generation == generation

    def _add(self, rows: Iterable[tuple[str, str, str]]) -> None:
        for iri, text, language in rows:
            folded, latin = fold(text), romanize(text)
            added = self._base.execute(
                "INSERT INTO name (iri, text, language, folded, latin) VALUES (?, ?, ?, ?, ?)",
                (iri, text, language, folded, latin),
            )
            key = added.lastrowid
            self._base.execute(
                "INSERT INTO spelled (rowid, folded, latin) VALUES (?, ?, ?)", (key, folded, latin)
            )
            self._base.execute("INSERT INTO heard (rowid, bones) VALUES (?, ?)", (key, skeleton(text)))

    def search(self, text: str, page: int, size: int) -> Hits:
        folded, latin, bones = fold(text), romanize(text), skeleton(text)
        best: dict[str, tuple[tuple[int, int, str], Hit]] = {}
        for iri, name, language, name_folded, name_latin in self._candidates(folded, latin, bones):
            place = _place(folded, latin, name_folded, name_latin)
            rank = (place, len(name), iri)
            if iri and (iri not in best or rank < best[iri][0]):
                best[iri] = (rank, Hit(iri, name, language, _KINDS[place]))
        ordered = [hit for _, hit in sorted(best.values(), key=lambda ranked: ranked[0])]
        start = (page - 1) * size
        more = len(ordered) > start + size
        return Hits(tuple(ordered[start : start + size]), more, self.generation, self.complete)

    def _candidates(self, folded: str, latin: str, bones: str) -> list[_Name]:
        found: list[_Name] = []
        with self._lock:
            if folded:
                found += self._base.execute(_BY_START, (folded, folded + "\U0010ffff", MOST_CANDIDATES))
            if len(folded) >= 3:
                either = f"{_quote(folded)} OR {_quote(latin)}" if len(latin) >= 3 else _quote(folded)
                found += self._base.execute(_BY_PART, (either, MOST_CANDIDATES))
            if len(bones.replace(" ", "")) >= 2:
                words = " AND ".join(_quote(word) for word in bones.split(" "))
                found += self._base.execute(_BY_SOUND, (words, MOST_CANDIDATES))
        return found


def _place(folded: str, latin: str, name: str, name_latin: str) -> int:
    """How well a name fits, as an index of `_KINDS`."""
    if folded == name or (latin and latin == name_latin):
        return 0
    if name.startswith(folded) or (latin and name_latin.startswith(latin)):
        return 1
    return 2 if folded in name or (latin and latin in name_latin) else 3


def _read_names(reader: Reader, start: int, size: int) -> list[tuple[str, str, str]]:
    listed = " ".join(f"<{name}>" for name in NAMES)
    rows = reader.select(
        f"SELECT ?s ?name {{ VALUES ?p {{ {listed} }} ?s ?p ?name }} LIMIT {size} OFFSET {start}", size
    ).rows
    return [
        (row["s"].value, row["name"].value, row["name"].language) if row["s"].kind == "iri" else ("", "", "")
        for row in rows
    ]


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
