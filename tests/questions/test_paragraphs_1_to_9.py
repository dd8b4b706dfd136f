"""What researchers ask of the shipped article, as far as its first nine paragraphs answer it.

Every expected row names a speaker, an entity, a figure or a span. A question
whose answer is 'this is not said' has a control beside it, which shows that
the same query finds what is said.
"""

from __future__ import annotations

from typing import Protocol

Row = dict[str, str]

SPACE = "https://w3id.org/onrecord/ghouta/"
CLAIM = SPACE + "article/343dbc8f/claim/"
NARRATOR = SPACE + "article/343dbc8f/narrator"
TERM = "https://w3id.org/onrecord/term/"


class Ask(Protocol):
    """The rows of a saved query, over HTTP."""

    def __call__(self, query_name: str, **parameters: str) -> list[Row]: ...


class Sparql(Protocol):
    """The rows of a SPARQL query, over HTTP."""

    def __call__(self, text: str) -> list[Row]: ...


def entity(slug: str) -> str:
    return SPACE + "id/" + slug


def claim(slug: str) -> str:
    return CLAIM + slug


def has(rows: list[Row], **values: str) -> bool:
    """Whether some row has all of `values`."""
    return any(values.items() <= row.items() for row in rows)


def pairs(rows: list[Row], first: str, second: str) -> set[tuple[str, str]]:
    return {(row[first], row[second]) for row in rows}


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


def test_nobody_says_that_the_government_has_taken_eastern_ghouta(ask: Ask) -> None:
    rows = ask("control-of-places", place="id/eastern-ghouta")
    government = [row for row in rows if row["holder"] == entity("syrian-gov")]
    assert pairs(government, "claim", "modality") == {
        (claim("government-to-capture-eastern-ghouta"), "predicted")
    }
    assert all("to" not in row for row in government), "a capture that is foretold has no end in the past"
    assert has(rows, claim=claim("jaish-al-islam-controls-douma"), speaker=NARRATOR, modality="asserted")
    assert has(
        rows,
        claim=claim("moscow-rebels-hold-one-town"),
        speaker=entity("russia-gov"),
        held=entity("one-town-of-eastern-ghouta"),
    )


def test_the_offensive_is_close_to_its_end_for_moscow_and_for_zakharova(ask: Ask) -> None:
    rows = ask("about-an-entity", entity="id/offensive")
    assert has(
        rows, claim=claim("moscow-offensive-almost-over"), speaker=entity("russia-gov"), part="subject"
    )
    assert has(
        rows, claim=claim("zakharova-operation-nearly-finished"), speaker=entity("zakharova"), part="subject"
    )
    assert not has(rows, claim=claim("moscow-offensive-almost-over"), speaker=entity("zakharova"))


def test_zakharova_speaks_at_a_weekly_briefing_and_is_not_credited_with_the_words_of_moscow(ask: Ask) -> None:
    rows = ask("what-a-speaker-said", speaker="id/zakharova")
    assert {row["claim"] for row in rows} == {
        claim("zakharova-operation-nearly-finished"),
        claim("zakharova-counter-terrorist-label"),
    }
    assert {row["setting"] for row in rows} == {"Weekly briefing"}
    moscow = ask("what-a-speaker-said", speaker="id/russia-gov")
    assert has(moscow, claim=claim("moscow-offensive-almost-over"), act="says")
    assert not has(moscow, claim=claim("zakharova-operation-nearly-finished"))


def test_zakharova_reaches_us_through_ria_and_then_the_article(ask: Ask) -> None:
    rows = ask("chain-of-attribution", claim=claim("zakharova-operation-nearly-finished"))
    assert [(row["step"], row["speaker"]) for row in rows] == [
        ("1", entity("zakharova")),
        ("2", entity("ria")),
        ("3", NARRATOR),
    ]
    assert [row["act"] for row in rows] == ["says", "reports", "reports"]


