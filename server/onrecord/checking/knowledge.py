"""What the folder states, for the checks that see all files at once, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdfLiteral

from onrecord.building.closure import close, read_schema
from onrecord.building.derive import derive
from onrecord.building.explain import Proof, explain
from onrecord.building.species import Statement, statements_of_quads
from onrecord.building.triples import Object, Triple
from onrecord.checking.reading import Contents, Reading

Node = URIRef | BNode | RdfLiteral


class Knowledge:
    """The triples of ontology and data, without the shapes: as statements, as a graph and in a store."""

    def __init__(self, contents: Contents) -> None:
        self._inferred = contents.space.inferred_graph
        self._owners = {
            quad.graph_name.value: reading.name
            for reading in contents.readings
            for quad in reading.quads[:1]
            if isinstance(quad.graph_name, NamedNode)
        }
        self.store = Store()
        self.graph = Graph()
        self.statements: list[Statement] = []
        for reading in contents.readings:
            if not reading.is_shapes:
                self.store.extend(reading.quads)
                self.statements += self._add(reading.quads, reading.name)

    def close(self) -> list[Statement]:
        """Add what the build would infer; returns that alone."""
        graph = NamedNode(self._inferred)
        found: list[Statement] = []
        # The closure reads what the build derives.
        for step in (lambda: derive(self.store), lambda: close(self.store, read_schema(self.store))):
            quads = [Quad(*triple, graph) for triple in step()]
            self.store.extend(quads)
            found += self._add(quads, "")
        return found

    def explain(self, triple: Triple) -> Proof | None:
        """Why a triple follows from the folder."""
        return explain(self.store, triple, self._inferred)

    def types_inferred(self, subject: NamedNode | BlankNode) -> list[Triple]:
        """What the closure says that `subject` is."""
        quads = self.store.quads_for_pattern(subject, None, None, NamedNode(self._inferred))
        return [
            (subject, quad.predicate, quad.object)
            for quad in quads
            if quad.predicate.value.endswith("#type") and isinstance(quad.object, NamedNode)
        ]

    def file_of(self, graph: str) -> str | None:
        """The file that writes a graph."""
        return self._owners.get(graph)

    def _add(self, quads: Iterable[Quad], source: str) -> list[Statement]:
        statements = list(statements_of_quads(quads, source))
        for statement in statements:
            self.graph.add(statement[:3])
        return statements


def shapes_of(readings: Iterable[Reading]) -> Graph:
    """The SHACL shapes in `readings`, as one graph."""
    graph = Graph()
    for reading in readings:
        if reading.is_shapes:
            for statement in statements_of_quads(reading.quads, reading.name):
                graph.add(statement[:3])
    return graph


def to_engine(node: Node) -> Object:
    """rdflib's term as the engine's."""
    if isinstance(node, URIRef):
        return NamedNode(str(node))
    if isinstance(node, BNode):
        return BlankNode(str(node))
    if node.language:
        return Literal(str(node), language=node.language)
    return Literal(str(node), datatype=NamedNode(str(node.datatype))) if node.datatype else Literal(str(node))


def to_node(term: Object) -> Node:
    """The engine's term as rdflib's."""
    (statement,) = statements_of_quads([Quad(NamedNode("urn:x"), NamedNode("urn:x"), term)])
    return statement.object
