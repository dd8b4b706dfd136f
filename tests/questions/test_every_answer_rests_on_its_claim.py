"""Remove the claims that answer some questions from a copy of the folder: those questions then fail.

The questions of one batch rest on different claims, so that one served copy
lacks them all; questions that rest on none of them still hold on it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat
from tests.questions import test_alliance as alliance
from tests.questions import test_chains_and_spans as chains
from tests.questions import test_disputes as disputes
from tests.questions import test_figures as figures
from tests.questions import test_places_and_control as places
from tests.questions import test_speakers as speakers
from tests.questions import test_time as times
from tests.questions import test_what_a_sceptic_asks as sceptic
from tests.questions.asking import Ask, Row, Sparql, claim

FILE = Path("triples", "articles", "343dbc8f.ttl")
REC = "https://w3id.org/onrecord/ns#"

Question = Callable[..., None]


class Server(Protocol):
    """What `serve_folder` yields."""

    def ask(self, query_name: str, **parameters: str) -> list[Row]: ...
    def sparql(self, text: str) -> list[Row]: ...


@dataclass(frozen=True)
class Batch:
    """Questions, each with the claim that it cannot do without, and others that need none of these."""

    resting: tuple[tuple[str, Question], ...]
    controls: tuple[Question, ...]


BATCHES = {
    "who holds, says and accuses": Batch(
        (
            ("douma-last-insurgent-town", places.test_the_article_says_that_jaish_al_islam_holds_douma),
            (
                "moscow-offensive-almost-over",
                places.test_the_offensive_is_close_to_its_end_for_moscow_and_for_zakharova,
            ),
            (
                "zakharova-counter-terrorist-label",
                speakers.test_zakharova_speaks_at_a_weekly_briefing_and_gives_the_operation_a_name,
            ),
            ("alloush-reports-of-threats", speakers.test_alloush_wrote_to_reuters_that_the_talks_go_on),
            (
                "army-targets-civilian-infrastructure",
                disputes.test_western_countries_and_rights_groups_accuse_the_army_of_a_target_and_four_means,
            ),
            (
                "convoys-carry-families",
                figures.test_thirty_thousand_left_by_bus_and_fighters_are_the_only_part_with_a_figure,
            ),
            ("artillery-fire-on-douma", times.test_on_wednesday_the_commander_spoke_and_artillery_fired),
            (
                "capture-caps-victories",
                times.test_the_article_itself_foretells_the_capture_and_what_it_crowns,
            ),
            (
                "alliance-includes-militias-from-iraq",
                alliance.test_the_article_lists_four_members_of_the_alliance_and_leaves_the_list_open,
            ),
            (
                "observatory-assault-kills",
                figures.test_the_dead_are_counted_by_the_observatory_and_by_state_television,
            ),
        ),
        (
            chains.test_zakharova_reaches_us_through_ria_and_then_the_article,
            times.test_rebels_in_two_parts_agreed_about_a_week_before,
        ),
    ),
    "who denies, counts and agrees": Batch(
        (
            (
                "government-recaptured-towns",
                places.test_nobody_says_that_the_government_has_taken_all_of_eastern_ghouta,
            ),
            (
                "alloush-talks-continue",
                disputes.test_the_commander_and_alloush_contradict_each_other_and_the_first_word_is_the_cue,
            ),
            (
                "denied-army-uses-barrel-bombs",
                disputes.test_both_governments_deny_what_both_sides_accuse_the_army_of,
            ),
            (
                "civilians-flee-across-front",
                figures.test_counts_that_are_vague_keep_their_hedge_and_their_speaker,
            ),
            ("rebels-agree-surrender-terms", times.test_rebels_in_two_parts_agreed_about_a_week_before),
            (
                "state-television-state-run",
                chains.test_two_outlets_are_called_state_run_and_one_of_them_speaks_for_itself,
            ),
            (
                "alliance-includes-iran",
                alliance.test_that_iran_is_a_member_is_a_claim_of_the_article_and_no_fact_of_the_graph,
            ),
            ("un-shelters-dire", speakers.test_quoted_words_belong_to_those_who_said_or_printed_them),
        ),
        (
            times.test_on_wednesday_the_commander_spoke_and_artillery_fired,
            disputes.test_western_countries_and_rights_groups_accuse_the_army_of_a_target_and_four_means,
        ),
    ),
    "through whom, where and under which terms": Batch(
        (
            (
                "moscow-rebels-hold-one-town",
                places.test_what_is_still_held_is_one_town_for_moscow_and_douma_for_the_article,
            ),
            (
                "denied-rebels-kill-people-who-flee",
                disputes.test_insurgents_deny_killing_and_perhaps_fabricating,
            ),
            (
                "zakharova-operation-nearly-finished",
                chains.test_zakharova_reaches_us_through_ria_and_then_the_article,
            ),
            (
                "commander-talks-stopped",
                chains.test_that_the_talks_are_off_stands_at_its_offsets_in_paragraph_8,
            ),
            ("commander-talks-stopped", times.test_on_which_day_the_talks_stopped_is_not_said),
            (
                "terms-offer-leaving",
                figures.test_rebels_in_two_parts_had_a_choice_and_how_many_stayed_is_not_told,
            ),
        ),
        (
            places.test_the_article_says_that_jaish_al_islam_holds_douma,
            figures.test_counts_that_are_vague_keep_their_hedge_and_their_speaker,
        ),
    ),
    "what a sceptic asks": Batch(
        (
            ("government-holds-areas", sceptic.test_who_holds_what_in_plain_words_is_told_with_its_speaker),
            (
                "assad-conducts-offensive",
                sceptic.test_whose_offensive_it_is_is_the_wording_of_the_article_and_no_admission,
            ),
            (
                "jaish-al-islam-in-talks",
                sceptic.test_who_is_a_party_to_talks_is_taken_for_granted_by_the_article,
            ),
            (
                "zakharova-gives-no-details",
                sceptic.test_zakharova_says_nothing_on_talks_and_the_article_says_that_she_did_not,
            ),
            (
                "zakharova-counter-terrorist-label",
                sceptic.test_what_the_agency_reported_is_found_though_it_made_no_claim_itself,
            ),
            (
                "reports-civilians-pressured",
                sceptic.test_alloush_passes_on_reports_of_nobody_named_and_no_one_is_accused,
            ),
            (
                "rebels-fabricate-evidence",
                sceptic.test_governments_accuse_rebels_of_two_things_and_only_one_is_plainly_denied,
            ),
            (
                "terms-offer-staying",
                sceptic.test_only_rebels_of_two_parts_agreed_and_two_choices_are_parts_of_the_terms,
            ),
            (
                "headline-rebels-to-negotiate",
                sceptic.test_neither_headline_has_a_time_since_their_articles_have_no_date_here,
            ),
            (
                "moscow-rebels-abandon-rest",
                sceptic.test_a_name_of_the_text_leads_to_the_one_who_speaks_and_not_to_the_city,
            ),
            (
                "people-remain-in-recaptured-towns",
                sceptic.test_whether_the_count_of_those_who_remained_is_the_observatorys_is_left_open,
            ),
        ),
        (
            places.test_the_article_says_that_jaish_al_islam_holds_douma,
            times.test_on_wednesday_the_commander_spoke_and_artillery_fired,
        ),
    ),
}


def without(claims: set[NamedNode], quads: list[Quad]) -> list[Quad]:
    """The quads without `claims`, the links from and to them, and what mentions these."""
    ends = {NamedNode(REC + "from"), NamedNode(REC + "to")}
    gone = claims | {quad.subject for quad in quads if quad.predicate in ends and quad.object in claims}
    return [quad for quad in quads if quad.subject not in gone and quad.object not in gone]


def put(question: Question, ask: Ask, sparql: Sparql) -> None:
    """Run a question with the fixtures that it takes."""
    asked = {"ask": ask, "sparql": sparql}
    question(**{name: asked[name] for name in inspect.signature(question).parameters})


def names(questions: Iterable[Question]) -> set[str]:
    return {question.__name__ for question in questions}


@pytest.mark.parametrize("name", BATCHES)
def test_questions_fail_when_the_claims_that_answer_them_are_removed(
    name: str,
    ask: Ask,
    sparql: Sparql,
    folder_copy: Path,
    serve_folder: Callable[[Path], AbstractContextManager[Server]],
) -> None:
    batch = BATCHES[name]
    file = folder_copy / FILE
    before = list(pyoxigraph.parse(path=file, format=RdfFormat.TURTLE))
    claims = {NamedNode(claim(slug)) for slug, _ in batch.resting}
    assert claims <= {quad.subject for quad in before}
    after = without(claims, before)
    file.write_bytes(pyoxigraph.serialize((quad.triple for quad in after), format=RdfFormat.TURTLE) or b"")
    for _, question in batch.resting:
        put(question, ask, sparql)
    failed = set()
    with serve_folder(folder_copy) as server:
        for control in batch.controls:
            put(control, server.ask, server.sparql)
        for _, question in batch.resting:
            try:
                put(question, server.ask, server.sparql)
            except AssertionError:
                failed.add(question.__name__)
    assert failed == names(question for _, question in batch.resting)
