"""Alignments with other vocabularies: single names, as annotations from which nothing follows."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
from pyoxigraph import NamedNode, RdfFormat

from onrecord.building.build import build
from onrecord.folder import Folder
from onrecord.terms import OWL, RDF, REC, SKOS

REPOSITORY = Path(__file__).resolve().parents[2]
NAMESPACES = {
    "http://www.w3.org/ns/prov#",
    "http://www.w3.org/ns/oa#",
    "http://schema.org/",
    "http://semanticweb.cs.vu.nl/2009/11/sem/",
    "http://www.w3.org/ns/org#",
    "http://www.opengis.net/ont/geosparql#",
}


def mappings() -> list[tuple[str, str, str]]:
    """(our name, mapping, foreign name) of every alignment."""
    quads = pyoxigraph.parse(path=REPOSITORY / "ontology" / "alignments.ttl", format=RdfFormat.TURTLE)
    return [
        (q.subject.value, q.predicate.value, q.object.value)
        for q in quads
        if isinstance(q.subject, NamedNode)
        and isinstance(q.object, NamedNode)
        and q.subject.value.startswith(REC)
    ]


def test_every_one_of_the_six_vocabularies_is_aligned_and_no_other() -> None:
    found = {name[: max(name.rfind("#"), name.rfind("/")) + 1] for _, _, name in mappings()}
    assert found == NAMESPACES


def test_only_names_that_the_ontology_declares_are_aligned() -> None:
    store = pyoxigraph.Store()
    store.load(path=REPOSITORY / "ontology" / "onrecord.ttl", format=RdfFormat.TURTLE)
    typed = store.quads_for_pattern(None, NamedNode(RDF + "type"), None, None)
    declared = {q.subject.value for q in typed if isinstance(q.subject, NamedNode)}
    assert {ours for ours, _, _ in mappings()} <= declared


def test_the_mappings_are_declared_annotations() -> None:
    store = pyoxigraph.Store()
    store.load(path=REPOSITORY / "ontology" / "alignments.ttl", format=RdfFormat.TURTLE)
    used = {mapping for _, mapping, _ in mappings()}
    assert used == {SKOS + "closeMatch", SKOS + "broadMatch", SKOS + "relatedMatch"}
    for mapping in used:
        kind = NamedNode(OWL + "AnnotationProperty")
        assert list(store.quads_for_pattern(NamedNode(mapping), NamedNode(RDF + "type"), kind, None))


def test_nothing_follows_from_an_alignment() -> None:
    store = pyoxigraph.Store()
    build(store, Folder(REPOSITORY), (), lambda text: None)
    foreign = {name for _, _, name in mappings()}
    inferred = NamedNode(Folder(REPOSITORY).description.space.inferred_graph)
    touched = [
        q
        for q in store.quads_for_pattern(None, None, None, inferred)
        if q.predicate.value in foreign or getattr(q.object, "value", "") in foreign
    ]
    assert not touched
