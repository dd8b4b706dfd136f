"""What is computed of a generation beside its quads: counts of triples and instances, links elsewhere."""

from __future__ import annotations

import re

import pyoxigraph

from onrecord.store.records import Derived
from onrecord.terms import OWL, RDF, REC, SKOS

_LINKS = (OWL + "sameAs", SKOS + "exactMatch", SKOS + "closeMatch", REC + "wikidata")
"""Predicates whose object is the same thing under another name, or nearly."""
_SPACE = re.compile(r".*[/#]")
_EVERYWHERE = "{ { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"


def derive_counts(store: pyoxigraph.Store, number: int) -> Derived:
    """The counts of generation `number`, which `store` holds."""
    return Derived(
        number, _count_graphs(store), _count_classes(store), _count_properties(store), _count_links(store)
    )


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


def _count_properties(store: pyoxigraph.Store) -> dict[str, int]:
    """Triples of each property, in all graphs together."""
    return _counts(
        store,
        f"SELECT (STR(?p) AS ?key) (COUNT(*) AS ?n) {_EVERYWHERE} GROUP BY ?p ORDER BY ?key",
    )


def _count_links(store: pyoxigraph.Store) -> dict[str, dict[str, list[int]]]:
    """Predicate -> beginning of the object's IRI -> links, and subjects that have one."""
    found: dict[str, dict[str, list[int]]] = {}
    for predicate in _LINKS:
        spaces: dict[str, set[tuple[str, str]]] = {}
        pairs = store.query(
            f"SELECT DISTINCT ?s ?o {_EVERYWHERE.replace('?p', f'<{predicate}>')}",
        )
        assert isinstance(pairs, pyoxigraph.QuerySolutions)
        for row in pairs:
            target = row["o"]
            space = _SPACE.match(target.value) if isinstance(target, pyoxigraph.NamedNode) else None
            if space is not None:
                spaces.setdefault(space.group(), set()).add((str(row["s"]), str(target)))
        if spaces:
            found[predicate] = {
                space: [len(links), len({subject for subject, _ in links})]
                for space, links in sorted(spaces.items())
            }
    return found


def _counts(store: pyoxigraph.Store, query: str) -> dict[str, int]:
    solutions = store.query(query)
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    return {_text(row["key"]): int(_text(row["n"])) for row in solutions}


def _text(term: object) -> str:
    assert isinstance(term, pyoxigraph.Literal)
    return term.value
