"""What endpoints answered, binding by binding, in one SQLite file that all processes share.

Each row is the answer to one binding (an empty one too), or to a query
without any, so that batches reuse each other's answers however they were cut.
The cache may fail in any way without harm: it then holds nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from onrecord.federation.solutions import Row, Solutions, Term
from onrecord.sparql import tokenize

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answer (
  key BLOB PRIMARY KEY,
  url TEXT NOT NULL,
  asked REAL NOT NULL,
  used REAL NOT NULL,
  size INTEGER NOT NULL,
  document BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_use ON answer (used);
"""
_AT_ONCE = 500
_USE_NOTED_AFTER = 3600.0
_ROOM_AFTER_PURGE = 0.9
_OVERHEAD = 150

Key = bytes


@dataclass(frozen=True)
class Kept:
    """One answer of the cache: where and when (seconds since 1970) it was given."""

    url: str
    asked: float
    solutions: Solutions


def query_key(place: str, template: str, variables: tuple[str, ...]) -> bytes:
    """What the keys of one query's bindings share: who is asked, the text, and what is bound.

    White space and comments do not count.

    >>> query_key("e", "SELECT *  { }", ()) == query_key("e", "SELECT * { } # all", ())
    True
    """
    tokens = "\0".join(token.text for token in tokenize(template))
    return hashlib.sha256("\1".join((place, tokens, *variables)).encode()).digest()


def binding_key(query: bytes, row: tuple[Term, ...]) -> Key:
    """The key of one binding; of no binding for an empty row."""
    return hashlib.sha256(query + "\0".join(row).encode()).digest()


class AnswerCache:
    """Answers in the file `path`, at most `size` bytes of them, good for `lifetime` seconds."""

    def __init__(self, path: Path, lifetime: float, size: int) -> None:
        self._path = path
        self._lifetime = lifetime
        self._size = size

    def get(self, keys: Iterable[Key], *, also_old: bool = False) -> dict[Key, Kept]:
        """What is kept for `keys`; with `also_old` beyond its lifetime too."""
        wanted = list(keys)
        found: dict[Key, Kept] = {}
        stale: list[Key] = []
        now = time.time()
        with self._open() as database:
            if database is None:
                return {}
            for start in range(0, len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE]
                marks = ",".join("?" * len(part))
                for key, url, asked, used, document in database.execute(
                    f"SELECT key, url, asked, used, document FROM answer WHERE key IN ({marks})",  # noqa: S608
                    part,
                ):
                    is_fresh = asked <= now + 60 and now - asked <= self._lifetime
                    if not (is_fresh or also_old):
                        continue
                    found[key] = Kept(url, asked, _unpack(document))
                    if now - used > _USE_NOTED_AFTER:
                        stale.append(key)
            if stale:
                with database:
                    database.executemany(
                        "UPDATE answer SET used = ? WHERE key = ?", [(now, k) for k in stale]
                    )
        return found

    def put(self, answers: Mapping[Key, Solutions], url: str, asked: float) -> None:
        """Keep `answers`, which `url` gave at `asked`."""
        now = time.time()
        packed = [(key, _pack(solutions)) for key, solutions in answers.items()]
        rows = [
            (key, url, asked, now, len(d) + _OVERHEAD, d) for key, d in packed if len(d) < self._size // 4
        ]
        with self._open() as database:
            if database is None:
                return
            with database:
                database.executemany("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._purge(database)

    def total(self) -> tuple[int, int]:
        """Answers and bytes kept."""
        with self._open() as database:
            if database is None:
                return 0, 0
            count, size = database.execute("SELECT COUNT(*), COALESCE(SUM(size), 0) FROM answer").fetchone()
            return int(count), int(size)

    def _purge(self, database: sqlite3.Connection) -> None:
        """Drop what was used longest ago, once there is too much."""
        (size,) = database.execute("SELECT COALESCE(SUM(size), 0) FROM answer").fetchone()
        if size <= self._size:
            return
        excess = size - int(self._size * _ROOM_AFTER_PURGE)
        doomed = []
        for key, entry in database.execute("SELECT key, size FROM answer ORDER BY used"):
            if excess <= 0:
                break
            doomed.append((key,))
            excess -= entry
        with database:
            database.executemany("DELETE FROM answer WHERE key = ?", doomed)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        """A connection; None where the file cannot be used. A damaged file is set aside for a new one.

        What fails inside the block fails silently: it is only a cache.
        """
        try:
            database = self._connect()
        except sqlite3.OperationalError:
            database = None
        except sqlite3.DatabaseError:
            self._set_aside()
            try:
                database = self._connect()
            except sqlite3.Error:
                database = None
        if database is None:
            yield None
            return
        with closing(database):
            try:
                yield database
            except sqlite3.OperationalError:
                pass
            except (sqlite3.DatabaseError, zlib.error, ValueError, TypeError):
                self._set_aside()

    def _connect(self) -> sqlite3.Connection:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise sqlite3.OperationalError(str(error)) from None
        database = sqlite3.connect(self._path, timeout=5.0)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.executescript(_SCHEMA)
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _set_aside(self) -> None:
        """Move a damaged file out of the way, unless another process has done so."""
        try:
            with open(self._path.with_suffix(".lock"), "a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if self._is_sound():
                    return
                mark = f".damaged-{int(time.time())}"
                for suffix in ("", "-wal", "-shm"):
                    path = self._path.with_name(self._path.name + suffix)
                    if path.exists():
                        path.rename(self._path.with_name(self._path.name + mark + suffix))
        except OSError:
            return

    def _is_sound(self) -> bool:
        try:
            with closing(sqlite3.connect(self._path, timeout=5.0)) as database:
                (verdict,) = database.execute("PRAGMA quick_check").fetchone()
                for (document,) in database.execute("SELECT document FROM answer"):
                    _unpack(document)
                return bool(verdict == "ok")
        except (sqlite3.Error, zlib.error, ValueError, TypeError):
            return False


def _pack(solutions: Solutions) -> bytes:
    return zlib.compress(json.dumps([solutions.variables, solutions.rows]).encode(), 1)


def _unpack(document: bytes) -> Solutions:
    variables, rows = json.loads(zlib.decompress(document))
    return Solutions(tuple(variables), tuple(_row(row) for row in rows))


def _row(row: list[str | None]) -> Row:
    return tuple(None if term is None else Term(term) for term in row)
