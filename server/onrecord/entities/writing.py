"""Facts as RDF in any of the formats.

A format of triples cannot tell where a triple comes from, so it holds what
people wrote and leaves out what only the closure adds; TriG and N-Quads hold
both, each in its own graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from onrecord.entities.neighbourhood import Fact
from onrecord.formats import Format
from onrecord.solutions import Term
from onrecord.terms import RDF

_QUADS = frozenset({"nquads", "trig"})
Node = ox.NamedNode | ox.BlankNode


def write_facts(
    facts: Iterable[Fact], format: Format, inferred_graph: str, prefixes: Mapping[str, str]
) -> bytes:
    """`facts` in `format`, sorted, so that equal facts give equal bytes."""
    rdf_format: ox.RdfFormat = getattr(ox.RdfFormat, format.serializer)
    ordered = sorted(facts, key=_place)
    written: bytes | None
    if format.name in _QUADS:
        quads = [
            ox.Quad(*_triple(fact), ox.NamedNode(graph) if graph else ox.DefaultGraph())
            for fact in ordered
            for graph in fact.graphs or ("",)
        ]
        written = ox.serialize(
            sorted(quads, key=lambda q: str(q.graph_name)), format=rdf_format, prefixes=dict(prefixes)
        )
    else:
        told = dict.fromkeys(_triple(fact) for fact in ordered if fact.graphs != (inferred_graph,))
        triples = [ox.Triple(*terms) for terms in told]
        written = ox.serialize(triples, format=rdf_format, prefixes=dict(prefixes))
    return written or b""


def _place(fact: Fact) -> tuple[str, bool, str, str, str]:
    return (
        fact.subject.value,
        fact.predicate != RDF + "type",
        fact.predicate,
        fact.object.value,
        fact.object.language,
    )


def _triple(fact: Fact) -> tuple[Node, ox.NamedNode, Node | ox.Literal]:
    subject, object_ = _node(fact.subject), _term(fact.object)
    return subject, ox.NamedNode(fact.predicate), object_


def _node(term: Term) -> Node:
    return ox.BlankNode(term.value) if term.kind == "bnode" else ox.NamedNode(term.value)


def _term(term: Term) -> Node | ox.Literal:
    if term.kind != "literal":
        return _node(term)
    if term.language:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype) if term.datatype else None)
