"""The engine's terms as the build uses them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store
from pyoxigraph import Triple as OxTriple

Resource = NamedNode | BlankNode
Object = NamedNode | BlankNode | Literal
Triple = tuple[Resource, NamedNode, Object]

_Subject = Resource | OxTriple
_Target = Object | OxTriple


class Quads(Protocol):
    """What the build reads of a store."""

    def quads_for_pattern(
        self,
        subject: _Subject | None,
        predicate: NamedNode | None,
        object: _Target | None,
        graph_name: None,
        /,
    ) -> Iterator[Quad]:
        """The quads that match, whatever their graph."""
        ...


@dataclass(frozen=True)
class GraphsOf:
    """The quads of some named graphs of a store, as if it held no others."""

    store: Store
    graphs: frozenset[str]

    def quads_for_pattern(
        self,
        subject: _Subject | None,
        predicate: NamedNode | None,
        object: _Target | None,
        graph_name: None,
        /,
    ) -> Iterator[Quad]:
        for quad in self.store.quads_for_pattern(subject, predicate, object, graph_name):
            if isinstance(quad.graph_name, NamedNode) and quad.graph_name.value in self.graphs:
                yield quad
