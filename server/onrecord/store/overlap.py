"""Triples that stand in several graphs of the union default graph, where each must count once.

`pyoxigraph`'s union keeps duplicates (0.5.13). A number tells how many there
are: for each triple the graphs that hold it, less one, summed up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

GraphName = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.DefaultGraph

_FEW = 20_000
"""Up to so many quads are looked up one by one; more are counted by the engine, which takes memory."""


def union_members(store: Store, apart: Sequence[str]) -> list[GraphName]:
    """The graphs that the union default graph is made of: all but those `apart`."""
    named = [g for g in store.named_graphs() if not isinstance(g, NamedNode) or g.value not in apart]
    return [DefaultGraph(), *named]


def count_repeats(store: Store, apart: Sequence[str]) -> int:
    """How often a triple of the union stands in one graph more than it need. Looks at the whole store."""
    members = [g for g in union_members(store, apart) if size_of(store, g, 1)]
    if len(members) < 2:
        return 0
    sizes = {graph: size_of(store, graph, _FEW + 1) for graph in members}
    largest = max(members, key=lambda graph: sizes[graph])
    others = [graph for graph in members if graph != largest]
    if sum(sizes[graph] for graph in others) > _FEW:
        return _count_all(store, members)
    seen = {q.triple for graph in others for q in store.quads_for_pattern(None, None, None, graph)}
    return repeats_among((quad for triple in seen for quad in quads_of(store, triple)), apart)


def repeats_among(quads: Iterable[Quad], apart: Sequence[str]) -> int:
    """The same among `quads`, which hold all or nothing of a triple.

    >>> a, b, s = NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:s")
    >>> repeats_among([Quad(s, s, s, a), Quad(s, s, s, b), Quad(s, s, a, b)], [])
    1
    """
    excluded = frozenset(apart)
    counted = [q.triple for q in quads if getattr(q.graph_name, "value", "") not in excluded]
    return len(counted) - len(set(counted))


def quads_of(store: Store, triple: Triple) -> Iterator[Quad]:
    """The quads of `triple`, one for each graph that holds it."""
    return store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)


def size_of(store: Store, graph: GraphName, most: int) -> int:
    """How many triples a graph has, as far as `most`."""
    return sum(1 for _ in islice(store.quads_for_pattern(None, None, None, graph), most))


def _count_all(store: Store, members: list[GraphName]) -> int:
    grouped = "SELECT (COUNT(*) AS ?m) { ?s ?p ?o } GROUP BY ?s ?p ?o"
    found = store.query(f"SELECT (SUM(?m - 1) AS ?n) {{ {{ {grouped} }} }}", default_graph=members)
    assert isinstance(found, pyoxigraph.QuerySolutions)
    number = next(found)["n"]
    assert isinstance(number, pyoxigraph.Literal)
    return int(number.value)
