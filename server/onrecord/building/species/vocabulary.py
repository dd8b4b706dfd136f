"""The names that OWL 1 itself gives a meaning to (OWL Semantics and Abstract Syntax, 2.1 and 4.2)."""

from __future__ import annotations

from rdflib import BNode, Literal, URIRef

from onrecord import terms

Node = URIRef | BNode | Literal
"""A term of RDF."""


def _names(namespace: str, local_names: str) -> frozenset[URIRef]:
    return frozenset(URIRef(namespace + name) for name in local_names.split())


RDF_TYPE = URIRef(terms.RDF + "type")
RDF_PROPERTY = URIRef(terms.RDF + "Property")
RDF_LIST = URIRef(terms.RDF + "List")
RDF_FIRST = URIRef(terms.RDF + "first")
RDF_REST = URIRef(terms.RDF + "rest")
RDF_NIL = URIRef(terms.RDF + "nil")

RDFS_CLASS = URIRef(terms.RDFS + "Class")
RDFS_DATATYPE = URIRef(terms.RDFS + "Datatype")
RDFS_LITERAL = URIRef(terms.RDFS + "Literal")
SUB_CLASS_OF = URIRef(terms.RDFS + "subClassOf")
SUB_PROPERTY_OF = URIRef(terms.RDFS + "subPropertyOf")
DOMAIN = URIRef(terms.RDFS + "domain")
RANGE = URIRef(terms.RDFS + "range")

OWL_CLASS = URIRef(terms.OWL + "Class")
DEPRECATED_CLASS = URIRef(terms.OWL + "DeprecatedClass")
DEPRECATED_PROPERTY = URIRef(terms.OWL + "DeprecatedProperty")
RESTRICTION = URIRef(terms.OWL + "Restriction")
DATA_RANGE = URIRef(terms.OWL + "DataRange")
OBJECT_PROPERTY = URIRef(terms.OWL + "ObjectProperty")
DATATYPE_PROPERTY = URIRef(terms.OWL + "DatatypeProperty")
ANNOTATION_PROPERTY = URIRef(terms.OWL + "AnnotationProperty")
ONTOLOGY_PROPERTY = URIRef(terms.OWL + "OntologyProperty")
FUNCTIONAL = URIRef(terms.OWL + "FunctionalProperty")
INVERSE_FUNCTIONAL = URIRef(terms.OWL + "InverseFunctionalProperty")
SYMMETRIC = URIRef(terms.OWL + "SymmetricProperty")
TRANSITIVE = URIRef(terms.OWL + "TransitiveProperty")
ONTOLOGY = URIRef(terms.OWL + "Ontology")
ALL_DIFFERENT = URIRef(terms.OWL + "AllDifferent")

EQUIVALENT_CLASS = URIRef(terms.OWL + "equivalentClass")
DISJOINT_WITH = URIRef(terms.OWL + "disjointWith")
INTERSECTION_OF = URIRef(terms.OWL + "intersectionOf")
UNION_OF = URIRef(terms.OWL + "unionOf")
COMPLEMENT_OF = URIRef(terms.OWL + "complementOf")
ONE_OF = URIRef(terms.OWL + "oneOf")
ON_PROPERTY = URIRef(terms.OWL + "onProperty")
ALL_VALUES_FROM = URIRef(terms.OWL + "allValuesFrom")
SOME_VALUES_FROM = URIRef(terms.OWL + "someValuesFrom")
HAS_VALUE = URIRef(terms.OWL + "hasValue")
EQUIVALENT_PROPERTY = URIRef(terms.OWL + "equivalentProperty")
INVERSE_OF = URIRef(terms.OWL + "inverseOf")
SAME_AS = URIRef(terms.OWL + "sameAs")
DIFFERENT_FROM = URIRef(terms.OWL + "differentFrom")
DISTINCT_MEMBERS = URIRef(terms.OWL + "distinctMembers")

CARDINALITIES = _names(terms.OWL, "cardinality minCardinality maxCardinality")
CONSTRAINTS = CARDINALITIES | {ALL_VALUES_FROM, SOME_VALUES_FROM, HAS_VALUE}
CONSTRUCTORS = frozenset({INTERSECTION_OF, UNION_OF, COMPLEMENT_OF, ONE_OF})
LIST_HOLDERS = frozenset({INTERSECTION_OF, UNION_OF, ONE_OF, DISTINCT_MEMBERS})

