"""The role of each name: class, datatype, kind of property, individual, ontology (S&AS 4.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from enum import Enum

from rdflib import BNode, Literal, URIRef

from onrecord.building.species import rules, vocabulary
from onrecord.building.species.findings import Finding, Rule
from onrecord.building.species.statements import Statement, Statements
from onrecord.building.species.vocabulary import Node


class Role(Enum):
    """What a name can be; the value is how a message says it."""

    CLASS = "a class"
    DATATYPE = "a datatype"
    OBJECT_PROPERTY = "an object property"
    DATATYPE_PROPERTY = "a datatype property"
    ANNOTATION_PROPERTY = "an annotation property"
    ONTOLOGY_PROPERTY = "an ontology property"
    ONTOLOGY = "an ontology"
    INDIVIDUAL = "an individual"


PROPERTY_ROLES = frozenset(
    {Role.OBJECT_PROPERTY, Role.DATATYPE_PROPERTY, Role.ANNOTATION_PROPERTY, Role.ONTOLOGY_PROPERTY}
)
_UNDECLARED: dict[Role, Rule] = {
    Role.CLASS: rules.UNDECLARED_CLASS,
    Role.DATATYPE: rules.UNDECLARED_DATATYPE,
    Role.ONTOLOGY: rules.UNDECLARED_ONTOLOGY,
    Role.INDIVIDUAL: rules.UNTYPED_INDIVIDUAL,
}
_BY_TYPE: dict[URIRef, Role] = {
    vocabulary.OWL_CLASS: Role.CLASS,
    vocabulary.RDFS_DATATYPE: Role.DATATYPE,
    vocabulary.OBJECT_PROPERTY: Role.OBJECT_PROPERTY,
    vocabulary.DATATYPE_PROPERTY: Role.DATATYPE_PROPERTY,
    vocabulary.ANNOTATION_PROPERTY: Role.ANNOTATION_PROPERTY,
    vocabulary.ONTOLOGY_PROPERTY: Role.ONTOLOGY_PROPERTY,
    vocabulary.ONTOLOGY: Role.ONTOLOGY,
}
_BUILT_IN: dict[URIRef, Role] = {
    **dict.fromkeys(vocabulary.BUILT_IN_CLASSES, Role.CLASS),
    **dict.fromkeys(vocabulary.BUILT_IN_DATATYPES, Role.DATATYPE),
    **dict.fromkeys(vocabulary.BUILT_IN_ANNOTATIONS, Role.ANNOTATION_PROPERTY),
    **dict.fromkeys(vocabulary.BUILT_IN_ONTOLOGY_PROPERTIES, Role.ONTOLOGY_PROPERTY),
}


class Names:
    """What each name is declared to be in `statements`."""

    def __init__(self, statements: Statements) -> None:
        self.statements = statements
        declared: dict[Node, set[Role]] = defaultdict(set)
        for name, role in _BUILT_IN.items():
            declared[name].add(role)
        characterised: list[Node] = []
        for statement in statements.using(vocabulary.RDF_TYPE):
            subject, named = statement.subject, statement.object
            if isinstance(named, URIRef) and named in _BY_TYPE:
                declared[subject].add(_BY_TYPE[named])
            elif named in vocabulary.OBJECT_PROPERTY_TYPES:
                characterised.append(subject)
            # A type that no individual can have is a breach in itself, and says nothing on what the name is.
            elif isinstance(subject, URIRef) and not vocabulary.is_reserved(named):
                declared[subject].add(Role.INDIVIDUAL)
        for prop in characterised:
            # A transitive annotation property, say, is one breach and not two: the name keeps its role.
            if not declared[prop] & PROPERTY_ROLES:
                declared[prop].add(Role.OBJECT_PROPERTY)
        self._declared = dict(declared)

    def roles(self, name: Node) -> set[Role]:
        """The roles that `name` is declared in; more than one is a breach in itself."""
        return self._declared.get(name, set())

    def role(self, name: Node) -> Role | None:
        """The one role of `name`, or None where it has none or several."""
        roles = self.roles(name)
        return next(iter(roles)) if len(roles) == 1 else None

    def broken(self, rule: Rule, node: Node, statement: Statement, value: str = "") -> Finding:
        """The finding that `node` breaks `rule`, with the name by which people find it."""
        return rule.broken(node, statement, self._holder(node, statement), value)

    def use(self, node: Node, role: Role, statement: Statement) -> Iterator[Finding]:
        """What is wrong with the use of `node` as a name in `role`."""
        if isinstance(node, Literal):
            yield self.broken(rules.TERM_KIND, node, statement, role.value)
        elif isinstance(node, BNode):
            yield self.broken(rules.NAME_NEEDED, node, statement, f"the name of {role.value}")
        elif role in self.roles(node):
            return
        elif vocabulary.is_later_owl(node):
            yield self.broken(rules.LATER_OWL, node, statement)
        elif vocabulary.is_reserved(node):
            yield self.broken(rules.RESERVED_NAME, node, statement, role.value)
        elif self.roles(node):
            others = " and ".join(sorted(r.value for r in self.roles(node)))
            yield self.broken(rules.TWO_ROLES, node, statement, f"{others}, and used as {role.value}")
        else:
            yield self.broken(_UNDECLARED.get(role, rules.UNDECLARED_PROPERTY), node, statement)

    def check(self) -> Iterator[Finding]:
        """What is wrong with the declarations themselves."""
        for name, roles in self._declared.items():
            if len(roles) > 1 and isinstance(name, URIRef):
                both = " and ".join(sorted(role.value for role in roles))
                yield self.broken(rules.TWO_ROLES, name, self.statements.about(name)[0], both)

    def _holder(self, node: Node, statement: Statement) -> URIRef | None:
        if isinstance(node, URIRef):
            return node
        if isinstance(statement.subject, URIRef):
            return statement.subject
        return self.statements.holder(statement.subject)
