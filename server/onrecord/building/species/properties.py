"""Axioms on properties (S&AS 2.3.1.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rdflib import URIRef

from onrecord.building.species import rules, vocabulary
from onrecord.building.species.descriptions import Values, check_class, check_data_range
from onrecord.building.species.findings import Finding, show
from onrecord.building.species.names import Names, Role
from onrecord.building.species.statements import Statement
from onrecord.building.species.vocabulary import Node

AXIOM_PREDICATES = frozenset(
    {
        vocabulary.DOMAIN,
        vocabulary.RANGE,
        vocabulary.SUB_PROPERTY_OF,
        vocabulary.EQUIVALENT_PROPERTY,
        vocabulary.INVERSE_OF,
    }
)
_AXIOMATIC = frozenset({Role.OBJECT_PROPERTY, Role.DATATYPE_PROPERTY})
_CHARACTERISTICS = vocabulary.OBJECT_PROPERTY_TYPES | {vocabulary.FUNCTIONAL}


def check_property_axiom(names: Names, statement: Statement) -> Iterator[Finding]:
    """What is wrong with a triple whose predicate is one of AXIOM_PREDICATES."""
    subject, predicate, value, _ = statement
    if predicate == vocabulary.DOMAIN:
        yield from _axiomatic(names, subject, statement)
        yield from check_class(names, value, statement, Values.NAMES)
    elif predicate == vocabulary.RANGE:
        yield from _axiomatic(names, subject, statement)
        if Role.DATATYPE_PROPERTY in names.roles(subject):
            yield from check_data_range(names, value, statement)
        elif Role.OBJECT_PROPERTY in names.roles(subject):
            yield from check_class(names, value, statement, Values.NAMES)
    else:
        for node in (subject, value):
            yield from _axiomatic(names, node, statement)
        yield from _related(names, statement)


def check_characteristic(names: Names, statement: Statement) -> Iterator[Finding]:
    """What is wrong with an rdf:type triple as the characteristic of a property."""
    subject, characteristic = statement.subject, statement.object
    roles = names.roles(subject)
    if characteristic not in _CHARACTERISTICS or characteristic == vocabulary.OBJECT_PROPERTY:
        return
    if roles & {Role.ANNOTATION_PROPERTY, Role.ONTOLOGY_PROPERTY}:
        yield names.broken(rules.ANNOTATION_AXIOM, subject, statement, _annotating(names, subject))
    elif Role.DATATYPE_PROPERTY in roles and characteristic != vocabulary.FUNCTIONAL:
        yield names.broken(rules.DATATYPE_PROPERTY_CHARACTERISTIC, subject, statement, show(characteristic))
    elif characteristic == vocabulary.FUNCTIONAL and not roles & _AXIOMATIC:
        yield names.broken(rules.UNDECLARED_PROPERTY, subject, statement)


def check_transitivity(names: Names) -> Iterator[Finding]:
    """Transitive properties that are counted or functional, or lead to a superproperty or inverse that is."""
    counted = _counted(names)
    above = _superproperties(names)
    for statement in names.statements.using(vocabulary.RDF_TYPE):
        if statement.object != vocabulary.TRANSITIVE:
            continue
        seen: set[Node] = {statement.subject}
        stack: list[Node] = [statement.subject]
        while stack:
            reached = stack.pop()
            if reached in counted:
                value = "it" if reached == statement.subject else show(statement.subject)
                yield names.broken(rules.TRANSITIVE_CARDINALITY, reached, counted[reached], value)
            stack += [higher for higher in above[reached] if higher not in seen]
            seen.update(above[reached])


def _axiomatic(names: Names, node: Node, statement: Statement) -> Iterator[Finding]:
    """`node` must be an object or datatype property."""
    roles = names.roles(node)
    if roles & _AXIOMATIC:
        return
    if roles & {Role.ANNOTATION_PROPERTY, Role.ONTOLOGY_PROPERTY}:
        yield names.broken(rules.ANNOTATION_AXIOM, node, statement, _annotating(names, node))
    else:
        yield from names.use(node, Role.OBJECT_PROPERTY, statement)


def _annotating(names: Names, node: Node) -> str:
    is_annotation = Role.ANNOTATION_PROPERTY in names.roles(node)
    role = Role.ANNOTATION_PROPERTY if is_annotation else Role.ONTOLOGY_PROPERTY
    return str(role.value)


def _related(names: Names, statement: Statement) -> Iterator[Finding]:
    roles = {names.role(statement.subject), names.role(statement.object)}
    if roles == _AXIOMATIC:
        yield names.broken(rules.MIXED_PROPERTIES, statement.predicate, statement, _both(statement))
    elif roles == {Role.DATATYPE_PROPERTY} and statement.predicate == vocabulary.INVERSE_OF:
        value = f"the inverse of {show(statement.object)}"
        yield names.broken(rules.DATATYPE_PROPERTY_CHARACTERISTIC, statement.subject, statement, value)


def _both(statement: Statement) -> str:
    return f"{show(statement.subject)}, {show(statement.object)}"


def _counted(names: Names) -> dict[Node, Statement]:
    """The (inverse) functional and the counted properties, each with the triple that says so."""
    found: dict[Node, Statement] = {}
    for statement in names.statements.using(vocabulary.RDF_TYPE):
        if statement.object in (vocabulary.FUNCTIONAL, vocabulary.INVERSE_FUNCTIONAL):
            found.setdefault(statement.subject, statement)
    for statement in names.statements.using(*sorted(vocabulary.CARDINALITIES)):
        for prop in names.statements.values(statement.subject, vocabulary.ON_PROPERTY):
            found.setdefault(prop, statement)
    return found


def _superproperties(names: Names) -> dict[Node, set[Node]]:
    above: dict[Node, set[Node]] = defaultdict(set)
    symmetric: tuple[URIRef, ...] = (vocabulary.EQUIVALENT_PROPERTY, vocabulary.INVERSE_OF)
    for statement in names.statements.using(vocabulary.SUB_PROPERTY_OF, *symmetric):
        above[statement.subject].add(statement.object)
        if statement.predicate in symmetric:
            above[statement.object].add(statement.subject)
    return above
