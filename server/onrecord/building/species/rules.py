"""The rules as a table: what is refused, which species still permits it, what to do instead.

"S&AS" is the OWL Web Ontology Language Semantics and Abstract Syntax, "Reference" the OWL Web Ontology
Language Reference (W3C Recommendations of 10 February 2004).
"""

from __future__ import annotations

from onrecord.building.species.findings import Rule

# What only OWL Full permits.

UNDECLARED_CLASS = Rule(
    "undeclared-class",
    "Full",
    "S&AS 4.1",
    "{term} is used as a class and declared nowhere.",
    "Declare it (a owl:Class), or correct the name.",
)
UNDECLARED_DATATYPE = Rule(
    "undeclared-datatype",
    "Full",
    "S&AS 2.1",
    "{term} is used as a datatype, but it is none of OWL 1's and declared nowhere.",
    "Use a datatype of OWL 1, such as xsd:string, xsd:decimal or xsd:dateTime.",
)
UNDECLARED_PROPERTY = Rule(
    "undeclared-property",
    "Full",
    "S&AS 4.1",
    "{term} is used as a property and declared nowhere.",
    "Declare it as owl:ObjectProperty, owl:DatatypeProperty or owl:AnnotationProperty, or correct the name.",
)
UNTYPED_INDIVIDUAL = Rule(
    "untyped-individual",
    "Full",
    "S&AS 4.1",
    "{term} is used and has no type.",
    "Say what it is (a, then its class), or correct the name.",
)
UNDECLARED_ONTOLOGY = Rule(
    "undeclared-ontology",
    "Full",
    "S&AS 4.1",
    "{term} is used as an ontology and declared nowhere.",
    "Declare it (a owl:Ontology).",
)
TWO_ROLES = Rule(
    "two-roles",
    "Full",
    "S&AS 4.2",
    "{term} is {value}: a name has one role in OWL DL and OWL Lite.",
    "Give one of the two a name of its own.",
)
RDFS_DECLARATION = Rule(
    "rdfs-declaration",
    "Full",
    "S&AS 4.1",
    "{term} is declared by {value} alone, which declares nothing in OWL DL and OWL Lite.",
    "Declare it as owl:Class, owl:ObjectProperty, owl:DatatypeProperty or owl:AnnotationProperty.",
)
RESERVED_NAME = Rule(
    "reserved-name",
    "Full",
    "S&AS 4.2",
    "{term} is part of the syntax of OWL and RDF and cannot be used as {value}.",
    "Use a name of your own.",
)
LATER_OWL = Rule(
    "later-owl",
    "Full",
    "S&AS 4.2",
    "{term} is no term of OWL 1.",
    "Leave it out, or say it with the terms of OWL 1.",
)
NAME_NEEDED = Rule(
    "name-needed",
    "Full",
    "S&AS 2",
    "{term} stands where OWL DL and OWL Lite ask for {value}.",
    "Give it a name.",
)
NAMED_CONSTRUCT = Rule(
    "named-construct",
    "Full",
    "S&AS 4.1",
    "{term} is {value}, which has no name in OWL DL and OWL Lite.",
    "Write it as a blank node in the place where it is used.",
)
RESTRICTION_FORM = Rule(
    "restriction-form",
    "Full",
    "S&AS 4.1",
    "The restriction at {term} {value}.",
    "Write it as [ a owl:Restriction ; owl:onProperty ... ; one constraint ], and nothing else.",
)
CLASS_FORM = Rule(
    "class-form",
    "Full",
    "S&AS 4.1",
    "The anonymous class at {term} {value}.",
    "Write it as [ a owl:Class ; one definition, such as owl:intersectionOf ( ... ) ], or name the class.",
)
DATA_RANGE_FORM = Rule(
    "data-range-form",
    "Full",
    "S&AS 4.1",
    "The data range at {term} {value}.",
    "Write it as [ a owl:DataRange ; owl:oneOf ( literals ) ], and nothing else.",
)
ALL_DIFFERENT_FORM = Rule(
    "all-different-form",
    "Full",
    "S&AS 4.1",
    "The owl:AllDifferent at {term} {value}.",
    "Write it as [ a owl:AllDifferent ; owl:distinctMembers ( names ) ], and nothing else.",
)
LIST_FORM = Rule(
    "list-form",
    "Full",
    "S&AS 4.1",
    "The list at {term} {value}.",
    "Write the list in parentheses, right where it is used.",
)
STRUCTURE_SHARING = Rule(
    "structure-sharing",
    "Full",
    "S&AS 4.1",
    "{term} is used {value} times; OWL DL and OWL Lite use a blank node once.",
    "Write it again for each use, or give it a name.",
)
BLANK_CYCLE = Rule(
    "blank-cycle",
    "Full",
    "S&AS 4.1",
    "{term} leads through blank nodes back to itself.",
    "Give one of them a name.",
)
PARTIAL_DISJOINTNESS = Rule(
    "partial-disjointness",
    "Full",
    "S&AS 4.1",
    "{term} is disjoint with classes that are not all said to be disjoint with each other.",
    "State every pair, write the anonymous class once for each, or name it.",
)
CARDINALITY_VALUE = Rule(
    "cardinality-value",
    "Full",
    "S&AS 4.1",
    "{value} at {term} is no cardinality.",
    'Write it as "1"^^xsd:nonNegativeInteger or 1.',
)
TRANSITIVE_CARDINALITY = Rule(
    "transitive-cardinality",
    "Full",
    "S&AS 2.3.1.3",
    "{term} is counted or functional, and {value} is transitive.",
    "Leave out either the cardinality (or functionality) or the transitivity.",
)
DATATYPE_PROPERTY_CHARACTERISTIC = Rule(
    "datatype-property-characteristic",
    "Full",
    "S&AS 2.3.1.3",
    "{term} is a datatype property and is said to be {value}.",
    "A datatype property can be functional and nothing else: leave that out.",
)
ANNOTATION_AXIOM = Rule(
    "annotation-axiom",
    "Full",
    "S&AS 2.3.1.3",
    "{term} is {value}, and {value} takes part in no axiom.",
    "Leave the axiom out, or make it an object or datatype property.",
)
MIXED_PROPERTIES = Rule(
    "mixed-properties",
    "Full",
    "S&AS 2.3.1.3",
    "{term} relates an object property and a datatype property ({value}).",
    "Relate properties of one kind.",
)
VALUE_KIND = Rule(
    "value-kind",
    "Full",
    "S&AS 2.3.2",
    "{term} {value}.",
    "Give an object property a name or blank node, a datatype property a literal.",
)
TERM_KIND = Rule(
    "term-kind",
    "Full",
    "S&AS 4.1",
    "{term} stands where {value} belongs.",
    "Correct the value.",
)

