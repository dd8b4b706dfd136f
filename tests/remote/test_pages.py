"""The pages on which people read are the same whichever engine answers."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from tests.conftest import LiveServer
from tests.remote.engines import wait_for

CLAIM = "/article/343dbc8f/claim/army-uses-barrel-bombs.html"
PAGES = (
    "/claims",
    "/contradictions",
    "/timeline",
    "/map",
    "/alliances",
    "/queries",
    "/search?q=douma",
    CLAIM,
    "/id/alloush.html",
    "/id/douma.html",
    "/ns",
)
BROWSER = {"Accept": "text/html"}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_the_same_to_the_letter(page: str, served: LiveServer, live_server: LiveServer) -> None:
    """Save the order of lists that have none, and how many rows a query had when it was last asked there."""
    ours, theirs = (server.get(page, BROWSER) for server in (live_server, served))
    assert theirs.status == 200
    assert lines_of(theirs.text) == lines_of(ours.text)


def lines_of(page: str) -> list[str]:
    return sorted(re.sub(r" <span[^>]*>&middot;</span> [\d,]+ rows?\b", "", page).splitlines())


def test_the_first_page_counts_the_same_and_names_no_generation(
    served: LiveServer, live_server: LiveServer
) -> None:
    # The embedded engine holds the graph that lists the saved queries besides; its default graph does not.
    asked = quote("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    counted = f"{int(live_server.get(f'/sparql?query={asked}&format=csv').text.split()[1]):,} triples"
    wait_for(lambda: counted in served.get("/", BROWSER).text)  # counted beside the requests
    ours, theirs = (server.get("/", BROWSER) for server in (live_server, served))
    assert "etag" not in theirs.headers
    told = re.sub(r" <span[^>]*>&middot;</span> generation [0-9a-f]{8}-\d+", "", ours.text)
    told = re.sub(r"[\d,]+ triples", counted, told)
    assert theirs.text == told.replace(live_server.url, served.url).replace(
        live_server.url.removeprefix("http://"), served.url.removeprefix("http://")
    )


def test_a_thing_is_described_in_rdf_as_well(served: LiveServer, live_server: LiveServer) -> None:
    ours, theirs = (set(server.get("/id/douma.nt").body.splitlines()) for server in (live_server, served))
    assert ours == theirs


@pytest.mark.parametrize("suffix", ["csv", "tsv", "xml", "json", "xlsx", "md"])
def test_a_result_is_written_in_every_format(
    suffix: str, served: LiveServer, live_server: LiveServer
) -> None:
    path = f"/queries/contradictions.{suffix}"
    ours, theirs = (server.get(path) for server in (live_server, served))
    assert theirs.status == 200
    assert theirs.headers["content-type"] == ours.headers["content-type"]
    if suffix in ("csv", "tsv"):
        assert theirs.body == ours.body


def test_labels_and_evidence_are_added(served: LiveServer, live_server: LiveServer) -> None:
    path = "/queries/contradictions.csv?_labels=en&_evidence=1"
    assert served.get(path).body == live_server.get(path).body


def test_a_graph_is_written_in_every_format(served: LiveServer) -> None:
    query = quote("CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 3")
    for format in ("ntriples", "turtle", "jsonld", "rdfxml", "nquads", "trig"):
        response = served.get(f"/sparql?query={query}&format={format}")
        assert response.status == 200, response.text
        assert response.body


def test_counts_of_the_service_description_are_those_of_the_folder(
    served: LiveServer, live_server: LiveServer
) -> None:
    ours, theirs = (
        server.get("/graphs", {"Accept": "application/n-triples"}).text for server in (live_server, served)
    )
    numbers = [set(re.findall(r'triples> "(\d+)"', text)) for text in (ours, theirs)]
    assert {"4214", "1419", "388"} <= numbers[0] & numbers[1]


def test_health_asks_the_engine(served: LiveServer) -> None:
    document = json.loads(served.get("/health").body)
    assert document["status"] == "ok"
    assert document["generation"] is None
