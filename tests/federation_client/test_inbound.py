"""The other way: SERVICE calls of other engines into our endpoint."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import pytest
import rdflib
from rdflib.namespace import VOID
from tests.clients.conftest import find, run
from tests.clients.test_other_clients import MODULES
from tests.conftest import LiveServer
from tests.federation.conftest import oxigraph_command

REC = "https://w3id.org/onrecord/ns#"
WD = "http://www.wikidata.org/entity/"
NOTES = f"""@prefix wd: <{WD}> .
<urn:note:1> <urn:about> wd:Q403446 .
<urn:note:2> <urn:about> wd:Q41183 .
<urn:note:3> <urn:about> wd:Q42 .
"""
"""Somebody else's data that names Wikidata items, two of which are ours."""

JOIN = """PREFIX rec: <https://w3id.org/onrecord/ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?note ?label WHERE {
  ?note <urn:about> ?item .
  SERVICE <ENDPOINT> { ?entity rec:wikidata ?item ; rdfs:label ?label FILTER(LANG(?label) = "en") }
} ORDER BY ?note"""
TURTLE = {"Accept": "text/turtle"}
EXPECTED = [("urn:note:1", "Douma"), ("urn:note:2", "Aleppo")]


def join(server: LiveServer) -> str:
    return JOIN.replace("ENDPOINT", f"{server.url}/sparql")


def test_rdflib_joins_with_us(live_server: LiveServer) -> None:
    graph = rdflib.Graph().parse(data=NOTES, format="turtle")
    rows = [(str(row[0]), str(row[1])) for row in graph.query(join(live_server))]  # type: ignore[index]
    assert rows == EXPECTED