# What OWL DL permits and OWL Lite does not.

ONE_OF_USED = Rule(
    "one-of",
    "DL",
    "Reference 8.3",
    "{term} is defined by owl:oneOf.",
    "Type the individuals with a class; a shape can close the list.",
)
UNION_OF_USED = Rule(
    "union-of",
    "DL",
    "Reference 8.3",
    "{term} is defined by owl:unionOf.",
    "Make the classes subclasses of a named one.",
)
COMPLEMENT_OF_USED = Rule(
    "complement-of",
    "DL",
    "Reference 8.3",
    "{term} is defined by owl:complementOf.",
    "Leave it out; a shape can ask for absence.",
)
HAS_VALUE_USED = Rule(
    "has-value",
    "DL",
    "Reference 8.3",
    "{term} uses owl:hasValue.",
    "Restrict to a class of the value (owl:someValuesFrom), or state the value of each individual.",
)
DISJOINT_WITH_USED = Rule(
    "disjoint-with",
    "DL",
    "Reference 8.3",
    "{term} is said to be owl:disjointWith another class.",
    "Leave it out; a shape can forbid common members.",
)
DATA_RANGE_USED = Rule(
    "data-range",
    "DL",
    "Reference 8.3",
    "{term} is an owl:DataRange.",
    "Use a datatype; a shape can close the list of values.",
)
CARDINALITY_ABOVE_ONE = Rule(
    "cardinality-above-one",
    "DL",
    "Reference 8.3",
    "{term} has the cardinality {value}; OWL Lite knows 0 and 1.",
    "Use 0 or 1; a shape can count further.",
)
ANONYMOUS_SUBJECT = Rule(
    "anonymous-subject",
    "DL",
    "Reference 8.3",
    "{term} is the subject of {value}.",
    "Name the class: the subject of the axiom is a class name in OWL Lite.",
)
ANONYMOUS_CLASS = Rule(
    "anonymous-class",
    "DL",
    "Reference 8.3",
    "{term} is an anonymous class other than a restriction, as a value of {value}.",
    "Name the class, and define that name.",
)
CLASS_NAME_NEEDED = Rule(
    "class-name-needed",
    "DL",
    "Reference 8.3",
    "{term} is anonymous, as the value of {value}.",
    "Name the class: OWL Lite asks for a class name here.",
)
UNUSED_CLASS = Rule(
    "unused-class",
    "DL",
    "S&AS 2.3.1.1",
    "{term} is an anonymous class that is used nowhere.",
    "Use it in an axiom of a named class, or leave it out.",
)

RULES = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""Every rule, in the order above."""

NAME_RULES = (
    UNDECLARED_CLASS,
    UNDECLARED_DATATYPE,
    UNDECLARED_PROPERTY,
    UNDECLARED_ONTOLOGY,
    UNTYPED_INDIVIDUAL,
    LATER_OWL,
)
"""The rules that are mended at one place for all uses of a name."""
