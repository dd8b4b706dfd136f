"""Which blank nodes a text can leave without a label, and where those are written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, NamedNode

from onrecord.building.triples import Object, Resource

GraphName = NamedNode | BlankNode | DefaultGraph
Statement = tuple[Resource, NamedNode, Object, GraphName]
Graph = dict[Resource, dict[NamedNode, list[Object]]]
"""The objects by subject and predicate."""


@dataclass(frozen=True)
class Places:
    """`inside` are the blank nodes written where they are the object, `labelled` those that need a label.

    The others are the subject of their own block, as `[]`.
    """

    inside: frozenset[BlankNode]
    labelled: frozenset[BlankNode]


def graphs_of(statements: Iterable[Statement]) -> dict[GraphName, Graph]:
    """The triples of `statements`, each given once, by graph, subject and predicate."""
    graphs: dict[GraphName, Graph] = {}
    for subject, predicate, value, graph in statements:
        graphs.setdefault(graph, {}).setdefault(subject, {}).setdefault(predicate, []).append(value)
    return graphs


def places(statements: Iterable[Statement], labels: frozenset[str]) -> Places:
    """Where each blank node of `statements`, each given once, is written.

    A node that is the object of one triple, in the one graph that describes
    it, is written there. On a cycle of such nodes, one keeps its label: one
    that has a label in the text, which each cycle has.
    """
    referring: dict[BlankNode, list[Resource]] = defaultdict(list)
    homes: dict[BlankNode, set[GraphName]] = defaultdict(set)
    naming: set[BlankNode] = set()
    for subject, _, value, graph in statements:
        for node in (subject, value):
            if isinstance(node, BlankNode):
                homes[node].add(graph)
        if isinstance(value, BlankNode):
            referring[value].append(subject)
        if isinstance(graph, BlankNode):
            naming.add(graph)
    inside = {
        node
        for node, used in referring.items()
        if len(used) == 1 and len(homes[node]) == 1 and node not in naming
    }
    holder = {node: referring[node][0] for node in inside}
    for cycle in _cycles(holder):
        inside.discard(min(cycle, key=lambda node: (node.value not in labels, node.value)))
    labelled = {
        node
        for node in homes
        if node not in inside and (referring[node] or len(homes[node]) > 1 or node in naming)
    }
    return Places(frozenset(inside), frozenset(labelled))


def _cycles(holder: dict[BlankNode, Resource]) -> list[list[BlankNode]]:
    """The cycles among nodes of which each is written inside one other."""
    found: list[list[BlankNode]] = []
    done: set[Resource] = set()
    for start in holder:
        path: list[BlankNode] = []
        on_path: set[Resource] = set()
        node: Resource = start
        while isinstance(node, BlankNode) and node in holder and node not in done:
            done.add(node)
            path.append(node)
            on_path.add(node)
            node = holder[node]
        if node in on_path and isinstance(node, BlankNode):
            found.append(path[path.index(node) :])
    return found