def test_what_ria_conveyed_is_found_in_plain_sparql_and_stays_the_word_of_zakharova(sparql: Sparql) -> None:
    rows = sparql(f"""
        PREFIX rec: <https://w3id.org/onrecord/ns#>
        SELECT ?claim ?speaker WHERE {{
          ?statement rec:speaker <{entity("ria")}> ; rec:conveys ?claim .
          ?claim rec:madeIn/rec:speaker ?speaker .
        }}""")
    assert pairs(rows, "claim", "speaker") == {
        (claim("zakharova-operation-nearly-finished"), entity("zakharova")),
        (claim("zakharova-counter-terrorist-label"), entity("zakharova")),
    }


def test_alloush_wrote_to_reuters_that_the_talks_go_on(ask: Ask) -> None:
    rows = ask("what-a-speaker-said", speaker="id/alloush")
    assert {row["claim"] for row in rows} == {
        claim("alloush-talks-continue"),
        claim("alloush-reports-of-threats"),
    }
    assert has(
        rows, claim=claim("alloush-talks-continue"), medium="text message", audience="Reuters", act="says"
    )


def test_alloush_accuses_nobody_by_name(ask: Ask, sparql: Sparql) -> None:
    query = """
        PREFIX rec: <https://w3id.org/onrecord/ns#>
        SELECT DISTINCT ?claim ?entity WHERE {{
          ?statement rec:speaker <{speaker}> ; rec:conveys ?claim .
          ?claim rec:about ?entity .
        }}"""
    named = {entity("russia-gov"), entity("syrian-gov"), entity("syrian-army"), entity("pro-assad-alliance")}
    rows = sparql(query.format(speaker=entity("alloush")))
    assert {row["entity"] for row in rows} & named == set()
    assert (claim("reports-civilians-pressured"), entity("civilians")) in pairs(rows, "claim", "entity")
    control = sparql(query.format(speaker=entity("jai-senior-official")))
    assert (claim("official-group-negotiates-with-russia"), entity("russia-gov")) in pairs(
        control, "claim", "entity"
    )
    threats = ask("chain-of-attribution", claim=claim("reports-civilians-pressured"))
    assert [row["speaker"] for row in threats] == [entity("authors-of-reports"), entity("alloush"), NARRATOR]


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
    assert pairs(rows, "claim1", "claim2") == {
        (claim("official-group-negotiates-with-russia"), claim("commander-talks-stopped"))
    }
    assert {(row["basis"], "cue" in row) for row in rows} == {("reading of the analyst", False)}
    assert {row["certainty"] for row in rows} & {"certain"} == set()
    plain = sparql(f"""
        PREFIX rec: <https://w3id.org/onrecord/ns#>
        SELECT ?other WHERE {{ <{claim("commander-talks-stopped")}> rec:contradicts ?other }}""")
    assert [row["other"] for row in plain] == [claim("alloush-talks-continue")]


def test_counts_of_people_without_a_figure_keep_their_hedges(ask: Ask) -> None:
    rows = ask("counts-with-hedges", unit=TERM + "unit/person")
    for slug, counted, hedge, at_least in (
        ("rebels-accept-deals", "rebels", "thousands of", "2000"),
        ("civilians-stay-under-state", "civilians", "tens of thousands", "20000"),
        ("civilians-flee-across-front", "civilians", "tens of thousands", "20000"),
    ):
        found = [row for row in rows if row["claim"] == claim(slug)]
        assert has(
            found,
            speaker=NARRATOR,
            counts=entity(counted),
            hedge=hedge,
            atLeast=at_least,
            boundsBy="convention",
        )
        assert all("figure" not in row for row in found), f"no figure is printed for {slug}"


def test_the_commander_spoke_on_wednesday(ask: Ask) -> None:
    rows = ask("claims-of-a-day", day="2018-03-28")
    said = [row for row in rows if row["sense"] == "said"]
    assert pairs(said, "claim", "speaker") == {
        (claim("commander-talks-stopped"), entity("alliance-commander"))
    }
    assert {row["fit"] for row in said} == {"that day"}


def test_on_which_day_the_talks_stopped_is_not_said(ask: Ask) -> None:
    rows = ask("claims-of-a-day", day="2018-03-28")
    happened = {row["claim"] for row in rows if row["sense"] == "happened"}
    assert claim("commander-talks-stopped") not in happened
    assert claim("rebels-accept-deals") in happened, "a span that covers the day is found, and says so"
    assert has(rows, claim=claim("rebels-accept-deals"), sense="happened", fit="within these bounds")
    on_that_day = {row["claim"] for row in rows if row["sense"] == "happened" and row["fit"] == "that day"}
    assert on_that_day == {claim("artillery-fire-on-douma")}
    thursday = ask("claims-of-a-day", day="2018-03-29")
    assert has(thursday, claim=claim("jaish-al-islam-controls-douma"), sense="happened", fit="that day")


