"""Accusations, denials and contradictions, each with both sides."""

from __future__ import annotations

import pytest
from tests.questions.asking import (
    NARRATOR,
    PREFIXES,
    Ask,
    Sparql,
    claim,
    columns,
    entity,
    has,
    links_between,
)

OF_THE_ARMY = {
    claim("army-targets-civilian-infrastructure"),
    claim("army-uses-indiscriminate-weapons"),
    claim("army-uses-barrel-bombs"),
    claim("army-uses-chlorine-gas"),
    claim("army-uses-incendiary-munitions"),
}
ACCUSERS = {entity("western-countries"), entity("rights-groups")}
GOVERNMENTS = {entity("syrian-gov"), entity("russia-gov")}


def test_western_countries_and_rights_groups_accuse_the_army_of_a_target_and_four_means(ask: Ask) -> None:
    rows = ask("accusations", accused="id/syrian-army")
    accused_of = {
        (entity("civilian-infrastructure"), ""),
        ("", entity("indiscriminate-weapons")),
        ("", entity("barrel-bombs")),
        ("", entity("chlorine-gas")),
        ("", entity("incendiary-munitions")),
    }
    assert columns(rows, "speaker", "target", "means") == {
        (speaker, *content) for speaker in ACCUSERS for content in accused_of
    }
    repeated = [row for row in rows if row["claim"] == claim("army-uses-indiscriminate-weapons")]
    assert all("again and again" in row["label"] for row in repeated)


def test_that_the_army_used_chlorine_is_nowhere_without_an_accuser(ask: Ask, sparql: Sparql) -> None:
    assert links_between(sparql, entity("syrian-army"), entity("chlorine-gas")) == set()
    affirmed = sparql(
        PREFIXES
        + f"""SELECT DISTINCT ?claim ?speaker WHERE {{
          ?claim rec:object <{entity("chlorine-gas")}> ;
            rec:polarity <https://w3id.org/onrecord/term/polarity/affirmed> .
          OPTIONAL {{ ?statement rec:makes ?claim ; rec:speaker ?speaker }}
        }}"""
    )
    assert columns(affirmed, "claim", "speaker") == {
        (claim("army-uses-chlorine-gas"), accuser) for accuser in ACCUSERS
    }
    rows = ask("about-an-entity", entity="id/chlorine-gas")
    assert {row["modality"] for row in rows} == {"accusation", "denial"}
    assert NARRATOR not in {row["speaker"] for row in rows}
    assert has(ask("about-an-entity", entity="id/syrian-army"), speaker=NARRATOR), "the article does speak"


def test_the_named_weapons_are_parts_of_a_list_that_is_open(ask: Ask) -> None:
    rows = ask("what-bears-on-a-claim", claim=claim("army-uses-indiscriminate-weapons"))
    parts = [row for row in rows if row["kindLabel"] == "component of"]
    assert columns(parts, "other", "direction", "basis") == {
        (claim(f"army-uses-{means}"), "to", "explicit in the text")
        for means in ("barrel-bombs", "chlorine-gas", "incendiary-munitions")
    }


@pytest.mark.parametrize("government", ["syrian-gov", "russia-gov"])
def test_a_government_denies_each_accusation_against_the_army(ask: Ask, government: str) -> None:
    rows = ask("denials", speaker=f"id/{government}")
    assert columns(rows, "denied", "accuser", "certainty") == {
        (accusation, accuser, "certain") for accusation in OF_THE_ARMY for accuser in ACCUSERS
    }


def test_both_governments_deny_what_both_sides_accuse_the_army_of(ask: Ask) -> None:
    rows = [row for row in ask("denials") if row["denied"] in OF_THE_ARMY]
    assert columns(rows, "speaker", "denied", "accuser", "attribution") == {
        (government, accusation, accuser, "explicit")
        for government in GOVERNMENTS
        for accusation in OF_THE_ARMY
        for accuser in ACCUSERS
    }
    stands = ask("where-it-stands", claim=claim("denied-army-uses-chlorine-gas"))
    assert has(stands, role="evidence", start="4055", end="4068", sentence="P17S1")


def test_insurgents_deny_killing_and_perhaps_fabricating(ask: Ask, sparql: Sparql) -> None:
    rows = ask("denials", speaker="id/rebels")
    killing, fabricating = claim("rebels-kill-people-who-flee"), claim("rebels-fabricate-evidence")
    assert columns(rows, "denied", "accuser", "attribution", "certainty") == {
        (denied, government, attribution, certainty)
        for denied, attribution, certainty in (
            (killing, "explicit", "certain"),
            (fabricating, "ambiguous", "possible"),
        )
        for government in GOVERNMENTS
    }
    plain = sparql(PREFIXES + "SELECT DISTINCT ?denied WHERE { ?denial rec:denies ?denied }")
    assert {row["denied"] for row in plain} == {*OF_THE_ARMY, killing}, "a doubtful denial is no plain one"
    stands = ask("where-it-stands", claim=claim("denied-rebels-kill-people-who-flee"))
    assert has(stands, role="evidence", start="4200", end="4225", sentence="P17S1")


def test_the_commander_and_alloush_contradict_each_other_and_the_first_word_is_the_cue(ask: Ask) -> None:
    rows = ask("contradictions", speaker="id/alloush")
    assert has(
        rows,
        speaker1=entity("alloush"),
        claim1=claim("alloush-talks-continue"),
        speaker2=entity("alliance-commander"),
        claim2=claim("commander-talks-stopped"),
        basis="cue word in the text",
        certainty="certain",
        cue="However",
        cueStart="1985",
        cueEnd="1992",
    )
    assert {row["claim1"] for row in rows} == {claim("alloush-talks-continue")}


def test_the_commander_and_the_unnamed_official_are_opposed_by_a_reading_only(
    ask: Ask, sparql: Sparql
) -> None:
    rows = ask("contradictions", speaker="id/jai-senior-official")
    assert columns(rows, "claim1", "claim2", "basis", "certainty", "cue") == {
        (
            claim("official-group-negotiates-with-russia"),
            claim("commander-talks-stopped"),
            "reading of the analyst",
            "possible",
            "",
        )
    }
    plain = sparql(
        PREFIXES + f"SELECT ?other WHERE {{ <{claim('commander-talks-stopped')}> rec:contradicts ?other }}"
    )
    assert [row["other"] for row in plain] == [claim("alloush-talks-continue")]
