"""The hot path of /sparql answers as Flask does: the same request to a server with and one without it."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from tests.conftest import LiveServer, Response
from tests.live.test_endpoint import LONG_WORK
from tests.waiting import wait_until

Serve = Callable[..., AbstractContextManager[LiveServer]]

_OF_TRANSFER = ("date", "transfer-encoding", "content-length")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TEXT = {"Content-Type": "application/sparql-query"}

QUERIES = {
    "rows": "SELECT ?c ?s { ?s a ?c } ORDER BY ?c ?s LIMIT 40",
    "no rows": "SELECT ?p { <urn:none> ?p ?o }",
    "the same in other words": "SELECT ?p { <urn:none-2> ?p ?o }",
    "a look-up of a string": 'SELECT ?s { ?s ?p "Douma"@en }',
    "true": "ASK { ?s ?p ?o }",
    "capitals": "ASK { FILTER(TRUE) }",
    "a graph": "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } ORDER BY ?s ?c LIMIT 20",
    "described": "DESCRIBE <urn:none>",
    "aggregate": "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY ?c",
    "its own dataset": "SELECT (COUNT(*) AS ?n) FROM <urn:none> { ?s ?p ?o }",
    "relative IRIs": "ASK { <id/alloush> ?p ?o }",
    "ill-formed": "SELECT * { ?s ?p }",
    "unknown prefix": "SELECT * { ?s x:y ?o }",
    "an update": "INSERT DATA { <urn:a> <urn:b> 1 }",
    "SERVICE": "SELECT * { SERVICE <https://example.org/sparql> { ?s ?p ?o } }",
    "too deep": "ASK { FILTER(" + "(" * 200 + "1" + ")" * 200 + ") }",
    "nothing": "",
    "over its limit": LONG_WORK,
    "an expression": "SELECT (1/0 AS ?x) (2*3 AS ?n) {}",
    "another each time": "SELECT (RAND() * 0 AS ?n) {}",
    "many rows": "SELECT ?s ?p ?o ?x { ?s ?p ?o VALUES ?x { 1 2 3 } } LIMIT 15000",
}

VARIANTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "GET": ("GET", "", {}),
    "GET again": ("GET", "", {}),
    "HEAD": ("HEAD", "", {}),
    "csv": ("GET", "&format=csv", {}),
    "turtle": ("GET", "&output=turtle", {}),
    "three parameters": ("GET", "&format=xml&output=xml&results=xml", {}),
    "an unknown format": ("GET", "&format=nothing", {}),
    "Accept": ("GET", "", {"Accept": "application/sparql-results+xml, text/turtle;q=0.5"}),
    "Accept nothing that there is": ("GET", "", {"Accept": "image/png"}),
    "a browser": ("GET", "", {"Accept": "text/html,*/*;q=0.8"}),
    "gzip": ("GET", "", {"Accept-Encoding": "gzip"}),
    "zstd, not as it is": ("GET", "", {"Accept-Encoding": "zstd, identity;q=0"}),
    "no coding at all": ("GET", "", {"Accept-Encoding": "identity;q=0"}),
    "a dataset": ("GET", "&default-graph-uri=urn%3Anone", {}),
    "a dataset that is none": ("GET", "&named-graph-uri=none", {}),
    "another parameter": ("GET", "&foo=bar", {}),
    "twice": ("GET", "&query=ASK%7B%7D", {}),
    "a token of no use": ("GET", "", {"Authorization": "Bearer onrecord_none"}),
    "a known tag": ("GET", "", {"If-None-Match": "*"}),
    "another host": ("GET", "", {"Host": "example.org"}),
    "a host that is none": ("GET", "", {"Host": "exa mple"}),
    "form": ("POST", "", _FORM),
    "direct": ("POST", "", _TEXT),
}


@pytest.fixture(scope="module")
def server(serve_folder: Serve) -> Iterator[LiveServer]:
    """Without a cache: each request is answered anew."""
    with serve_folder(None, "--query-timeout", "3", "--cache-memory", "0", "--workers", "2") as running:
        yield running


@pytest.mark.parametrize("variant", VARIANTS)
def test_answers_and_errors_are_those_of_flask(server: LiveServer, variant: str) -> None:
    for name, text in QUERIES.items():
        if name == "over its limit" and variant != "GET":
            continue
        # A parameter that nobody knows sends the request to Flask.
        assert _ask(server, variant, text, "") == _ask(server, variant, text, "&unknown"), name


@pytest.mark.parametrize("name", ["rows", "true", "a graph", "many rows", "another each time"])
def test_plain_queries_do_not_reach_flask(server: LiveServer, name: str) -> None:
    before = _count(server)
    assert _ask(server, "GET", QUERIES[name], "")[0] == 200
    # A request is counted a moment after its client has the answer.
    wait_until(lambda: _count(server) == before + 1)
    assert _ask(server, "GET", QUERIES[name], "&unknown")[0] == 200
    assert _ask(server, "form", QUERIES[name], "")[0] == 200
    assert _count(server) == before + 1


def _count(server: LiveServer) -> int:
    lines = server.get("/metrics").text.splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("onrecord_hot_answers_total "))


def _ask(server: LiveServer, variant: str, text: str, more: str) -> tuple[int, dict[str, str], bytes]:
    method, parameters, headers = VARIANTS[variant]
    query = urllib.parse.urlencode({"query": text})
    if method != "POST":
        response = server.get(f"/sparql?{query}{parameters}{more}", headers, method=method)
    elif headers is _FORM:
        response = server.get(f"/sparql?{more}", headers, f"{query}{parameters}".encode(), "POST")
    else:
        response = server.get(f"/sparql?{more}", headers, text.encode(), "POST")
    return _told(response)


def _told(response: Response) -> tuple[int, dict[str, str], bytes]:
    """What was answered, but for how the connection ends the body; a page also tells how long it took."""
    headers = {n: v for n, v in response.headers.items() if n not in _OF_TRANSFER}
    is_page = headers.get("content-type", "").startswith("text/html")
    return response.status, headers, b"" if is_page else response.body
