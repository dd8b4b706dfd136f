"""How many, as printed and with the hedge; nothing is worked out."""

from __future__ import annotations

from tests.questions.asking import (
    NARRATOR,
    PREFIXES,
    TERM,
    Ask,
    Sparql,
    claim,
    columns,
    entity,
    has,
)

OBSERVATORY = entity("observatory")
UN_OFFICE = entity("un-coordinator-office")
KIND = TERM + "link-kind/"


def test_thirty_thousand_left_by_bus_and_fighters_are_the_only_part_with_a_figure(ask: Ask) -> None:
    rows = ask("counts-compared", kind=KIND + "component-of", speaker="id/observatory")
    assert columns(rows, "claim1", "hedge1", "figure1", "speaker1") == {
        (claim("convoys-carry-fighters"), "about", "7500", OBSERVATORY),
        (claim("convoys-carry-families"), "", "", OBSERVATORY),
    }
    assert columns(rows, "claim2", "hedge2", "figure2", "counts2", "speaker2") == {
        (claim("convoys-carry-people-in-all"), "no hedge", "30000", entity("people"), OBSERVATORY)
    }


def test_no_figure_of_the_graph_is_a_sum_or_a_difference(sparql: Sparql) -> None:
    rows = sparql(
        PREFIXES
        + """SELECT DISTINCT ?number WHERE {
          VALUES ?property { rec:figure rec:atLeast rec:atMost }
          ?quantity ?property ?number .
        }"""
    )
    numbers = {row["number"] for row in rows}
    assert numbers & {"22500", "37500", "28000", "122000"} == set()
    assert {"30000", "7500", "75000", "47000"} <= numbers


def test_counts_that_are_vague_keep_their_hedge_and_their_speaker(ask: Ask) -> None:
    rows = ask("counts-with-hedges")
    civilians, people = entity("civilians"), entity("people")
    killed = entity("people-killed-by-mortar-fire")
    assert columns(rows, "claim", "speaker", "counts", "hedge", "figure", "unitLabel") == {
        (claim("rebels-accept-deals"), NARRATOR, entity("rebels"), "thousands of", "", "person"),
        (claim("civilians-stay-behind"), NARRATOR, civilians, "tens of thousands", "", "person"),
        (claim("civilians-stay-under-state"), NARRATOR, civilians, "tens of thousands", "", "person"),
        (claim("civilians-flee-across-front"), NARRATOR, civilians, "tens of thousands", "", "person"),
        (
            claim("headline-civilians-evacuated"),
            entity("russia-gov"),
            civilians,
            "more than",
            "113000",
            "person",
        ),
        (claim("convoys-carry-fighters"), OBSERVATORY, entity("fighters"), "about", "7500", "person"),
        (claim("observatory-people-fled"), OBSERVATORY, people, "about", "134000", "person"),
        (claim("people-remain-in-recaptured-towns"), OBSERVATORY, people, "some", "40000", "person"),
        (claim("people-remain-in-recaptured-towns"), NARRATOR, people, "some", "40000", "person"),
        (claim("state-television-dozens-killed"), entity("state-television"), killed, "dozens", "", "death"),
        (claim("observatory-assault-kills"), OBSERVATORY, people, "more than", "1600", "death"),
    }
    plain = ask("movements", who="id/people")
    assert has(plain, claim=claim("convoys-carry-people-in-all"), figure="30000", hedge="no hedge")


def test_bounds_of_words_are_marked_as_convention_and_printed_bounds_as_stated(ask: Ask) -> None:
    rows = ask("counts-with-hedges")
    assert columns(rows, "hedge", "atLeast", "boundsBy") == {
        ("thousands of", "2000", "convention"),
        ("tens of thousands", "20000", "convention"),
        ("dozens", "24", "convention"),
        ("more than", "113000", "stated"),
        ("more than", "1600", "stated"),
        ("about", "", ""),
        ("some", "", ""),
    }


def test_the_dead_are_counted_by_the_observatory_and_by_state_television(ask: Ask) -> None:
    rows = [row for row in ask("harm-and-deaths") if row.get("unit") == "death"]
    assert columns(rows, "speaker", "doer", "hedge", "figure", "harmed") == {
        (OBSERVATORY, entity("government-assault"), "more than", "1600", entity("people")),
        (
            entity("state-television"),
            entity("mortar-fire-on-damascus"),
            "dozens",
            "",
            entity("people-killed-by-mortar-fire"),
        ),
    }
    assert columns(rows, "doer", "conductor", "conductorPer") == {
        (entity("government-assault"), entity("syrian-gov"), NARRATOR),
        (entity("mortar-fire-on-damascus"), entity("rebels"), entity("assad")),
        (entity("mortar-fire-on-damascus"), entity("rebels"), entity("assad-allies")),
    }
    mortars = [row for row in rows if row["doer"] == entity("mortar-fire-on-damascus")]
    assert columns(mortars, "from", "to") == {("2018-02-01T00:00:00Z", "2018-03-29T23:59:59Z")}


