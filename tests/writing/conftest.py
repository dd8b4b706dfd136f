"""A small folder served by real processes, and an editor who writes to it over HTTP and at the engine."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import LiveServer, Response, serve
from tests.processes.conftest import write_numbers

from onrecord.engine import QueryRequest, UpdateRequest, WriteReceipt
from onrecord.formats import JSON
from onrecord.identity.tokens import TokenBook
from onrecord.supervision.client import SupervisedEngine
from onrecord.supervision.launch import running_engine

FOLDER_GRAPH = "https://example.org/small/graph/triples/numbers"


@dataclass
class Written:
    """A server with an editor's token, its engine, its folder and its store."""

    server: LiveServer
    engine: SupervisedEngine
    folder: Path
    store: Path
    token: str

    def update(self, text: str) -> WriteReceipt:
        return self.engine.write(UpdateRequest(text, "ines"))

    def rows(self, text: str, *, union: bool = True) -> list[tuple[str, ...]]:
        """The rows of a query, sorted; terms by their values."""
        request = QueryRequest(text, "solutions", JSON, has_dataset_clause=not union)
        answer = self.engine.query(request)
        try:
            document = json.loads(b"".join(answer))
        finally:
            answer.close()
        names = document["head"]["vars"]
        bindings = document["results"]["bindings"]
        return sorted(tuple(b[n]["value"] if n in b else "" for n in names) for b in bindings)

    def count(self) -> int:
        """How many quads the store holds, in all graphs."""
        named = self.rows("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
        unnamed = self.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", union=False)
        return int(named[0][0]) + int(unnamed[0][0])

    def send(
        self, method: str, path: str, body: bytes | None = None, content_type: str = "", **headers: str
    ) -> Response:
        """A request of the editor's."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {self.token}"
        if content_type:
            sent["Content-Type"] = content_type
        return self.server.get(path, sent, body, method)

    def post_update(self, text: str, **parameters: str | list[str]) -> Response:
        form = urllib.parse.urlencode({"update": text, **parameters}, doseq=True).encode()
        return self.send("POST", "/sparql", form, "application/x-www-form-urlencoded")


Write = Callable[..., AbstractContextManager[Written]]


@contextmanager
def serve_written(folder: Path | None, store: Path, *options: str) -> Iterator[Written]:
    """Serve `folder` from `store`, with a new editor."""
    _, secret = TokenBook(store).create("editor")
    with serve(folder, store, *options) as server:
        engine, _ = running_engine(store)
        with closing(engine):
            yield Written(server, engine, folder or store, store, secret)


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    """A folder of three triples beside its description."""
    return write_numbers(tmp_path / "small", 3)


@pytest.fixture
def write(numbers: Path, tmp_path: Path) -> Write:
    """`with write("--workers", "1") as w:` serves the small folder to an editor."""

    def start(*options: str) -> AbstractContextManager[Written]:
        return serve_written(numbers, tmp_path / "store", *options)

    return start
