"""The shipped knowledge, read from its own files: complete, attributed, and free of asserted facts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, URIRef
from rdflib.namespace import Namespace
from rdflib.term import Node

REPOSITORY = Path(__file__).resolve().parents[2]
REC = Namespace("https://w3id.org/onrecord/ns#")
TERM = "https://w3id.org/onrecord/term/"
SPACE = "https://w3id.org/onrecord/ghouta/"
FILES = [
    "ontology/dataset.ttl",
    "ontology/onrecord.ttl",
    "ontology/terms.ttl",
    "triples/arabic.ttl",
    "triples/articles/343dbc8f.ttl",
    "triples/entities.ttl",
    "triples/names.ttl",
    "triples/reference.ttl",
]
BETWEEN_ENTITIES = {REC.directlyWithin, REC.possiblySameAs}
WRITTEN_BY_THE_BUILD = {
    REC.conveys, REC.madeIn, REC.about, REC.within, REC.contains, REC.bearsOn, REC.contradicts,
    REC.inTensionWith, REC.notComparableWith, REC.supports, REC.supportedBy, REC.denies,
    REC.deniedBy, REC.undermines, REC.qualifies, REC.componentOf,
}  # fmt: skip
Members = Callable[[URIRef], set[Node]]


@pytest.mark.parametrize("name", FILES)
def test_every_file_parses_and_holds_triples(name: str, graphs: dict[str, Graph]) -> None:
    assert len(graphs[name]) > 0


def test_every_turtle_file_of_the_triples_is_known_to_these_tests() -> None:
    found = {str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "triples").rglob("*.ttl")}
    assert found == {name for name in FILES if name.startswith("triples/")}


def test_no_triple_stands_in_two_files(graphs: dict[str, Graph]) -> None:
    counted = Counter(triple for graph in graphs.values() for triple in graph)
    assert [triple for triple, count in counted.items() if count > 1] == []


def test_no_file_holds_a_blank_node(everything: Graph) -> None:
    assert [node for triple in everything for node in triple if isinstance(node, BNode)] == []


def test_every_individual_of_the_folder_is_typed_once(everything: Graph) -> None:
    named = {
        node for t in everything for node in t if isinstance(node, URIRef) and node.startswith((SPACE, TERM))
    }
    for node in named:
        assert len(list(everything.objects(node, RDF.type))) == 1, node


def test_every_individual_has_one_english_label_and_at_most_one_of_another_language(
    data: Graph, everything: Graph
) -> None:
    for node in set(data.subjects(RDF.type)):
        languages = [getattr(label, "language", None) for label in everything.objects(node, RDFS.label)]
        assert "en" in languages, node
        assert len(languages) == len(set(languages)), node


def test_names_in_other_scripts_are_those_of_entities_that_are_there(
    graphs: dict[str, Graph], members: Members
) -> None:
    names = graphs["triples/names.ttl"]
    assert set(names.subjects()) <= members(REC.Entity)
    assert {label.language for label in names.objects(predicate=RDFS.label)} == {"ar", "ru"}  # type: ignore[attr-defined]


def test_every_entity_claim_and_statement_has_one_arabic_name(
    graphs: dict[str, Graph], everything: Graph, members: Members
) -> None:
    translated = graphs["triples/arabic.ttl"]
    labels = list(translated.objects(predicate=SKOS.prefLabel))
    assert len(labels) == len(translated) and {label.language for label in labels} == {"ar"}  # type: ignore[attr-defined]
    for node in members(REC.Entity) | members(REC.Claim) | members(REC.Statement):
        named = [*everything.objects(node, RDFS.label), *everything.objects(node, SKOS.prefLabel)]
        assert [label.language for label in named].count("ar") == 1, node  # type: ignore[attr-defined]


def test_entities_records_terms_and_encoders_are_kept_apart(data: Graph, members: Members) -> None:
    tops = [members(top) for top in (REC.Entity, REC.Record, REC.Term, REC.Encoder)]
    assert sum(map(len, tops)) == len(set().union(*tops)) == len(set(data.subjects(RDF.type)))


def test_between_two_entities_only_containment_and_suspicion_are_said(data: Graph, members: Members) -> None:
    entities = members(REC.Entity)
    said = {p for s, p, o in data if s in entities and o in entities}
    assert said <= BETWEEN_ENTITIES


def test_nothing_is_merged(everything: Graph) -> None:
    assert list(everything.subject_objects(OWL.sameAs)) == []


def test_suspected_identity_joins_two_entities_or_two_statements(data: Graph, members: Members) -> None:
    kinds = [members(REC.Entity), members(REC.Statement)]
    for one, other in data.subject_objects(REC.possiblySameAs):
        assert any(one in kind and other in kind for kind in kinds), one


def test_authors_write_nothing_that_the_build_derives(data: Graph) -> None:
    assert set(data.predicates()) & WRITTEN_BY_THE_BUILD == set()


def test_every_record_tells_who_encoded_it_and_when(data: Graph, members: Members) -> None:
    for record in members(REC.Record):
        assert set(data.objects(record, REC.encodedBy)) & set(data.subjects(RDF.type, REC.Encoder)), record
        assert data.value(record, REC.encodedOn).datatype == XSD.dateTime


def test_every_claim_is_complete(data: Graph) -> None:
    required = (
        REC.subject,
        REC.relation,
        REC.object,
        REC.polarity,
        REC.modality,
        REC.attribution,
        REC.evidence,
    )
    for claim in data.subjects(RDF.type, REC.Claim):
        for prop in required:
            assert len(list(data.objects(claim, prop))) == 1, (claim, prop)
        assert any(data.subjects(REC.makes, claim)), claim


def test_a_claim_with_two_statements_is_ambiguous_or_has_one_voice(data: Graph) -> None:
    ambiguous = URIRef(TERM + "attribution/ambiguous")
    for claim in data.subjects(RDF.type, REC.Claim):
        voices = {data.value(statement, REC.voice) for statement in data.subjects(REC.makes, claim)}
        assert len(voices) == 1 or data.value(claim, REC.attribution) == ambiguous, claim


def test_the_attribution_of_a_claim_fits_the_voice_it_is_made_in(data: Graph) -> None:
    fits = {"article": {"narrator", "presupposed", "ambiguous"}, "party": {"explicit", "ambiguous"}}
    fits["other-headline"] = {"headline"}
    for statement, claim in data.subject_objects(REC.makes):
        voice = str(data.value(statement, REC.voice)).rsplit("/", 1)[-1]
        attribution = str(data.value(claim, REC.attribution)).rsplit("/", 1)[-1]
        assert attribution in fits[voice], claim


def test_no_relation_serves_more_than_a_tenth_of_the_claims(data: Graph) -> None:
    used = Counter(data.objects(None, REC.relation))
    assert max(used.values()) <= sum(used.values()) / 10, used.most_common(1)


def test_every_statement_is_complete(data: Graph) -> None:
    for statement in data.subjects(RDF.type, REC.Statement):
        for prop in (REC.speaker, REC.act, REC.voice, REC.foundIn, REC.saidDuring):
            assert len(list(data.objects(statement, prop))) == 1, (statement, prop)
        assert (statement, REC.makes, None) in data or (statement, REC.relays, None) in data, statement


def test_only_narrators_speak_with_the_voice_of_the_article(data: Graph) -> None:
    article = URIRef(TERM + "voice/article")
    for statement, speaker in data.subject_objects(REC.speaker):
        narrated = (speaker, REC.narrates, data.value(statement, REC.foundIn)) in data
        assert narrated == (data.value(statement, REC.voice) == article), statement


def test_every_relay_chain_ends_at_the_narrator_of_the_article(data: Graph) -> None:
    for statement in data.subjects(RDF.type, REC.Statement):
        chain = set(data.transitive_subjects(REC.relays, statement))
        ends = [link for link in chain if (None, REC.relays, link) not in data]
        assert ends, f"{statement} is relayed in a circle"
        for end in ends:
            narrates = data.value(data.value(end, REC.speaker), REC.narrates)
            assert narrates == data.value(statement, REC.foundIn), statement


def test_every_statement_of_another_voice_shows_the_words_that_attribute_it(data: Graph) -> None:
    for statement, voice in data.subject_objects(REC.voice):
        own = voice == URIRef(TERM + "voice/article")
        assert own != ((statement, REC.cue, None) in data), statement


def test_every_claim_link_says_why_and_a_cue_word_has_its_span(data: Graph) -> None:
    for link in data.subjects(RDF.type, REC.ClaimLink):
        for prop in (REC["from"], REC.to, REC.kind, REC.basis, REC.certainty):
            assert len(list(data.objects(link, prop))) == 1, (link, prop)
        assert data.value(link, REC["from"]) != data.value(link, REC.to), link
        reading = data.value(link, REC.basis) == URIRef(TERM + "basis/analyst")
        assert reading != ((link, REC.evidence, None) in data), link


def term_of(node: Node | None) -> str:
    """The last part of the IRI of a term."""
    return str(node).rsplit("/", 1)[-1]


def test_a_label_of_a_claim_link_reads_as_a_matter_between_claims(data: Graph) -> None:
    for link in data.subjects(RDF.type, REC.ClaimLink):
        assert re.match(r".*\bclaim\b", str(data.value(link, RDFS.label))), link


def test_every_denial_negates_the_claim_that_its_link_names(data: Graph) -> None:
    denied = {}
    for link in data.subjects(REC.kind, URIRef(TERM + "link-kind/denies")):
        denial, claim = data.value(link, REC["from"]), data.value(link, REC.to)
        assert denial not in denied, denial
        denied[denial] = claim
        for prop in (REC.subject, REC.relation, REC.object):
            assert data.value(denial, prop) == data.value(claim, prop), (link, prop)
        assert term_of(data.value(denial, REC.polarity)) == "negated", denial
        assert term_of(data.value(claim, REC.polarity)) == "affirmed", claim
    assert set(denied) == set(data.subjects(REC.modality, URIRef(TERM + "modality/denial")))


def test_a_denial_of_open_scope_never_reads_as_a_plain_one(data: Graph) -> None:
    for link in data.subjects(REC.kind, URIRef(TERM + "link-kind/denies")):
        ambiguous = term_of(data.value(data.value(link, REC["from"]), REC.attribution)) == "ambiguous"
        assert ambiguous == (term_of(data.value(link, REC.certainty)) != "certain"), link


def test_what_fits_an_act_has_its_modality(data: Graph) -> None:
    fits = {"accuses": "accusation", "denies": "denial", "justifies": "justification"}
    for statement, claim in data.subject_objects(REC.makes):
        act, modality = term_of(data.value(statement, REC.act)), term_of(data.value(claim, REC.modality))
        assert modality in {"presupposed", fits.get(act, modality)}, claim
        assert act in fits or modality not in fits.values(), claim


def test_everything_in_a_related_headline_keeps_its_voice(data: Graph) -> None:
    for statement, claim in data.subject_objects(REC.makes):
        related = str(data.value(data.value(claim, REC.evidence), REC.sentence)).startswith("R")
        assert related == (term_of(data.value(statement, REC.voice)) == "other-headline"), claim


def test_a_component_counts_no_more_than_its_whole(data: Graph) -> None:
    for link in data.subjects(REC.kind, URIRef(TERM + "link-kind/component-of")):
        figures = [
            data.value(data.value(data.value(link, end), REC.quantity), REC.figure)
            for end in (REC["from"], REC.to)
        ]
        assert None in figures or figures[0] <= figures[1], link


def test_parallel_hedges_are_encoded_alike(data: Graph) -> None:
    """Figure, lower bound, upper bound: which of them a hedge goes with."""
    shapes: dict[str, set[tuple[bool, ...]]] = {}
    for quantity in data.subjects(RDF.type, REC.Quantity):
        hedge = term_of(data.value(quantity, REC.hedge))
        bounds = (REC.figure, REC.atLeast, REC.atMost)
        shapes.setdefault(hedge, set()).add(tuple((quantity, prop, None) in data for prop in bounds))
    stated_in_words = shapes.pop("none")
    assert stated_in_words <= {(True, False, False), (False, True, True)}
    assert {hedge: shape for hedge, shape in shapes.items() if len(shape) > 1} == {}
    assert shapes["more-than"] == {(True, True, False)}
    assert shapes["about"] == shapes["some"] == {(True, False, False)}


def test_nobody_is_made_the_one_who_fired_on_douma(data: Graph) -> None:
    fire = URIRef(SPACE + "id/artillery-fire-on-douma")
    assert list(data.subjects(REC.object, fire)) == []
    (claim,) = data.subjects(REC.subject, fire)
    assert data.value(claim, REC.object) == URIRef(SPACE + "id/douma")


def test_counts_of_the_un_office_and_of_the_observatory_are_not_linked(data: Graph) -> None:
    made: dict[str, set[Node]] = {}
    for slug in ("un-coordinator-office", "observatory"):
        statements = list(data.subjects(REC.speaker, URIRef(f"{SPACE}id/{slug}")))
        made[slug] = {claim for statement in statements for claim in data.objects(statement, REC.makes)}
        assert made[slug], slug
    for link in data.subjects(RDF.type, REC.ClaimLink):
        ends = {data.value(link, REC["from"]), data.value(link, REC.to)}
        assert not all(ends & claims for claims in made.values()), link


def test_every_quantity_has_hedge_unit_what_it_counts_and_a_figure_or_a_bound(data: Graph) -> None:
    for quantity in data.subjects(RDF.type, REC.Quantity):
        for prop in (REC.hedge, REC.unit, REC.counts):
            assert len(list(data.objects(quantity, prop))) == 1, (quantity, prop)
        low, high = data.value(quantity, REC.atLeast), data.value(quantity, REC.atMost)
        assert (quantity, REC.figure, None) in data or low is not None or high is not None, quantity
        assert ((quantity, REC.boundsBy, None) in data) == (low is not None or high is not None)
        assert low is None or high is None or low <= high, quantity


def test_every_time_span_is_ordered(data: Graph) -> None:
    for span in data.subjects(RDF.type, REC.TimeSpan):
        first, last = data.value(span, REC.notBefore), data.value(span, REC.notAfter)
        assert first is not None or last is not None, span
        assert first is None or last is None or first < last, span
        assert (span, REC.precision, None) in data, span
        assert (span, REC.fuzzy, None) in data, span


@pytest.mark.parametrize("name", FILES)
def test_every_moment_of_time_carries_its_zone(name: str) -> None:
    moments = re.findall(r'"([^"]*)"\^\^xsd:dateTime', (REPOSITORY / name).read_text(encoding="utf-8"))
    assert [moment for moment in moments if not moment.endswith("Z")] == []


def test_coordinates_say_where_they_come_from_and_lie_on_earth(data: Graph) -> None:
    for place in set(data.subjects(REC.latitude)) | set(data.subjects(REC.longitude)):
        latitude, longitude = data.value(place, REC.latitude), data.value(place, REC.longitude)
        assert -90 <= latitude.toPython() <= 90, place
        assert -180 <= longitude.toPython() <= 180, place
        assert (place, REC.coordinatesFrom, None) in data, place


def test_every_wikidata_item_is_backed_by_a_certain_identification(graphs: dict[str, Graph]) -> None:
    reference = graphs["triples/reference.ttl"]
    certain = URIRef(TERM + "certainty/certain")
    backed = {
        (reference.value(record, REC.identifies), reference.value(record, REC.item))
        for record in reference.subjects(REC.certainty, certain)
        if reference.value(record, REC.restsOn)
    }
    assert set(reference.subject_objects(REC.wikidata)) == backed


def test_background_on_containment_is_marked(graphs: dict[str, Graph]) -> None:
    reference = graphs["triples/reference.ttl"]
    for place in reference.subjects(REC.directlyWithin):
        assert (place, REC.background, None) in reference, place


def test_a_plain_query_over_all_files_finds_who_says_that_the_talks_stopped() -> None:
    store = Store()
    for name in FILES:
        graph = NamedNode(f"{SPACE}graph/{name.removesuffix('.ttl')}")
        store.load(path=str(REPOSITORY / name), format=RdfFormat.TURTLE, to_graph=graph)
    query = """
        PREFIX rec: <https://w3id.org/onrecord/ns#>
        PREFIX id: <https://w3id.org/onrecord/ghouta/id/>
        SELECT ?speaker { ?statement rec:speaker ?speaker ; rec:makes ?claim . ?claim rec:object id:stopped }
    """
    rows = store.query(query, use_default_graph_as_union=True)
    assert [row["speaker"].value for row in rows] == [f"{SPACE}id/alliance-commander"]
