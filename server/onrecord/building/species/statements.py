"""The triples of an ontology, looked up by what they are about."""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyoxigraph
from rdflib import BNode, Graph, Literal, URIRef

from onrecord.building.species.vocabulary import RDF_TYPE, Node
from onrecord.errors import FolderError
from onrecord.terms import XSD

_RDFLIB = logging.getLogger("rdflib.term")


class Statement(NamedTuple):
    """One triple, with the file that states it where that is known."""

    subject: URIRef | BNode
    predicate: URIRef
    object: Node
    source: str = ""


def statements_of(graph: Graph, source: str = "") -> Iterator[Statement]:
    """The triples of `graph` as statements of the file `source`."""
    for subject, predicate, value in graph:
        # An rdflib graph may hold its own kinds of node (a formula of N3); one of RDF holds these.
        if (
            isinstance(subject, (URIRef, BNode))
            and isinstance(predicate, URIRef)
            and isinstance(value, (URIRef, BNode, Literal))
        ):
            yield Statement(subject, predicate, value, source)


def statements_of_quads(quads: Iterable[pyoxigraph.Quad], source: str = "") -> Iterator[Statement]:
    """The triples of `quads`, in their order, as statements of the file `source`.

    Raises FolderError for a triple term of RDF 1.2, which OWL 1 cannot have.

    >>> quads = pyoxigraph.parse("<urn:x:a> <urn:x:b> 01 .", pyoxigraph.RdfFormat.TURTLE)
    >>> [statement] = statements_of_quads(quads)
    >>> statement.object.n3()
    '"01"^^<http://www.w3.org/2001/XMLSchema#integer>'
    """
    for quad in quads:
        subject, value = _node(quad.subject, source), _node(quad.object, source)
        assert not isinstance(subject, Literal)
        yield Statement(subject, URIRef(quad.predicate.value), value, source)


def _node(
    term: pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple, source: str
) -> Node:
    if isinstance(term, pyoxigraph.NamedNode):
        return URIRef(term.value)
    if isinstance(term, pyoxigraph.BlankNode):
        return BNode(term.value)
    if isinstance(term, pyoxigraph.Triple):
        raise FolderError(
            f"{source or 'The data'} holds the triple term {term}, which RDF 1.1 and OWL do not know."
        )
    if term.language is not None:
        return Literal(term.value, lang=term.language)
    if term.datatype.value == XSD + "string":
        return Literal(term.value)
    return _typed(term.value, URIRef(term.datatype.value))


def _typed(text: str, datatype: URIRef) -> Literal:
    # rdflib warns and logs where a text does not fit its datatype, which is no matter of the species.
    disabled, _RDFLIB.disabled = _RDFLIB.disabled, True
    try:
        with warnings.catch_warnings(action="ignore"):
            # Normalised, "01" would be read as "1": a message shows what the author wrote.
            return Literal(text, datatype=datatype, normalize=False)
    finally:
        _RDFLIB.disabled = disabled


class Statements:
    """The triples in the order given, each once; the first source of a repeated triple is kept."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        once: dict[tuple[Node, URIRef, Node], Statement] = {}
        for statement in statements:
            once.setdefault(statement[:3], statement)
        self.all = tuple(once.values())
        self._about: dict[Node, list[Statement]] = defaultdict(list)
        self._to: dict[Node, list[Statement]] = defaultdict(list)
        self._using: dict[URIRef, list[Statement]] = defaultdict(list)
        for statement in self.all:
            self._about[statement.subject].append(statement)
            self._to[statement.object].append(statement)
            self._using[statement.predicate].append(statement)

    def about(self, node: Node) -> list[Statement]:
        """The statements whose subject is `node`."""
        return self._about.get(node, [])

    def to(self, node: Node) -> list[Statement]:
        """The statements whose object is `node`."""
        return self._to.get(node, [])

    def using(self, *predicates: URIRef) -> Iterator[Statement]:
        """The statements with one of `predicates`."""
        for predicate in predicates:
            yield from self._using.get(predicate, [])

    def values(self, node: Node, predicate: URIRef) -> list[Node]:
        """The objects of the statements about `node` with `predicate`."""
        return [s.object for s in self.about(node) if s.predicate == predicate]

    def types(self, node: Node) -> set[Node]:
        """What `node` is said to be an rdf:type of."""
        return {s.object for s in self.about(node) if s.predicate == RDF_TYPE}

    def blank_nodes(self) -> list[BNode]:
        """Every blank node, in the order of first mention."""
        found: dict[BNode, None] = {}
        for statement in self.all:
            for node in (statement.subject, statement.object):
                if isinstance(node, BNode):
                    found.setdefault(node)
        return list(found)

    def holder(self, node: Node) -> URIRef | None:
        """The name nearest to a blank node, by which people find it; None where nothing named leads to it."""
        seen: set[Node] = {node}
        edge = [node]
        while edge:
            above = [s.subject for n in edge for s in self.to(n)]
            for subject in above:
                if isinstance(subject, URIRef):
                    return subject
            edge = [subject for subject in above if subject not in seen]
            seen.update(edge)
        return None
