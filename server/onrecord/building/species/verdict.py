"""The verdict: which species of OWL 1 a set of triples belongs to, and what stands in the way of OWL Lite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib import BNode, Graph, Literal, URIRef

from onrecord.building.species import (
    blank_nodes,
    classes,
    descriptions,
    facts,
    lists,
    properties,
    rules,
    vocabulary,
)
from onrecord.building.species.findings import Finding, Species, show
from onrecord.building.species.names import PROPERTY_ROLES, Names, Role
from onrecord.building.species.statements import Statement, Statements, statements_of

_NAME_RULES = frozenset(rule.name for rule in rules.NAME_RULES)
_CLASS_ONLY = frozenset({vocabulary.RDFS_CLASS, vocabulary.OWL_CLASS, vocabulary.DEPRECATED_CLASS})
_NAMELESS = {
    vocabulary.RESTRICTION: "a restriction",
    vocabulary.DATA_RANGE: "a data range",
    vocabulary.ALL_DIFFERENT: "an owl:AllDifferent",
    vocabulary.RDF_LIST: "a list",
}
_MAY_BE_BLANK = frozenset({*_NAMELESS, *_CLASS_ONLY, vocabulary.ONTOLOGY})
_LIST_PREDICATES = frozenset({vocabulary.RDF_FIRST, vocabulary.RDF_REST})
_RESTRICTION_PREDICATES = vocabulary.CONSTRAINTS | {vocabulary.ON_PROPERTY}


def check_lite(statements: Iterable[Statement]) -> list[Finding]:
    """Every breach of OWL Lite in `statements`, in the order in which the triples were given.

    The statements are those of an ontology, its data and all that it imports
    together (S&AS 4.2); imports are not followed. A name that is declared
    nowhere is one finding in each file, however often it is used there.

    >>> part = URIRef("https://example.org/part")
    >>> [finding] = check_lite([Statement(part, part, part, "a.ttl")])[:1]
    >>> finding.rule, finding.species, finding.source
    ('undeclared-property', 'Full', 'a.ttl')
    >>> finding.detail
    '<https://example.org/part> is used as a property and declared nowhere.'
    """
    index = Statements(statements)
    place = {statement[:3]: number for number, statement in enumerate(index.all)}
    found = sorted(set(_findings(Names(index))), key=lambda f: (place[f.statement[:3]], f.rule, f.detail))
    named: set[tuple[str, str, str]] = set()
    kept: list[Finding] = []
    for finding in found:
        key = (finding.rule, finding.detail, finding.source)
        if finding.rule not in _NAME_RULES or key not in named:
            kept.append(finding)
        named.add(key)
    return kept


def species(graph: Graph | Iterable[Statement]) -> Species:
    """The smallest species of OWL 1 that `graph` belongs to.

    >>> from rdflib import OWL, RDF
    >>> name = URIRef("https://example.org/name")
    >>> species([Statement(name, RDF.type, OWL.Class)]), species([Statement(name, name, name)])
    ('Lite', 'Full')
    """
    statements = statements_of(graph) if isinstance(graph, Graph) else graph
    found = {finding.species for finding in check_lite(statements)}
    if "Full" in found:
        return "Full"
    return "DL" if found else "Lite"


def _findings(names: Names) -> Iterator[Finding]:
    yield from names.check()
    for statement in names.statements.all:
        yield from _check(names, statement)
    yield from lists.check_lists(names)
    yield from properties.check_transitivity(names)
    yield from blank_nodes.check_cycles(names)
    anonymous: list[BNode] = []
    for node in names.statements.blank_nodes():
        types = names.statements.types(node)
        if descriptions.is_description(names.statements, node):
            anonymous.append(node)
            yield from blank_nodes.check_description_use(names, node)
        elif vocabulary.ALL_DIFFERENT in types:
            yield from facts.check_all_different(names, node)
        elif types - vocabulary.DECLARING_TYPES:
            yield from blank_nodes.check_individual_use(names, node)
    yield from descriptions.check_descriptions(names, anonymous)


def _check(names: Names, statement: Statement) -> Iterator[Finding]:
    predicate = statement.predicate
    if predicate == vocabulary.RDF_TYPE:
        if statement.object in vocabulary.DECLARING_TYPES:
            yield from _declaration(names, statement)
        else:
            yield from facts.check_type(names, statement)
    elif predicate in classes.AXIOM_PREDICATES:
        yield from classes.check_class_axiom(names, statement)
    elif predicate in properties.AXIOM_PREDICATES:
        yield from properties.check_property_axiom(names, statement)
    elif predicate in facts.IDENTITY_PREDICATES:
        yield from facts.check_identity(names, statement)
    elif predicate not in _LIST_PREDICATES | _RESTRICTION_PREDICATES:
        yield from facts.check_value(names, statement)
    if isinstance(statement.object, Literal) and statement.object.datatype is not None:
        yield from names.use(statement.object.datatype, Role.DATATYPE, statement)


def _declaration(names: Names, statement: Statement) -> Iterator[Finding]:
    """What is wrong with an rdf:type triple that gives its subject a part in the syntax."""
    subject, declared = statement.subject, statement.object
    assert isinstance(declared, URIRef)
    if isinstance(subject, BNode):
        if declared not in _MAY_BE_BLANK:
            yield names.broken(rules.NAME_NEEDED, subject, statement, f"a name of type {show(declared)}")
        return
    if declared in _NAMELESS and subject != vocabulary.RDF_NIL:
        yield names.broken(rules.NAMED_CONSTRUCT, subject, statement, _NAMELESS[declared])
    elif vocabulary.is_later_owl(subject):
        yield names.broken(rules.LATER_OWL, subject, statement)
    elif vocabulary.is_reserved(subject) and subject != vocabulary.RDF_NIL:
        yield names.broken(rules.RESERVED_NAME, subject, statement, f"a name of type {show(declared)}")
    elif not _carries(names, subject, declared):
        yield names.broken(rules.RDFS_DECLARATION, subject, statement, show(declared))
    yield from properties.check_characteristic(names, statement)


def _carries(names: Names, subject: URIRef, declared: URIRef) -> bool:
    """Whether a declaration that declares nothing by itself stands beside one of OWL's."""
    roles = names.roles(subject)
    if declared in (vocabulary.RDFS_CLASS, vocabulary.DEPRECATED_CLASS):
        return bool(roles & {Role.CLASS, Role.DATATYPE})
    if declared == vocabulary.RDF_PROPERTY:
        return bool(roles & PROPERTY_ROLES)
    if declared == vocabulary.DEPRECATED_PROPERTY:
        return bool(roles & {Role.OBJECT_PROPERTY, Role.DATATYPE_PROPERTY})
    return True
