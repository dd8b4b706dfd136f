"""Lists: well-formed, unshared, and only where OWL puts them (S&AS 4.1, SEQ)."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import BNode

from onrecord.building.species import rules, vocabulary
from onrecord.building.species.findings import Finding
from onrecord.building.species.names import Names
from onrecord.building.species.statements import Statement
from onrecord.building.species.vocabulary import Node

_SYNTAX = frozenset({vocabulary.RDF_TYPE, vocabulary.RDF_FIRST, vocabulary.RDF_REST})


def members(names: Names, head: Node) -> list[tuple[Node, Statement]]:
    """The members of the list at `head`, each with the triple that states it, as far as it is well-formed."""
    found: list[tuple[Node, Statement]] = []
    seen: set[Node] = set()
    while head != vocabulary.RDF_NIL and head not in seen:
        seen.add(head)
        about = names.statements.about(head)
        found += [(s.object, s) for s in about if s.predicate == vocabulary.RDF_FIRST]
        head = next((s.object for s in about if s.predicate == vocabulary.RDF_REST), vocabulary.RDF_NIL)
    return found


def check_head(names: Names, statement: Statement) -> Iterator[Finding]:
    """What is wrong with the object of `statement` as the head of a list."""
    head = statement.object
    if head != vocabulary.RDF_NIL and not names.statements.values(head, vocabulary.RDF_FIRST):
        yield names.broken(rules.LIST_FORM, head, statement, "is no list")


def check_lists(names: Names) -> Iterator[Finding]:
    """What is wrong with the cells of all lists."""
    statements = names.statements
    cells: dict[Node, Statement] = {}
    for statement in statements.using(vocabulary.RDF_FIRST, vocabulary.RDF_REST):
        cells.setdefault(statement.subject, statement)
    for cell, statement in cells.items():
        problem = _problem(names, cell)
        if problem is not None:
            yield names.broken(rules.LIST_FORM, cell, statement, problem)


def _problem(names: Names, cell: Node) -> str | None:
    about = names.statements.about(cell)
    count = {p: sum(s.predicate == p for s in about) for p in (vocabulary.RDF_FIRST, vocabulary.RDF_REST)}
    if not isinstance(cell, BNode):
        return "has a name"
    if set(count.values()) != {1}:
        return "has not exactly one rdf:first and one rdf:rest in each cell"
    if not names.statements.types(cell) <= {vocabulary.RDF_LIST} or {s.predicate for s in about} - _SYNTAX:
        return "has more about it than its members"
    holders = names.statements.to(cell)
    if len(holders) != 1:
        return f"is used {len(holders)} times, not once"
    if holders[0].predicate not in vocabulary.LIST_HOLDERS | {vocabulary.RDF_REST}:
        return "stands where OWL has no list"
    rest = names.statements.values(cell, vocabulary.RDF_REST)[0]
    if rest != vocabulary.RDF_NIL and not names.statements.values(rest, vocabulary.RDF_FIRST):
        return "does not end in rdf:nil"
    return None
