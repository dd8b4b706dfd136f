"""The ontology and its term lists: documented, closed, used as declared, and OWL Lite in structure."""

from __future__ import annotations

import re
from collections.abc import Callable

from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.namespace import Namespace
from rdflib.term import Node

REC = Namespace("https://w3id.org/onrecord/ns#")
TERM = "https://w3id.org/onrecord/term/"
SPACE = "https://w3id.org/onrecord/ghouta/"
PROPERTY_TYPES = [OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty]
OWL_LITE = {
    OWL.AnnotationProperty, OWL.Class, OWL.DatatypeProperty, OWL.FunctionalProperty,
    OWL.ObjectProperty, OWL.Ontology, OWL.SymmetricProperty, OWL.TransitiveProperty,
    OWL.inverseOf, OWL.versionInfo, OWL.imports,
}  # fmt: skip
DATATYPES = {XSD.string, XSD.integer, XSD.decimal, XSD.boolean, XSD.dateTime}
Members = Callable[[URIRef], set[Node]]


def test_the_folder_tells_its_iri_space_title_licence_and_languages(graphs: dict[str, Graph]) -> None:
    graph = graphs["ontology/dataset.ttl"]
    assert set(graph.subjects()) == {URIRef(SPACE)}
    told = {str(predicate).rsplit("/", 1)[-1].rsplit("#", 1)[-1] for predicate in graph.predicates()}
    assert {"iriSpace", "title", "license", "language", "description"} <= told


def test_every_class_and_property_has_a_label_a_definition_and_an_example(ontology: Graph) -> None:
    kinds = [OWL.Class, *PROPERTY_TYPES]
    for name in {name for kind in kinds for name in ontology.subjects(RDF.type, kind)}:
        for annotation in (RDFS.label, RDFS.comment, REC.example):
            (value,) = ontology.objects(name, annotation)
            assert value.language == "en", (name, annotation)


def test_every_term_has_a_label_a_definition_and_an_example(graphs: dict[str, Graph]) -> None:
    terms = graphs["ontology/terms.ttl"]
    for term in set(terms.subjects()):
        for annotation in (RDFS.label, RDFS.comment, REC.example):
            assert len(list(terms.objects(term, annotation))) == 1, (term, annotation)


def test_every_class_and_term_has_one_arabic_name_beside_its_label(
    graphs: dict[str, Graph], ontology: Graph
) -> None:
    """As skos:prefLabel: a query for rdfs:label has one row a term."""
    arabic = graphs["ontology/arabic.ttl"]
    named = {s for s in ontology.subjects(RDF.type, OWL.Class) if str(s).startswith(REC)}
    named |= set(graphs["ontology/terms.ttl"].subjects())
    for name in named:
        (value,) = arabic.objects(name, SKOS.prefLabel)
        assert value.language == "ar" and value.strip(), name
    assert set(arabic.subjects(SKOS.prefLabel)) == named
    names = [(str(name).rsplit("/", 1)[0], str(arabic.value(name, SKOS.prefLabel))) for name in named]
    assert len(set(names)) == len(names), "no two names of one list are the same"


def test_every_term_is_in_exactly_one_list_that_its_iri_names(
    graphs: dict[str, Graph],
    ontology: Graph,
) -> None:
    terms = graphs["ontology/terms.ttl"]
    lists = set(ontology.transitive_subjects(RDFS.subClassOf, REC.Term)) - {REC.Term}
    for term in set(terms.subjects()):
        (cls,) = terms.objects(term, RDF.type)
        assert cls in lists
        kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.removeprefix(str(REC))).lower()
        assert str(term).startswith(f"{TERM}{kebab}/"), term


def test_every_relation_reads_in_both_directions_and_has_an_example(graphs: dict[str, Graph]) -> None:
    terms = graphs["ontology/terms.ttl"]
    for relation in terms.subjects(RDF.type, REC.Relation):
        for annotation in (REC.reading, REC.inverseReading, REC.example):
            assert terms.value(relation, annotation) is not None, (relation, annotation)


def test_broader_terms_are_terms_of_the_same_list_without_circles(graphs: dict[str, Graph]) -> None:
    terms = graphs["ontology/terms.ttl"]
    for narrow, wide in terms.subject_objects(REC.broader):
        assert terms.value(narrow, RDF.type) == terms.value(wide, RDF.type), narrow
        assert narrow not in set(terms.transitive_objects(wide, REC.broader)), narrow