def test_that_civilians_were_the_dead_is_not_said(ask: Ask, sparql: Sparql) -> None:
    assert ask("harm-and-deaths", harmed="id/civilians") == []
    assert has(ask("harm-and-deaths", harmed="id/people"), figure="1600"), "the control finds the dead"
    deaths = ask("counts-with-hedges", unit=TERM + "unit/death")
    assert {row["counts"] for row in deaths} == {entity("people"), entity("people-killed-by-mortar-fire")}
    assert has(ask("counts-with-hedges", counts="id/civilians"), figure="113000")
    suspected = sparql(
        PREFIXES
        + f"SELECT ?other WHERE {{ <{entity('people-killed-by-mortar-fire')}> rec:possiblySameAs ?other }}"
    )
    assert suspected == []


def test_rebels_in_two_parts_had_a_choice_and_how_many_stayed_is_not_told(ask: Ask, sparql: Sparql) -> None:
    rows = ask("about-an-entity", entity="id/surrender-terms")
    assert columns(rows, "claim", "speaker", "part") == {
        (claim("rebels-agree-surrender-terms"), NARRATOR, "object"),
        (claim("terms-offer-staying"), NARRATOR, "subject"),
        (claim("terms-offer-leaving"), NARRATOR, "subject"),
    }
    counted = (
        PREFIXES
        + """SELECT DISTINCT ?figure ?atLeast ?unit WHERE {{
          ?claim rec:about <{about}> ; rec:quantity ?quantity .
          ?quantity rec:unit ?unit .
          OPTIONAL {{ ?quantity rec:figure ?figure }}
          OPTIONAL {{ ?quantity rec:atLeast ?atLeast }}
        }}"""
    )
    assert sparql(counted.format(about=entity("staying-under-assad"))) == []
    parts = sparql(counted.format(about=entity("two-parts-of-eastern-ghouta")))
    assert columns(parts, "figure", "unit") == {("2", TERM + "unit/part")}, "parts are counted, not people"
    rebels = ask("counts-with-hedges", counts="id/rebels")
    assert {row["claim"] for row in rebels} == {claim("rebels-accept-deals")}, "those who took deals to leave"


def test_nobody_relates_the_sheltered_of_the_un_to_the_refugees_of_the_observatory(
    ask: Ask, sparql: Sparql
) -> None:
    office = ask("counts-compared", speaker="id/un-coordinator-office")
    assert columns(office, "speaker1", "figure1", "speaker2", "figure2") == {
        (UN_OFFICE, "47000", UN_OFFICE, "75000")
    }
    observatory = ask("counts-compared", speaker="id/observatory")
    assert {row["speaker1"] for row in observatory} & {UN_OFFICE} == set()
    assert {row["speaker2"] for row in observatory} & {UN_OFFICE} == set()
    assert has(observatory, figure1="113000", figure2="134000", speaker1=entity("russia-gov"))
    linked = (
        PREFIXES
        + """SELECT DISTINCT ?link WHERE {{
          ?one rec:speaker <{one}> ; rec:makes ?claim . ?two rec:speaker <{two}> ; rec:makes ?other .
          ?link (rec:from|rec:to) ?claim ; (rec:from|rec:to) ?other . FILTER(?claim != ?other)
        }}"""
    )
    assert sparql(linked.format(one=UN_OFFICE, two=OBSERVATORY)) == []
    assert len(sparql(linked.format(one=entity("russia-gov"), two=OBSERVATORY))) == 2


def test_counts_of_different_things_are_not_comparable_and_no_contradiction(ask: Ask) -> None:
    rows = ask("counts-compared", kind=KIND + "not-comparable-with")
    assert columns(rows, "figure1", "figure2", "basis") == {
        ("113000", "134000", "reading of the analyst"),
        ("113000", "30000", "reading of the analyst"),
        ("134000", "30000", "cue word in the text"),
    }
    assert all("why" in row for row in rows)
    assert ask("counts-compared", kind=KIND + "contradicts") == []
    tension = ask("counts-compared", kind=KIND + "in-tension-with")
    assert columns(tension, "claim1", "claim2") == {
        (claim("observatory-people-fled"), claim("civilians-flee-across-front"))
    }
