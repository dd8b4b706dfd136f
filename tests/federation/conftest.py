"""Real SPARQL servers on loopback, and the two sides that a plan needs."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph
import pytest

from onrecord.federation.client import Federation
from onrecord.federation.endpoints import Endpoints
from onrecord.federation.remote import Recalled, Remote, RemoteAnswer, RemoteQuery
from onrecord.federation.settings import FederationSettings
from onrecord.federation.solutions import BindingsBatch, Solutions, encode_term
from onrecord.sparql import parse_engine_error


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

    @property
    def origin(self) -> str:
        """What `--federate` takes."""
        return self.url.removesuffix("/query")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


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
            raise parse_engine_error(str(error), query) from None

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
class RecordingRemote:
    """The real client, as one query has it; `requests` has the endpoint and text of each that was sent."""

    inner: Remote
    requests: list[tuple[str, str]] = field(default_factory=list)
    received: int = 0

    def check(self, endpoint: str) -> None:
        self.inner.check(endpoint)

    def recall(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> Recalled:
        return self.inner.recall(endpoint, query, pushed)

    def select(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> RemoteAnswer:
        self.requests.append((endpoint, query.text(pushed)))
        answer = self.inner.select(endpoint, query, pushed)
        self.received += answer.provenance.size
        return answer

    def cancel(self) -> None:
        self.inner.cancel()


def connect_loopback(address: str, port: int, seconds: float) -> socket.socket:
    """A connector that fails the test instead of leaving 127.0.0.0/8."""
    if not address.startswith("127."):
        pytest.fail(f"a connection to {address} would have left this machine")
    return socket.create_connection((address, port), seconds)


def open_clients(directory: Path, *origins: str) -> Federation:
    """The real client for these origins, with a cache of its own."""
    settings = FederationSettings(directory, Endpoints(origins), contact="desk@example.org")
    return Federation(settings, connector=connect_loopback)


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
            server.stop()


@pytest.fixture(scope="session")
def store() -> pyoxigraph.Store:
    """The local store."""
    from tests.federation.data import local_trig

    made = pyoxigraph.Store()
    made.load(local_trig().encode(), pyoxigraph.RdfFormat.TRIG)
    return made
