"""The saved queries that a sender is shown: the folder's and the team's, each at any of its versions."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import cast

from flask import current_app, request
from werkzeug.routing import RequestRedirect

from onrecord.engine import Generation
from onrecord.errors import GoneError, NotFoundError, OnrecordError, SavedQueryError, StoreError
from onrecord.saved import SavedQuery, parse
from onrecord.saved.team import QueryRecord, QueryShelf, QueryVersion, is_visible
from onrecord.saved.team.commit import folder_commit
from onrecord.web.access import current_identity
from onrecord.web.site import Site

KEY = "onrecord.queries"


@dataclass(frozen=True)
class SharedQuery:
    """A saved query as its reader sees it.

    `record` is what is kept of it: None of a folder's query while there is no
    store. `number` is that of the version shown, 0 without a store.
    """

    query: SavedQuery
    record: QueryRecord | None = None
    number: int = 0
    saved: str = ""
    is_newest: bool = True

    @property
    def origin(self) -> str:
        return "team" if self.record is not None and self.record.origin == "team" else "folder"

    @property
    def author(self) -> str:
        if self.record is not None and self.record.origin == "team":
            return self.record.author
        return self.query.header.author

    @property
    def visibility(self) -> str:
        return self.record.visibility if self.record is not None else "public"

    @property
    def tag(self) -> str:
        """The entity tag of its text and of what is told about it, as it is now."""
        revision = f"{self.record.revision}-" if self.origin == "team" and self.record else ""
        return f"{revision}{self.query.version}"


@dataclass
class SharedQueries:
    """Finds saved queries for the sender of the current request; `shelf` is None without a store."""

    shelf: QueryShelf | None
    _site: Site
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _noted_for: Generation | None = None
    _numbers: dict[str, int] = field(default_factory=dict)

    def commit(self) -> str:
        """The commit of the folder's repository, asked of git now; empty without one."""
        folder = self._site.folder
        return folder_commit(folder.path) if folder is not None else ""

    def folder_queries(self) -> tuple[SharedQuery, ...]:
        """The folder's queries as of this generation. Their texts are kept before anybody sees them."""
        numbers = self._folder_numbers()
        return tuple(
            SharedQuery(query, number=numbers.get(query.name, 0)) for query in self._site.catalogue()
        )

    def team_queries(self, *, archived: bool = False) -> tuple[tuple[SharedQuery, ...], tuple[str, ...]]:
        """The team's queries that the sender is shown, by name, and what is wrong with some of them."""
        if self.shelf is None:
            return (), ()
        identity = current_identity()
        return self._read_team(
            [r for r in self.shelf.records() if r.is_archived == archived and is_visible(r, identity)]
        )

    def public_queries(self) -> tuple[SavedQuery, ...]:
        """What everybody who may read is shown, whoever asks: the folder's, and the team's public ones."""
        records = self.shelf.records() if self.shelf is not None else ()
        team, _ = self._read_team([r for r in records if r.visibility == "public" and not r.is_archived])
        return (*self._site.catalogue().queries, *(shared.query for shared in team))

    def is_hidden(self, name: str) -> bool:
        """Whether `name` is that of a query which the sender is not shown, nor what was told of it."""
        if self.shelf is None or name in self._folder_names():
            return False
        record = self.shelf.find(name) or self.shelf.successor(name)
        return record is not None and not is_visible(record, current_identity())

    def _read_team(self, records: Sequence[QueryRecord]) -> tuple[tuple[SharedQuery, ...], tuple[str, ...]]:
        assert self.shelf is not None or not records
        texts = self.shelf.newest_texts() if self.shelf is not None and records else {}
        names = self._folder_names()
        shown, findings = [], []
        for record in records:
            if record.name in names:
                findings.append(
                    f"{record.name}: the folder has a query of this name, so the team's by {record.author} "
                    f"is not shown. Give it another name, or read it as {record.name}@{record.newest}."
                )
                continue
            try:
                shown.append(_share(record, texts[record.line]))
            except (OnrecordError, KeyError) as error:
                findings.append(f"{record.name}: {error}")
        return tuple(shown), tuple(findings)

    def all(self) -> tuple[SharedQuery, ...]:
        """Every query that the sender is shown, sorted by name."""
        both = [*self.folder_queries(), *self.team_queries()[0]]
        return tuple(sorted(both, key=lambda shared: shared.query.name))

    def find(self, name: str, which: str = "") -> SharedQuery:
        """The query called `name`, at the version `which` (number or hash) or the newest.

        Raises NotFoundError with the nearest names, GoneError for an archived
        one, SavedQueryError, and RequestRedirect for a name of old.
        """
        for shared in self.folder_queries():
            if shared.query.name == name and which in ("", shared.query.version, str(shared.number or "-")):
                return shared
        if which:
            return self._find_version(name, which)
        if name in self._site.catalogue().refused:
            self._site.catalogue().get(name)  # raises
        record = self.team_record(name)
        if record is None:
            self._follow(name)
            raise self._absent(name)
        if record.is_archived:
            raise GoneError(
                f'"{name}" was archived. Its versions answer for ever, as {name}@{record.newest}; '
                "its history tells who archived it, and an editor can restore it there."
            )
        return self.share(record)

    def share(self, record: QueryRecord) -> SharedQuery:
        """The newest version of `record`."""
        assert self.shelf is not None
        version = self.shelf.version(record)
        assert version is not None
        return _share(record, version)

    def team_record(self, name: str) -> QueryRecord | None:
        """What is kept of the team's query of that name, if the sender is shown it, archived or not."""
        record = self.shelf.find(name) if self.shelf is not None else None
        return record if record is not None and is_visible(record, current_identity()) else None

    def folder_record(self, name: str) -> QueryRecord | None:
        """What is kept of the folder's query of that name, also when the folder has it no more."""
        self._folder_numbers()
        return self.shelf.find(name, "folder") if self.shelf is not None else None

    def is_folder_name(self, name: str) -> bool:
        """Whether a file of the folder bears that name, also one that is not served."""
        return name in self._folder_names()

    def _find_version(self, name: str, which: str) -> SharedQuery:
        identity = current_identity()
        found = self.shelf.versions_of_name(name, which) if self.shelf is not None else []
        for record, version in found:
            if is_visible(record, identity):
                if record.name != name and not self.is_folder_name(name):
                    raise RequestRedirect(_with_name(name, record.name))
                return _share(record, version)
        newest = self.find(name)  # raises for a name that is not known
        raise NotFoundError(
            f'Version "{which}" of {name} is not kept here; the newest one is '
            f"{f'{newest.number}, ' if newest.number else ''}{newest.query.version}."
        )

    def _follow(self, name: str) -> None:
        """Raises RequestRedirect when a query that the sender is shown bore `name`."""
        record = self.shelf.successor(name) if self.shelf is not None else None
        if record is not None and is_visible(record, current_identity()):
            raise RequestRedirect(_with_name(name, record.name))

    def _absent(self, name: str) -> OnrecordError:
        former = self.folder_record(name)
        if former is not None:
            return GoneError(
                f'The folder has no query "{name}" any more. Its versions answer for ever, as '
                f"{name}@{former.newest}; its history lists them."
            )
        shown = name.encode("utf-8", "replace").decode()[:60]
        near = get_close_matches(name[:60], [s.query.name for s in self.all()], n=3)
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        return NotFoundError(f'There is no saved query "{shown}".{meant}')

    def _folder_names(self) -> set[str]:
        catalogue = self._site.catalogue()
        return {query.name for query in catalogue} | set(catalogue.refused)

    def _folder_numbers(self) -> dict[str, int]:
        if self.shelf is None:
            return {}
        generation = self._site.newest()
        with self._lock:
            if self._noted_for != generation:
                queries = tuple(self._site.catalogue())
                try:
                    self._numbers = self._note(self.shelf, queries, generation)
                    self._noted_for = generation
                except StoreError as error:
                    # A full disk takes nobody's answer away; the texts are noted when there is room.
                    current_app.logger.error("texts of the folder are not noted: %s", error.detail)
                    self._numbers = {}
            return self._numbers

    def _note(
        self, shelf: QueryShelf, queries: Iterable[SavedQuery], generation: Generation
    ) -> dict[str, int]:
        folder = self._site.folder
        commit = folder_commit(folder.path) if folder is not None else ""
        return shelf.note_folder(queries, generation.label, "" if "+" in commit else commit)


def shared_queries() -> SharedQueries:
    """The saved queries of the current request's application."""
    return cast(SharedQueries, current_app.extensions[KEY])


def shelf_to_write() -> QueryShelf:
    """Where queries are saved. Raises SavedQueryError without a store."""
    shelf = shared_queries().shelf
    if shelf is None:
        raise SavedQueryError("This server has no store, so it keeps no queries. Put a file into queries/.")
    return shelf


def shown_queries() -> tuple[SharedQuery, ...]:
    """Every saved query that the sender of the current request is shown, sorted by name."""
    return shared_queries().all()


def _share(record: QueryRecord, version: QueryVersion) -> SharedQuery:
    query = _parse(record.name, version.text)
    return SharedQuery(query, record, version.number, version.saved, version.number == record.newest)


@lru_cache(maxsize=4096)
def _parse(name: str, text: str) -> SavedQuery:
    return parse(name, f"queries/{name}.rq", text)


def _with_name(name: str, new_name: str) -> str:
    """The address of this request with another name in it."""
    head, _, tail = request.path.partition(f"/queries/{name}")
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    return f"{request.script_root}{head}/queries/{new_name}{tail}{query}"
