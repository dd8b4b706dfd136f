"""Saved queries stand in graphs of the endpoint: the folder's, and what a team shows to everybody."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.cli.test_serve import onrecord
from tests.conftest import REPOSITORY, LiveServer, Response, serve

TEXT = "SELECT ?claim { ?claim a <https://w3id.org/onrecord/ns#Claim> } ORDER BY ?claim"
LISTED = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT ?g ?query ?text { GRAPH ?g { ?query a sh:SPARQLExecutable ; sh:select|sh:ask|sh:construct ?text } }"""
BASE = "https://example.org/harbour/"


def names(server: LiveServer, graph: str) -> set[str]:
    """The names of the queries that a graph tells of."""
    rows = [row for row in server.sparql(LISTED) if row["g"].endswith(f"/graph/{graph}")]
    return {row["query"].rpartition("/")[2] for row in rows}


def send(server: LiveServer, token: str, method: str, path: str, body: object, **headers: str) -> Response:
    told = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | headers
    return server.get(path, told, json.dumps(body).encode(), method)


def test_the_endpoint_tells_of_saved_queries_and_never_of_what_is_not_public(tmp_path: Path) -> None:
    folder, store = tmp_path / "folder", tmp_path / "store"
    shutil.copytree(REPOSITORY / "tests" / "second-folder", folder)
    token = onrecord("token", "create", "--role", "editor", "--store", store).stdout.split()[-1]
    with serve(folder, store) as server:
        assert names(server, "queries") == {path.stem for path in (folder / "queries").glob("*.rq")}
        (row,) = server.sparql(LISTED + " ORDER BY ?query LIMIT 1")
        assert row["text"] == server.get(f"/queries/{row['query'].rpartition('/')[2]}.rq").text
        # They are about the graph, and no part of what it holds by default.
        assert not server.sparql("SELECT ?q { ?q a <http://www.w3.org/ns/shacl#SPARQLExecutable> }")

        # While a triple stands in two graphs, queries run on a merge of the graphs: it follows, too.
        twice = b"INSERT DATA { GRAPH <urn:a> { <urn:x> <urn:y> 1 } GRAPH <urn:b> { <urn:x> <urn:y> 1 } }"
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/sparql-update"}
        assert server.get("/sparql", sent, twice, "POST").status == 204

        for name, visibility in (("for-all", "public"), ("for-us", "team"), ("for-me", "private")):
            draft = {"name": name, "title": f"About {name}.", "text": TEXT, "visibility": visibility}
            assert send(server, token, "POST", "/queries", draft).status == 201
        assert names(server, "team-queries") == {"for-all"}
        everything = "SELECT ?s ?o { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?o), 'About for-')) }"
        assert {row["s"].rpartition("/")[2] for row in server.sparql(everything)} == {"for-all"}

        tag = server.get("/queries/for-all.rq").headers["etag"]
        private = {"visibility": "private"}
        assert send(server, token, "PATCH", "/queries/for-all", private, **{"If-Match": tag}).status == 200
        assert names(server, "team-queries") == set()
        # Nobody else writes there.
        graph = quote(next(row["g"] for row in server.sparql(LISTED)), safe="")
        refused = send(server, token, "DELETE", f"/graphs?graph={graph}", {})
        assert refused.status == 403, refused.text

    # What was saved when the graph could not be written is told at the next occasion.
    with sqlite3.connect(store / "saved" / "queries.sqlite") as base:
        base.execute("UPDATE line SET visibility = 'public' WHERE name = 'for-us'")
    base.close()
    with serve(folder, store) as server:
        assert names(server, "team-queries") == set()
        assert server.get("/queries.json").status == 200
        assert names(server, "team-queries") == {"for-us"}
    (folder / "queries" / "new-one.rq").write_text(f"#+ summary: New.\n{TEXT}\n", encoding="utf-8")
    with serve(folder, store) as server:
        assert "new-one" in names(server, "queries"), "a query that is new has the folder built again"
        assert names(server, "team-queries") == {"for-us"}, "a build lists them, too"


@pytest.mark.parametrize("graph", ["queries", "team-queries"])
def test_the_graphs_are_there_in_the_graph_that_ships(live_server: LiveServer, graph: str) -> None:
    assert bool(names(live_server, graph)) == (graph == "queries")
