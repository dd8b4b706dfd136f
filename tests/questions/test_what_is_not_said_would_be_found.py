"""Write down what nobody says into a copy of the folder: each question that must find nothing then fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.questions import test_alliance as alliance
from tests.questions import test_disputes as disputes
from tests.questions import test_figures as figures
from tests.questions import test_places_and_control as places
from tests.questions import test_speakers as speakers
from tests.questions import test_time as times
from tests.questions.asking import Ask, Sparql
from tests.questions.test_every_answer_rests_on_its_claim import Question, Server, names, put

PREFIXES = """
@prefix claim: <https://w3id.org/onrecord/ghouta/article/343dbc8f/claim/> .
@prefix id: <https://w3id.org/onrecord/ghouta/id/> .
@prefix link: <https://w3id.org/onrecord/ghouta/article/343dbc8f/link/> .
@prefix qty: <https://w3id.org/onrecord/ghouta/article/343dbc8f/quantity/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .
@prefix span: <https://w3id.org/onrecord/ghouta/article/343dbc8f/span/> .
@prefix stmt: <https://w3id.org/onrecord/ghouta/article/343dbc8f/statement/> .
@prefix time: <https://w3id.org/onrecord/ghouta/article/343dbc8f/time/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
RECORD = 'rec:encodedBy id:onrecord-desk ; rec:encodedOn "2026-11-22T00:00:00Z"^^xsd:dateTime'

CLAIMS = (
    ("p7s1-narrator-presupposes", "syrian-gov", "gainsControlOf", "eastern-ghouta"),
    ("p9s1-alloush-says", "russia-gov", "putsPressureOn", "civilians"),
    ("p10s1-narrator-presupposes", "syrian-army", "conducts", "artillery-fire-on-douma"),
    ("p8s1-narrator-states", "pro-assad-alliance", "hasMember", "syrian-gov"),
    ("p8s1-narrator-states", "iran-gov", "supports", "assad"),
    ("p15s1-state-television-says", "mortar-fire-on-damascus", "kills", "civilians"),
)
"""Claims that no one makes: the statement that shall make it, subject, relation, object."""

CREDITS = (
    ("p5s1-zakharova-says", "moscow-offensive-almost-over"),
    ("p2s1-official-says", "alloush-talks-continue"),
    ("p10s1-narrator-states", "army-uses-chlorine-gas"),
)
"""Claims that somebody else makes."""

QUANTITIES = (("convoys-carry-families", 22500, "families"), ("terms-offer-staying", 400, "rebels"))
"""Figures that no one gives: the claim, the figure, who is counted."""

TO_FAIL: tuple[Question, ...] = (
    places.test_nobody_says_that_the_government_has_taken_all_of_eastern_ghouta,
    places.test_who_fired_on_douma_is_not_told,
    places.test_no_claim_brings_the_army_and_the_artillery_fire_together,
    speakers.test_zakharova_is_not_credited_with_the_words_of_moscow,
    speakers.test_alloush_accuses_nobody_by_name,
    speakers.test_what_one_of_the_two_says_is_not_credited_to_the_other,
    disputes.test_that_the_army_used_chlorine_is_nowhere_without_an_accuser,
    figures.test_no_figure_of_the_graph_is_a_sum_or_a_difference,
    figures.test_that_civilians_were_the_dead_is_not_said,
    figures.test_rebels_in_two_parts_had_a_choice_and_how_many_stayed_is_not_told,
    figures.test_nobody_relates_the_sheltered_of_the_un_to_the_refugees_of_the_observatory,
    times.test_on_which_day_the_talks_stopped_is_not_said,
    alliance.test_syria_and_assad_are_no_members_and_no_militia_is_given_a_name,
    alliance.test_that_iran_supports_assad_is_left_to_be_inferred,
)


def planted() -> str:
    """Turtle with all of the above, one link and one day too many."""
    parts = [PREFIXES]
    for number, (statement, subject, relation, content) in enumerate(CLAIMS):
        parts.append(f"""
stmt:{statement} rec:makes claim:planted-{number} .
claim:planted-{number} a rec:Claim ; rdfs:label "Planted {number}"@en ; rec:subject id:{subject} ;
    rec:relation <https://w3id.org/onrecord/term/relation/{relation}> ; rec:object id:{content} ;
    rec:polarity <https://w3id.org/onrecord/term/polarity/affirmed> ;
    rec:modality <https://w3id.org/onrecord/term/modality/asserted> ;
    rec:attribution <https://w3id.org/onrecord/term/attribution/explicit> ;
    rec:evidence span:1938-1982 ; {RECORD} .""")
    for statement, made in CREDITS:
        parts.append(f"stmt:{statement} rec:makes claim:{made} .")
    for number, (counted, figure, collective) in enumerate(QUANTITIES):
        parts.append(f"""
claim:{counted} rec:quantity qty:planted-{number} .
qty:planted-{number} a rec:Quantity ; rdfs:label "Planted {figure}"@en ; rec:figure {figure} ;
    rec:hedge <https://w3id.org/onrecord/term/hedge/none> ; rec:counts id:{collective} ;
    rec:unit <https://w3id.org/onrecord/term/unit/person> ; {RECORD} .""")
    parts.append(f"""
claim:commander-talks-stopped rec:happenedDuring time:wednesday-28-march .
link:planted a rec:ClaimLink ; rdfs:label "Planted link"@en ;
    rec:from claim:un-civilians-received-in-shelters ; rec:to claim:observatory-people-fled ;
    rec:kind <https://w3id.org/onrecord/term/link-kind/component-of> ;
    rec:basis <https://w3id.org/onrecord/term/basis/analyst> ;
    rec:certainty <https://w3id.org/onrecord/term/certainty/likely> ; {RECORD} .
""")
    return "\n".join(parts)


def test_questions_that_find_nothing_would_find_what_they_look_for(
    ask: Ask,
    sparql: Sparql,
    folder_copy: Path,
    serve_folder: Callable[[Path], AbstractContextManager[Server]],
) -> None:
    (folder_copy / "triples" / "planted.ttl").write_text(planted(), encoding="utf-8")
    for question in TO_FAIL:
        put(question, ask, sparql)
    failed = set()
    with serve_folder(folder_copy) as server:
        put(disputes.test_insurgents_deny_killing_and_perhaps_fabricating, server.ask, server.sparql)
        for question in TO_FAIL:
            try:
                put(question, server.ask, server.sparql)
            except AssertionError:
                failed.add(question.__name__)
    assert failed == names(TO_FAIL)
