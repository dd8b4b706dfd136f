"""Fixtures on the real parts: a real server process, a real store, real HTTP."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.wikidata_shape.server import prepare_store, serve_oxigraph

from onrecord.web.bundle import Script, read_bundle

REPOSITORY = Path(__file__).resolve().parent.parent
STATIC = REPOSITORY / "server" / "onrecord" / "web" / "static"
SHARED = REPOSITORY.parent / "shared"
SHARED_ABSENT = "../shared is absent"

Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Response:
    """A response as the wire had it; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> dict[str, object]:
        loaded = json.loads(self.body)
        assert isinstance(loaded, dict)
        return loaded


@dataclass
class LiveServer:
    """A running `onrecord serve`, asked over HTTP."""

    url: str
    process: subprocess.Popen[str]
    banner: str
    errors: list[str] = field(default_factory=list)

    def get(
        self,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        method: str | None = None,
    ) -> Response:
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Response(response.status, _lowered(response.headers), response.read())
        except urllib.error.HTTPError as error:
            return Response(error.code, _lowered(error.headers), error.read())

    def ask(self, query_name: str, **parameters: str | list[str]) -> Rows:
        """The rows of a saved query, each variable with its plain value."""
        query = "?" + urllib.parse.urlencode(parameters, doseq=True) if parameters else ""
        response = self.get(f"/queries/{query_name}.json{query}")
        assert response.status == 200, response.text
        return _rows(response.body)

    def sparql(self, text: str) -> Rows:
        """The rows of a SPARQL query, each variable with its plain value."""
        response = self.get("/sparql?" + urllib.parse.urlencode({"query": text, "format": "json"}))
        assert response.status == 200, response.text
        return _rows(response.body)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def serve(folder: Path | None, store: Path, *options: str) -> Iterator[LiveServer]:
    """Run `onrecord serve` on a free port until the block ends."""
    command = [sys.executable, "-m", "onrecord", "serve", "--port", "0", "--store", str(store), *options]
    if folder is not None:
        command.append(str(folder))
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    assert process.stdout is not None and process.stderr is not None
    errors: list[str] = []
    reader = threading.Thread(
        target=lambda stream: errors.extend(stream), args=(process.stderr,), daemon=True
    )
    reader.start()
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Stop with"):
            break
    banner = "".join(lines)
    address = re.search(r"http://[^/\s]+", banner)
    if address is None:
        process.wait(60)
        reader.join(5)
        raise AssertionError(f"the server did not start: {banner}{''.join(errors)}")
    server = LiveServer(address.group(), process, banner, errors)
    try:
        yield server
    finally:
        server.stop()
        reader.join(5)
        process.stdout.close()
        process.stderr.close()


def environment() -> dict[str, str]:
    """This process's environment without any setting of ours, so that defaults are tested."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the repository: the article, test suites. Skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(SHARED_ABSENT)
    return SHARED


@pytest.fixture(scope="session")
def wikidata_endpoint(shared: Path) -> Iterator[str]:
    """The URL of a real SPARQL server with the fixture, planted items and 500,000 invented ones."""
    with serve_oxigraph(prepare_store(shared / "wikidata" / "fixture.ttl")) as url:
        yield url


@pytest.fixture(scope="session")
def static() -> Path:
    """The directory of stylesheets and scripts."""
    return STATIC


@pytest.fixture(scope="session")
def bundle() -> dict[str, Script]:
    """The entries that `npm run build` made. Skips where there are none, which CI counts as a failure."""
    found = read_bundle(STATIC)
    if not found:
        pytest.skip("the bundle is absent: npm ci --ignore-scripts && npm run build in server/frontend")
    return found


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The shipped graph, served."""
    with serve(None, tmp_path_factory.mktemp("shipped-store")) as server:
        yield server


@pytest.fixture(scope="session")
def ask(live_server: LiveServer) -> Callable[..., Rows]:
    return live_server.ask


@pytest.fixture(scope="session")
def sparql(live_server: LiveServer) -> Callable[[str], Rows]:
    return live_server.sparql


@pytest.fixture(scope="session")
def serve_folder(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[LiveServer]]:
    """`with serve_folder(path, *options) as server:` serves that folder with a store of its own."""

    def start(folder: Path | None, *options: str) -> AbstractContextManager[LiveServer]:
        return serve(folder, tmp_path_factory.mktemp("store"), *options)

    return start


@pytest.fixture
def folder_copy(tmp_path: Path) -> Path:
    """A copy of the shipped folder that a test may change."""
    target = tmp_path / "folder"
    for name in ("ontology", "triples", "queries"):
        shutil.copytree(REPOSITORY / name, target / name)
    return target


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI a skipped test is a failure, save where the shared reference material is absent."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr)
        if SHARED_ABSENT not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped in CI: {reason}"


def _rows(body: bytes) -> Rows:
    document = json.loads(body)
    return [
        {name: term["value"] for name, term in binding.items()} for binding in document["results"]["bindings"]
    ]


def _lowered(headers: object) -> dict[str, str]:
    assert hasattr(headers, "items")
    return {name.lower(): value for name, value in headers.items()}
