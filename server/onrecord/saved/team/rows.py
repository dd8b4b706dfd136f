"""Reading and writing single rows of the database of saved queries, inside a transaction of their caller."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from onrecord.errors import ConflictError, NotFoundError, PreconditionError
from onrecord.saved.query import SavedQuery
from onrecord.saved.team.records import QueryRecord, QueryVersion

_HASH_LENGTH = 12
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def note_text(connection: sqlite3.Connection, query: SavedQuery, generation: str, commit: str) -> None:
    """Keep the folder's `query`, unless its newest version is the same text."""
    record = find_record(connection, query.name, "folder")
    if record is None:
        number = next_number(connection, query.name)
        team = find_record(connection, query.name, "team")
        same = find_version(connection, team.line) if team is not None else None
        if same is not None and same.text == query.text:
            number = same.number  # exported from here: the same text keeps its number
        line = connection.execute(
            "INSERT INTO line (origin, name, author, visibility) VALUES ('folder', ?, ?, 'public')",
            (query.name, query.header.author),
        ).lastrowid
        assert line is not None
    else:
        newest = find_version(connection, record.line)
        if newest is not None and newest.text == query.text:
            return  # another process was faster
        line, number = record.line, next_number(connection, query.name)
        count_up(connection, line)
    insert_version(connection, line, number, query, "", "", generation, commit)


def read_record(row: Sequence[Any]) -> QueryRecord:
    """A row of the view `record`."""
    line, origin, name, author, visibility, is_archived, forked_from, revision, newest = row
    return QueryRecord(
        line, origin, name, author, visibility, bool(is_archived), forked_from, revision, newest or 0
    )


def record_of(connection: sqlite3.Connection, line: int) -> QueryRecord:
    """The record of a line that is there."""
    return read_record(connection.execute("SELECT * FROM record WHERE id = ?", (line,)).fetchone())


def find_record(connection: sqlite3.Connection, name: str, origin: str) -> QueryRecord | None:
    """The record of the query of the team or folder that bears `name`."""
    row = connection.execute("SELECT * FROM record WHERE name = ? AND origin = ?", (name, origin)).fetchone()
    return None if row is None else read_record(row)


def require_record(connection: sqlite3.Connection, name: str, revision: int | None) -> QueryRecord:
    """The record of the team's query `name`, at that revision if one is given.

    Raises NotFoundError and PreconditionError.
    """
    record = find_record(connection, name, "team")
    if record is None:
        raise NotFoundError(f'There is no query "{name}" of the team.')
    if revision is not None and revision != record.revision:
        raise PreconditionError(
            f'"{name}" was changed meanwhile: its newest version is {record.newest}. '
            "Read it, put your change into it, and save again."
        )
    return record


def find_version(connection: sqlite3.Connection, line: int, which: str = "") -> QueryVersion | None:
    """The version of a line with that number or hash, the newest one without."""
    if not which:
        row = connection.execute("SELECT * FROM newest_text WHERE line = ?", (line,)).fetchone()
    elif len(which) == _HASH_LENGTH:
        row = connection.execute(
            "SELECT * FROM text WHERE line = ? AND hash = ? ORDER BY number DESC", (line, which)
        ).fetchone()
    elif _NUMBER.fullmatch(which):
        row = connection.execute(
            "SELECT * FROM text WHERE line = ? AND number = ?", (line, int(which))
        ).fetchone()
    else:
        row = None
    return None if row is None else QueryVersion(*row[1:])


def next_number(connection: sqlite3.Connection, name: str) -> int:
    """One more than any version that was ever reached by `name`, so that `name@3` has one meaning."""
    (highest,) = connection.execute(
        "SELECT MAX(number) FROM version WHERE line IN (SELECT line FROM reached_by WHERE name = ?)", (name,)
    ).fetchone()
    return (highest or 0) + 1


def refuse_taken_name(connection: sqlite3.Connection, name: str, but: int = 0) -> None:
    """Raises ConflictError when a query bears `name`, or one other than the line `but` bore it."""
    if find_record(connection, name, "team") is not None:
        raise ConflictError(f'There is a saved query "{name}" already. Choose another name.')
    former = connection.execute("SELECT line FROM former_name WHERE name = ?", (name,)).fetchone()
    if former is not None and former[0] != but:
        raise ConflictError(
            f'"{name}" was the name of another query, and addresses with it still lead there. '
            "Choose another name."
        )


def insert_version(
    connection: sqlite3.Connection,
    line: int,
    number: int,
    query: SavedQuery,
    who: str,
    message: str,
    generation: str = "",
    commit: str = "",
) -> None:
    connection.execute(
        "INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (line, number, query.text, query.version, _now(), who, message, generation, commit),
    )


def insert_event(connection: sqlite3.Connection, line: int, who: str, what: str, message: str) -> None:
    connection.execute(
        "INSERT INTO event (line, happened, who, what, message) VALUES (?, ?, ?, ?, ?)",
        (line, _now(), who, what, message),
    )


def count_up(connection: sqlite3.Connection, line: int) -> None:
    connection.execute("UPDATE line SET revision = revision + 1 WHERE id = ?", (line,))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
