"""The closure of the data under the ontology's axioms, as new triples only.

The axioms are those that OWL Lite ontologies use and that can be run to a
fixed point: subclass, subproperty, inverse, symmetric, transitive, domain and
range (rules cax-sco, prp-spo1, prp-inv1, prp-inv2, prp-symp, prp-trp, prp-dom
and prp-rng of OWL 2 RL, section 4.3). No rule makes two names one.

What can be concluded at all is few predicates: `rdf:type` and those above,
inverse, symmetric or transitive. Their pairs are held in memory, so that no
conclusion is looked up in the store; all other predicates are only read past.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode
from pyoxigraph import Triple as OxTriple

from onrecord.building.triples import Object, Quads, Resource, Triple
from onrecord.terms import OWL, RDF, RDFS

TYPE = NamedNode(RDF + "type")

_Pair = tuple[Resource, Object]
_Pairs = Mapping[NamedNode, frozenset[NamedNode]]


@dataclass(frozen=True)
class Schema:
    """The axioms in use; hierarchies are transitively closed, without a name itself."""

    superclasses: _Pairs
    superproperties: _Pairs
    inverses: _Pairs
    """Both ways; a symmetric property is its own inverse."""
    transitive: frozenset[NamedNode]
    domains: _Pairs
    ranges: _Pairs

    @property
    def premises(self) -> frozenset[NamedNode]:
        """The predicates from whose triples something follows."""
        return frozenset(
            {
                TYPE,
                *self.superproperties,
                *self.inverses,
                *self.transitive,
                *self.domains,
                *self.ranges,
            }
        )


def read_schema(store: Quads) -> Schema:
    """The axioms that stand in the graphs of `store`. Anonymous classes take no part."""
    inverses = _both_ways(_pairs(store, OWL + "inverseOf"))
    for prop in _instances(store, OWL + "SymmetricProperty"):
        inverses[prop].add(prop)
    return Schema(
        _hierarchy(_pairs(store, RDFS + "subClassOf"), _pairs(store, OWL + "equivalentClass")),
        _hierarchy(_pairs(store, RDFS + "subPropertyOf"), _pairs(store, OWL + "equivalentProperty")),
        _frozen(inverses),
        _instances(store, OWL + "TransitiveProperty"),
        _frozen(_pairs(store, RDFS + "domain")),
        _frozen(_pairs(store, RDFS + "range")),
    )


def close(store: Quads, schema: Schema) -> list[Triple]:
    """The triples that follow from those in `store` and stand in none of its graphs, each once."""
    closure = _Closure(schema)
    for predicate, pairs in closure.known.items():
        pairs.update(_stated(store, predicate))
    for predicate, pairs in closure.known.items():
        for subject, target in tuple(pairs):
            closure.conclude(subject, predicate, target)
        closure.run()
    for predicate in schema.premises - closure.known.keys():
        for subject, target in _stated(store, predicate):
            closure.conclude(subject, predicate, target)
        closure.run()
    return closure.derived


class _Closure:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._after: dict[NamedNode, dict[Resource, set[Resource]]] = defaultdict(lambda: defaultdict(set))
        self._before: dict[NamedNode, dict[Resource, set[Resource]]] = defaultdict(lambda: defaultdict(set))
        self._queue: list[Triple] = []
        self.derived: list[Triple] = []
        concluded = {TYPE, *schema.transitive}
        concluded.update(*schema.superproperties.values(), *schema.inverses.values())
        self.known: dict[NamedNode, set[_Pair]] = {predicate: set() for predicate in concluded}
        """Subject and object of all triples, stated or derived, of the predicates that rules conclude."""

    def run(self) -> None:
        while self._queue:
            self.conclude(*self._queue.pop())

    def conclude(self, subject: Resource, predicate: NamedNode, target: Object) -> None:
        """Queue what follows from a triple alone, and from it with those seen before."""
        schema = self._schema
        for cls in schema.domains.get(predicate, ()):
            self._add(subject, TYPE, cls)
        for prop in schema.superproperties.get(predicate, ()):
            self._add(subject, prop, target)
        if not isinstance(target, Resource):
            # A datatype is a range too, but its values are literals, which no rule gives a type.
            return
        for cls in schema.ranges.get(predicate, ()):
            self._add(target, TYPE, cls)
        for prop in schema.inverses.get(predicate, ()):
            self._add(target, prop, subject)
        if predicate == TYPE and isinstance(target, NamedNode):
            for cls in schema.superclasses.get(target, ()):
                self._add(subject, TYPE, cls)
        if predicate in schema.transitive:
            for source, end in self._chains(subject, predicate, target):
                self._add(source, predicate, end)

    def _chains(
        self, subject: Resource, predicate: NamedNode, target: Resource
    ) -> Iterator[tuple[Resource, Resource]]:
        after, before = self._after[predicate], self._before[predicate]
        if target in after[subject]:
            return
        sources = {subject, *before[subject]}
        targets = {target, *after[target]}
        for source in sources:
            for end in targets:
                after[source].add(end)
                before[end].add(source)
                yield source, end

    def _add(self, subject: Resource, predicate: NamedNode, target: Object) -> None:
        known, pair = self.known[predicate], (subject, target)
        if pair not in known:
            known.add(pair)
            triple = (subject, predicate, target)
            self.derived.append(triple)
            self._queue.append(triple)


def _stated(store: Quads, predicate: NamedNode) -> Iterator[_Pair]:
    for quad in store.quads_for_pattern(None, predicate, None, None):
        subject, target = quad.subject, quad.object
        if not isinstance(subject, OxTriple) and not isinstance(target, OxTriple):
            yield subject, target


def _pairs(store: Quads, predicate: str) -> dict[NamedNode, set[NamedNode]]:
    found: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for subject, target in _stated(store, NamedNode(predicate)):
        if isinstance(subject, NamedNode) and isinstance(target, NamedNode):
            found[subject].add(target)
    return found


def _instances(store: Quads, cls: str) -> frozenset[NamedNode]:
    quads = store.quads_for_pattern(None, TYPE, NamedNode(cls), None)
    return frozenset(q.subject for q in quads if isinstance(q.subject, NamedNode))


def _both_ways(pairs: dict[NamedNode, set[NamedNode]]) -> dict[NamedNode, set[NamedNode]]:
    both: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for left, rights in pairs.items():
        for right in rights:
            both[left].add(right)
            both[right].add(left)
    return both


def _hierarchy(
    direct: dict[NamedNode, set[NamedNode]], equivalent: dict[NamedNode, set[NamedNode]]
) -> _Pairs:
    above: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for pairs in (direct, _both_ways(equivalent)):
        for name, supers in pairs.items():
            above[name] |= supers
    closed: dict[NamedNode, set[NamedNode]] = {}
    for name in list(above):
        seen: set[NamedNode] = set()
        stack = list(above[name])
        while stack:
            higher = stack.pop()
            if higher not in seen:
                seen.add(higher)
                stack.extend(above.get(higher, ()))
        closed[name] = seen - {name}
    return _frozen(closed)


def _frozen(pairs: Mapping[NamedNode, set[NamedNode]]) -> _Pairs:
    return {name: frozenset(others) for name, others in pairs.items()}