def test_the_day_on_which_an_undated_speaker_spoke_is_not_made_up(ask: Ask) -> None:
    rows = ask("what-a-speaker-said", speaker="id/jai-senior-official")
    assert has(rows, claim=claim("official-group-negotiates-with-russia"), saidTo="2018-03-29T23:59:59Z")
    assert all("saidFrom" not in row for row in rows)
    commander = ask("what-a-speaker-said", speaker="id/alliance-commander")
    assert has(commander, saidFrom="2018-03-28T00:00:00Z", saidTo="2018-03-28T23:59:59Z")


def test_the_article_itself_foretells_the_capture_and_what_it_crowns(ask: Ask) -> None:
    rows = ask("predictions", voice=TERM + "voice/article")
    assert pairs(rows, "claim", "speaker") == {
        (claim("capture-caps-victories"), NARRATOR),
        (claim("government-to-capture-eastern-ghouta"), NARRATOR),
    }
    headline = ask("predictions", voice=TERM + "voice/other-headline")
    assert has(headline, claim=claim("headline-rebels-to-negotiate"), modality="planned")
    assert NARRATOR not in {row["speaker"] for row in headline}


def test_what_zakharova_said_comes_through_a_state_run_agency(ask: Ask) -> None:
    rows = ask("state-media", condition="id/state-run")
    assert has(
        rows,
        outlet=entity("ria"),
        role="relays",
        speaker=entity("zakharova"),
        claim=claim("zakharova-operation-nearly-finished"),
        accordingTo=NARRATOR,
    )
    assert {row["outlet"] for row in rows} == {entity("ria"), entity("state-television")}
    assert claim("alloush-talks-continue") not in {row["claim"] for row in rows}


def test_the_claim_on_stopped_talks_stands_at_its_offsets_in_paragraph_8(ask: Ask) -> None:
    rows = ask("where-it-stands", claim=claim("commander-talks-stopped"))
    evidence = [row for row in rows if row["role"] == "evidence"]
    assert [(row["start"], row["end"], row["sentence"]) for row in evidence] == [("1938", "1982", "P8S1")]
    assert {row["source"] for row in rows} == {SPACE + "article/343dbc8f"}
    assert has(rows, role="cue", start="1795", speaker=entity("alliance-commander"))


def test_the_article_lists_four_members_of_the_alliance(ask: Ask) -> None:
    rows = ask("alliance-members", alliance="id/pro-assad-alliance")
    assert pairs(rows, "member", "speaker") == {
        (entity("russia-gov"), NARRATOR),
        (entity("iran-gov"), NARRATOR),
        (entity("shiite-militias-lebanon"), NARRATOR),
        (entity("shiite-militias-iraq"), NARRATOR),
    }
    assert {(row["polarity"], row["voice"]) for row in rows} == {("affirmed", "voice of the article")}
    assert all("open" in row["comment"] for row in rows), "the article does not say that the list is complete"


def test_that_iran_is_a_member_is_a_claim_of_the_article_and_no_fact_of_the_graph(
    ask: Ask, sparql: Sparql
) -> None:
    rows = ask("alliance-members", member="id/iran-gov")
    assert pairs(rows, "claim", "speaker") == {(claim("alliance-includes-iran"), NARRATOR)}
    direct = """
        SELECT ?property WHERE {{ {{ <{a}> ?property <{b}> }} UNION {{ <{b}> ?property <{a}> }} }}"""
    assert sparql(direct.format(a=entity("iran-gov"), b=entity("pro-assad-alliance"))) == []
    assert sparql(direct.format(a=entity("iran-gov"), b=entity("assad"))) == []
    control = sparql(direct.format(a=entity("douma"), b=entity("eastern-ghouta")))
    assert has(control, property="https://w3id.org/onrecord/ns#directlyWithin")


