"""Real SPARQL servers on loopback, and the two sides that a plan needs."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph
import pytest

from onrecord.errors import EndpointRefusedError, QuerySyntaxError, RemoteError
from onrecord.federation.remote import Provenance, Recalled, RemoteAnswer, RemoteQuery
from onrecord.federation.solutions import BindingsBatch, Solutions, encode_term, read_solutions


def oxigraph_command() -> str:
    """The `oxigraph` of the environment that the tests run in."""
    found = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    assert found, "pip install oxigraph"
    return found


@dataclass
class Server:
    """One `oxigraph serve` on loopback."""

    url: str
    process: subprocess.Popen[bytes]


def start_server(directory: Path, turtle: str) -> Server:
    """Serve `turtle` until the process is ended."""
    directory.mkdir(parents=True)
    data = directory / "data.ttl"
    data.write_text(turtle, encoding="utf-8")
    store = directory / "store"
    subprocess.run(
        [oxigraph_command(), "load", "--location", str(store), "--file", str(data)],
        check=True,
        capture_output=True,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [oxigraph_command(), "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return Server(f"http://127.0.0.1:{port}/query", process)
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline, "oxigraph serve does not start"
            time.sleep(0.02)


@dataclass
class StoreLocal:
    """A `Local` over a store in this process."""

    store: pyoxigraph.Store
    probes: list[str] = field(default_factory=list)

    def check(self, query: str) -> None:
        try:
            self.store.query(query, default_graph=[], named_graphs=[])
        except SyntaxError as error:
            raise QuerySyntaxError(str(error)) from None

    def select(self, query: str, most_rows: int) -> Solutions:
        self.probes.append(query)
        results = self.store.query(query)
        assert isinstance(results, pyoxigraph.QuerySolutions)
        names = tuple(v.value for v in results.variables)
        rows = []
        for solution in results:
            rows.append(tuple(None if t is None else encode_term(t) for t in solution))
            if len(rows) == most_rows:
                break
        return Solutions(names, tuple(rows))


@dataclass
class PlainRemote:
    """A `Remote` without cache or courtesy, which records what it sends; `broken` endpoints fail."""

    broken: frozenset[str] = frozenset()
    allowed: frozenset[str] | None = None
    most_bindings: int | None = None
    requests: list[tuple[str, str]] = field(default_factory=list)
    received: int = 0

    def check(self, endpoint: str) -> None:
        if self.allowed is not None and endpoint not in self.allowed:
            raise EndpointRefusedError(f"<{endpoint}> is not allowed.")

    def recall(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> Recalled:
        return Recalled(None, pushed)

    def select(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> RemoteAnswer:
        self.check(endpoint)
        text = query.text(pushed)
        self.requests.append((endpoint, text))
        if endpoint in self.broken:
            raise RemoteError(f"<{endpoint}> does not answer.")
        if self.most_bindings is not None and pushed is not None and len(pushed.rows) > self.most_bindings:
            error = RemoteError(f"<{endpoint}> takes too long.")
            error.smaller_may_help = True
            raise error
        parts = urlsplit(endpoint)
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        connection.request(
            "POST",
            parts.path,
            text.encode(),
            {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"},
        )
        response = connection.getresponse()
        document = response.read()
        connection.close()
        if response.status != 200:
            raise RemoteError(f"<{endpoint}> says {response.status} to {text}: {document.decode()}")
        self.received += len(document)
        solutions = read_solutions(document)
        return RemoteAnswer(
            solutions,
            Provenance(
                endpoint,
                endpoint,
                datetime.now(UTC),
                sha256(query.template.encode()).hexdigest(),
                "ok",
                0,
                len(solutions.rows),
                1,
                len(document),
            ),
        )

    def cancel(self) -> None:
        raise AssertionError("nobody cancels here")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Two servers: `one` and `two`, over data that overlaps in its IRIs."""
    from tests.federation.data import remote_turtle

    directory = tmp_path_factory.mktemp("oxigraph")
    started: dict[str, Server] = {}
    try:
        for name in ("one", "two"):
            started[name] = start_server(directory / name, remote_turtle(name))
        yield started
    finally:
        for server in started.values():
            server.process.terminate()
            server.process.wait(10)


@pytest.fixture(scope="session")
def store() -> pyoxigraph.Store:
    """The local store."""
    from tests.federation.data import local_trig

    made = pyoxigraph.Store()
    made.load(local_trig().encode(), pyoxigraph.RdfFormat.TRIG)
    return made
