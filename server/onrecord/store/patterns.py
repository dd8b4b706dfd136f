"""The WHERE pattern of an update operation, asked over the dataset that the operation sees."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph

from onrecord.sparql import UpdateOperation
from onrecord.store.naming import resolve_names


def query_pattern(
    store: pyoxigraph.Store,
    operation: UpdateOperation,
    query: str,
    base: str | None,
    default: Sequence[str] = (),
    named: Sequence[str] = (),
) -> pyoxigraph.QuerySolutions:
    """Run `query`, which holds the WHERE pattern of `operation`, over the dataset of that WHERE.

    That is the unnamed graph, unless WITH, USING or the protocol's parameters
    (`default` and `named`) say otherwise.
    """
    found = _ask_pattern(store, operation, query, base, default, named)
    assert isinstance(found, pyoxigraph.QuerySolutions)
    return found


def construct_pattern(
    store: pyoxigraph.Store,
    operation: UpdateOperation,
    query: str,
    base: str | None,
    default: Sequence[str] = (),
    named: Sequence[str] = (),
) -> pyoxigraph.QueryTriples:
    """The same for a CONSTRUCT query."""
    found = _ask_pattern(store, operation, query, base, default, named)
    assert isinstance(found, pyoxigraph.QueryTriples)
    return found


def _ask_pattern(
    store: pyoxigraph.Store,
    operation: UpdateOperation,
    query: str,
    base: str | None,
    default: Sequence[str],
    named: Sequence[str],
) -> pyoxigraph.QuerySolutions | pyoxigraph.QueryTriples | pyoxigraph.QueryBoolean:
    if default or named:
        return store.query(
            query,
            base_iri=base,
            default_graph=[pyoxigraph.NamedNode(iri) for iri in default],
            named_graphs=[pyoxigraph.NamedNode(iri) for iri in named],
        )
    if operation.with_graph and not operation.has_using:
        graph = resolve(operation, [operation.with_graph], base)
        return store.query(query, base_iri=base, default_graph=[pyoxigraph.NamedNode(graph[0])])
    return store.query(query, base_iri=base)


def resolve(operation: UpdateOperation, names: Sequence[str], base: str | None) -> list[str]:
    """The IRIs that `names` (terms as written in the operation) are; the engine itself says so."""
    return resolve_names(operation.prologue, names, base)
