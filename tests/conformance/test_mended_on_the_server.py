"""What is mended before the engine is asked, by a query and by an update that reach the running server."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from tests.conformance.reproductions import MENDED, ONE_GRAPH, Reproduction, Rows
from tests.conformance.running import Runner

JSON = "application/sparql-results+json"


def ask(server: Runner, text: str) -> bool | Rows:
    answer = server.endpoint.ask(text, JSON)
    assert answer.status == 200, answer.text
    found = ox.parse_query_results(answer.body, format=ox.QueryResultsFormat.JSON)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(["" if term is None else str(term) for term in solution] for solution in found)


def hold(server: Runner, data: str) -> None:
    """Make the graphs of `data`, in TriG, all that the server holds."""
    graphs = ox.parse(data.encode(), format=ox.RdfFormat.TRIG)
    blocks = "".join(f" ;\nINSERT DATA {{ GRAPH {q.graph_name} {{ {q.triple} }} }}" for q in graphs)
    assert server.endpoint.change(f"DROP ALL{blocks}").status == 204
    server.forget()


@pytest.mark.parametrize("one", [pytest.param(one, id=why) for why, one in MENDED.items()])
def test_a_query_has_the_recommended_answer(server: Runner, one: Reproduction) -> None:
    hold(server, one.data)
    assert ask(server, one.query) == one.right


def test_an_update_writes_what_is_recommended(server: Runner) -> None:
    hold(server, ONE_GRAPH)
    text = (
        "INSERT { <urn:x> <urn:all> ?all . ?g <urn:has> ?s } WHERE { "
        "{ SELECT (GROUP_CONCAT(?x) AS ?all) { VALUES ?x { 'a'@en } } } "
        "{ GRAPH ?g { SELECT ?s { ?s ?p ?o } } } }"
    )
    answer = server.endpoint.change(text)
    assert answer.status == 204, answer.text
    assert ask(server, "ASK { <urn:x> <urn:all> 'a' . <urn:g> <urn:has> <urn:s> }") is True


def test_a_mistake_is_told_of_at_its_place_in_the_text_that_was_sent(server: Runner) -> None:
    text = "SELECT (GROUP_CONCAT(?x) AS ?all) { ?s ?p ?x x:y }"
    problem = server.endpoint.ask(text, JSON).json()
    assert (problem["line"], problem["column"]) == (1, text.index("x:y") + 1)


def test_a_sub_select_whose_graph_would_be_lost_is_refused_with_a_remedy(server: Runner) -> None:
    answer = server.endpoint.ask("SELECT * { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } }", JSON)
    assert answer.status == 400
    assert "Name ?g in its SELECT and GROUP BY" in str(answer.json()["detail"])