def test_every_name_of_the_ontology_that_is_used_is_declared(everything: Graph, ontology: Graph) -> None:
    used = {node for triple in everything for node in triple if str(node).startswith(str(REC))}
    declared = {name for kind in [OWL.Class, *PROPERTY_TYPES] for name in ontology.subjects(RDF.type, kind)}
    assert used - declared == set()


def test_every_term_that_is_used_is_defined(everything: Graph, graphs: dict[str, Graph]) -> None:
    used = {node for triple in everything for node in triple if str(node).startswith(TERM)}
    assert used - set(graphs["ontology/terms.ttl"].subjects()) == set()


def test_every_kind_of_link_names_the_property_it_becomes(data: Graph, ontology: Graph) -> None:
    for kind in data.subjects(RDF.type, REC.LinkKind):
        (direct,) = data.objects(kind, REC.directProperty)
        assert (direct, RDFS.subPropertyOf, REC.bearsOn) in ontology, kind


def test_only_names_of_owl_lite_are_used(everything: Graph) -> None:
    used = {node for triple in everything for node in triple if str(node).startswith(str(OWL))}
    assert used <= OWL_LITE
    schema = {node for triple in everything for node in triple if str(node).startswith((str(RDF), str(RDFS)))}
    assert schema <= {
        RDF.type, RDFS.label, RDFS.comment, RDFS.isDefinedBy, RDFS.subClassOf,
        RDFS.subPropertyOf, RDFS.domain, RDFS.range,
    }  # fmt: skip


def test_no_name_is_both_a_class_a_property_and_an_individual(everything: Graph, ontology: Graph) -> None:
    classes = set(ontology.subjects(RDF.type, OWL.Class))
    properties = [set(ontology.subjects(RDF.type, kind)) for kind in PROPERTY_TYPES]
    individuals = {s for s, cls in everything.subject_objects(RDF.type) if cls in classes}
    sets = [classes, individuals, *properties]
    assert sum(map(len, sets)) == len(set().union(*sets))


def test_every_property_is_used_with_the_kind_of_value_it_was_declared_for(
    everything: Graph,
    ontology: Graph,
) -> None:
    typed = set(everything.subjects(RDF.type))
    for subject, prop, value in everything:
        if (prop, RDF.type, OWL.ObjectProperty) in ontology:
            assert value in typed, (subject, prop)
        elif (prop, RDF.type, OWL.DatatypeProperty) in ontology:
            asked = ontology.value(prop, RDFS.range)
            assert isinstance(value, Literal), (subject, prop)
            assert not value.language, (subject, prop)
            assert (value.datatype or XSD.string) == asked, (subject, prop)
        elif not str(prop).startswith((str(RDF), str(RDFS), str(OWL))):
            assert (prop, RDF.type, OWL.AnnotationProperty) in ontology, prop


def test_every_value_fits_the_domain_and_the_range_of_its_property(
    everything: Graph,
    ontology: Graph,
    members: Members,
) -> None:
    for prop in ontology.subjects(RDF.type, OWL.ObjectProperty):
        domain, reach = ontology.value(prop, RDFS.domain), ontology.value(prop, RDFS.range)
        left = members(domain) if domain else None
        right = members(reach) if reach else None
        for subject, value in everything.subject_objects(prop):
            assert left is None or subject in left, (subject, prop)
            assert right is None or value in right, (value, prop)


def test_ranges_are_classes_or_datatypes_of_owl_one_and_annotations_have_no_axioms(ontology: Graph) -> None:
    classes = set(ontology.subjects(RDF.type, OWL.Class))
    for prop, reach in ontology.subject_objects(RDFS.range):
        assert reach in (DATATYPES if (prop, RDF.type, OWL.DatatypeProperty) in ontology else classes), prop
    for prop in ontology.subjects(RDF.type, OWL.AnnotationProperty):
        for axiom in (RDFS.domain, RDFS.range, RDFS.subPropertyOf, OWL.inverseOf):
            assert (prop, axiom, None) not in ontology, prop


def test_no_object_property_is_functional(ontology: Graph) -> None:
    for prop in ontology.subjects(RDF.type, OWL.FunctionalProperty):
        assert (prop, RDF.type, OWL.DatatypeProperty) in ontology, prop
