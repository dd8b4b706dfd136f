"""A small folder served by real processes, and the engine as a front sees it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import LiveServer, serve
from tests.waiting import wait_until

from onrecord.engine import OnLeave, QueryRequest
from onrecord.errors import QueryTimeoutError
from onrecord.formats import JSON
from onrecord.supervision.client import SupervisedEngine
from onrecord.supervision.lanes import heavy_places
from onrecord.supervision.launch import running_engine
from onrecord.supervision.leased import LeasedAnswer
from onrecord.supervision.pool import HEAVY_PRIORITY, LONG_PRIORITY

DATASET = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .

<https://example.org/small/>
    a owl:Ontology ;
    dcterms:title "Small"@en ;
    rec:iriSpace "https://example.org/small/" .
"""

LONG_WORK = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
"""A cross product that no machine ends within a test's patience."""


@dataclass
class Running:
    """A server, its engine, its folder and its store."""

    server: LiveServer
    engine: SupervisedEngine
    folder: Path
    store: Path

    def ask(self, text: str, on_leave: OnLeave | None = None, row_limit: int | None = None) -> bytes:
        answer = self.start(text, on_leave, row_limit)
        try:
            return b"".join(answer)
        finally:
            answer.close()

    def start(self, text: str, on_leave: OnLeave | None = None, row_limit: int | None = None) -> LeasedAnswer:
        return self.engine.query(QueryRequest(text, "solutions", JSON, row_limit=row_limit), on_leave)

    def processes(self) -> list[int]:
        """The supervisor's children: writer, workers, front."""
        supervisor = self.server.process.pid
        return [
            int(pid) for pid in Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
        ]

    def lowered(self) -> list[int]:
        """The query workers that serve heavy queries."""
        # The background process has a low priority of its own.
        lowered = (HEAVY_PRIORITY, LONG_PRIORITY)
        return [pid for pid in self.processes() if _priority(pid) in lowered]


def _priority(pid: int) -> int | None:
    """None for a process that has ended since it was listed."""
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return None


@contextmanager
def heavy_places_taken(running: Running) -> Iterator[None]:
    """Inside the block as many queries that run into their limit are at work as heavy ones may be."""

    def ask() -> None:
        with pytest.raises(QueryTimeoutError):
            running.ask(LONG_WORK)

    blockers = [threading.Thread(target=ask) for _ in range(heavy_places())]
    for number, blocker in enumerate(blockers, 1):
        blocker.start()
        wait_until(
            lambda number=number: (  # type: ignore[misc]
                running.engine.status().busy == number <= len(running.lowered())
            )
        )
    try:
        yield
    finally:
        for blocker in blockers:
            blocker.join()


Run = Callable[..., AbstractContextManager[Running]]


def write_numbers(folder: Path, count: int) -> Path:
    """A folder of `count` triples beside its description."""
    for name in ("ontology", "triples", "queries"):
        (folder / name).mkdir(parents=True)
    (folder / "ontology" / "dataset.ttl").write_text(DATASET)
    lines = [f'<https://example.org/small/id/{n}> <https://example.org/p> "{n}" .' for n in range(count)]
    (folder / "triples" / "numbers.ttl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
    """A folder of 400 triples beside its description, and one saved query."""
    folder = write_numbers(tmp_path / "small", 400)
    query = "#+ summary: All numbers.\nSELECT ?n { ?s <https://example.org/p> ?n } ORDER BY ?n\n"
    (folder / "queries" / "numbers.rq").write_text(query)
    return folder


@pytest.fixture
def run(small_folder: Path, tmp_path: Path) -> Run:
    """`with run("--workers", "1") as running:` serves the small folder."""

    @contextmanager
    def start(*options: str) -> Iterator[Running]:
        store = tmp_path / "store"
        with serve(small_folder, store, *options) as server:
            engine, _ = running_engine(store)
            with closing(engine):
                yield Running(server, engine, small_folder, store)

    return start
