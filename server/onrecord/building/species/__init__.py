"""Which species of OWL 1 an ontology belongs to: OWL Lite, OWL DL or OWL Full.

A graph belongs to OWL DL or OWL Lite when it is the translation of an ontology
in abstract syntax with a separated vocabulary (OWL Semantics and Abstract
Syntax, section 4). The check reads that translation backwards, triple by
triple: each must be one that some axiom or fact yields, each blank node one
anonymous part.
"""

from onrecord.building.species.findings import Finding, Rule, Species
from onrecord.building.species.rules import RULES
from onrecord.building.species.statements import Statement, statements_of, statements_of_quads
from onrecord.building.species.verdict import check_lite, species

__all__ = [
    "RULES",
    "Finding",
    "Rule",
    "Species",
    "Statement",
    "check_lite",
    "species",
    "statements_of",
    "statements_of_quads",
]
