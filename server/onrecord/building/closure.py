"""The closure of the data under the ontology's axioms, as new triples only.

The axioms are those that OWL Lite ontologies use and that can be run to a
fixed point: subclass, subproperty, inverse, symmetric, transitive, domain and
range (rules cax-sco, prp-spo1, prp-inv1, prp-inv2, prp-symp, prp-trp, prp-dom
and prp-rng of OWL 2 RL, section 4.3). No rule makes two names one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Store
from pyoxigraph import Triple as OxTriple

from onrecord.building.triples import Object, Resource, Triple
from onrecord.terms import OWL, RDF, RDFS

TYPE = NamedNode(RDF + "type")

_Pairs = Mapping[Resource, frozenset[Resource]]


@dataclass(frozen=True)
class Schema:
    """The axioms in use; hierarchies are transitively closed, without a name itself."""

    superclasses: _Pairs
    superproperties: _Pairs
    inverses: _Pairs
    symmetric: frozenset[Resource]
    transitive: frozenset[Resource]
    domains: _Pairs
    ranges: _Pairs


def read_schema(store: Store) -> Schema:
    """The axioms that stand in the graphs of `store`. Anonymous classes take no part."""
    inverses = _pairs(store, OWL + "inverseOf")
    return Schema(
        _hierarchy(_pairs(store, RDFS + "subClassOf"), _pairs(store, OWL + "equivalentClass")),
        _hierarchy(_pairs(store, RDFS + "subPropertyOf"), _pairs(store, OWL + "equivalentProperty")),
        _symmetrically(inverses),
        _instances(store, OWL + "SymmetricProperty"),
        _instances(store, OWL + "TransitiveProperty"),
        _frozen(_pairs(store, RDFS + "domain")),
        _frozen(_pairs(store, RDFS + "range")),
    )


def close(store: Store, schema: Schema) -> set[Triple]:
    """The triples that follow from those in `store` and stand in none of its graphs."""
    closure = _Closure(store, schema)
    for quad in store.quads_for_pattern(None, None, None, None):
        if not isinstance(quad.subject, OxTriple) and not isinstance(quad.object, OxTriple):
            closure.conclude((quad.subject, quad.predicate, quad.object))
    closure.run()
    return closure.derived


class _Closure:
    def __init__(self, store: Store, schema: Schema) -> None:
        self._store = store
        self._schema = schema
        self._queue: list[Triple] = []
        self._after: dict[NamedNode, dict[Resource, set[Resource]]] = defaultdict(lambda: defaultdict(set))
        self._before: dict[NamedNode, dict[Resource, set[Resource]]] = defaultdict(lambda: defaultdict(set))
        self.derived: set[Triple] = set()

    def run(self) -> None:
        while self._queue:
            self.conclude(self._queue.pop())

    def conclude(self, triple: Triple) -> None:
        """Queue what follows from `triple` alone, and from it with those seen before."""
        for conclusion in self._one_premise(*triple):
            self._add(conclusion)
        subject, predicate, target = triple
        if predicate in self._schema.transitive and isinstance(target, Resource):
            for conclusion in self._chains(subject, predicate, target):
                self._add(conclusion)

    def _one_premise(self, subject: Resource, predicate: NamedNode, target: Object) -> Iterator[Triple]:
        schema = self._schema
        for cls in schema.domains.get(predicate, ()):
            yield subject, TYPE, cls
        for prop in schema.superproperties.get(predicate, ()):
            if isinstance(prop, NamedNode):
                yield subject, prop, target
        if not isinstance(target, Resource):
            return
        if predicate == TYPE:
            for cls in schema.superclasses.get(target, ()):
                yield subject, TYPE, cls
        for cls in schema.ranges.get(predicate, ()):
            # A datatype is a range too, but its values are literals, never resources.
            yield target, TYPE, cls
        for prop in schema.inverses.get(predicate, ()):
            if isinstance(prop, NamedNode):
                yield target, prop, subject
        if predicate in schema.symmetric:
            yield target, predicate, subject

    def _chains(self, subject: Resource, predicate: NamedNode, target: Resource) -> Iterator[Triple]:
        after, before = self._after[predicate], self._before[predicate]
        if target in after[subject]:
            return
        sources = {subject, *before[subject]}
        targets = {target, *after[target]}
        for source in sources:
            for end in targets:
                after[source].add(end)
                before[end].add(source)
                yield source, predicate, end

    def _add(self, triple: Triple) -> None:
        if triple in self.derived:
            return
        if next(iter(self._store.quads_for_pattern(*triple, None)), None) is None:
            self.derived.add(triple)
            self._queue.append(triple)


def _pairs(store: Store, predicate: str) -> dict[Resource, set[Resource]]:
    found: dict[Resource, set[Resource]] = defaultdict(set)
    for quad in store.quads_for_pattern(None, NamedNode(predicate), None, None):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode):
            found[quad.subject].add(quad.object)
    return found


def _instances(store: Store, cls: str) -> frozenset[Resource]:
    quads = store.quads_for_pattern(None, TYPE, NamedNode(cls), None)
    return frozenset(q.subject for q in quads if isinstance(q.subject, (NamedNode, BlankNode)))


def _symmetrically(pairs: dict[Resource, set[Resource]]) -> _Pairs:
    both: dict[Resource, set[Resource]] = defaultdict(set)
    for left, rights in pairs.items():
        for right in rights:
            both[left].add(right)
            both[right].add(left)
    return _frozen(both)


def _hierarchy(direct: dict[Resource, set[Resource]], equivalent: dict[Resource, set[Resource]]) -> _Pairs:
    above: dict[Resource, set[Resource]] = defaultdict(set)
    for pairs in (direct, _symmetrically(equivalent)):
        for name, supers in pairs.items():
            above[name] |= supers
    closed: dict[Resource, set[Resource]] = {}
    for name in list(above):
        seen: set[Resource] = set()
        stack = list(above[name])
        while stack:
            higher = stack.pop()
            if higher not in seen:
                seen.add(higher)
                stack.extend(above.get(higher, ()))
        closed[name] = seen - {name}
    return _frozen(closed)


def _frozen(pairs: Mapping[Resource, set[Resource]]) -> _Pairs:
    return {name: frozenset(others) for name, others in pairs.items()}
