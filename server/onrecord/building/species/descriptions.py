"""Anonymous classes: restrictions, boolean combinations, enumerations and data ranges (S&AS 2.3.1.2, 4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from enum import Enum

from rdflib import BNode, Literal, URIRef

from onrecord.building.species import lists, rules, vocabulary
from onrecord.building.species.findings import Finding, show
from onrecord.building.species.names import Names, Role
from onrecord.building.species.statements import Statement, Statements
from onrecord.building.species.vocabulary import Node

_AXIOMS = frozenset({vocabulary.SUB_CLASS_OF, vocabulary.EQUIVALENT_CLASS, vocabulary.DISJOINT_WITH})
_CLASS_TYPES = frozenset({vocabulary.OWL_CLASS, vocabulary.RDFS_CLASS})
_PARTS = vocabulary.CONSTRUCTORS | vocabulary.CONSTRAINTS | {vocabulary.ON_PROPERTY}


class Values(Enum):
    """What OWL Lite admits as the value of a property of classes."""

    NAMES = "class names"
    NAMES_AND_RESTRICTIONS = "class names and restrictions"


def is_description(statements: Statements, node: Node) -> bool:
    """Whether a blank node says of itself that it is a class or data range."""
    if not isinstance(node, BNode):
        return False
    types = statements.types(node)
    if types & (_CLASS_TYPES | {vocabulary.RESTRICTION, vocabulary.DATA_RANGE, vocabulary.DEPRECATED_CLASS}):
        return True
    return any(s.predicate in _PARTS for s in statements.about(node))


def check_class(names: Names, node: Node, statement: Statement, lite: Values) -> Iterator[Finding]:
    """What is wrong with `node` as a class in `statement`, where OWL Lite admits `lite`."""
    if not isinstance(node, BNode):
        yield from names.use(node, Role.CLASS, statement)
        return
    types = names.statements.types(node)
    if not is_description(names.statements, node):
        yield names.broken(rules.CLASS_FORM, node, statement, "says nothing that defines a class")
    elif vocabulary.DATA_RANGE in types:
        yield names.broken(rules.TERM_KIND, node, statement, "a class")
    elif lite is Values.NAMES:
        yield names.broken(rules.CLASS_NAME_NEEDED, node, statement, show(statement.predicate))
    elif vocabulary.RESTRICTION not in types:
        yield names.broken(rules.ANONYMOUS_CLASS, node, statement, show(statement.predicate))


def check_data_range(names: Names, node: Node, statement: Statement) -> Iterator[Finding]:
    """What is wrong with `node` as a datatype or data range in `statement`."""
    if not isinstance(node, BNode):
        yield from names.use(node, Role.DATATYPE, statement)
    elif vocabulary.DATA_RANGE not in names.statements.types(node):
        yield names.broken(rules.TERM_KIND, node, statement, "a datatype")


def check_descriptions(names: Names, nodes: list[BNode]) -> Iterator[Finding]:
    """What is wrong with the form of the anonymous classes `nodes`, and of restrictions with a name."""
    for node in nodes:
        types = names.statements.types(node)
        if vocabulary.RESTRICTION in types:
            yield from _restriction(names, node)
        elif vocabulary.DATA_RANGE in types:
            yield from _data_range(names, node)
        else:
            yield from _anonymous_class(names, node)
    for statement in names.statements.using(vocabulary.ON_PROPERTY, *vocabulary.CONSTRAINTS):
        if isinstance(statement.subject, URIRef):
            yield names.broken(rules.NAMED_CONSTRUCT, statement.subject, statement, "a restriction")


def _restriction(names: Names, node: BNode) -> Iterator[Finding]:
    about = names.statements.about(node)
    properties = [s for s in about if s.predicate == vocabulary.ON_PROPERTY]
    constraints = [s for s in about if s.predicate in vocabulary.CONSTRAINTS]
    other = _other(
        names,
        node,
        _CLASS_TYPES | {vocabulary.RESTRICTION},
        vocabulary.CONSTRAINTS | {vocabulary.ON_PROPERTY},
    )
    if other is not None:
        yield names.broken(rules.RESTRICTION_FORM, node, other, f"has {_what(other)} besides")
    if len(properties) != 1:
        problem = f"has {len(properties)} owl:onProperty, not one"
        yield names.broken(rules.RESTRICTION_FORM, node, about[0], problem)
        return
    if len(constraints) != 1:
        problem = f"has {len(constraints)} constraints, not one"
        yield names.broken(rules.RESTRICTION_FORM, node, about[0], problem)
    role = names.role(properties[0].object)
    if role not in (Role.OBJECT_PROPERTY, Role.DATATYPE_PROPERTY):
        yield from names.use(properties[0].object, Role.OBJECT_PROPERTY, properties[0])
        return
    for constraint in constraints:
        yield from _constraint(names, role, constraint)


def _constraint(names: Names, role: Role, constraint: Statement) -> Iterator[Finding]:
    if constraint.predicate in vocabulary.CARDINALITIES:
        yield from _cardinality(names, constraint)
    elif constraint.predicate == vocabulary.HAS_VALUE:
        yield names.broken(rules.HAS_VALUE_USED, constraint.subject, constraint)
        if role is Role.OBJECT_PROPERTY:
            yield from names.use(constraint.object, Role.INDIVIDUAL, constraint)
        elif not isinstance(constraint.object, Literal):
            yield names.broken(rules.TERM_KIND, constraint.object, constraint, "a literal")
    elif role is Role.OBJECT_PROPERTY:
        yield from check_class(names, constraint.object, constraint, Values.NAMES)
    else:
        yield from check_data_range(names, constraint.object, constraint)


def _cardinality(names: Names, constraint: Statement) -> Iterator[Finding]:
    count = _count(constraint.object)
    if count is None:
        yield names.broken(rules.CARDINALITY_VALUE, constraint.subject, constraint, show(constraint.object))
    elif count > 1:
        yield names.broken(rules.CARDINALITY_ABOVE_ONE, constraint.subject, constraint, str(count))


def _count(node: Node) -> int | None:
    """The whole number that `node` writes, in any datatype of decimal numbers: the W3C's tests use many."""
    if not isinstance(node, Literal) or node.datatype not in vocabulary.DECIMAL_DATATYPES:
        return None
    try:
        value = Decimal(str(node).strip())
    except InvalidOperation:
        return None
    return int(value) if value.is_finite() and value >= 0 and value == value.to_integral_value() else None


