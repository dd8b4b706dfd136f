"""A query means the same on every server: its dataset is what is ours, and nothing of others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from tests.conftest import LiveServer
from tests.remote.engines import Remote

FOREIGN = "https://example.com/graph/of-somebody-else"
SPACE = "https://w3id.org/onrecord/ghouta/"


@pytest.fixture(params=["oxigraph", "virtuoso"])
def shared(
    request: pytest.FixtureRequest,
    start_remote: Callable[[str], Remote],
    serve_from: Callable[[str], LiveServer],
) -> Iterator[LiveServer]:
    """A server over an engine in which somebody else has a graph."""
    remote = start_remote(str(request.param))
    remote.run(f"INSERT DATA {{ GRAPH <{FOREIGN}> {{ <urn:secret> <urn:secret> <urn:secret> }} }}")
    yield serve_from(str(request.param))
    remote.run(f"DROP SILENT GRAPH <{FOREIGN}>")


def ask(server: LiveServer, text: str, more: str = "") -> bool:
    response = server.get(f"/sparql?query={quote(text)}&format=json{more}")
    assert response.status == 200, response.text
    return bool(json.loads(response.body)["boolean"])


def test_the_union_of_what_is_ours_is_the_default_graph(shared: LiveServer, live_server: LiveServer) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert shared.sparql(text) == live_server.sparql(text)


def test_graphs_of_others_are_not_seen(shared: LiveServer) -> None:
    assert not ask(shared, "ASK { <urn:secret> ?p ?o }")
    assert not ask(shared, "ASK { GRAPH ?g { <urn:secret> ?p ?o } }")


@pytest.mark.parametrize(
    "text",
    [
        f"ASK {{ GRAPH <{FOREIGN}> {{ ?s ?p ?o }} }}",
        f"ASK FROM <{FOREIGN}> {{ ?s ?p ?o }}",
        "PREFIX x: <https://example.com/graph/> ASK FROM NAMED x:of-somebody-else { GRAPH ?g { ?s ?p ?o } }",
    ],
)
def test_naming_a_graph_of_others_is_refused(shared: LiveServer, text: str) -> None:
    response = shared.get(f"/sparql?query={quote(text)}")
    assert response.status == 403
    assert "--engine-graph" in response.text


def test_the_parameters_of_the_protocol_do_not_reach_them_either(shared: LiveServer) -> None:
    query = quote("ASK { ?s ?p ?o }")
    assert shared.get(f"/sparql?query={query}&default-graph-uri={quote(FOREIGN)}").status == 403


def test_a_graph_that_is_nowhere_is_empty(shared: LiveServer) -> None:
    assert not ask(shared, "ASK { GRAPH <urn:nowhere> { ?s ?p ?o } }")
    assert not ask(shared, "ASK { ?s ?p ?o }", "&default-graph-uri=urn%3Anowhere")
    assert shared.get("/graphs?graph=urn%3Anowhere").status == 404


def test_one_graph_is_asked_by_its_name(shared: LiveServer, live_server: LiveServer) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM <{SPACE}graph/triples/entities> {{ ?s ?p ?o }}"
    assert shared.sparql(text) == live_server.sparql(text)
    text = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    # The graph that lists the saved queries is written to the embedded engine alone.
    ours = [row for row in live_server.sparql(text) if row["g"] != f"{SPACE}graph/queries"]
    assert shared.sparql(text) == ours


def test_a_relative_iri_is_of_the_folder(shared: LiveServer) -> None:
    assert ask(shared, "ASK { <id/douma> ?p ?o }")


def test_several_graphs_by_from_are_501_on_virtuoso(serve_from: Callable[[str], LiveServer]) -> None:
    clauses = " ".join(f"FROM <{SPACE}graph/triples/{name}>" for name in ("entities", "names"))
    query = quote(f"SELECT (COUNT(*) AS ?n) {clauses} {{ ?s ?p ?o }}")
    assert serve_from("oxigraph").get(f"/sparql?query={query}").status == 200
    response = serve_from("virtuoso").get(f"/sparql?query={query}")
    assert response.status == 501
    assert "property paths" in response.text


def test_what_virtuoso_would_cut_is_not_given(serve_from: Callable[[str], LiveServer]) -> None:
    query = quote("SELECT ?a ?b { ?a ?p ?b . ?c ?q ?d } LIMIT 10001")
    assert serve_from("oxigraph").get(f"/sparql?query={query}&format=csv").status == 200
    response = serve_from("virtuoso").get(f"/sparql?query={query}&format=csv")
    assert response.status == 502
    assert "10000 rows" in response.text
