"""The folder's SHACL shapes, on what it states and again on the closure: the leak guard among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyoxigraph
from rdflib import SH as SHACL
from rdflib import Graph, URIRef

from onrecord.building.explain import DOMAIN, RANGE, Proof
from onrecord.building.triples import Triple
from onrecord.checking.findings import Finding
from onrecord.checking.knowledge import Knowledge, Node, shapes_of, to_engine
from onrecord.checking.places import Places, Where
from onrecord.checking.reading import Contents
from onrecord.checking.scan import BLANK, key_of, key_of_node
from onrecord.checking.shacl import SH, Result, ShapesError, validate
from onrecord.terms import OWL, RDF, RDFS, IriSpace

_AXIOMS = {
    *(RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")),
    *(OWL + name for name in ("inverseOf", "equivalentClass", "equivalentProperty")),
}
_IN_SHAPES = (SH, RDFS + "label", RDFS + "comment", RDF + "first", RDF + "rest")
_TYPE, _SUBCLASS = URIRef(RDF + "type"), URIRef(RDFS + "subClassOf")
_ONTOLOGY = "ontology/onrecord.ttl"


class ShapesCheck:
    """The shapes on `knowledge`: `check_stated` before its closure is added, `check_closure` after.

    Names that are in `known`, as keys, have a finding of their own already.
    """

    def __init__(
        self, contents: Contents, knowledge: Knowledge, places: Places, known: Iterable[str]
    ) -> None:
        self._contents = contents
        self._space = contents.space
        self._knowledge = knowledge
        self._places = places
        self._passed_over = contents.unread | set(known)
        self._shapes = shapes_of(contents.readings)
        self._told: set[tuple[str, str, str]] = set()
        self._lines: set[tuple[str, str, int | None]] = set()

    def check_stated(self) -> Iterator[Finding]:
        """What breaks a shape as it is stated."""
        yield from _check_files(self._contents, self._places)
        try:
            results = self._run()
        except ShapesError as error:
            yield _broken(error, self._contents, self._places)
            self._shapes = Graph()
            return
        for result in results:
            focus, path, value = _keys(result)
            file, position = self._places.find(focus, path, value) or (_ONTOLOGY, None)
            sentence, remedy = split_message(result.message)
            told = f"{_shown(result, self._space)}: {sentence}"
            self._lines.add((result.shape, file, position.line if position else None))
            yield Finding(file, position, code_of(result.shape, "shape"), focus.strip("<>"), told, remedy)

    def check_closure(self) -> Iterator[Finding]:
        """What breaks a shape in the closure alone: one finding for each place that breaches follow from."""
        grouped: dict[tuple[object, ...], tuple[Finding, int]] = {}
        for result in self._run():
            focus, path, value = _keys(result)
            proof = _proof(result, self._knowledge)
            file, position = (
                _cause(proof, self._knowledge, self._places)
                or self._places.find(focus, path, value)
                or (_ONTOLOGY, None)
            )
            if (result.shape, file, position.line if position else None) in self._lines:
                # It follows from a triple that has been told, by symmetry say.
                continue
            sentence, remedy = split_message(result.message)
            code = code_of(result.shape, "closure")
            told = f"In the closure, {_shown(result, self._space)}: {sentence}{_because(proof, self._space)}"
            finding = Finding(file, position, code, focus.strip("<>"), told, remedy)
            first, count = grouped.get((file, position, code), (finding, 0))
            grouped[file, position, code] = first, count + 1
        for finding, count in grouped.values():
            more = f" ({count - 1} more like it.)" if count > 1 else ""
            yield replace(finding, sentence=finding.sentence + more)

    def _run(self) -> list[Result]:
        """The breaches that were not there before. Raises ShapesError."""
        found = []
        sure = _Certainty(self._knowledge.graph, self._contents.unread)
        for result in validate(self._shapes, self._knowledge.graph, self._knowledge.store):
            focus, path, value = _keys(result)
            if (result.shape, focus, path) in self._told or {focus, path, value} & self._passed_over:
                continue
            if sure.of(result.focus) and sure.of(result.value):
                found.append(result)
        self._told |= {(result.shape, *_keys(result)[:2]) for result in found}
        return found


class _Certainty:
    """Whether all is known of what a node is, though some statements could not be read."""

    def __init__(self, graph: Graph, unread: frozenset[str]) -> None:
        self._graph = graph
        self._unread = unread

    def of(self, node: Node | None) -> bool:
        if node is None or not self._unread:
            return True
        classes = list(self._graph.objects(node, _TYPE))
        above = {key for c in classes for key in self._graph.transitive_objects(c, _SUBCLASS)}
        return not any(f"<{cls}>" in self._unread for cls in above)


def _broken(error: ShapesError, contents: Contents, places: Places) -> Finding:
    where = places.find(f"<{error.shape}>") if error.shape else None
    last = next(reading.name for reading in reversed(contents.readings) if reading.is_shapes)
    file, position = where or (last, None)
    remedy = "Mend the shape, then check again: no shape has been run."
    return Finding(file, position, "shapes", error.shape, error.detail, remedy)


def _check_files(contents: Contents, places: Places) -> Iterator[Finding]:
    """Files of shapes are left out of the other checks, so they may hold nothing else."""
    for reading in contents.readings:
        for quad in reading.quads if reading.is_shapes else ():
            keys = key_of(quad.subject), key_of(quad.predicate), key_of(quad.object)
            terms = (URIRef(key[1:-1]) for key in keys[1:] if key.startswith(f"<{SH}"))
            unknown = next((term for term in terms if term not in SHACL), None)
            is_type = quad.predicate.value == RDF + "type" and keys[2].startswith(f"<{SH}")
            if unknown is not None:
                code, term = "undeclared-name", str(unknown)
                sentence = f"sh:{term.removeprefix(SH)} is no name of SHACL, and does nothing."
                remedy = "Correct the name."
            elif not is_type and not quad.predicate.value.startswith(_IN_SHAPES):
                code, term = "not-a-shape", keys[0].strip("<>")
                sentence = f"{contents.space.shorten(quad.predicate.value)} belongs to no shape."
                remedy = "Keep ontology and data out of the files of shapes."
            else:
                continue
            position = places.in_file(reading.name, *keys, point=f"<{term}>")
            yield Finding(reading.name, position, code, term, sentence, remedy)


def split_message(message: str) -> tuple[str, str]:
    """A shape's message as what must hold and what to do: its first sentence, and the rest.

    >>> split_message("A relation has an example. Add rec:example.")
    ('A relation has an example.', 'Add rec:example.')
    """
    first, stop, rest = message.partition(". ")
    return (first + ".", rest) if stop else (message, "")


def code_of(shape: str, kind: str) -> str:
    """The code of a shape's findings, from the last part of its name.

    >>> code_of("https://example.org/shape/OpenTalks", "shape")
    'shape-open-talks'
    """
    local = re.split("[/#]", shape)[-1]
    return f"{kind}-{re.sub('(?<=[a-z])(?=[A-Z])', '-', local).lower()}".rstrip("-")


def _proof(result: Result, knowledge: Knowledge) -> Proof | None:
    """Why the closure holds what it must not."""
    focus = to_engine(result.focus)
    if isinstance(focus, pyoxigraph.Literal):
        return None
    triples: list[Triple] = []
    if result.path is not None and result.value is not None:
        triples.append((focus, pyoxigraph.NamedNode(str(result.path)), to_engine(result.value)))
    else:
        triples += knowledge.types_inferred(focus)
    proofs = [proof for triple in triples if (proof := knowledge.explain(triple)) is not None]
    # A class that follows from the use of a property is the surprise, one above another is none.
    return next((p for p in proofs if {DOMAIN, RANGE} & set(_rules(p))), proofs[0] if proofs else None)


def _rules(proof: Proof) -> Iterator[str]:
    yield proof.rule
    for premise in proof.premises:
        yield from _rules(premise)


def _cause(proof: Proof | None, knowledge: Knowledge, places: Places) -> Where | None:
    """The place to mend: an axiom beside those of the ontology, else what is stated with them."""
    if proof is None:
        return None
    found: list[tuple[int, str, Triple]] = []
    for premise in proof.asserted():
        for file in filter(None, map(knowledge.file_of, premise.graphs)):
            is_axiom = premise.triple[1].value in _AXIOMS
            rank = (0 if is_axiom else 1) if file != _ONTOLOGY else 2
            found.append((rank, file, premise.triple))
    if not found:
        return None
    _, file, triple = min(found, key=lambda one: one[0])
    subject, predicate, target = (key_of(term) for term in triple)
    return file, places.in_file(file, subject, predicate, target)


def _because(proof: Proof | None, space: IriSpace) -> str:
    if proof is None or not proof.rule:
        return ""
    told = "; ".join(_written(premise.triple, space) for premise in proof.asserted())
    return f" It follows from {told}."


def _written(triple: Triple, space: IriSpace) -> str:
    return " ".join(
        space.shorten(term.value) if isinstance(term, pyoxigraph.NamedNode) else str(term) for term in triple
    )


def _keys(result: Result) -> tuple[str, str, str]:
    return (
        key_of_node(result.focus),
        key_of_node(result.path) if result.path is not None else "",
        key_of_node(result.value) if result.value is not None else "",
    )


def _shown(result: Result, space: IriSpace) -> str:
    focus = space.shorten(str(result.focus)) if key_of_node(result.focus) != BLANK else "a blank node"
    return focus if result.path is None else f"{focus}, {space.shorten(str(result.path))}"