def _data_range(names: Names, node: BNode) -> Iterator[Finding]:
    about = names.statements.about(node)
    yield names.broken(rules.DATA_RANGE_USED, node, about[0])
    other = _other(names, node, {vocabulary.RDFS_CLASS, vocabulary.DATA_RANGE}, {vocabulary.ONE_OF})
    values = names.statements.values(node, vocabulary.ONE_OF)
    if other is not None:
        yield names.broken(rules.DATA_RANGE_FORM, node, other, f"has {_what(other)} besides")
    if len(values) != 1:
        yield names.broken(rules.DATA_RANGE_FORM, node, about[0], f"has {len(values)} owl:oneOf, not one")
    for value in values:
        for member, statement in lists.members(names, value):
            if not isinstance(member, Literal):
                yield names.broken(rules.TERM_KIND, member, statement, "a literal")


def _anonymous_class(names: Names, node: BNode) -> Iterator[Finding]:
    about = names.statements.about(node)
    definitions = [s for s in about if s.predicate in vocabulary.CONSTRUCTORS]
    if vocabulary.OWL_CLASS not in names.statements.types(node):
        yield names.broken(
            rules.CLASS_FORM, node, about[0], "is not declared as owl:Class or owl:Restriction"
        )
    if len(definitions) != 1:
        yield names.broken(rules.CLASS_FORM, node, about[0], f"has {len(definitions)} definitions, not one")
    other = _other(names, node, _CLASS_TYPES, vocabulary.CONSTRUCTORS)
    if other is not None:
        yield names.broken(rules.CLASS_FORM, node, other, f"has {_what(other)} besides")


def _other(
    names: Names, node: BNode, types: frozenset[URIRef] | set[URIRef], parts: frozenset[URIRef] | set[URIRef]
) -> Statement | None:
    """The first triple about `node` that its form does not admit."""
    for statement in names.statements.about(node):
        if statement.predicate == vocabulary.RDF_TYPE:
            if statement.object not in types:
                return statement
        elif statement.predicate not in parts and statement.predicate not in _AXIOMS:
            return statement
    return None


def _what(statement: Statement) -> str:
    if statement.predicate == vocabulary.RDF_TYPE:
        return f"the type {show(statement.object)}"
    return show(statement.predicate)
