"""Triples as lines: subjects, predicates and objects in order, blank nodes where they are used."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from onrecord.building.formatting_blank import Graph, GraphName, Statement, graphs_of, places
from onrecord.building.formatting_terms import Prefixes, verb
from onrecord.building.triples import Object, Resource
from onrecord.errors import FolderError
from onrecord.terms import RDF

_FIRST, _REST, _NIL = NamedNode(RDF + "first"), NamedNode(RDF + "rest"), NamedNode(RDF + "nil")
_TYPE = NamedNode(RDF + "type")
_STEP = "    "
_DEEPEST = 60
_WIDEST_LIST = 100


class Layout:
    """The lines of `quads`; `labels` are those that the text gives to blank nodes, `name` is for errors."""

    def __init__(self, quads: Iterable[Quad], prefixes: Prefixes, labels: frozenset[str], name: str) -> None:
        found = list(dict.fromkeys(_statement(quad, name) for quad in quads))
        self._name = name
        self._prefixes = prefixes
        self._graphs = graphs_of(found)
        self._places = places(found, labels)

    def text(self) -> str:
        """The document's lines below its prefixes, each graph of TriG as a block; empty without a triple."""
        default = DefaultGraph()
        blocks = self._blocks(self._graphs[default], "") if default in self._graphs else []
        named: list[tuple[tuple[int, str], str]] = []
        for graph_name, graph in self._graphs.items():
            if not isinstance(graph_name, DefaultGraph):
                content = "\n".join(self._blocks(graph, _STEP))
                label = self._node(graph_name, graph, "", 0)
                key = (0, graph_name.value) if isinstance(graph_name, NamedNode) else (1, label + content)
                named.append((key, f"{label} {{\n{content}}}\n"))
        return "\n".join([*blocks, *(block for _, block in sorted(named))])

    def _blocks(self, graph: Graph, indent: str) -> list[str]:
        """The subjects of `graph` that stand on their own, each as a block that ends in a line break."""
        keyed: list[tuple[tuple[int, str], str]] = []
        for subject, predicates in graph.items():
            if subject in self._places.inside:
                continue
            lines = f" ;\n{indent}{_STEP}".join(self._predicates(predicates, graph, indent + _STEP, 0))
            written = (
                self._prefixes.iri(subject.value) if isinstance(subject, NamedNode) else self._label(subject)
            )
            block = f"{indent}{written} {lines} .\n"
            keyed.append((_rank(subject, block), block))
        return [block for _, block in sorted(keyed)]

    def _predicates(
        self, predicates: dict[NamedNode, list[Object]], graph: Graph, indent: str, depth: int
    ) -> list[str]:
        ordered = sorted(predicates, key=lambda p: (p != _TYPE, p.value))
        return [
            f"{verb(self._prefixes, p)} {self._objects(predicates[p], graph, indent, depth)}" for p in ordered
        ]

    def _objects(self, objects: list[Object], graph: Graph, indent: str, depth: int) -> str:
        written = [(node, self._object(node, graph, indent, depth)) for node in objects]
        return " , ".join(text for _, text in sorted(written, key=lambda pair: _rank(*pair)))

    def _object(self, node: Object, graph: Graph, indent: str, depth: int) -> str:
        if isinstance(node, Literal):
            return self._prefixes.literal(node)
        return "()" if node == _NIL else self._node(node, graph, indent, depth)

    def _node(self, node: Resource, graph: Graph, indent: str, depth: int) -> str:
        if isinstance(node, NamedNode):
            return self._prefixes.iri(node.value)
        if node not in self._places.inside:
            return self._label(node)
        if depth > _DEEPEST:
            raise FolderError(
                f"{self._name} nests blank nodes more than {_DEEPEST} deep. Give some of them an IRI."
            )
        members = self._members(node, graph)
        if members is not None:
            return self._list(members, graph, indent, depth)
        lines = self._predicates(graph.get(node, {}), graph, indent + _STEP, depth + 1)
        if not lines:
            return "[]"
        if len(lines) == 1 and "\n" not in lines[0]:
            return f"[ {lines[0]} ]"
        inner = f" ;\n{indent}{_STEP}".join(lines)
        return f"[\n{indent}{_STEP}{inner}\n{indent}]"

    def _list(self, members: list[Object], graph: Graph, indent: str, depth: int) -> str:
        written = [self._object(member, graph, indent + _STEP, depth + 1) for member in members]
        line = f"( {' '.join(written)} )"
        if "\n" not in line and len(line) <= _WIDEST_LIST:
            return line
        inner = f"\n{indent}{_STEP}".join(written)
        return f"(\n{indent}{_STEP}{inner}\n{indent})"

    def _members(self, node: BlankNode, graph: Graph) -> list[Object] | None:
        """The members of the list that begins at `node`; None where it is none that parentheses can write."""
        members: list[Object] = []
        cell: Object = node
        while cell != _NIL:
            if not isinstance(cell, BlankNode) or cell not in self._places.inside:
                return None
            said = graph.get(cell, {})
            if said.keys() != {_FIRST, _REST} or len(said[_FIRST]) != 1 or len(said[_REST]) != 1:
                return None
            members.append(said[_FIRST][0])
            cell = said[_REST][0]
        return members

    def _label(self, node: BlankNode) -> str:
        return f"_:{node.value}" if node in self._places.labelled else "[]"


def _statement(quad: Quad, name: str) -> Statement:
    if not isinstance(quad.subject, Resource) or not isinstance(quad.object, Object):
        raise FolderError(
            f"{name} holds the triple term {quad.object}, which RDF 1.1 does not know. "
            "Describe the triple by a node of its own."
        )
    return quad.subject, quad.predicate, quad.object, quad.graph_name


def _rank(node: Resource | Literal | GraphName, text: str) -> tuple[int, str]:
    """The order of subjects and of objects: IRIs, literals, blank nodes with a label, those without."""
    if isinstance(node, NamedNode):
        return 0, node.value
    if isinstance(node, Literal):
        return 1, f"{node.value}\0{text}"
    return (3 if text.lstrip().startswith(("[", "(")) else 2), text
