"""The smallest queries that the engine answers in another way than the recommendations, by their reason.

They are run against pyoxigraph alone. What the engine answers is written
beside what is right: the day that it answers otherwise, a test fails and the
entry goes, with whatever `onrecord.sparql.mending` did about it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox
from tests.conformance import expected

ONE_GRAPH = "<urn:g> { <urn:s> <urn:p> <urn:o> }"
_TWO_GRAPHS = "<urn:a> { <urn:s> <urn:p> 1 } <urn:b> { <urn:s> <urn:p> 2 }"
_XSD = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"

Rows = list[list[str]]
"""Sorted; a term in N-Triples, an unbound variable as nothing."""


@dataclass(frozen=True)
class Reproduction:
    """A query over data in TriG, what the engine answers, and what the recommendation says.

    A query that the engine refuses has the answer None.
    """

    query: str
    wrong: bool | Rows | None
    right: bool | Rows
    data: str = ""


_INTEGER = "^^<http://www.w3.org/2001/XMLSchema#integer>"

UNMENDED: dict[str, Reproduction] = {
    expected.NORMALISED: Reproduction("ASK { FILTER(STR(01) = '01' && !SAMETERM(01, 1)) }", False, True),
    expected.DERIVED: Reproduction(
        f"{_XSD} ASK {{ FILTER(DATATYPE('3'^^xsd:byte) = xsd:byte) }}", False, True
    ),
    expected.DATES: Reproduction(
        f"{_XSD} ASK {{ FILTER('2000-01-01'^^xsd:date != '2000-01-01Z'^^xsd:date) }}", True, False
    ),
    expected.BOUND_WITHIN: Reproduction("ASK { GRAPH ?g { FILTER(BOUND(?g)) } }", True, False, ONE_GRAPH),
    expected.VALUES_WITHIN: Reproduction(
        "SELECT ?g { GRAPH ?g { VALUES ?x { 1 } } }", [[""]], [["<urn:g>"]], ONE_GRAPH
    ),
    expected.MINUS_WITHIN: Reproduction(
        "ASK { GRAPH ?g { ?s ?p ?o MINUS { ?x ?y ?z } } }", False, True, ONE_GRAPH
    ),
    expected.ONE_ROW_A_GRAPH: Reproduction(
        "SELECT ?g ?n { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } }",
        [["", f'"2"{_INTEGER}']],
        [["<urn:a>", f'"1"{_INTEGER}'], ["<urn:b>", f'"1"{_INTEGER}']],
        _TWO_GRAPHS,
    ),
    expected.BLANK_NODES: Reproduction(
        "SELECT (COUNT(DISTINCT ?b) AS ?n) { VALUES ?x { 1 2 } BIND(BNODE('b') AS ?b) }",
        [[f'"1"{_INTEGER}']],
        [[f'"2"{_INTEGER}']],
    ),
}
"""Of the reasons in `expected`: nothing can be done before the engine, or a refusal at most."""

MENDED: dict[str, Reproduction] = {
    "GROUP_CONCAT keeps a language": Reproduction(
        "SELECT (GROUP_CONCAT(?x) AS ?all) { VALUES ?x { 'a'@en } }", [['"a"@en']], [['"a"']]
    ),
    "the name of an aggregate is not known": Reproduction(
        "SELECT (COUNT(*) AS ?n) (?n + 1 AS ?more) {}",
        None,
        [[f'"1"{_INTEGER}', f'"2"{_INTEGER}']],
    ),
    "the name of an expression is not known beside groups": Reproduction(
        "SELECT (?k + 1 AS ?m) (?m + 1 AS ?n) { VALUES ?k { 1 } } GROUP BY ?k",
        None,
        [[f'"2"{_INTEGER}', f'"3"{_INTEGER}']],
    ),
    "a path of no length from a constant": Reproduction("ASK { <urn:s> <urn:p>* ?o }", False, True),
    "a path of no length to a constant": Reproduction("SELECT ?s { ?s <urn:p>? <urn:o> }", [], [["<urn:o>"]]),
    "a sub-select loses its graph": Reproduction(
        "SELECT ?g ?s { GRAPH ?g { SELECT ?s { ?s ?p ?o } } }",
        [["", "<urn:s>"], ["", "<urn:s>"]],
        [["<urn:a>", "<urn:s>"], ["<urn:b>", "<urn:s>"]],
        _TWO_GRAPHS,
    ),
    "a sub-select has a variable of the same name": Reproduction(
        "SELECT ?g ?s { GRAPH ?g { SELECT ?s { ?s ?p ?g } } }",
        [["", "<urn:s>"]],
        [["<urn:g>", "<urn:s>"]],
        ONE_GRAPH,
    ),
    "a sub-select of everything loses its graph": Reproduction(
        "SELECT ?g { GRAPH ?g { { SELECT * WHERE { ?s ?p ?o } } } }", [[""]], [["<urn:g>"]], ONE_GRAPH
    ),
    "a sub-select counts over all graphs": Reproduction(
        "SELECT ?g ?n { GRAPH ?g { SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s } }",
        [["", f'"2"{_INTEGER}']],
        [["<urn:a>", f'"1"{_INTEGER}'], ["<urn:b>", f'"1"{_INTEGER}']],
        _TWO_GRAPHS,
    ),
}
"""What `onrecord.sparql.mend` makes right, by what is wrong."""


def answer(query: str, data: str) -> bool | Rows | None:
    """What the engine alone says to `query` over `data`, in the form of `Reproduction`."""
    store = ox.Store()
    store.load(data.encode(), format=ox.RdfFormat.TRIG)
    try:
        found = store.query(query)
    except SyntaxError:
        return None
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(["" if term is None else str(term) for term in solution] for solution in found)
