"""What a rule is, and the finding that it is broken."""

from __future__ import annotations

import typing
from dataclasses import dataclass

from rdflib import BNode, Literal, URIRef

from onrecord import terms
from onrecord.building.species.statements import Statement
from onrecord.building.species.vocabulary import Node

Species = typing.Literal["Lite", "DL", "Full"]
"""OWL Lite, OWL DL and OWL Full, from the smallest to the largest."""


@dataclass(frozen=True)
class Finding:
    """One breach of a rule.

    `species` is the smallest species that permits it, `term` the name to look
    for in the file `source` (the name that leads to it, for a blank node;
    None where nothing named does) and `statement` the triple that breaks the
    rule.
    """

    rule: str
    species: Species
    term: URIRef | None
    statement: Statement
    detail: str
    remedy: str

    @property
    def source(self) -> str:
        """The file that states the triple, empty where it was not told."""
        return self.statement.source


@dataclass(frozen=True)
class Rule:
    """One rule: `species` is the smallest species that permits what it refuses.

    `problem` and `remedy` are templates: `{term}` is the offending term and
    `{value}` what is wrong with it.
    """

    name: str
    species: Species
    section: str
    problem: str
    remedy: str

    def broken(self, node: Node, statement: Statement, holder: URIRef | None, value: str = "") -> Finding:
        """The finding that `node` breaks this rule in `statement`; `holder` is the name nearest to it."""
        words = {"term": show(node, holder), "value": value}
        detail = self.problem.format(**words)
        return Finding(
            self.name,
            self.species,
            holder,
            statement,
            detail[:1].upper() + detail[1:] if isinstance(node, BNode) else detail,
            self.remedy.format(**words),
        )


def show(node: Node, holder: URIRef | None = None) -> str:
    """`node` as people read it: a prefixed name where the prefix is a common one.

    >>> show(URIRef("http://www.w3.org/2002/07/owl#Class")), show(URIRef("https://example.org/x"))
    ('owl:Class', '<https://example.org/x>')
    >>> show(Literal("one", datatype=URIRef(terms.XSD + "integer")))
    '"one"^^xsd:integer'
    """
    if isinstance(node, BNode):
        return (
            f"the blank node below {show(holder)}"
            if holder is not None
            else "a blank node that nothing names"
        )
    if isinstance(node, URIRef):
        for prefix, namespace in terms.PREFIXES.items():
            if node.startswith(namespace) and node != namespace:
                return f"{prefix}:{node.removeprefix(namespace)}"
    if isinstance(node, Literal) and node.datatype is not None:
        # rdflib's own form warns of a text that does not fit its datatype.
        return f"{Literal(str(node)).n3()}^^{show(node.datatype)}"
    return node.n3()