def test_whether_the_unnamed_official_is_alloush_stays_undecided(ask: Ask, sparql: Sparql) -> None:
    rows = ask("possible-identities", entity="id/alloush")
    assert {row["other"] for row in rows} == {entity("jai-senior-official")}
    assert (
        sparql(f"""
        PREFIX owl: <http://www.w3.org/2002/07/owl#>
        SELECT ?property WHERE {{
          VALUES ?property {{ owl:sameAs owl:differentFrom }}
          {{ <{entity("alloush")}> ?property ?other }} UNION {{ ?other ?property <{entity("alloush")}> }}
        }}""")
        == []
    )
    said = ask("what-a-speaker-said", speaker="id/jai-senior-official")
    assert has(said, claim=claim("official-group-negotiates-with-russia"))
    assert claim("alloush-talks-continue") not in {row["claim"] for row in said}


def test_unnamed_speakers_are_listed_each_on_its_own(ask: Ask) -> None:
    rows = ask("unnamed-speakers")
    assert has(rows, speaker=entity("alliance-commander"), claim=claim("commander-talks-stopped"))
    assert has(
        rows,
        speaker=entity("jai-senior-official"),
        claim=claim("official-group-negotiates-with-russia"),
        possibly=entity("alloush"),
    )
    assert {row["speaker"] for row in rows} & {entity("alloush"), entity("zakharova"), NARRATOR} == set()


def test_quoted_words_belong_to_those_who_said_or_printed_them(ask: Ask) -> None:
    rows = ask("quoted-words")
    assert {
        ("counter-terrorist operation", entity("zakharova")),
        ("threats and provocations", entity("alloush")),
    } <= (pairs(rows, "words", "speaker"))
    headline = [row for row in rows if row["voice"] == "voice of another headline"]
    assert pairs(headline, "claim", "speaker") == {
        (claim("headline-end-of-suffering"), entity("headline-writer-negotiations"))
    }
    assert NARRATOR not in {row["speaker"] for row in rows}


def test_that_zakharova_gave_no_details_is_a_silence_and_no_denial(ask: Ask) -> None:
    rows = ask("about-an-entity", entity="id/negotiations-with-holdouts")
    assert has(rows, claim=claim("zakharova-gives-no-details"), polarity="negated", speaker=NARRATOR)
    assert claim("zakharova-gives-no-details") not in {row["claim"] for row in ask("denials")}
    assert claim("zakharova-gives-no-details") not in {
        row["claim"] for row in ask("what-a-speaker-said", speaker="id/zakharova")
    }


def test_a_place_is_asked_with_all_that_lies_within_it(ask: Ask) -> None:
    rows = ask("place-and-within", place="id/eastern-ghouta")
    assert has(rows, spot=entity("douma"), claim=claim("jaish-al-islam-controls-douma"), speaker=NARRATOR)
    assert has(rows, spot=entity("eastern-ghouta"), claim=claim("eastern-ghouta-early-centre"))
    assert entity("aleppo") not in {row["spot"] for row in rows}
    syria = ask("place-and-within", place="id/syria")
    assert has(syria, spot=entity("aleppo"), claim=claim("rebels-driven-from-aleppo"))


def test_whose_words_the_beginning_of_the_talks_is_stays_open(ask: Ask) -> None:
    official = ask("what-a-speaker-said", speaker="id/jai-senior-official")
    assert has(official, claim=claim("talks-began-days-ago"), attribution="ambiguous")
    assert has(official, claim=claim("official-group-negotiates-with-russia"), attribution="explicit")


def test_no_class_or_property_carries_what_the_article_claims(sparql: Sparql) -> None:
    rows = sparql("""
        PREFIX rec: <https://w3id.org/onrecord/ns#>
        SELECT DISTINCT ?property WHERE {
          ?one a rec:Entity ; ?property ?other .
          ?other a rec:Entity .
        }""")
    namespace = "https://w3id.org/onrecord/ns#"
    assert {row["property"] for row in rows} <= {
        namespace + name for name in ("directlyWithin", "within", "contains", "possiblySameAs")
    }
    assert {namespace + "within", namespace + "possiblySameAs"} <= {row["property"] for row in rows}