OBJECT_PROPERTY_TYPES = frozenset({OBJECT_PROPERTY, SYMMETRIC, TRANSITIVE, INVERSE_FUNCTIONAL})
"""Each of these types declares an object property; owl:FunctionalProperty alone declares nothing."""

DECLARING_TYPES = OBJECT_PROPERTY_TYPES | {
    RDF_PROPERTY,
    RDF_LIST,
    RDFS_CLASS,
    RDFS_DATATYPE,
    OWL_CLASS,
    DEPRECATED_CLASS,
    DEPRECATED_PROPERTY,
    RESTRICTION,
    DATA_RANGE,
    DATATYPE_PROPERTY,
    ANNOTATION_PROPERTY,
    ONTOLOGY_PROPERTY,
    FUNCTIONAL,
    ONTOLOGY,
    ALL_DIFFERENT,
}
"""The classes of which an instance is a part of the syntax and no individual."""

BUILT_IN_CLASSES = _names(terms.OWL, "Thing Nothing")
DECIMAL_DATATYPES = _names(
    terms.XSD,
    "decimal integer nonPositiveInteger negativeInteger long int short byte nonNegativeInteger unsignedLong "
    "unsignedInt unsignedShort unsignedByte positiveInteger",
)
BUILT_IN_DATATYPES = (
    DECIMAL_DATATYPES
    | {RDFS_LITERAL, URIRef(terms.RDF + "XMLLiteral")}
    | _names(
        terms.XSD,
        "string boolean float double dateTime time date gYearMonth gYear gMonthDay gDay gMonth hexBinary "
        "base64Binary anyURI normalizedString token language NMTOKEN Name NCName",
    )
)
BUILT_IN_ANNOTATIONS = _names(terms.OWL, "versionInfo") | _names(
    terms.RDFS, "label comment seeAlso isDefinedBy"
)
BUILT_IN_ONTOLOGY_PROPERTIES = _names(
    terms.OWL, "imports priorVersion backwardCompatibleWith incompatibleWith"
)

FREE_NAMES = _names(terms.RDF, "Alt Bag Seq Statement subject predicate object value")
"""Names of RDF to which OWL gives no meaning: an ontology may declare and use them (4.2)."""

_WITH_A_ROLE = (
    BUILT_IN_CLASSES | BUILT_IN_DATATYPES | BUILT_IN_ANNOTATIONS | BUILT_IN_ONTOLOGY_PROPERTIES | FREE_NAMES
)
OWL_1_NAMES = (
    DECLARING_TYPES
    | BUILT_IN_CLASSES
    | BUILT_IN_ANNOTATIONS
    | BUILT_IN_ONTOLOGY_PROPERTIES
    | CONSTRAINTS
    | CONSTRUCTORS
    | {ON_PROPERTY, EQUIVALENT_CLASS, DISJOINT_WITH, EQUIVALENT_PROPERTY, INVERSE_OF}
    | {SAME_AS, DIFFERENT_FROM, DISTINCT_MEMBERS}
)


def is_reserved(name: Node) -> bool:
    """Whether `name` belongs to the syntax, so that an ontology can give it no role of its own.

    >>> is_reserved(OWL_CLASS), is_reserved(URIRef(terms.OWL + "Thing"))
    (True, False)
    >>> is_reserved(URIRef(terms.OWL + "NamedIndividual")), is_reserved(URIRef(terms.RDF + "_1"))
    (True, False)
    """
    if not isinstance(name, URIRef) or not str(name).startswith((terms.RDF, terms.RDFS, terms.OWL)):
        return False
    return name not in _WITH_A_ROLE and not name.removeprefix(terms.RDF + "_").isdecimal()


def is_later_owl(name: Node) -> bool:
    """Whether `name` stands in OWL's namespace and came after OWL 1.

    >>> is_later_owl(URIRef(terms.OWL + "NamedIndividual")), is_later_owl(OWL_CLASS)
    (True, False)
    """
    return isinstance(name, URIRef) and name.startswith(terms.OWL) and name not in OWL_1_NAMES
