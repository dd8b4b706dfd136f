"""The saved queries of a directory."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from onrecord.errors import NotFoundError, OnrecordError, Position, SavedQueryError
from onrecord.saved.choices import check_choices
from onrecord.saved.query import SavedQuery, check, parse
from onrecord.sparql import Finding

_LONGEST_FILE = 200_000


@dataclass(frozen=True)
class Catalogue:
    """The queries of a directory, and what is wrong with those that cannot be served.

    A query whose slots stand in the wrong place is not served: it would
    answer, and attribute wrongly.
    """

    queries: tuple[SavedQuery, ...] = ()
    findings: tuple[Finding, ...] = ()
    refused: Mapping[str, Finding] = field(default_factory=dict)
    """The first finding of each query that is not served, by its name."""

    @classmethod
    def read(cls, directory: Path) -> Catalogue:
        """The `*.rq` files of `directory`, sorted by name; an absent directory has none. Never raises."""
        queries: list[SavedQuery] = []
        findings: list[Finding] = []
        refused: dict[str, Finding] = {}
        for path in _list(directory):
            shown = _show(f"{directory.name}/{path.name}")
            try:
                query = parse(_show(path.stem), shown, _read(path, shown))
                found = check(query)
            except OnrecordError as error:
                found = (_finding(shown, error.detail),)
            else:
                if not found:
                    queries.append(query)
            findings += found
            if found:
                refused[_show(path.stem)] = found[0]
        while wrong := _refuse_by_choices(queries):
            queries = [query for query in queries if query.name not in wrong]
            for name, found in wrong.items():
                findings += found
                refused[name] = found[0]
        return cls(tuple(queries), tuple(findings), refused)

    def get(self, name: str) -> SavedQuery:
        """The query called `name`.

        Raises NotFoundError with the nearest names, and SavedQueryError for a
        query that is there and cannot be served.
        """
        for query in self.queries:
            if query.name == name:
                return query
        if name in self.refused:
            raise SavedQueryError(f'The query "{name}" cannot be served: {self.refused[name]}')
        shown = name.encode("utf-8", "replace").decode()[:60]
        near = get_close_matches(name[:60], [query.name for query in self.queries], n=3)
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        raise NotFoundError(f'There is no saved query "{shown}".{meant}')

    def featured(self, most: int) -> tuple[SavedQuery, ...]:
        """What a newcomer should see, at most `most`: tagged `start`, then `featured`, else any.

        Only queries that can be asked without filling in a form.
        """
        open_ones = [q for q in self.queries if not any(p.required for p in q.parameters)]
        chosen = [q for q in open_ones if {"start", "featured"} & set(q.header.tags)] or open_ones
        return tuple(sorted(chosen, key=lambda q: "start" not in q.header.tags)[:most])

    def __iter__(self) -> Iterator[SavedQuery]:
        return iter(self.queries)

    def __len__(self) -> int:
        return len(self.queries)


def _refuse_by_choices(queries: Sequence[SavedQuery]) -> dict[str, tuple[Finding, ...]]:
    """What is wrong with the choices of `queries`, by name; without these others may be refused, too."""
    by_name = {query.name: query for query in queries}
    found = {query.name: tuple(check_choices(query, by_name.get)) for query in queries}
    return {name: findings for name, findings in found.items() if findings}


def _list(directory: Path) -> list[Path]:
    try:
        return sorted(
            path for path in directory.iterdir() if path.suffix == ".rq" and not path.name.startswith(".")
        )
    except OSError:
        return []


def _read(path: Path, shown: str) -> str:
    """The text of a file. Raises SavedQueryError, for anything but a regular file before it is opened."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SavedQueryError(f"{shown}: this is no regular file. Put a text file in its place.")
        with path.open("rb") as file:
            data = file.read(_LONGEST_FILE + 1)
    except OSError as error:
        raise SavedQueryError(f"{shown}: the file cannot be read: {error.strerror}.") from None
    if len(data) > _LONGEST_FILE:
        raise SavedQueryError(f"{shown}: the file is too long; the limit is {_LONGEST_FILE:,} bytes.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SavedQueryError(f"{shown}:{line}: the file is not UTF-8 text. Save it as UTF-8.") from None


def _show(name: str) -> str:
    """`name` with the bytes that are not UTF-8 spelt out, so that it can be printed."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _finding(path: str, detail: str) -> Finding:
    """An error as a finding; errors about files start with their path already."""
    where, _, reason = detail.partition(" ")
    if where.startswith(path):
        place = [int(part) for part in where[len(path) :].strip(":").split(":") if part.isdigit()]
        position = Position(place[0], place[1] if len(place) > 1 else 1) if place else None
        return Finding(path, position, reason, "")
    return Finding(path, None, detail, "")
