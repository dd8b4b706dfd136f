"""The closure: what follows from the axioms, and nothing else."""

import pyoxigraph
from pyoxigraph import NamedNode, Store

from onrecord.building.closure import close, read_schema

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def closure(turtle: str) -> set[str]:
    """The derived triples as short strings, `s p o` by local names."""
    store = Store()
    store.load(
        (PREFIXES + turtle).encode(), pyoxigraph.RdfFormat.TURTLE, to_graph=NamedNode("https://example.org/g")
    )
    return {" ".join(_short(part) for part in triple) for triple in close(store, read_schema(store))}


def _short(term: pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal) -> str:
    return term.value.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def test_a_chain_of_subclasses_types_an_individual_with_all_of_them() -> None:
    assert closure(":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :x a :A .") == {"x type B", "x type C"}


def test_a_subproperty_carries_literals_too() -> None:
    assert closure(':p rdfs:subPropertyOf :q . :x :p "seven" .') == {"x q seven"}


def test_inverse_works_in_both_directions() -> None:
    assert closure(":p owl:inverseOf :q . :x :p :y . :u :q :v .") == {"y q x", "v p u"}


def test_a_symmetric_property_is_closed_once() -> None:
    assert closure(":p a owl:SymmetricProperty . :x :p :y .") == {"y p x"}


def test_a_transitive_property_is_closed_whatever_the_order_of_its_triples() -> None:
    triples = [":a :p :b .", ":b :p :c .", ":c :p :d ."]
    expected = {"a p c", "a p d", "b p d"}
    for order in (triples, triples[::-1], [triples[0], triples[2], triples[1]]):
        assert closure(":p a owl:TransitiveProperty ." + "".join(order)) == expected


def test_a_transitive_superproperty_closes_over_its_subproperty_and_its_inverse() -> None:
    found = closure(
        ":within a owl:TransitiveProperty ; owl:inverseOf :contains . :direct rdfs:subPropertyOf :within ."
        ":a :direct :b . :b :direct :c ."
    )
    assert found == {"a within b", "b within c", "a within c", "b contains a", "c contains b", "c contains a"}


def test_domain_and_range_give_types_but_never_to_literals() -> None:
    assert closure(':p rdfs:domain :D ; rdfs:range :R . :x :p :y . :x :p "text" .') == {
        "x type D",
        "y type R",
    }


def test_a_cycle_of_subclasses_ends() -> None:
    assert closure(":A rdfs:subClassOf :B . :B rdfs:subClassOf :A . :x a :A .") == {"x type B"}


def test_no_rule_makes_two_names_one() -> None:
    assert closure(":p a owl:FunctionalProperty . :x :p :y , :z .") == set()