def ask_oxigraph(directory: Path, query: str) -> subprocess.CompletedProcess[str]:
    """`oxigraph query` over the notes, as CSV."""
    data, store = directory / "notes.ttl", str(directory / "store")
    data.write_text(NOTES)
    load = [oxigraph_command(), "load", "--location", store, "--file", str(data)]
    subprocess.run(load, check=True, capture_output=True)
    command = [oxigraph_command(), "query", "--location", store, "--query", query, "--results-format", "csv"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_oxigraph_joins_with_us(live_server: LiveServer, tmp_path: Path) -> None:
    done = ask_oxigraph(tmp_path, join(live_server))
    assert done.returncode == 0, done.stderr
    assert [tuple(row) for row in csv.reader(done.stdout.splitlines())][1:] == EXPECTED


def test_oxigraph_hears_our_refusal_and_passes_over_it_when_silent(
    live_server: LiveServer, tmp_path: Path
) -> None:
    inner = "SERVICE <http://127.0.0.1:1/> { ?s ?p ?o }"
    loud = f"SELECT * {{ SERVICE <{live_server.url}/sparql> {{ {inner} }} }}"
    (tmp_path / "loud").mkdir()
    (tmp_path / "silent").mkdir()
    assert ask_oxigraph(tmp_path / "loud", loud).returncode != 0
    silent = ask_oxigraph(tmp_path / "silent", loud.replace("SERVICE", "SERVICE SILENT", 1))
    assert silent.returncode == 0, silent.stderr


def test_a_bound_join_of_numbered_branches_is_answered(live_server: LiveServer) -> None:
    """As FedX sends bindings: a branch for each, its variables numbered."""
    branches = " UNION ".join(
        f"{{ ?entity_{n} <{REC}wikidata> <{WD}{item}> }}"
        for n, item in enumerate(("Q403446", "Q41183", "Q42"))
    )
    rows = live_server.sparql(f"SELECT ?entity_0 ?entity_1 ?entity_2 WHERE {{ {branches} }}")
    assert sorted(next(iter(row)) for row in rows) == ["entity_0", "entity_1"]


def test_bindings_in_values_and_a_probe_by_ask_are_answered(live_server: LiveServer) -> None:
    """As newer clients send them: an ASK for each pattern, then VALUES, inside the group or after it."""
    ask = urlencode({"query": f"ASK {{ ?s <{REC}wikidata> ?o }}"})
    answer = live_server.get(f"/sparql?{ask}", {"Accept": "application/sparql-results+json"})
    assert answer.json()["boolean"] is True
    values = f"VALUES ?item {{ <{WD}Q403446> <{WD}Q42> }}"
    pattern = f"?entity <{REC}wikidata> ?item"
    for text in (f"SELECT * {{ {values} {pattern} }}", f"SELECT * {{ {pattern} }} {values}"):
        assert [row["item"] for row in live_server.sparql(text)] == [f"{WD}Q403446"]


COMUNICA = """
import { createRequire } from "node:module";
const { QueryEngine } = createRequire(process.argv[2] + "/here.js")("@comunica/query-sparql");
const [, notes, query] = process.argv.slice(2);
const sources = [{ type: "serialized", value: notes, mediaType: "text/turtle", baseIRI: "urn:notes" }];
const bindings = await (await new QueryEngine().queryBindings(query, { sources })).toArray();
console.log(JSON.stringify(bindings.map((b) => [b.get("note").value, b.get("label").value])));
process.exit(0);
"""


def test_comunica_joins_with_us(live_server: LiveServer, tmp_path: Path) -> None:
    assert MODULES.is_dir(), f"there is no {MODULES}; .ci/run installs it"
    script = tmp_path / "join.mjs"
    script.write_text(COMUNICA)
    printed = run([find("node"), str(script), str(MODULES), NOTES, join(live_server)])
    assert [tuple(row) for row in json.loads(printed.splitlines()[-1])] == EXPECTED


@pytest.mark.parametrize("clause", ["", " LIMIT 1"])
def test_a_probe_by_count_is_answered(live_server: LiveServer, clause: str) -> None:
    """As planners ask how selective a pattern is, with and without a bound term."""
    counts = [
        int(live_server.sparql(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}{clause}")[0]["n"])
        for pattern in (
            f"?s <{REC}wikidata> ?o",
            f"?s <{REC}wikidata> <{WD}Q403446>",
            f"?s <{REC}wikidata> <{WD}Q42>",
        )
    ]
    assert counts[0] > counts[1] == 1 and counts[2] == 0


def test_a_bound_join_by_filters_is_answered(live_server: LiveServer) -> None:
    """As clients before SPARQL 1.1 send bindings: one disjunction for all of them."""
    condition = " || ".join(f"?item = <{WD}{item}>" for item in ("Q403446", "Q41183", "Q42"))
    rows = live_server.sparql(f"SELECT ?item WHERE {{ ?e <{REC}wikidata> ?item FILTER({condition}) }}")
    assert sorted(row["item"] for row in rows) == [f"{WD}Q403446", f"{WD}Q41183"]


def test_a_linkset_tells_how_many_entities_lead_to_wikidata_and_each_leads_there(
    live_server: LiveServer,
) -> None:
    void = rdflib.Graph().parse(data=live_server.get("/.well-known/void", TURTLE).text, format="turtle")
    (linkset,) = (
        node
        for node in void.subjects(VOID.linkPredicate, rdflib.URIRef(f"{REC}wikidata"))
        if str(void.value(void.value(node, VOID.objectsTarget), VOID.uriSpace)) == WD
    )
    links = live_server.sparql(f"SELECT ?entity ?item {{ ?entity <{REC}wikidata> ?item }} ORDER BY ?entity")
    assert int(str(void.value(linkset, VOID.triples))) == len(links) > 5
    for link in (links[0], links[-1]):
        name = link["entity"].rpartition("/id/")[2]
        told = rdflib.Graph().parse(data=live_server.get(f"/id/{name}.ttl").text, format="turtle")
        assert (
            rdflib.URIRef(link["entity"]),
            rdflib.URIRef(f"{REC}wikidata"),
            rdflib.URIRef(link["item"]),
        ) in told
