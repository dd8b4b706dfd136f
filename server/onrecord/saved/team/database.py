"""The database of what a team saves: one SQLite file in the state directory.

::

    STORE/saved/             mode 0700
      queries.sqlite         queries, every version of each, permalinks, sizes of results

Every commit is on disk before it returns (`synchronous=FULL`); any number of
processes read and write it. Versions and permalinks are never changed and
never removed: triggers of the database refuse it. On a full disk it goes on to
be read, though SQLite has no room for the index of its log then.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from onrecord.errors import StoreDamagedError, StoreError, name_failure
from onrecord.identity.files import locked, make_private

DIRECTORY = "saved"
_FILE = "queries.sqlite"
_LAYOUT = 1
_PATIENCE = 15.0
"""Seconds that one writer waits for another."""

_SCHEMA = """
CREATE TABLE line (
  id INTEGER PRIMARY KEY,
  origin TEXT NOT NULL CHECK (origin IN ('team', 'folder')),
  name TEXT NOT NULL,
  author TEXT NOT NULL,
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'team', 'public')),
  is_archived INTEGER NOT NULL DEFAULT 0,
  forked_from TEXT NOT NULL DEFAULT '',
  revision INTEGER NOT NULL DEFAULT 1,
  UNIQUE (origin, name)
);
CREATE TABLE version (
  line INTEGER NOT NULL REFERENCES line (id),
  number INTEGER NOT NULL CHECK (number > 0),
  text TEXT NOT NULL,
  hash TEXT NOT NULL,
  saved TEXT NOT NULL,
  who TEXT NOT NULL,
  message TEXT NOT NULL,
  generation TEXT NOT NULL DEFAULT '',
  folder_commit TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (line, number)
) WITHOUT ROWID;
CREATE INDEX version_hash ON version (hash);
CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  line INTEGER NOT NULL REFERENCES line (id),
  happened TEXT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX event_line ON event (line);
CREATE TABLE former_name (
  name TEXT PRIMARY KEY,
  line INTEGER NOT NULL REFERENCES line (id)
) WITHOUT ROWID;
CREATE TABLE permalink (
  hash TEXT PRIMARY KEY,
  document TEXT NOT NULL,
  made TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE result_size (
  name TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  generation TEXT NOT NULL,
  size INTEGER NOT NULL,
  is_more INTEGER NOT NULL
) WITHOUT ROWID;
CREATE VIEW record AS
  SELECT id, origin, name, author, visibility, is_archived, forked_from, revision,
    (SELECT MAX(number) FROM version WHERE line = line.id) AS newest
  FROM line;
CREATE VIEW text AS
  SELECT line, number, text, hash, saved, who, message, generation, folder_commit FROM version;
CREATE VIEW newest_text AS
  SELECT text.* FROM text WHERE number = (SELECT MAX(number) FROM version WHERE line = text.line);
CREATE VIEW reached_by AS
  SELECT name, id AS line FROM line UNION SELECT name, line FROM former_name;
CREATE TRIGGER version_stays BEFORE UPDATE ON version BEGIN SELECT RAISE(ABORT, 'a version stays'); END;
CREATE TRIGGER version_is_kept BEFORE DELETE ON version BEGIN SELECT RAISE(ABORT, 'a version is kept'); END;
CREATE TRIGGER permalink_stays BEFORE UPDATE ON permalink BEGIN SELECT RAISE(ABORT, 'it stays'); END;
CREATE TRIGGER permalink_is_kept BEFORE DELETE ON permalink BEGIN SELECT RAISE(ABORT, 'it is kept'); END;
"""


class SavedDatabase:
    """The database in the state directory `state`, made when something is first written.

    Safe to use from any number of threads and processes: each use opens it anew.
    """

    def __init__(self, state: Path) -> None:
        self._directory = state / DIRECTORY
        self.path = self._directory / _FILE

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection | None]:
        """A connection that reads one state of the database; None while nothing was ever saved.

        Raises StoreError.
        """
        if not self.path.exists():
            yield None
            return
        with self._told(), self._open_to_read() as connection:
            if not _is_made(connection):
                yield None
                return
            connection.execute("BEGIN")
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection that holds the only right to write; all of the block is on disk after it, or nothing.

        Raises StoreError.
        """
        make_private(self._directory)
        # One writer at a time waits at the lock, where the kernel frees the place of one that was killed.
        with locked(self._directory), self._told(), closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                if not _is_made(connection):
                    for statement in _statements():
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {_LAYOUT}")
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def _open_to_read(self) -> Iterator[sqlite3.Connection]:
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(closing(self._connect()))
                _is_made(connection)
            except sqlite3.OperationalError as error:
                if not self._tells_full(error):
                    raise
                # Without room for an index of the log, the file is read as it is, with every writer kept out.
                stack.enter_context(locked(self._directory))
                if _has_bytes(self.path.with_name(_FILE + "-wal")):
                    raise
                address = f"file:{quote(str(self.path.absolute()))}?immutable=1"
                connection = sqlite3.connect(address, uri=True, isolation_level=None)
                stack.enter_context(closing(connection))
            yield connection

    def _tells_full(self, error: sqlite3.DatabaseError) -> bool:
        """Whether `error` is about a full disk; where SQLite keeps that to itself, the disk is asked."""
        kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if kind in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
            return os.statvfs(self._directory).f_bavail == 0
        return kind == sqlite3.SQLITE_FULL

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if self._tells_full(error):
                raise name_failure(self.path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))) from error
            if isinstance(error, sqlite3.OperationalError):
                raise StoreError(f"{self.path} cannot be used: {error}. Try again.") from error
            raise StoreDamagedError(f"{self.path} cannot be read: {error}.") from error


def _has_bytes(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _is_made(connection: sqlite3.Connection) -> bool:
    """Whether the tables are there. Raises StoreError for those of another version of this software."""
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    if layout not in (0, _LAYOUT):
        raise StoreError(
            f"The saved queries have layout {layout}, this version reads {_LAYOUT}. Use the newer version."
        )
    return bool(layout == _LAYOUT)


def _statements() -> Iterator[str]:
    """The statements of the schema one by one: `executescript` would commit before it starts."""
    pending = ""
    for line in _SCHEMA.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
