"""The closure equals that of an OWL 2 RL library, as far as both are meant to go.

The library's answer is restricted to the rules that closure.py supports, and
to triples that are new. What it adds beyond them, and is left out here:

- triples on the ontology itself (rules scm-*): reflexive and transitive
  subclasses and subproperties, equivalences, inherited domains and ranges;
- types from the RDF, RDFS and OWL vocabularies: every name an owl:Thing,
  every class an rdfs:Class, every property an rdf:Property;
- owl:sameAs: every name the same as itself (eq-ref), and whatever functional
  properties make one (prp-fp). No rule of ours makes two names one;
- datatypes: their hierarchy, and the types of literals (dt-*), which are no
  RDF triples, since a literal is no subject.
"""

from __future__ import annotations

import owlrl
import pyoxigraph
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, Store
from tests.conftest import REPOSITORY

from onrecord.building.closure import close, read_schema
from onrecord.building.derive import derive
from onrecord.folder import Folder

GRAPH = NamedNode("https://example.org/g")
VOCABULARIES = (str(rdflib.RDF), str(rdflib.RDFS), str(rdflib.OWL), str(rdflib.XSD))
PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""

RdfTriple = tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]


def ours(store: Store) -> set[RdfTriple]:
    closed = Store()
    closed.bulk_extend(pyoxigraph.Quad(*triple, GRAPH) for triple in close(store, read_schema(store)))
    return set(_graph(closed))


def theirs(store: Store) -> set[RdfTriple]:
    graph = _graph(store)
    before = set(graph)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return {triple for triple in set(graph) - before if _supported(triple)}


def _graph(store: Store) -> rdflib.Graph:
    """All triples of `store`, with its normalised literals and without its graph names."""
    graph = rdflib.Graph()
    triples = {str(quad.triple) for quad in store}
    graph.parse(data="\n".join(f"{triple} ." for triple in triples), format="nt")
    return graph


def _supported(triple: RdfTriple) -> bool:
    subject, predicate, target = triple
    if isinstance(subject, rdflib.Literal) or str(subject).startswith(VOCABULARIES):
        return False
    if predicate == rdflib.RDF.type:
        return not str(target).startswith(VOCABULARIES)
    return not str(predicate).startswith(VOCABULARIES)


@pytest.mark.parametrize("name", [".", "tests/second-folder"], ids=["shipped", "second"])
def test_the_closure_of_a_folder_is_that_of_the_library(name: str) -> None:
    folder = Folder(REPOSITORY / name)
    store = Store()
    for file in folder.files():
        store.extend(file.quads(folder.description.space))
    store.extend(pyoxigraph.Quad(*triple, GRAPH) for triple in derive(store))
    found = ours(store)
    assert len(found) > 300
    assert found == theirs(store)


CLASSES, PROPERTIES, THINGS = (
    st.sampled_from([f":{letter}" for letter in letters]) for letters in ("ABCD", "pqrs", "uvwxyz")
)
AXIOMS = st.one_of(
    st.builds("{} rdfs:subClassOf {} .".format, CLASSES, CLASSES),
    st.builds("{} owl:equivalentClass {} .".format, CLASSES, CLASSES),
    st.builds("{} rdfs:subPropertyOf {} .".format, PROPERTIES, PROPERTIES),
    st.builds("{} owl:equivalentProperty {} .".format, PROPERTIES, PROPERTIES),
    st.builds("{} owl:inverseOf {} .".format, PROPERTIES, PROPERTIES),
    st.builds("{} a owl:SymmetricProperty .".format, PROPERTIES),
    st.builds("{} a owl:TransitiveProperty .".format, PROPERTIES),
    st.builds("{} rdfs:domain {} .".format, PROPERTIES, CLASSES),
    st.builds("{} rdfs:range {} .".format, PROPERTIES, CLASSES),
)
FACTS = st.one_of(
    st.builds("{} {} {} .".format, THINGS, PROPERTIES, THINGS),
    st.builds("{} {} {} .".format, THINGS, PROPERTIES, THINGS),
    st.builds("{} a {} .".format, THINGS, CLASSES),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(AXIOMS, max_size=8), st.lists(FACTS, min_size=1, max_size=10))
def test_the_closure_of_any_small_ontology_is_that_of_the_library(
    axioms: list[str], facts: list[str]
) -> None:
    store = Store()
    text = PREFIXES + "\n".join(axioms + facts)
    store.load(text.encode(), RdfFormat.TURTLE, to_graph=GRAPH)
    assert ours(store) == theirs(store)
