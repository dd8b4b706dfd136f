"""Whether saved queries still return what their headers expect, and since when.

The book is a JSON file in the state directory. It is written whole, under a
lock, so that several web processes may keep it together.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from onrecord.engine import Engine
from onrecord.errors import EndpointRefusedError, OnrecordError, RemoteError, UnavailableError
from onrecord.saved.expectations import compare
from onrecord.saved.query import SavedQuery
from onrecord.saved.rows import read_result_rows
from onrecord.terms import IriSpace

MOST_CHANGES = 500
"""Changes that the book remembers."""


@dataclass(frozen=True)
class Verdict:
    """How one query stands on one generation; `finding` is empty while it holds."""

    name: str
    version: str
    cases: int
    finding: str = ""

    @property
    def holds(self) -> bool:
        return not self.finding


@dataclass(frozen=True)
class Standing:
    """A verdict with the generation and the time since which it is what it is."""

    verdict: Verdict
    since: str
    since_time: str


@dataclass(frozen=True)
class Change:
    """One entry of the feed: a query's verdict or text changed. `number` is never used again."""

    number: int
    name: str
    what: str
    detail: str
    generation: str
    time: str


@dataclass(frozen=True)
class Book:
    """All standings as of one generation, and the latest changes, the newest last.

    `of` names generation and catalogue that were judged; empty before the first.
    """

    of: str = ""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()


def judge(engine: Engine, query: SavedQuery, space: IriSpace, most_bytes: int) -> Verdict:
    """Run every case of `query`; the first that is not met makes the finding.

    Raises UnavailableError when the engine had no time for it, RemoteError or
    EndpointRefusedError when what other endpoints would say is not kept: that
    is no verdict. What cannot be asked at all does not hold.
    """
    finding = ""
    for case in query.expectations:
        try:
            text = query.bind(query.read(case.values, space))
            rows = read_result_rows(engine, text, space, most_bytes, federates=True)
        except (UnavailableError, RemoteError, EndpointRefusedError):
            raise
        except OnrecordError as error:
            finding = _with(case.values, error.detail)
            break
        different = compare(case, rows, space)
        if different is not None:
            finding = _with(case.values, different)
            break
    return Verdict(query.name, query.version, len(query.expectations), finding)


def judge_all(
    engine: Engine,
    queries: Iterable[SavedQuery],
    space: IriSpace,
    most_bytes: int,
    on_verdict: Callable[[Verdict], None] = lambda verdict: None,
) -> list[Verdict]:
    """The verdicts of the queries that expect something and were answered; `on_verdict` hears each."""
    verdicts: list[Verdict] = []
    for query in queries:
        if not query.expectations:
            continue
        try:
            verdict = judge(engine, query, space, most_bytes)
        except (UnavailableError, RemoteError, EndpointRefusedError):
            continue
        verdicts.append(verdict)
        on_verdict(verdict)
    return verdicts


def turn_page(book: Book, of: str, generation: str, time: str, verdicts: Sequence[Verdict]) -> Book:
    """The book after `verdicts` on `generation`; a verdict that stays keeps its 'since'.

    >>> first = turn_page(Book(), "g1", "g1", "2026-01-01T00:00:00Z", [Verdict("a", "v1", 1)])
    >>> broken = Verdict("a", "v1", 1, "Expected 2 rows, got 1.")
    >>> second = turn_page(first, "g2", "g2", "2026-01-02T00:00:00Z", [broken])
    >>> second.standings["a"].since, [change.what for change in second.changes]
    ('g2', ['no longer holds'])
    """
    standings: dict[str, Standing] = {}
    changes = list(book.changes)
    number = changes[-1].number if changes else 0

    def note(name: str, what: str, detail: str) -> None:
        nonlocal number
        number += 1
        changes.append(Change(number, name, what, detail, generation, time))

    for verdict in verdicts:
        before = book.standings.get(verdict.name)
        if before is not None and before.verdict.version != verdict.version:
            versions = f"Version {verdict.version} took the place of {before.verdict.version}."
            note(verdict.name, "has a new text", versions)
        if before is None or before.verdict.holds != verdict.holds:
            standings[verdict.name] = Standing(verdict, generation, time)
            if not verdict.holds:
                note(
                    verdict.name,
                    "no longer holds" if before is not None else "does not hold",
                    verdict.finding,
                )
            elif before is not None:
                note(verdict.name, "holds again", "")
        else:
            if verdict.finding != before.verdict.finding:
                note(verdict.name, "still does not hold", verdict.finding)
            standings[verdict.name] = replace(before, verdict=verdict)
    for name in book.standings.keys() - standings.keys():
        if book.of and name not in {verdict.name for verdict in verdicts}:
            standings[name] = book.standings[name]
    return Book(of, standings, tuple(changes[-MOST_CHANGES:]))


class StandingFile:
    """The book on disk, at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Book:
        """The book; an empty one when there is none or it cannot be read."""
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            standings = {
                name: Standing(Verdict(**entry["verdict"]), entry["since"], entry["since_time"])
                for name, entry in document["standings"].items()
            }
            changes = tuple(Change(**entry) for entry in document["changes"])
            return Book(str(document["of"]), standings, changes)
        except (OSError, ValueError, KeyError, TypeError):
            return Book()

    def turn_page(self, of: str, generation: str, time: str, verdicts: Sequence[Verdict]) -> Book:
        """Write `verdicts` into the book, unless another process has done so already; returns it."""
        with self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            book = self.read()
            if book.of == of:
                return book
            turned = turn_page(book, of, generation, time, verdicts)
            self._write(turned)
            return turned

    def _write(self, book: Book) -> None:
        document = {
            "of": book.of,
            "standings": {name: asdict(standing) for name, standing in book.standings.items()},
            "changes": [asdict(change) for change in book.changes],
        }
        unfinished = self._path.with_suffix(".tmp")
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._path)


def _with(values: Mapping[str, Sequence[str]], finding: str) -> str:
    told = ", ".join(f"{name}={value}" for name, texts in values.items() for value in texts)
    return f"With {told}: {finding}" if told else finding
