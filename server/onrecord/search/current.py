"""The index of names that answers now: a file of the store, or one made here for an engine elsewhere."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from typing import Protocol

from onrecord.engine import Engine, Generation
from onrecord.errors import OnrecordError, UnavailableError
from onrecord.search.index import NameIndex
from onrecord.search.writing import MOST_NAMES, fill, open_index
from onrecord.solutions import Reader
from onrecord.store.names import NAMES, Name, NameIndexes

_BEING_BUILT = "The index of names is being built. Try again in a few seconds."
_CHUNK = 50_000
_SMALL_CHUNK = 5_000
"""From an engine elsewhere, which may give fewer rows at once: Virtuoso gives 10,000."""
_FRESH_SECONDS = 300.0
"""For so long an index serves where others may write unseen."""
_PATIENCE = 4.0
"""Seconds that a search waits for the first index where none lies in the store."""


class CurrentIndex(Protocol):
    def open(self) -> NameIndex:
        """The newest index there is; it may be of an older generation than is served, and says so.

        Raises UnavailableError while the first one is being built.
        """
        ...


class IndexOfStore:
    """The newest index in the store's directory. The background process writes it; nothing is built here."""

    def __init__(self, engine: Engine, indexes: NameIndexes) -> None:
        self._engine, self._indexes = engine, indexes
        self._lock = threading.Lock()
        self._opened: NameIndex | None = None

    def open(self) -> NameIndex:
        served = self._engine.generation()
        with self._lock:
            if self._opened is not None and self._opened.generation == served:
                return self._opened
            number = self._indexes.newest(served.number)
            if number is not None and (self._opened is None or self._opened.generation.number != number):
                self._open(Generation(served.uuid, number))
            if self._opened is None or self._opened.generation.uuid != served.uuid:
                raise UnavailableError(_BEING_BUILT)
            return self._opened

    def _open(self, generation: Generation) -> None:
        try:
            self._opened = NameIndex(open_index(self._indexes.path(generation.number)), generation)
        except sqlite3.OperationalError:
            # A newer one took its place in this moment: the one before answers once more.
            return


class IndexOfEngine:
    """An index built here, in a thread, when the first search asks for it: of an engine elsewhere."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._ready: tuple[NameIndex, float] | None = None
        self._building: threading.Thread | None = None
        self._failure: OnrecordError | None = None

    def open(self) -> NameIndex:
        served = self._engine.generation()
        with self._lock:
            if self._ready is not None and _is_of(*self._ready, served):
                return self._ready[0]
            if self._building is None or not self._building.is_alive():
                self._building = threading.Thread(target=self._build, name="name-index", daemon=True)
                self._building.start()
            if self._ready is not None:
                return self._ready[0]
            building = self._building
        building.join(_PATIENCE)
        with self._lock:
            if self._ready is not None:
                return self._ready[0]
            if self._failure is not None:
                raise self._failure
        raise UnavailableError(_BEING_BUILT)

    def _build(self) -> None:
        started, reader = time.monotonic(), Reader(self._engine)
        # An empty name is a temporary database: on disk when it grows, gone when it is closed.
        base = sqlite3.connect("", check_same_thread=False)
        try:
            fill(base, _ask_names(reader))
            assert reader.generation is not None
            index = NameIndex(base, reader.generation)
        except OnrecordError as error:
            base.close()
            with self._lock:
                self._failure = error
            return
        with self._lock:
            self._ready, self._failure = (index, started), None


def _is_of(index: NameIndex, made: float, generation: Generation) -> bool:
    """Whether it has the names of `generation`, as far as that can be told."""
    is_fresh = generation.is_immutable or time.monotonic() - made < _FRESH_SECONDS
    return is_fresh and index.generation == generation


def _ask_names(reader: Reader) -> Iterator[Name]:
    listed = " ".join(f"<{name}>" for name in NAMES)
    start, size = 0, _SMALL_CHUNK
    while start <= MOST_NAMES:
        rows = reader.select(
            f"SELECT ?s ?name {{ VALUES ?p {{ {listed} }} ?s ?p ?name }} LIMIT {size} OFFSET {start}", size
        ).rows
        for row in rows:
            if row["s"].kind == "iri":
                yield row["s"].value, row["name"].value, row["name"].language
        if len(rows) < size:
            return
        start += size
        assert reader.generation is not None
        size = _CHUNK if reader.generation.is_immutable else _SMALL_CHUNK
