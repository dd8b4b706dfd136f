"""Facts on individuals, annotations and ontology headers (S&AS 2.2, 2.3.2)."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import BNode, Literal

from onrecord.building.species import lists, rules, vocabulary
from onrecord.building.species.descriptions import Values, check_class, is_description
from onrecord.building.species.findings import Finding, show
from onrecord.building.species.names import PROPERTY_ROLES, Names, Role
from onrecord.building.species.statements import Statement
from onrecord.building.species.vocabulary import Node

IDENTITY_PREDICATES = frozenset({vocabulary.SAME_AS, vocabulary.DIFFERENT_FROM, vocabulary.DISTINCT_MEMBERS})


def check_type(names: Names, statement: Statement) -> Iterator[Finding]:
    """What is wrong with an rdf:type triple that gives an individual its class."""
    yield from check_class(names, statement.object, statement, Values.NAMES_AND_RESTRICTIONS)
    if vocabulary.is_reserved(statement.subject):
        yield names.broken(rules.RESERVED_NAME, statement.subject, statement, Role.INDIVIDUAL.value)


def check_identity(names: Names, statement: Statement) -> Iterator[Finding]:
    """What is wrong with a triple whose predicate is one of IDENTITY_PREDICATES."""
    if statement.predicate != vocabulary.DISTINCT_MEMBERS:
        yield from names.use(statement.subject, Role.INDIVIDUAL, statement)
        yield from names.use(statement.object, Role.INDIVIDUAL, statement)
        return
    yield from lists.check_head(names, statement)
    for member, cell in lists.members(names, statement.object):
        yield from names.use(member, Role.INDIVIDUAL, cell)
    if vocabulary.ALL_DIFFERENT not in names.statements.types(statement.subject):
        problem = "is not declared as one"
        yield names.broken(rules.ALL_DIFFERENT_FORM, statement.subject, statement, problem)


def check_all_different(names: Names, node: BNode) -> Iterator[Finding]:
    """What is wrong with the form of the blank node `node` of type owl:AllDifferent."""
    about = names.statements.about(node)
    if len(names.statements.values(node, vocabulary.DISTINCT_MEMBERS)) != 1 or len(about) != 2:
        problem = "has not exactly one owl:distinctMembers and nothing else"
        yield names.broken(rules.ALL_DIFFERENT_FORM, node, about[0], problem)
    for statement in names.statements.to(node):
        yield names.broken(rules.ALL_DIFFERENT_FORM, node, statement, "is the value of a property")


def check_value(names: Names, statement: Statement) -> Iterator[Finding]:
    """What is wrong with a triple that gives a property a value, or annotates."""
    role = names.role(statement.predicate)
    if role is Role.ANNOTATION_PROPERTY:
        yield from _annotation(names, statement)
    elif role is Role.ONTOLOGY_PROPERTY:
        yield from _ontologies(names, statement)
    elif role in (Role.OBJECT_PROPERTY, Role.DATATYPE_PROPERTY):
        yield from _individual(names, statement.subject, statement)
        yield from _fitting(names, role, statement)
    elif not names.roles(statement.predicate) & PROPERTY_ROLES:
        yield from names.use(statement.predicate, Role.OBJECT_PROPERTY, statement)


def _ontologies(names: Names, statement: Statement) -> Iterator[Finding]:
    """Both ends of an ontology property must be ontologies; the subject may be a header without a name."""
    if Role.ONTOLOGY not in names.roles(statement.subject):
        yield from names.use(statement.subject, Role.ONTOLOGY, statement)
    yield from names.use(statement.object, Role.ONTOLOGY, statement)


def _annotation(names: Names, statement: Statement) -> Iterator[Finding]:
    # Any IRI may be the value of an annotation (S&AS 2.2), so that only blank nodes are looked at.
    if isinstance(statement.object, BNode):
        yield from _individual(names, statement.object, statement)
    if isinstance(statement.subject, BNode):
        if Role.ONTOLOGY not in names.roles(statement.subject) and not is_description(
            names.statements, statement.subject
        ):
            yield from _individual(names, statement.subject, statement)
    elif not names.roles(statement.subject):
        yield from names.use(statement.subject, Role.INDIVIDUAL, statement)


def _individual(names: Names, node: Node, statement: Statement) -> Iterator[Finding]:
    if not isinstance(node, BNode):
        yield from names.use(node, Role.INDIVIDUAL, statement)
    elif is_description(names.statements, node):
        yield names.broken(rules.TERM_KIND, node, statement, Role.INDIVIDUAL.value)
    elif not names.statements.types(node) - vocabulary.DECLARING_TYPES:
        yield names.broken(rules.UNTYPED_INDIVIDUAL, node, statement)


def _fitting(names: Names, role: Role, statement: Statement) -> Iterator[Finding]:
    is_literal = isinstance(statement.object, Literal)
    if role is Role.OBJECT_PROPERTY and is_literal:
        problem = "is an object property and has a literal as its value"
        yield names.broken(rules.VALUE_KIND, statement.predicate, statement, problem)
    elif role is Role.OBJECT_PROPERTY:
        yield from _individual(names, statement.object, statement)
    elif not is_literal:
        problem = f"is a datatype property and has {show(statement.object)} as its value"
        yield names.broken(rules.VALUE_KIND, statement.predicate, statement, problem)
