"""Blank nodes: each used once, none leading back to itself (S&AS 4.1).

The transformation to triples makes a new blank node for every anonymous part,
so that a node which is used twice, or a cycle of blank nodes, cannot come from
the abstract syntax. Two axioms mention a node several times all the same:
EquivalentClasses may state any connected set of pairs, DisjointClasses states
every pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rdflib import BNode

from onrecord.building.species import rules, vocabulary
from onrecord.building.species.findings import Finding
from onrecord.building.species.names import Names
from onrecord.building.species.statements import Statement
from onrecord.building.species.vocabulary import Node

_PAIRS = frozenset({vocabulary.EQUIVALENT_CLASS, vocabulary.DISJOINT_WITH})


def check_description_use(names: Names, node: BNode) -> Iterator[Finding]:
    """What is wrong with where the anonymous class `node` is used."""
    about, to = names.statements.about(node), names.statements.to(node)
    uses = [s for s in to if s.predicate not in _PAIRS]
    uses += [s for s in about if s.predicate == vocabulary.SUB_CLASS_OF]
    for predicate in sorted(_PAIRS):
        uses += [s for s in (*about, *to) if s.predicate == predicate][:1]
    if len(uses) > 1:
        yield names.broken(rules.STRUCTURE_SHARING, node, uses[1], str(len(uses)))
    elif not uses:
        yield names.broken(rules.UNUSED_CLASS, node, about[0])
    yield from _disjointness(names, node)


def check_individual_use(names: Names, node: BNode) -> Iterator[Finding]:
    """What is wrong with where the blank individual `node` is used."""
    to = names.statements.to(node)
    if len(to) > 1:
        yield names.broken(rules.STRUCTURE_SHARING, node, to[1], str(len(to)))


def check_cycles(names: Names) -> Iterator[Finding]:
    """Blank nodes that lead back to themselves through blank nodes alone."""
    after: dict[Node, set[Node]] = defaultdict(set)
    before: dict[Node, set[Node]] = defaultdict(set)
    because: dict[Node, Statement] = {}
    for statement in names.statements.all:
        subject, predicate, value, _ = statement
        if isinstance(subject, BNode) and isinstance(value, BNode) and predicate not in _PAIRS:
            after[subject].add(value)
            before[value].add(subject)
            because.setdefault(subject, statement)
    # What leads to no cycle is on none, and neither is what none leads to.
    for node in because.keys() & _endless(after, before) & _endless(before, after):
        yield names.broken(rules.BLANK_CYCLE, node, because[node])


def _endless(after: dict[Node, set[Node]], before: dict[Node, set[Node]]) -> set[Node]:
    """The nodes from which one can go on for ever along `after`, of which `before` is the converse."""
    left = {node: len(nexts) for node, nexts in after.items()}
    ended = [node for node in before if node not in left]
    while ended:
        for node in before.get(ended.pop(), ()):
            left[node] -= 1
            if not left[node]:
                ended.append(node)
    return {node for node, count in left.items() if count}


def _disjointness(names: Names, node: BNode) -> Iterator[Finding]:
    others = _disjoint_from(names, node)
    if not others:
        return
    statement = next(
        s
        for s in (*names.statements.about(node), *names.statements.to(node))
        if s.predicate == vocabulary.DISJOINT_WITH
    )
    if node in others:
        yield names.broken(rules.BLANK_CYCLE, node, statement)
    if any(others - {other} - _disjoint_from(names, other) for other in others):
        yield names.broken(rules.PARTIAL_DISJOINTNESS, node, statement)


def _disjoint_from(names: Names, node: Node) -> set[Node]:
    found: set[Node] = set(names.statements.values(node, vocabulary.DISJOINT_WITH))
    return found | {s.subject for s in names.statements.to(node) if s.predicate == vocabulary.DISJOINT_WITH}
