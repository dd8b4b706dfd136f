"""The engine's terms as the build uses them."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode

Resource = NamedNode | BlankNode
Object = NamedNode | BlankNode | Literal
Triple = tuple[Resource, NamedNode, Object]
