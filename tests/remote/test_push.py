"""`onrecord push`: what it replaces is told, and nothing of others is touched."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import environment, serve
from tests.remote.engines import Remote, free_port, push, run_oxigraph

SPACE = "https://example.org/small/"
DATASET = f"""@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .
<{SPACE}> a owl:Ontology ; dcterms:title "A small folder" ; rec:iriSpace "{SPACE}" .
"""


@pytest.fixture(scope="module", params=[False, True], ids=["by update", "by graph store"])
def remote(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    with run_oxigraph(tmp_path_factory.mktemp("pushed"), graph_store=bool(request.param)) as started:
        yield started


@pytest.fixture
def small(tmp_path: Path, remote: Remote) -> Path:
    """A folder of two files, and an engine that holds nothing."""
    remote.run("DROP ALL")
    (tmp_path / "small/ontology").mkdir(parents=True)
    (tmp_path / "small/triples").mkdir()
    (tmp_path / "small/ontology/dataset.ttl").write_text(DATASET)
    (tmp_path / "small/triples/talk.ttl").write_text(
        "<id/a> <urn:says> <id/b> . <id/b> <urn:in> [ <urn:of> ( 1 2 ) ] ."
    )
    return tmp_path / "small"


def graphs(remote: Remote) -> dict[str, int]:
    """What the engine itself holds."""
    query = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    request = urllib.request.Request(
        f"{remote.query}?query={urllib.parse.quote(query)}",
        headers={"Accept": "application/sparql-results+json"},
    )
    rows = json.load(urllib.request.urlopen(request, timeout=30))["results"]["bindings"]
    return {row["g"]["value"]: int(row["n"]["value"]) for row in rows}


def test_all_graphs_of_the_folder_are_put_there(small: Path, remote: Remote) -> None:
    done = push(remote, small)
    assert done.returncode == 0, done.stderr
    assert f"new\t7\t{SPACE}graph/triples/talk" in done.stdout
    assert graphs(remote)[f"{SPACE}graph/triples/talk"] == 7
    assert f"{SPACE}graph/holdings" in graphs(remote)


def test_a_second_push_tells_what_it_replaces_and_drops_what_has_gone(small: Path, remote: Remote) -> None:
    push(remote, small)
    (small / "triples/talk.ttl").rename(small / "triples/speech.ttl")
    shown = push(remote, small, "--dry-run")
    assert f"new\t7\t{SPACE}graph/triples/speech" in shown.stdout
    assert f"replaced\t3\t{SPACE}graph/ontology/dataset" in shown.stdout
    assert f"dropped\t0\t{SPACE}graph/triples/talk" in shown.stdout
    assert f"{SPACE}graph/triples/talk" in graphs(remote)
    push(remote, small)
    assert f"{SPACE}graph/triples/talk" not in graphs(remote)
    assert graphs(remote)[f"{SPACE}graph/triples/speech"] == 7


def test_graphs_of_others_stay(small: Path, remote: Remote) -> None:
    remote.run("INSERT DATA { GRAPH <https://example.com/theirs> { <urn:a> <urn:b> 1 } <urn:a> <urn:b> 2 }")
    push(remote, small)
    push(remote, small)
    assert graphs(remote)["https://example.com/theirs"] == 1


def test_a_graph_of_others_is_not_replaced(small: Path, remote: Remote) -> None:
    remote.run("INSERT DATA { GRAPH <https://example.com/theirs> { <urn:a> <urn:b> 1 } }")
    (small / "triples/more.trig").write_text("<https://example.com/theirs> { <urn:x> <urn:y> <urn:z> }")
    done = push(remote, small)
    assert done.returncode == 1
    assert "https://example.com/theirs" in done.stderr
    assert graphs(remote) == {"https://example.com/theirs": 1}


def test_without_a_push_serving_tells_the_command(small: Path, remote: Remote, tmp_path: Path) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "onrecord", "serve", str(small), "--store", str(tmp_path), *remote.options],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
    )
    assert started.returncode == 1
    assert f"onrecord push {small} --engine {remote.query}" in started.stderr


def test_a_folder_that_has_changed_since_is_served_as_pushed_and_says_so(
    small: Path, remote: Remote, tmp_path: Path
) -> None:
    push(remote, small)
    (small / "triples/talk.ttl").write_text("<id/a> <urn:says> <id/c> .")
    with serve(small, tmp_path / "state", *remote.options) as server:
        assert "has changed since" in server.banner
        assert server.sparql("SELECT ?o { <id/a> <urn:says> ?o }") == [{"o": f"{SPACE}id/b"}]


def test_an_engine_that_is_down_at_the_start_is_waited_for(small: Path, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}/query"
    with serve(small, tmp_path / "state", "--engine", address) as server:
        assert "warning" in server.banner
        assert server.get("/health").status == 503
        assert server.get("/sparql?query=ASK%20%7B%7D").status == 503
        assert server.get("/queries").status == 200


def test_the_engine_may_go_and_come_back(
    small: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("leaving")
    ask = "/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D&format=json"
    with run_oxigraph(directory) as first:
        assert push(first, small).returncode == 0
        running = serve(small, tmp_path / "state", *first.options)
        server = running.__enter__()
        assert server.get(ask).json()["boolean"] is True
    try:
        assert server.get(ask).status == 503
        assert server.get("/health").status == 503
        with run_oxigraph(directory, port=int(first.query.split(":")[2].split("/")[0])):
            assert server.get(ask).json()["boolean"] is True
            assert server.get("/health").status == 200
    finally:
        running.__exit__(None, None, None)
