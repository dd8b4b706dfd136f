"""The saved queries of a team, and the history of those of the folder, in the state directory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from onrecord.identity.roles import Identity
from onrecord.saved.query import SavedQuery
from onrecord.saved.team.database import SavedDatabase
from onrecord.saved.team.records import QueryEvent, QueryRecord, QueryVersion, Visibility
from onrecord.saved.team.rows import (
    count_up,
    find_record,
    find_version,
    insert_event,
    insert_version,
    next_number,
    note_text,
    read_record,
    record_of,
    refuse_taken_name,
    require_record,
)


class QueryShelf:
    """What is kept of saved queries in a state directory. Safe to use from any thread and process.

    Whatever returns is on disk. Everything raises StoreError when the
    database cannot be used.
    """

    def __init__(self, state: Path) -> None:
        self.database = SavedDatabase(state)

    # Reading

    def records(self) -> tuple[QueryRecord, ...]:
        """The queries of the team, archived ones too, sorted by name."""
        with self.database.read() as connection:
            if connection is None:
                return ()
            rows = connection.execute("SELECT * FROM record WHERE origin = 'team' ORDER BY name").fetchall()
        return tuple(read_record(row) for row in rows)

    def newest_texts(self) -> dict[int, QueryVersion]:
        """The newest version of each query of the team, by its record's `line`."""
        with self.database.read() as connection:
            if connection is None:
                return {}
            rows = connection.execute(
                "SELECT * FROM newest_text WHERE line IN (SELECT id FROM line WHERE origin = 'team')"
            ).fetchall()
        return {row[0]: QueryVersion(*row[1:]) for row in rows}

    def find(self, name: str, origin: str = "team") -> QueryRecord | None:
        """The record of the query that bears `name` now."""
        with self.database.read() as connection:
            return None if connection is None else find_record(connection, name, origin)

    def successor(self, name: str) -> QueryRecord | None:
        """The record of the query that bore `name` before it was renamed."""
        with self.database.read() as connection:
            if connection is None:
                return None
            row = connection.execute(
                "SELECT * FROM record WHERE id = (SELECT line FROM former_name WHERE name = ?)", (name,)
            ).fetchone()
        return None if row is None else read_record(row)

    def version(self, record: QueryRecord, which: str = "") -> QueryVersion | None:
        """The version of `record` with that number or hash, the newest one without."""
        with self.database.read() as connection:
            return None if connection is None else find_version(connection, record.line, which)

    def versions_of_name(self, name: str, which: str) -> list[tuple[QueryRecord, QueryVersion]]:
        """The versions `which` (number or hash) of all that bear or bore `name`, with their records."""
        found = []
        with self.database.read() as connection:
            if connection is None:
                return []
            lines = connection.execute(
                "SELECT line FROM reached_by WHERE name = ? ORDER BY line", (name,)
            ).fetchall()
            for (line,) in lines:
                version = find_version(connection, line, which)
                if version is not None:
                    found.append((record_of(connection, line), version))
        # Who bears the name now comes first, and the folder before the team.
        return sorted(found, key=lambda pair: (pair[0].name != name, pair[0].origin != "folder"))

    def history(self, record: QueryRecord) -> tuple[tuple[QueryVersion, ...], tuple[QueryEvent, ...]]:
        """Every version of `record` and everything else that happened to it, each newest first."""
        with self.database.read() as connection:
            if connection is None:
                return (), ()
            versions = connection.execute(
                "SELECT * FROM text WHERE line = ? ORDER BY number DESC", (record.line,)
            ).fetchall()
            events = connection.execute(
                "SELECT happened, who, what, message FROM event WHERE line = ? ORDER BY id DESC",
                (record.line,),
            ).fetchall()
        return tuple(QueryVersion(*row[1:]) for row in versions), tuple(QueryEvent(*row) for row in events)

    # Writing

    def create(
        self,
        query: SavedQuery,
        who: Identity,
        visibility: Visibility,
        message: str = "",
        forked_from: str = "",
    ) -> QueryRecord:
        """Keep a new query. Raises ConflictError when its name is or was borne by another."""
        with self.database.write() as connection:
            refuse_taken_name(connection, query.name)
            number = next_number(connection, query.name)
            line = connection.execute(
                "INSERT INTO line (origin, name, author, visibility, forked_from) "
                "VALUES ('team', ?, ?, ?, ?)",
                (query.name, who.name, visibility, forked_from),
            ).lastrowid
            assert line is not None
            insert_version(connection, line, number, query, who.name, message)
            insert_event(connection, line, who.name, "forked" if forked_from else "created", forked_from)
            return record_of(connection, line)

    def add_version(
        self, query: SavedQuery, who: Identity, revision: int | None, message: str = ""
    ) -> QueryRecord:
        """Keep `query` as the newest version of the query of its name; the same text again is no version.

        `revision` is the one that the change was made to, None for any.
        Raises NotFoundError and PreconditionError.
        """
        with self.database.write() as connection:
            record = require_record(connection, query.name, revision)
            newest = find_version(connection, record.line)
            if newest is None or newest.text != query.text:
                number = next_number(connection, query.name)
                insert_version(connection, record.line, number, query, who.name, message)
                count_up(connection, record.line)
            return record_of(connection, record.line)

    def set_visibility(
        self, name: str, who: Identity, visibility: Visibility, revision: int | None = None
    ) -> QueryRecord:
        """Show the query to others than before. Raises NotFoundError and PreconditionError."""
        with self.database.write() as connection:
            record = require_record(connection, name, revision)
            if record.visibility != visibility:
                connection.execute("UPDATE line SET visibility = ? WHERE id = ?", (visibility, record.line))
                insert_event(
                    connection, record.line, who.name, "visibility", f"{record.visibility} to {visibility}"
                )
                count_up(connection, record.line)
            return record_of(connection, record.line)

    def set_archived(self, name: str, who: Identity, is_archived: bool, message: str = "") -> QueryRecord:
        """Take the query out of the catalogue, or put it back. Raises NotFoundError."""
        with self.database.write() as connection:
            record = require_record(connection, name, None)
            if record.is_archived != is_archived:
                connection.execute("UPDATE line SET is_archived = ? WHERE id = ?", (is_archived, record.line))
                insert_event(
                    connection, record.line, who.name, "archived" if is_archived else "restored", message
                )
                count_up(connection, record.line)
            return record_of(connection, record.line)

    def rename(self, name: str, new_name: str, who: Identity) -> QueryRecord:
        """Give the query another name; the old one leads to it for ever.

        Raises NotFoundError, and ConflictError when the new name is or was borne by another query.
        """
        with self.database.write() as connection:
            record = require_record(connection, name, None)
            if new_name == name:
                return record
            refuse_taken_name(connection, new_name, but=record.line)
            connection.execute("DELETE FROM former_name WHERE name = ?", (new_name,))
            connection.execute("UPDATE line SET name = ? WHERE id = ?", (new_name, record.line))
            connection.execute("INSERT OR REPLACE INTO former_name VALUES (?, ?)", (name, record.line))
            insert_event(connection, record.line, who.name, "renamed", f"{name} to {new_name}")
            count_up(connection, record.line)
            return record_of(connection, record.line)

    def note_folder(self, queries: Iterable[SavedQuery], generation: str, commit: str) -> dict[str, int]:
        """Keep those texts of the folder's queries that are new.

        Returns the number of each query's text, by name. `commit` is that of the folder's
        repository, empty when its files are not as committed.
        """
        asked = tuple(queries)
        known = self._folder_numbers(asked)
        if len(known) == len(asked):
            return known
        with self.database.write() as connection:
            for query in asked:
                if query.name not in known:
                    note_text(connection, query, generation, commit)
        return self._folder_numbers(asked)

    def _folder_numbers(self, queries: Sequence[SavedQuery]) -> dict[str, int]:
        with self.database.read() as connection:
            if connection is None:
                return {}
            rows = connection.execute(
                "SELECT name, number, text FROM newest_text JOIN line ON line.id = newest_text.line "
                "WHERE origin = 'folder'"
            ).fetchall()
        newest = {name: (number, text) for name, number, text in rows}
        return {
            query.name: newest[query.name][0]
            for query in queries
            if query.name in newest and newest[query.name][1] == query.text
        }
