"""What is computed of a generation beside its quads: how many triples and instances it has."""

from __future__ import annotations

import pyoxigraph

from onrecord.store.state import Derived
from onrecord.terms import RDF


def derive_counts(store: pyoxigraph.Store, number: int) -> Derived:
    """The counts of generation `number`, which `store` holds."""
    return Derived(number, _count_graphs(store), _count_classes(store))


def _count_graphs(store: pyoxigraph.Store) -> dict[str, int]:
    """Triples of each graph; the unnamed graph under the empty string."""
    unnamed = 'SELECT ("" AS ?key) (COUNT(*) AS ?n) { ?s ?p ?o }'
    named = "SELECT (STR(?g) AS ?key) (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    return _counts(store, unnamed) | _counts(store, named)


def _count_classes(store: pyoxigraph.Store) -> dict[str, int]:
    """Instances of each named class, each instance once in however many graphs it is typed."""
    return _counts(
        store,
        "SELECT (STR(?c) AS ?key) (COUNT(DISTINCT ?s) AS ?n) "
        f"{{ GRAPH ?g {{ ?s <{RDF}type> ?c FILTER(isIRI(?c)) }} }} GROUP BY ?c ORDER BY ?key",
    )


def _counts(store: pyoxigraph.Store, query: str) -> dict[str, int]:
    solutions = store.query(query)
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    return {_text(row["key"]): int(_text(row["n"])) for row in solutions}


def _text(term: object) -> str:
    assert isinstance(term, pyoxigraph.Literal)
    return term.value
