"""Why a triple stands in the graph: its proof, down to the files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store
from tests.conftest import REPOSITORY

from onrecord.building.build import BuildReport, build
from onrecord.building.closure import close, read_schema
from onrecord.building.derive import derive
from onrecord.building.explain import Proof, explain
from onrecord.building.triples import Triple
from onrecord.folder import Folder
from onrecord.terms import REC

PREFIXES = """
@prefix : <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .
@prefix certainty: <https://w3id.org/onrecord/term/certainty/> .
"""
INFERRED = "https://example.org/inferred"


def built(turtle: str) -> Store:
    """A store as the build leaves it."""
    store = Store()
    store.load((PREFIXES + turtle).encode(), RdfFormat.TURTLE, to_graph=NamedNode("https://example.org/g"))
    store.extend(Quad(*triple, NamedNode(INFERRED)) for triple in derive(store))
    store.extend(Quad(*triple, NamedNode(INFERRED)) for triple in close(store, read_schema(store)))
    return store


def proof_of(turtle: str, triple: str) -> Proof | None:
    """The proof of a triple that is written by its local names."""
    return explain(built(turtle), _triple(triple), INFERRED)


def _triple(text: str) -> Triple:
    (quad,) = _quads(PREFIXES + text + " .")
    assert not isinstance(quad.subject, type(quad.triple))
    assert not isinstance(quad.object, type(quad.triple))
    return quad.subject, quad.predicate, quad.object


def _quads(turtle: str) -> list[Quad]:
    store = Store()
    store.load(turtle.encode(), RdfFormat.TURTLE)
    return list(store)


def short(triple: Triple) -> str:
    return " ".join(str(getattr(t, "value", t)).rsplit("/", 1)[-1].rsplit("#", 1)[-1] for t in triple)


def asserted(turtle: str, triple: str) -> list[str]:
    proof = proof_of(turtle, triple)
    assert proof is not None
    return [short(leaf.triple) for leaf in proof.asserted()]


def test_an_asserted_triple_says_where_it_stands() -> None:
    proof = proof_of(":x :p :y .", ":x :p :y")
    assert proof is not None
    assert (proof.graphs, proof.rule, proof.steps) == (("https://example.org/g",), "", 0)


def test_a_triple_that_does_not_follow_has_no_proof() -> None:
    assert proof_of(":p a owl:SymmetricProperty . :x :p :y .", ":x :p :z") is None


@pytest.mark.parametrize(
    ("turtle", "triple", "rule", "leaves"),
    [
        (":A rdfs:subClassOf :B . :x a :A .", ":x a :B", "subclass", ["x type A", "A subClassOf B"]),
        (
            ":B owl:equivalentClass :A . :x a :A .",
            ":x a :B",
            "subclass",
            ["x type A", "B equivalentClass A"],
        ),
        (
            ":p rdfs:subPropertyOf :q . :x :p 7 .",
            ":x :q 7",
            "subproperty",
            ["x p 7", "p subPropertyOf q"],
        ),
        (":p owl:inverseOf :q . :x :p :y .", ":y :q :x", "inverse property", ["x p y", "p inverseOf q"]),
        (":p owl:inverseOf :q . :x :q :y .", ":y :p :x", "inverse property", ["x q y", "p inverseOf q"]),
        (
            ":p a owl:SymmetricProperty . :x :p :y .",
            ":y :p :x",
            "symmetric property",
            ["x p y", "p type SymmetricProperty"],
        ),
        (
            ":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :d .",
            ":a :p :d",
            "transitive property",
            ["a p b", "b p c", "c p d", "p type TransitiveProperty"],
        ),
        (":p rdfs:domain :D . :x :p 7 .", ":x a :D", "domain of a property", ["x p 7", "p domain D"]),
        (":p rdfs:range :R . :x :p :y .", ":y a :R", "range of a property", ["x p y", "p range R"]),
        (
            ":n rec:relays :a . :a rec:relays :s . :s rec:makes :c .",
            ":n rec:conveys :c",
            "what a relay conveys",
            ["n relays a", "a relays s", "s makes c"],
        ),
        (
            ":k rec:directProperty rec:denies . :l rec:from :c ; rec:to :d ; rec:kind :k ;"
            "rec:certainty certainty:certain .",
            ":c rec:denies :d",
            "certain link between claims",
            ["l from c", "l to d", "l kind k", "l certainty certain", "k directProperty denies"],
        ),
    ],
)
def test_each_rule_names_its_axiom_and_its_premises(
    turtle: str, triple: str, rule: str, leaves: list[str]
) -> None:
    proof = proof_of(turtle, triple)
    assert proof is not None
    assert (proof.rule, proof.steps) == (rule, 1)
    assert [short(leaf.triple) for leaf in proof.asserted()] == leaves


def test_an_uncertain_link_explains_nothing() -> None:
    turtle = (
        ":k rec:directProperty rec:denies . :l rec:from :c ; rec:to :d ; rec:kind :k ;"
        "rec:certainty certainty:possible ."
    )
    assert proof_of(turtle, ":c rec:denies :d") is None


def test_the_shorter_of_two_ways_is_told() -> None:
    turtle = (
        ":p a owl:TransitiveProperty . :q rdfs:subPropertyOf :p . :a :q :b . :b :q :c . :c :q :d . :a :q :d ."
    )
    assert asserted(turtle, ":a :p :d") == ["a q d", "q subPropertyOf p"]


def test_of_two_ways_of_one_height_that_of_fewer_steps_is_told() -> None:
    turtle = (
        ":p a owl:TransitiveProperty . :s rdfs:subPropertyOf :p . :a :s :b . :b :s :c ."
        ":r rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p . :a :r :c ."
    )
    proof = proof_of(turtle, ":a :p :c")
    assert proof is not None
    assert (proof.rule, proof.steps) == ("subproperty", 2)
    assert [short(leaf.triple) for leaf in proof.asserted()] == [
        "a r c",
        "r subPropertyOf q",
        "q subPropertyOf p",
    ]


def test_axioms_that_lead_in_a_circle_end() -> None:
    circle = (
        ":A rdfs:subClassOf :B . :B rdfs:subClassOf :A . :p owl:inverseOf :q . :q rdfs:subPropertyOf :p ."
    )
    assert asserted(circle + ":x a :A .", ":x a :B") == ["x type A", "A subClassOf B"]
    assert proof_of(circle + ":x a :A .", ":y a :B") is None


def test_a_triple_that_only_the_inferred_graph_holds_without_reason_has_no_proof() -> None:
    store = built(":A rdfs:subClassOf :B . :B rdfs:subClassOf :A . :p a owl:TransitiveProperty . :x :p :y .")
    for text in (":z a :A", ":z a :B", ":z :p :y"):
        store.add(Quad(*_triple(text), NamedNode(INFERRED)))
        assert explain(store, _triple(text), INFERRED) is None


@pytest.fixture(scope="module", params=[".", "tests/second-folder"], ids=["shipped", "second"])
def folder(request: pytest.FixtureRequest) -> tuple[Store, BuildReport, str]:
    folder = Folder(REPOSITORY / request.param)
    store = Store()
    report = build(store, folder, (), lambda text: None)
    return store, report, folder.description.space.inferred_graph


def inferred_triples(store: Store, graph: str) -> Iterator[Triple]:
    for quad in store.quads_for_pattern(None, None, None, NamedNode(graph)):
        assert not isinstance(quad.subject, type(quad.triple))
        assert not isinstance(quad.object, type(quad.triple))
        yield quad.subject, quad.predicate, quad.object


def test_every_derived_triple_of_a_folder_rests_on_its_files(folder: tuple[Store, BuildReport, str]) -> None:
    store, report, inferred = folder
    rules = set()
    for triple in inferred_triples(store, inferred):
        proof = explain(store, triple, inferred)
        assert proof is not None, triple
        leaves = list(proof.asserted())
        assert len(leaves) > 1
        assert all(report.files[graph] for leaf in leaves for graph in leaf.graphs)
        rules.add(proof.rule)
    assert {"subclass", "inverse property", "transitive property", "what a relay conveys"} <= rules


def test_what_a_proof_rests_on_is_enough_to_derive_the_triple(
    folder: tuple[Store, BuildReport, str],
) -> None:
    store, _, inferred = folder
    for triple in list(inferred_triples(store, inferred))[::5]:
        proof = explain(store, triple, inferred)
        assert proof is not None
        alone = Store()
        alone.extend(Quad(*leaf.triple, NamedNode("https://example.org/g")) for leaf in proof.asserted())
        found = derive(alone)
        alone.extend(Quad(*derived, NamedNode(INFERRED)) for derived in found)
        assert triple in found or triple in close(alone, read_schema(alone)), triple


def test_without_its_axiom_a_triple_has_no_explanation(folder_copy: Path) -> None:
    space = Folder(folder_copy).description.space
    within = (
        NamedNode(space.base + "id/douma"),
        NamedNode(REC + "within"),
        NamedNode(space.base + "id/syria"),
    )

    def proof() -> Proof | None:
        store = Store()
        build(store, Folder(folder_copy), (), lambda text: None)
        return explain(store, within, space.inferred_graph)

    found = proof()
    assert found is not None
    assert found.rule == "transitive property"
    ontology = folder_copy / "ontology" / "onrecord.ttl"
    text = ontology.read_text(encoding="utf-8")
    ontology.write_text(text.replace("owl:ObjectProperty , owl:TransitiveProperty", "owl:ObjectProperty"))
    assert proof() is None
