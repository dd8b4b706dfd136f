"""Which places are held by whom, and what else is told of a place."""

from __future__ import annotations

from tests.questions.asking import NARRATOR, TERM, Ask, Sparql, claim, columns, entity, has, links_between


def test_the_article_says_that_jaish_al_islam_holds_douma(ask: Ask) -> None:
    rows = ask("control-of-places", place="id/douma")
    assert has(
        rows,
        claim=claim("jaish-al-islam-controls-douma"),
        holder=entity("jaish-al-islam"),
        held=entity("douma"),
        relation="controls",
        polarity="affirmed",
        modality="asserted",
        speaker=NARRATOR,
    )
    assert has(rows, claim=claim("douma-last-insurgent-town"), holder=entity("rebels"), speaker=NARRATOR)
    assert {row["held"] for row in rows} == {entity("douma")}


def test_nobody_says_that_the_government_has_taken_all_of_eastern_ghouta(ask: Ask, sparql: Sparql) -> None:
    rows = ask("control-of-places", place="id/eastern-ghouta")
    government = [row for row in rows if row["holder"] == entity("syrian-gov")]
    assert columns(government, "claim", "held", "modality") == {
        (claim("government-to-capture-eastern-ghouta"), entity("eastern-ghouta"), "predicted"),
    }
    elsewhere = ask("control-of-places", holder="id/syrian-gov")
    assert columns(elsewhere, "claim", "held", "modality") - columns(
        government, "claim", "held", "modality"
    ) == {
        (claim("government-recaptured-towns"), entity("recaptured-towns"), "presupposed"),
        (claim("government-holds-areas"), entity("government-held-areas"), "presupposed"),
    }
    whole = [row for row in government if row["held"] == entity("eastern-ghouta")]
    assert all("to" not in row for row in whole), "a capture that is foretold has no end in the past"
    assert links_between(sparql, entity("syrian-gov"), entity("eastern-ghouta")) == set()
    assert links_between(sparql, entity("douma"), entity("eastern-ghouta")), "the control finds a fact"


def test_what_is_still_held_is_one_town_for_moscow_and_douma_for_the_article(ask: Ask) -> None:
    rows = ask("control-of-places", place="id/eastern-ghouta")
    assert has(
        rows,
        claim=claim("moscow-rebels-hold-one-town"),
        speaker=entity("russia-gov"),
        holder=entity("rebels"),
        held=entity("one-town-of-eastern-ghouta"),
        modality="asserted",
    )
    assert has(rows, speaker=NARRATOR, holder=entity("jaish-al-islam"), held=entity("douma"))
    assert not has(rows, speaker=entity("russia-gov"), held=entity("douma")), "Moscow names no town"


def test_the_offensive_is_close_to_its_end_for_moscow_and_for_zakharova(ask: Ask) -> None:
    rows = ask("about-an-entity", entity="id/offensive")
    moscow, zakharova = (
        claim("moscow-offensive-almost-over"),
        claim("zakharova-operation-nearly-finished"),
    )
    assert has(rows, claim=moscow, speaker=entity("russia-gov"), part="subject")
    assert has(rows, claim=zakharova, speaker=entity("zakharova"), part="subject")
    assert not has(rows, claim=moscow, speaker=entity("zakharova"))


def test_who_fired_on_douma_is_not_told(ask: Ask, sparql: Sparql) -> None:
    rows = ask("about-an-entity", entity="id/douma")
    assert has(rows, claim=claim("artillery-fire-on-douma"), speaker=NARRATOR, modality="presupposed")
    conducted = ask("relation-family", relation=TERM + "relation/conducts")
    assert entity("artillery-fire-on-douma") not in {row["object"] for row in conducted}
    assert has(conducted, subject=entity("rebels"), object=entity("mortar-fire-on-damascus"))
    hostile = ask("relation-family", relation=TERM + "relation/takesHostileActionAgainst")
    assert {row["subject"] for row in hostile if row["object"] == entity("douma")} == {
        entity("artillery-fire-on-douma")
    }
    assert has(hostile, subject=entity("syrian-army"), object=entity("most-of-eastern-ghouta"))


def test_no_claim_brings_the_army_and_the_artillery_fire_together(sparql: Sparql) -> None:
    query = "SELECT DISTINCT ?other WHERE {{ ?claim rec:about <{fire}>, ?other FILTER(?other != <{fire}>) }}"
    prefix = "PREFIX rec: <https://w3id.org/onrecord/ns#> "
    artillery = sparql(prefix + query.format(fire=entity("artillery-fire-on-douma")))
    assert {row["other"] for row in artillery} == {entity("douma")}
    mortars = sparql(prefix + query.format(fire=entity("mortar-fire-on-damascus")))
    assert {entity("rebels"), entity("damascus")} <= {row["other"] for row in mortars}


def test_that_the_assault_has_not_been_renewed_is_the_word_of_the_article(ask: Ask) -> None:
    rows = ask("negated-claims", speaker="article/343dbc8f/narrator")
    assert has(
        rows,
        claim=claim("no-renewal-of-assault"),
        subject=entity("bombardment-and-assault"),
        object=entity("renewed"),
        actLabel="states",
    )
    bears = ask("what-bears-on-a-claim", claim=claim("no-renewal-of-assault"))
    assert columns(bears, "other", "kindLabel", "basis") == {
        (claim("artillery-fire-on-douma"), "qualifies", "cue word in the text")
    }


def test_a_place_is_asked_with_all_that_lies_within_it(ask: Ask) -> None:
    rows = ask("place-and-within", place="id/eastern-ghouta")
    assert has(rows, spot=entity("douma"), claim=claim("jaish-al-islam-controls-douma"), speaker=NARRATOR)
    assert has(rows, spot=entity("eastern-ghouta"), claim=claim("eastern-ghouta-early-centre"))
    assert entity("aleppo") not in {row["spot"] for row in rows}
    syria = ask("place-and-within", place="id/syria")
    assert has(syria, spot=entity("aleppo"), claim=claim("rebels-driven-from-aleppo"))


def test_towns_without_a_name_get_no_coordinates_and_douma_has_those_of_its_source(ask: Ask) -> None:
    rows = ask("places-with-coordinates", place="id/eastern-ghouta")
    assert columns(
        [row for row in rows if "latitude" in row], "spot", "latitude", "longitude", "coordinatesFrom"
    ) == {(entity("douma"), "33.57175", "36.4027", "https://sws.geonames.org/170592/")}
    assert has(rows, spot=entity("one-town-of-eastern-ghouta"), liesIn=entity("eastern-ghouta"))
