"""Why a triple stands in the graph: the axioms and the asserted triples it came from.

The rules are those of closure.py and derive.py, read backwards: from the
triple that is asked for to premises that stand in the store, until all of
them are asserted. Nothing is shared with the code that runs them forwards, so
that each checks the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, Store
from pyoxigraph import Triple as OxTriple

from onrecord.building.closure import TYPE
from onrecord.building.triples import Object, Resource, Triple
from onrecord.terms import OWL, RDFS, REC, TERM

_SUBCLASS, _SAME_CLASS = NamedNode(RDFS + "subClassOf"), NamedNode(OWL + "equivalentClass")
_SUBPROPERTY, _SAME_PROPERTY = NamedNode(RDFS + "subPropertyOf"), NamedNode(OWL + "equivalentProperty")
_DOMAIN, _RANGE, _INVERSE = (
    NamedNode(RDFS + "domain"),
    NamedNode(RDFS + "range"),
    NamedNode(OWL + "inverseOf"),
)
_SYMMETRIC, _TRANSITIVE = NamedNode(OWL + "SymmetricProperty"), NamedNode(OWL + "TransitiveProperty")
_MAKES, _RELAYS, _CONVEYS = NamedNode(REC + "makes"), NamedNode(REC + "relays"), NamedNode(REC + "conveys")
_FROM, _TO, _KIND = NamedNode(REC + "from"), NamedNode(REC + "to"), NamedNode(REC + "kind")
_CERTAINTY, _CERTAIN = NamedNode(REC + "certainty"), NamedNode(TERM + "certainty/certain")
_DIRECT = NamedNode(REC + "directProperty")

SUBCLASS, SUBPROPERTY, INVERSE = "subclass", "subproperty", "inverse property"
SYMMETRIC, TRANSITIVE = "symmetric property", "transitive property"
DOMAIN, RANGE = "domain of a property", "range of a property"
RELAY, CERTAIN_LINK = "what a relay conveys", "certain link between claims"

_Step = tuple[str, tuple[Triple, ...]]
"""A rule and the triples that it takes, which all stand in the store."""


@dataclass(frozen=True)
class Proof:
    """A triple, and either the graphs that assert it or the rule and premises that give it.

    `graphs` holds IRIs, the empty string for the unnamed graph.
    """

    triple: Triple
    graphs: tuple[str, ...] = ()
    rule: str = ""
    premises: tuple[Proof, ...] = ()

    @property
    def steps(self) -> int:
        """How many times a rule is applied."""
        return sum(premise.steps for premise in self.premises) + bool(self.rule)

    def asserted(self) -> Iterator[Proof]:
        """The asserted triples that the proof rests on, from left to right."""
        if not self.rule:
            yield self
        for premise in self.premises:
            yield from premise.asserted()


def explain(store: Store, triple: Triple, inferred: str) -> Proof | None:
    """The lowest proof of `triple`, and the one of fewest steps among those.

    `store` is as the build left it, with what it inferred in the graph
    `inferred`. None when the triple is neither asserted nor follows.
    """
    search = _Search(store, inferred)
    height = 0
    while height <= search.goals:
        proof = search.prove(triple, height)
        if proof is not None:
            return proof
        height += 1
    return None


class _Search:
    """Proofs by height: a proof of least height repeats no triple on a path, so goals bound it."""

    def __init__(self, store: Store, inferred: str) -> None:
        self._store = store
        self._inferred = inferred
        self._proofs: dict[tuple[Triple, int, bool], Proof | None] = {}
        self._goals: set[Triple] = set()

    @property
    def goals(self) -> int:
        """How many triples have been looked at so far that are not asserted."""
        return len(self._goals)

    def prove(self, triple: Triple, height: int, chained: bool = True) -> Proof | None:
        """The proof of fewest steps that is no higher than `height`; without `chained`, none by a chain."""
        key = (triple, height, chained)
        if key not in self._proofs:
            self._proofs[key] = self._asserted(triple) or self._derived(triple, height, chained)
        return self._proofs[key]

    def _asserted(self, triple: Triple) -> Proof | None:
        graphs = sorted(graph for graph in self._graphs(triple) if graph != self._inferred)
        return Proof(triple, tuple(graphs)) if graphs else None

    def _derived(self, triple: Triple, height: int, chained: bool) -> Proof | None:
        self._goals.add(triple)
        if height == 0 or not self._graphs(triple):
            return None
        best: Proof | None = None
        for rule, premises in self._steps(triple, height, chained):
            proofs: list[Proof] = []
            for premise in premises:
                proof = self.prove(premise, height - 1)
                if proof is None:
                    break
                proofs.append(proof)
            else:
                found = Proof(triple, (), rule, tuple(proofs))
                if best is None or found.steps < best.steps:
                    best = found
                if best.steps == 1:
                    return best
        return best

    def _steps(self, triple: Triple, height: int, chained: bool) -> Iterator[_Step]:
        subject, predicate, target = triple
        if predicate == TYPE and isinstance(target, NamedNode):
            yield from self._typings(subject, target)
        yield from self._from_properties(subject, predicate, target)
        yield from self._links(subject, predicate, target)
        if predicate == _CONVEYS:
            yield from self._relays(subject, target)
        if chained and isinstance(target, Resource):
            for axiom in self._axioms(predicate, TYPE, _TRANSITIVE):
                path = self._path(subject, predicate, target, height)
                if path is not None:
                    yield TRANSITIVE, (*path, axiom)

    def _typings(self, subject: Resource, cls: NamedNode) -> Iterator[_Step]:
        for axiom, lower in self._below(cls, _SUBCLASS, _SAME_CLASS):
            yield SUBCLASS, ((subject, TYPE, lower), axiom)
        for axiom in self._axioms(None, _DOMAIN, cls):
            for premise in self._stated(subject, _name(axiom[0]), None):
                yield DOMAIN, (premise, axiom)
        for axiom in self._axioms(None, _RANGE, cls):
            for premise in self._stated(None, _name(axiom[0]), subject):
                yield RANGE, (premise, axiom)

    def _from_properties(self, subject: Resource, predicate: NamedNode, target: Object) -> Iterator[_Step]:
        for axiom, lower in self._below(predicate, _SUBPROPERTY, _SAME_PROPERTY):
            yield SUBPROPERTY, ((subject, lower, target), axiom)
        if not isinstance(target, Resource):
            return
        for axiom in self._axioms(predicate, _INVERSE, None):
            if isinstance(axiom[2], NamedNode):
                yield INVERSE, ((target, axiom[2], subject), axiom)
        for axiom in self._axioms(None, _INVERSE, predicate):
            yield INVERSE, ((target, _name(axiom[0]), subject), axiom)
        for axiom in self._axioms(predicate, TYPE, _SYMMETRIC):
            yield SYMMETRIC, ((target, predicate, subject), axiom)

    def _links(self, subject: Resource, predicate: NamedNode, target: Object) -> Iterator[_Step]:
        for direct in self._axioms(None, _DIRECT, predicate):
            for origin in self._axioms(None, _FROM, subject):
                link = origin[0]
                premises = (
                    origin,
                    (link, _TO, target),
                    (link, _KIND, direct[0]),
                    (link, _CERTAINTY, _CERTAIN),
                    direct,
                )
                if all(self._asserted(premise) for premise in premises):
                    yield CERTAIN_LINK, premises

    def _relays(self, relay: Resource, claim: Object) -> Iterator[_Step]:
        """The shortest chain of relays to a statement that makes the claim."""
        makers: dict[Object, Triple] = {triple[0]: triple for triple in self._axioms(None, _MAKES, claim)}
        paths: dict[Resource, tuple[Triple, ...]] = {relay: ()}
        for reached in (queue := [relay]):
            for step in self._axioms(reached, _RELAYS, None):
                told = step[2]
                if isinstance(told, NamedNode) and told not in paths:
                    paths[told] = (*paths[reached], step)
                    queue.append(told)
                if told in makers:
                    yield RELAY, (*paths[reached], step, makers[told])
                    return

    def _path(
        self, subject: Resource, predicate: NamedNode, target: Resource, height: int
    ) -> tuple[Triple, ...] | None:
        """The shortest chain of at least two triples that need no chain themselves."""
        paths: dict[Resource, tuple[Triple, ...]] = {}
        for reached in (queue := [subject]):
            path = paths.get(reached, ())
            for step in self._stated(reached, predicate, None):
                end = step[2]
                if not isinstance(end, Resource) or self.prove(step, height - 1, chained=False) is None:
                    continue
                if end == target and path:
                    return (*path, step)
                if end not in paths and self._graphs((end, predicate, target)):
                    paths[end] = (*path, step)
                    queue.append(end)
        return None

    def _below(
        self, name: NamedNode, lower: NamedNode, same: NamedNode
    ) -> Iterator[tuple[Triple, NamedNode]]:
        """Axioms that put a name below `name`, with that name."""
        for predicate in (lower, same):
            for axiom in self._axioms(None, predicate, name):
                yield axiom, _name(axiom[0])
        for axiom in self._axioms(name, same, None):
            if isinstance(axiom[2], NamedNode):
                yield axiom, axiom[2]

    def _axioms(
        self, subject: Resource | None, predicate: NamedNode, target: Object | None
    ) -> Iterator[Triple]:
        """Asserted triples of the pattern whose subject is a name."""
        for triple in self._stated(subject, predicate, target):
            if isinstance(triple[0], NamedNode) and self._asserted(triple):
                yield triple

    def _stated(
        self, subject: Resource | None, predicate: NamedNode, target: Object | None
    ) -> Iterator[Triple]:
        for quad in self._store.quads_for_pattern(subject, predicate, target, None):
            if not isinstance(quad.subject, OxTriple) and not isinstance(quad.object, OxTriple):
                yield quad.subject, quad.predicate, quad.object

    def _graphs(self, triple: Triple) -> list[str]:
        return [str(getattr(q.graph_name, "value", "")) for q in self._store.quads_for_pattern(*triple, None)]


def _name(resource: Resource) -> NamedNode:
    assert isinstance(resource, NamedNode)
    return resource
