"""A federated answer is of one generation, whatever is written while an endpoint is asked."""

from __future__ import annotations

import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import environment, serve
from tests.federation.conftest import start_server
from tests.federation.proxy import RecordingProxy

THING = "<urn:thing>"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[RecordingProxy]:
    server = start_server(tmp_path / "remote", f'{THING} <urn:name> "known" .')
    found = RecordingProxy(server.origin.removeprefix("http://"))
    yield found
    found.stop()
    server.stop()


def test_what_is_written_meanwhile_is_not_in_the_answer(proxy: RecordingProxy, tmp_path: Path) -> None:
    store = tmp_path / "store"
    command = [sys.executable, "-m", "onrecord", "token", "create", "--role", "editor", "--store", str(store)]
    made = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    headers = {
        "Content-Type": "application/sparql-update",
        "Authorization": f"Bearer {made.stdout.splitlines()[-1]}",
    }
    options = ("--empty", "--federate", proxy.origin, "--federation-contact", "desk@example.org")
    with serve(None, store, *options) as server:

        def write(text: str) -> None:
            assert server.get("/sparql", headers, text.encode()).status == 204

        write(f"INSERT DATA {{ {THING} a <urn:T> ; <urn:seen> 1 }}")
        query = (
            f"SELECT ?seen {{ ?x a <urn:T> ; <urn:seen> ?seen "
            f"SERVICE <{proxy.url}> {{ ?x <urn:name> ?name }} }}"
        )
        path = "/sparql?" + urllib.parse.urlencode({"query": query, "format": "csv"})
        proxy.meanwhile = lambda: write(f"INSERT DATA {{ {THING} <urn:seen> {len(proxy.queries) + 2} }}")
        first = server.get(path)
        assert first.status == 200 and first.text.split() == ["seen", "1"]
        assert len(proxy.queries) == 1
        again = server.get(path)
        assert sorted(again.text.split()) == ["1", "2", "seen"]
        assert len(proxy.queries) == 1, "the cache has the endpoint's part"
        assert first.headers["onrecord-generation"] != again.headers["onrecord-generation"]
