"""Each rule of the species check, with a text that breaks it and the same text mended."""

from __future__ import annotations

import pytest
from rdflib import Graph, URIRef

from onrecord.building.species import RULES, Finding, Rule, Statement, check_lite, species, statements_of

PREFIXES = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://example.org/> .
"""
DECLARED = """
:Ship a owl:Class . :Vessel a owl:Class . :Cargo a owl:Class .
:carries a owl:ObjectProperty . :owns a owl:ObjectProperty . :in a owl:ObjectProperty .
:length a owl:DatatypeProperty . :width a owl:DatatypeProperty .
:note a owl:AnnotationProperty .
:ada a :Ship . :bea a :Ship . :tea a :Cargo .
"""

# By rule: what breaks it, and the same thing said as OWL Lite admits it. Both stand beside DECLARED, and
# [[:property ; constraint]] stands for a restriction.
EXAMPLES: dict[str, list[tuple[str, str]]] = {
    "undeclared-class": [
        (":cid a :Shipp .", ":cid a :Ship ."),
        (":Ship rdfs:subClassOf :Thing .", ":Ship rdfs:subClassOf owl:Thing ."),
        (":carries rdfs:range :Goods .", ":carries rdfs:range :Cargo ."),
    ],
    "undeclared-datatype": [
        (":length rdfs:range xsd:duration .", ":length rdfs:range xsd:decimal ."),
        (':ada :length "3"^^:metre .', ":metre a rdfs:Datatype . :ada :length '3'^^:metre ."),
        (':ada :length "P1D"^^xsd:dayTimeDuration .', ":ada :length 1.5 ."),
    ],
    "undeclared-property": [
        (":ada :carriess :tea .", ":ada :carries :tea ."),
        (":towed a owl:FunctionalProperty .", ":towed a owl:ObjectProperty , owl:FunctionalProperty ."),
        (":tows rdfs:subPropertyOf :owns .", ":carries rdfs:subPropertyOf :owns ."),
    ],
    "undeclared-ontology": [
        ("<> owl:imports :other .", "<> a owl:Ontology ; owl:imports :other . :other a owl:Ontology ."),
    ],
    "untyped-individual": [
        (":ada :carries :coffee .", ":ada :carries :coffee . :coffee a :Cargo ."),
        (":ada :carries [ :length 1 ] .", ":ada :carries [ a :Cargo ; :length 1 ] ."),
        (':dan rdfs:label "Dan" .', ':dan a :Ship ; rdfs:label "Dan" .'),
        (":ada owl:sameAs :eve .", ":ada owl:sameAs :bea ."),
    ],
    "two-roles": [
        (":Ship a :Cargo .", ":ship a :Cargo ."),
        (":carries a owl:DatatypeProperty .", ":weight a owl:DatatypeProperty ."),
        (":ada :carries :Ship .", ":ada :carries :tea ."),
        (":ada :note 'x' . :note a owl:ObjectProperty .", ":ada :note 'x' ."),
    ],
    "rdfs-declaration": [
        (":Crane a rdfs:Class .", ":Crane a rdfs:Class , owl:Class ."),
        (":lifts a rdf:Property .", ":lifts a rdf:Property , owl:ObjectProperty ."),
        (":Raft a owl:DeprecatedClass .", ":Raft a owl:Class , owl:DeprecatedClass ."),
    ],
    "reserved-name": [
        ("rdfs:Resource a owl:Class .", ":Resource a owl:Class ."),
        (":ada rdfs:member :bea .", ":ada :carries :tea ."),
        (":ada a rdfs:Container .", "rdf:Bag a owl:Class . :ada a rdf:Bag ."),
    ],
    "later-owl": [
        (":ada a owl:NamedIndividual .", ":ada a owl:Thing ."),
        (":length a owl:ReflexiveProperty .", ":carries a owl:SymmetricProperty ."),
        (":carries owl:propertyDisjointWith :owns .", ":carries rdfs:subPropertyOf :owns ."),
    ],
    "name-needed": [
        ("[] a owl:ObjectProperty .", ":lifts a owl:ObjectProperty ."),
        (":carries owl:inverseOf [ a owl:ObjectProperty ] .", ":carries owl:inverseOf :owns ."),
        (":ada owl:differentFrom [ a :Ship ] .", ":ada owl:differentFrom :bea ."),
    ],
    "named-construct": [
        (
            ":few a owl:Restriction ; owl:onProperty :owns ; owl:maxCardinality 1 . :Ship a owl:Class .",
            ":Ship rdfs:subClassOf [[:owns ; owl:maxCardinality 1]] .",
        ),
        (
            ":all a owl:AllDifferent ; owl:distinctMembers ( :ada :bea ) .",
            "[] a owl:AllDifferent ; owl:distinctMembers ( :ada :bea ) .",
        ),
    ],
    "restriction-form": [
        (
            """:Ship rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :carries ;
               owl:minCardinality 0 ; owl:maxCardinality 1 ] .""",
            """:Ship rdfs:subClassOf [[:carries ; owl:minCardinality 0]] ,
               [[:carries ; owl:maxCardinality 1]] .""",
        ),
        (
            ":Ship rdfs:subClassOf [ a owl:Restriction ; owl:maxCardinality 1 ] .",
            ":Ship rdfs:subClassOf [[:owns ; owl:maxCardinality 1]] .",
        ),
        (
            """:Ship rdfs:subClassOf [ a owl:Restriction ; rdfs:label "r" ;
               owl:onProperty :owns ; owl:maxCardinality 1 ] .""",
            ":Ship rdfs:subClassOf [[:owns ; owl:maxCardinality 1]] .",
        ),
    ],
    "class-form": [
        (":Ship rdfs:subClassOf [ a owl:Class ] .", ":Ship rdfs:subClassOf :Vessel ."),
        (":Ship rdfs:subClassOf [ a :Vessel ] .", ":Ship rdfs:subClassOf :Vessel ."),
        (
            ":Ship rdfs:subClassOf [ owl:onProperty :owns ; owl:maxCardinality 1 ] .",
            ":Ship rdfs:subClassOf [[:owns ; owl:maxCardinality 1]] .",
        ),
    ],
    "data-range-form": [
        (":length rdfs:range [ a owl:DataRange ] .", ":length rdfs:range xsd:integer ."),
    ],
    "all-different-form": [
        ("[] a owl:AllDifferent .", "[] a owl:AllDifferent ; owl:distinctMembers ( :ada :bea ) ."),
        (
            "[] owl:distinctMembers ( :ada :bea ) .",
            "[] a owl:AllDifferent ; owl:distinctMembers ( :ada :bea ) .",
        ),
    ],
    "list-form": [
        (":ada :carries ( :tea ) .", ":ada :carries :tea ."),
        (
            ":Ship owl:intersectionOf [ rdf:first :Vessel ; rdf:rest () , ( :Cargo ) ] .",
            ":Ship owl:intersectionOf ( :Vessel :Cargo ) .",
        ),
        (
            "_:l rdf:first :Vessel ; rdf:rest () . :Ship owl:intersectionOf _:l . :Cargo owl:unionOf _:l .",
            ":Ship owl:intersectionOf ( :Vessel ) . :Cargo owl:intersectionOf ( :Vessel ) .",
        ),
        (":Ship owl:intersectionOf :Vessel .", ":Ship owl:intersectionOf ( :Vessel ) ."),
        (":Ship owl:intersectionOf [ rdf:first :Vessel ] .", ":Ship owl:intersectionOf ( :Vessel ) ."),
    ],
    "structure-sharing": [
        (
            """_:r a owl:Restriction ; owl:onProperty :owns ; owl:maxCardinality 1 .
               :Ship rdfs:subClassOf _:r . :Vessel rdfs:subClassOf _:r .""",
            """:Ship rdfs:subClassOf [[:owns ; owl:maxCardinality 1]] .
               :Vessel rdfs:subClassOf [[:owns ; owl:maxCardinality 1]] .""",
        ),
        (
            ":ada :carries _:b . :bea :carries _:b . _:b a :Cargo .",
            ":ada :carries [ a :Cargo ] . :bea :carries [ a :Cargo ] .",
        ),
    ],
    "blank-cycle": [
        (
            "_:b a :Ship ; :owns _:c . _:c a :Ship ; :owns _:b .",
            "_:b a :Ship ; :owns [ a :Ship ; :owns :ada ] .",
        ),
        (
            "_:c a owl:Class ; owl:intersectionOf ( :Ship ) ; owl:disjointWith _:c .",
            ":Ship owl:intersectionOf ( :Vessel ) .",
        ),
    ],
    "partial-disjointness": [
        (
            """[] a owl:Class ; owl:intersectionOf ( :Ship ) ; owl:disjointWith :Vessel , :Cargo .""",
            ":Ship rdfs:subClassOf :Vessel .",
        ),
    ],
    "cardinality-value": [
        (
            ":Ship rdfs:subClassOf [[:owns ; owl:maxCardinality 'one']] .",
            ":Ship rdfs:subClassOf [[:owns ; owl:maxCardinality 1]] .",
        ),
        (
            ":Ship rdfs:subClassOf [[:owns ; owl:minCardinality -1]] .",
            """:Ship rdfs:subClassOf [[:owns ; owl:minCardinality "0"^^xsd:nonNegativeInteger]] .""",
        ),
    ],
    "transitive-cardinality": [
        (
            ":in a owl:TransitiveProperty , owl:FunctionalProperty .",
            ":in a owl:TransitiveProperty . :owns a owl:FunctionalProperty .",
        ),
        (
            """:in a owl:TransitiveProperty ; owl:inverseOf :carries .
               :Ship rdfs:subClassOf [[:carries ; owl:maxCardinality 1]] .""",
            """:in a owl:TransitiveProperty ; owl:inverseOf :carries .
               :Ship rdfs:subClassOf [[:owns ; owl:maxCardinality 1]] .""",
        ),
        (
            ":owns a owl:FunctionalProperty . :in a owl:TransitiveProperty ; rdfs:subPropertyOf :owns .",
            ":owns a owl:FunctionalProperty ; rdfs:subPropertyOf :in . :in a owl:TransitiveProperty .",
        ),
    ],
    "datatype-property-characteristic": [
        (":length a owl:SymmetricProperty .", ":length a owl:FunctionalProperty ."),
        (":length a owl:TransitiveProperty .", ":owns a owl:TransitiveProperty ."),
        (":length a owl:InverseFunctionalProperty .", ":owns a owl:InverseFunctionalProperty ."),
        (":length owl:inverseOf :width .", ":length rdfs:subPropertyOf :width ."),
    ],
    "annotation-axiom": [
        (":note rdfs:domain :Ship .", ":length rdfs:domain :Ship ."),
        (":note rdfs:range xsd:string .", ":length rdfs:range xsd:string ."),
        (":note rdfs:subPropertyOf rdfs:comment .", ":length rdfs:subPropertyOf :width ."),
        (":note a owl:FunctionalProperty .", ":length a owl:FunctionalProperty ."),
    ],
    "mixed-properties": [
        (":length rdfs:subPropertyOf :carries .", ":length rdfs:subPropertyOf :width ."),
        (":length owl:equivalentProperty :carries .", ":owns owl:equivalentProperty :carries ."),
    ],
    "value-kind": [
        (':ada :carries "tea" .', ":ada :carries :tea ."),
        (":ada :length :tea .", ":ada :length 12 ."),
    ],
    "term-kind": [
        (':Ship rdfs:subClassOf "Vessel" .', ":Ship rdfs:subClassOf :Vessel ."),
        (
            """:Ship rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :carries ;
               owl:allValuesFrom [ a owl:DataRange ; owl:oneOf ( 1 2 ) ] ] .""",
            ":Ship rdfs:subClassOf [[:carries ; owl:allValuesFrom :Cargo]] .",
        ),
        (
            ":length rdfs:range [[:owns ; owl:maxCardinality 1]] .",
            ":length rdfs:range xsd:decimal .",
        ),
    ],
    "one-of": [(":Ship owl:oneOf ( :ada :bea ) .", ":ada a :Ship . :bea a :Ship .")],
    "union-of": [(":Vessel owl:unionOf ( :Ship :Cargo ) .", ":Ship rdfs:subClassOf :Vessel .")],
    "complement-of": [(":Ship owl:complementOf :Cargo .", ":Ship owl:equivalentClass :Vessel .")],
    "disjoint-with": [(":Ship owl:disjointWith :Cargo .", ":Ship rdfs:subClassOf :Vessel .")],
    "has-value": [
        (
            ":Ship rdfs:subClassOf [[:carries ; owl:hasValue :tea]] .",
            ":Ship rdfs:subClassOf [[:carries ; owl:someValuesFrom :Cargo]] .",
        ),
        (
            ":Ship rdfs:subClassOf [[:length ; owl:hasValue 3]] .",
            ":Ship rdfs:subClassOf [[:length ; owl:allValuesFrom xsd:int]] .",
        ),
    ],
    "data-range": [
        (
            ':length rdfs:range [ a owl:DataRange ; owl:oneOf ( "short" "long" ) ] .',
            ":length rdfs:range xsd:string .",
        ),
    ],
    "cardinality-above-one": [
        (
            ":Ship rdfs:subClassOf [[:owns ; owl:cardinality 2]] .",
            ":Ship rdfs:subClassOf [[:owns ; owl:cardinality 1]] .",
        ),
    ],
    "anonymous-subject": [
        (
            "[] a owl:Restriction ; owl:onProperty :owns ; owl:minCardinality 1 ; rdfs:subClassOf :Ship .",
            ":Ship rdfs:subClassOf [[:owns ; owl:minCardinality 1]] .",
        ),
        (
            "[] owl:equivalentClass :Ship ; a owl:Class ; owl:intersectionOf ( :Vessel :Cargo ) .",
            ":Ship owl:equivalentClass [[:owns ; owl:minCardinality 1]] .",
        ),
    ],
    "anonymous-class": [
        (
            ":Ship rdfs:subClassOf [ a owl:Class ; owl:intersectionOf ( :Vessel :Cargo ) ] .",
            ":Ship owl:intersectionOf ( :Vessel :Cargo ) .",
        ),
        (
            ":ada a [ a owl:Class ; owl:intersectionOf ( :Vessel :Cargo ) ] .",
            ":ada a [[:carries ; owl:someValuesFrom :Cargo]] .",
        ),
        (
            ":Ship owl:intersectionOf ( :Vessel [ a owl:Class ; owl:intersectionOf ( :Cargo ) ] ) .",
            """:Ship owl:intersectionOf ( :Vessel
               [[:carries ; owl:someValuesFrom :Cargo]] ) .""",
        ),
    ],
    "class-name-needed": [
        (
            ":carries rdfs:domain [[:owns ; owl:minCardinality 1]] .",
            ":carries rdfs:domain :Ship .",
        ),
        (
            ":carries rdfs:range [ a owl:Class ; owl:intersectionOf ( :Ship :Cargo ) ] .",
            ":carries rdfs:range :Cargo .",
        ),
        (
            """:Ship rdfs:subClassOf [[:carries ; owl:someValuesFrom [[:owns ; owl:minCardinality 1]] ]] .""",
            ":Ship rdfs:subClassOf [[:carries ; owl:someValuesFrom :Cargo]] .",
        ),
    ],
    "unused-class": [
        (
            "[] a owl:Restriction ; owl:onProperty :owns ; owl:minCardinality 1 .",
            ":ada a [[:owns ; owl:minCardinality 1]] .",
        ),
    ],
}
CASES = [(name, broken, mended) for name, pairs in EXAMPLES.items() for broken, mended in pairs]
IDS = [f"{name}-{number}" for name, pairs in EXAMPLES.items() for number in range(1, len(pairs) + 1)]


def test_every_rule_has_an_example() -> None:
    assert sorted(EXAMPLES) == sorted(rule.name for rule in RULES)


@pytest.mark.parametrize(("rule", "broken", "mended"), CASES, ids=IDS)
def test_what_breaks_a_rule_is_found_and_the_mended_text_is_lite(rule: str, broken: str, mended: str) -> None:
    found = [finding for finding in check(broken) if finding.rule == rule]
    assert found, check(broken)
    assert {f.species for f in found} == {by_name(rule).species}
    assert all(f.detail and f.remedy and "{" not in f.detail + f.remedy for f in found)
    assert not check(mended)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.species == "DL"], ids=lambda rule: rule.name)
def test_what_only_owl_lite_refuses_is_owl_dl(rule: Rule) -> None:
    for broken, _ in EXAMPLES[rule.name]:
        assert species(parse(broken)) == "DL", check(broken)


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.species == "Full"], ids=lambda rule: rule.name
)
def test_what_owl_dl_refuses_is_owl_full(rule: Rule) -> None:
    for broken, _ in EXAMPLES[rule.name]:
        assert species(parse(broken)) == "Full"


def test_an_empty_graph_is_owl_lite() -> None:
    assert species(Graph()) == "Lite"


def test_an_annotation_may_point_at_any_iri() -> None:
    assert not check(":ada :note <https://example.com/elsewhere> ; rdfs:seeAlso owl:Class .")


def test_an_ontology_may_describe_itself_without_a_name() -> None:
    assert not check('[] a owl:Ontology ; rdfs:label "Ships" ; owl:versionInfo "1" .')


def test_equivalent_names_share_what_is_said_about_transitivity() -> None:
    text = ":in a owl:TransitiveProperty ; owl:equivalentProperty :owns . :owns a owl:FunctionalProperty ."
    [finding] = check(text)
    assert finding.rule == "transitive-cardinality"
    assert "<https://example.org/in> is transitive" in finding.detail


def test_a_finding_names_the_file_the_term_and_the_triple() -> None:
    declared = list(statements_of(parse(""), "ships.ttl"))
    name, prop = URIRef("https://example.org/ada"), URIRef("https://example.org/tows")
    wrong = Statement(name, prop, name, "articles/one.ttl")
    [finding] = check_lite([*declared, wrong])
    assert (finding.source, finding.term, finding.statement) == ("articles/one.ttl", prop, wrong)


def test_a_finding_on_a_blank_node_names_what_leads_to_it() -> None:
    [finding] = check(
        ":Ship rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :owns ; owl:cardinality 2 ] ."
    )
    assert finding.term == URIRef("https://example.org/Ship")
    assert finding.detail.startswith("The blank node below <https://example.org/Ship> has the cardinality 2")


@pytest.mark.parametrize(
    "text",
    [
        ":length a owl:SymmetricProperty .",
        ":note a owl:TransitiveProperty .",
        ":note rdfs:range xsd:string .",
        ":length a owl:AsymmetricProperty .",
        ":dan a owl:NamedIndividual , :Ship .",
        ":ada :carries :Ship .",
    ],
)
def test_one_fault_is_one_finding(text: str) -> None:
    assert len(check(text)) == 1


def test_only_the_blank_nodes_on_a_cycle_are_told() -> None:
    cycle = "_:b a :Ship ; :owns _:c . _:c a :Ship ; :owns _:b , _:out ."
    text = f"_:in a :Ship ; :owns _:b . {cycle} _:out a :Ship ."
    assert [finding.rule for finding in check(text)].count("blank-cycle") == 2


def test_an_undeclared_name_is_one_finding_in_each_file() -> None:
    declared = list(statements_of(parse(""), "ships.ttl"))
    cog = URIRef("https://example.org/Cog")
    a = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    uses = [
        Statement(URIRef(f"https://example.org/{n}"), a, cog, f)
        for f in ("a.ttl", "b.ttl")
        for n in (f + "1", f + "2")
    ]
    assert [f.source for f in check_lite([*declared, *uses])] == ["a.ttl", "b.ttl"]


def test_findings_come_in_the_order_of_the_triples() -> None:
    declared = list(statements_of(parse(""), "ships.ttl"))
    names = [URIRef(f"https://example.org/{n}") for n in "zmahb"]
    found = check_lite([*declared, *(Statement(n, n, n) for n in names)])
    assert [f.term for f in found] == names


def parse(text: str) -> Graph:
    text = text.replace("[[", "[ a owl:Restriction ; owl:onProperty ").replace("]]", " ]")
    return Graph().parse(
        data=PREFIXES + DECLARED + text, format="turtle", publicID="https://example.org/onto"
    )


def check(text: str) -> list[Finding]:
    return check_lite(statements_of(parse(text), "ships.ttl"))


def by_name(name: str) -> Rule:
    return next(rule for rule in RULES if rule.name == name)
