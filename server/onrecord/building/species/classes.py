"""Axioms on classes (S&AS 2.3.1.1), and what OWL Lite leaves out of them (Reference 8.3)."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import BNode

from onrecord.building.species import lists, rules, vocabulary
from onrecord.building.species.descriptions import Values, check_class
from onrecord.building.species.findings import Finding, Rule, show
from onrecord.building.species.names import Names, Role
from onrecord.building.species.statements import Statement

_REFUSED_IN_LITE: dict[str, Rule] = {
    vocabulary.ONE_OF: rules.ONE_OF_USED,
    vocabulary.UNION_OF: rules.UNION_OF_USED,
    vocabulary.COMPLEMENT_OF: rules.COMPLEMENT_OF_USED,
    vocabulary.DISJOINT_WITH: rules.DISJOINT_WITH_USED,
}
AXIOM_PREDICATES = frozenset(
    {vocabulary.SUB_CLASS_OF, vocabulary.EQUIVALENT_CLASS, vocabulary.DISJOINT_WITH} | vocabulary.CONSTRUCTORS
)


def check_class_axiom(names: Names, statement: Statement) -> Iterator[Finding]:
    """What is wrong with a triple whose predicate is one of AXIOM_PREDICATES."""
    predicate = statement.predicate
    if vocabulary.DATA_RANGE in names.statements.types(statement.subject) and predicate == vocabulary.ONE_OF:
        yield from lists.check_head(names, statement)
        return
    if predicate in _REFUSED_IN_LITE:
        yield names.broken(_REFUSED_IN_LITE[predicate], statement.subject, statement)
    if predicate not in vocabulary.CONSTRUCTORS and isinstance(statement.subject, BNode):
        yield names.broken(rules.ANONYMOUS_SUBJECT, statement.subject, statement, show(predicate))
    if not isinstance(statement.subject, BNode):
        yield from names.use(statement.subject, Role.CLASS, statement)
    if predicate in (vocabulary.INTERSECTION_OF, vocabulary.UNION_OF, vocabulary.ONE_OF):
        yield from _list(names, statement)
    else:
        # What owl:complementOf and owl:disjointWith take is no matter for OWL Lite, which has neither.
        yield from check_class(names, statement.object, statement, Values.NAMES_AND_RESTRICTIONS)


def _list(names: Names, statement: Statement) -> Iterator[Finding]:
    yield from lists.check_head(names, statement)
    # The Reference (8.3) asks for two members or more in OWL Lite, S&AS (2.3.1.1) for any number of them; the
    # W3C's test equivalentClass/004 is OWL Lite with one.
    for member, cell in lists.members(names, statement.object):
        if statement.predicate == vocabulary.ONE_OF:
            yield from names.use(member, Role.INDIVIDUAL, cell)
        else:
            yield from check_class(names, member, cell, Values.NAMES_AND_RESTRICTIONS)
