"""Questions of a sceptical editor, put in SPARQL as somebody writes it who has only read the README."""

from __future__ import annotations

from tests.questions.asking import NARRATOR, PREFIXES, TERM, Ask, Row, Sparql, claim, columns, entity, has

NAMES = (
    PREFIXES
    + f"""
    PREFIX relation: <{TERM}relation/>
    PREFIX act: <{TERM}speech-act/>
    PREFIX id: <{entity("")}>
    """
)


def rows_of(sparql: Sparql, pattern: str) -> list[Row]:
    return sparql(f"{NAMES} SELECT DISTINCT * WHERE {{ {pattern} }}")


def test_who_holds_what_in_plain_words_is_told_with_its_speaker(sparql: Sparql) -> None:
    rows = rows_of(
        sparql,
        """?relation rec:broader* relation:controls . ?statement rec:speaker ?speaker ; rec:makes ?claim .
        ?claim rec:relation ?relation ; rec:subject ?holder ; rec:object ?held .""",
    )
    assert columns(rows, "speaker", "holder", "held") == {
        (NARRATOR, entity("jaish-al-islam"), entity("douma")),
        (NARRATOR, entity("rebels"), entity("douma")),
        (NARRATOR, entity("rebels"), entity("other-insurgent-areas")),
        (NARRATOR, entity("syrian-gov"), entity("government-held-areas")),
        (entity("russia-gov"), entity("rebels"), entity("one-town-of-eastern-ghouta")),
    }


def test_whose_offensive_it_is_is_the_wording_of_the_article_and_no_admission(sparql: Sparql) -> None:
    rows = rows_of(
        sparql,
        """?statement rec:speaker ?speaker ; rec:makes ?claim .
        ?claim rec:relation relation:conducts ; rec:object id:offensive ; rec:subject ?doer .""",
    )
    assert columns(rows, "speaker", "doer") == {
        (NARRATOR, entity("syrian-army")),
        (NARRATOR, entity("assad")),
        (NARRATOR, entity("assad-allies")),
    }


def test_who_is_a_party_to_talks_is_taken_for_granted_by_the_article(sparql: Sparql) -> None:
    rows = rows_of(
        sparql,
        """?statement rec:speaker ?speaker ; rec:makes ?claim .
        ?claim rec:relation relation:takesPartIn ; rec:subject ?party ; rec:object ?talks .""",
    )
    assert columns(rows, "speaker", "party", "talks") == {
        (NARRATOR, entity("jaish-al-islam"), entity("negotiations-with-jaish-al-islam")),
        (NARRATOR, entity("rebels-still-holding-out"), entity("negotiations-with-holdouts")),
    }


def test_zakharova_says_nothing_on_talks_and_the_article_says_that_she_did_not(sparql: Sparql) -> None:
    silent = rows_of(
        sparql,
        """?statement rec:act act:reports-silence ; rec:speaker ?speaker ; rec:makes ?claim .
        ?claim rec:subject ?silent ; rec:object ?matter ; rec:polarity/rdfs:label ?polarity .""",
    )
    assert columns(silent, "speaker", "silent", "matter", "polarity") == {
        (NARRATOR, entity("zakharova"), entity("negotiations-with-holdouts"), "negated")
    }
    own = rows_of(sparql, "?statement rec:speaker id:zakharova ; rec:makes ?claim . ?claim rec:about ?matter")
    assert has(own, matter=entity("offensive"))
    assert not any("negotiations" in row["matter"] for row in own)


def test_what_the_agency_reported_is_found_though_it_made_no_claim_itself(sparql: Sparql) -> None:
    passed_on = rows_of(sparql, "?statement rec:speaker id:ria ; rec:conveys ?claim .")
    assert columns(passed_on, "claim") == {
        (claim("zakharova-operation-nearly-finished"),),
        (claim("zakharova-counter-terrorist-label"),),
    }
    assert rows_of(sparql, "?statement rec:speaker id:ria ; rec:makes ?claim .") == []


def test_alloush_passes_on_reports_of_nobody_named_and_no_one_is_accused(sparql: Sparql) -> None:
    rows = rows_of(
        sparql,
        """?passing rec:speaker id:alloush ; rec:relays ?report . ?report rec:speaker ?author ;
          rec:makes ?claim . ?author rec:named false . ?claim rec:subject ?doer ; rec:object ?harmed .""",
    )
    assert columns(rows, "author", "doer", "harmed") == {
        (entity("authors-of-reports"), entity("threats-and-provocations"), entity("civilians"))
    }
    assert rows_of(sparql, "?statement rec:speaker id:alloush ; rec:act act:accuses ; rec:makes ?claim") == []
    assert rows_of(sparql, "?statement rec:speaker id:rights-groups ; rec:act act:accuses ; rec:makes ?claim")


def test_governments_accuse_rebels_of_two_things_and_only_one_is_plainly_denied(sparql: Sparql) -> None:
    rows = rows_of(
        sparql,
        """?statement rec:speaker ?speaker ; rec:act act:accuses ; rec:makes ?claim .
        ?claim rec:subject id:rebels ; rec:object ?object .
        OPTIONAL { ?claim rec:deniedBy/rec:madeIn/rec:speaker ?denier }""",
    )
    flee, evidence = entity("people-who-tried-to-flee"), entity("evidence-of-attacks")
    assert columns(rows, "speaker", "object", "denier") == {
        (entity(government), what, denier)
        for government in ("syrian-gov", "russia-gov")
        for what, denier in ((flee, entity("rebels")), (evidence, ""))
    }


def test_only_rebels_of_two_parts_agreed_and_two_choices_are_parts_of_the_terms(sparql: Sparql) -> None:
    rows = rows_of(
        sparql,
        """?claim rec:relation relation:agreesTo ; rec:subject ?who ; rec:object id:surrender-terms .
        ?part rec:componentOf ?claim ; rec:object ?choice .""",
    )
    assert columns(rows, "who", "choice") == {
        (entity("rebels-of-two-parts"), entity("staying-under-assad")),
        (entity("rebels-of-two-parts"), entity("leaving-with-light-weapons")),
    }


def test_neither_headline_has_a_time_since_their_articles_have_no_date_here(sparql: Sparql) -> None:
    rows = rows_of(
        sparql,
        f"""?statement rec:voice <{TERM}voice/other-headline> ; rec:speaker ?speaker ; rec:makes ?claim .
        OPTIONAL {{ ?claim rec:happenedDuring ?time }}""",
    )
    writer = entity("headline-writer-negotiations")
    assert columns(rows, "claim", "speaker", "time") == {
        (claim("headline-rebels-to-negotiate"), writer, ""),
        (claim("headline-end-of-suffering"), writer, ""),
        (claim("headline-civilians-evacuated"), entity("russia-gov"), ""),
    }


def test_a_name_of_the_text_leads_to_the_one_who_speaks_and_not_to_the_city(ask: Ask, sparql: Sparql) -> None:
    for name in ("Moscow", "moscow", "Moscow@en", "موسكو"):
        rows = ask("entities-by-name", name=name)
        assert columns(rows, "entity") >= {(entity("moscow"),)}, name
    assert columns(ask("entities-by-name", name="moscow"), "entity") == {
        (entity("moscow"),),
        (entity("russia-gov"),),
    }
    said = rows_of(
        sparql,
        """?speaker rec:alsoCalled "Moscow"@en . ?statement rec:speaker ?speaker ; rec:makes ?claim .
        ?claim rec:subject id:rebels ; rec:relation relation:abandons ; rec:object ?given_up""",
    )
    assert columns(said, "speaker", "given_up") == {(entity("russia-gov"), entity("rest-of-eastern-ghouta"))}


def test_whether_the_count_of_those_who_remained_is_the_observatorys_is_left_open(sparql: Sparql) -> None:
    rows = rows_of(
        sparql,
        """?statement rec:speaker ?speaker ; rec:makes ?claim .
        ?claim rec:relation relation:remainsIn ; rec:subject ?who ; rec:object ?where ;
          rec:attribution/rdfs:label ?attribution . OPTIONAL { ?claim rec:quantity/rec:figure ?figure }""",
    )
    towns, people = entity("recaptured-towns"), entity("people")
    assert columns(rows, "speaker", "who", "where", "attribution", "figure") == {
        (entity("observatory"), people, towns, "ambiguous", "40000"),
        (NARRATOR, people, towns, "ambiguous", "40000"),
        (NARRATOR, entity("civilians"), entity("eastern-ghouta"), "narrator", ""),
        (entity("un-coordinator-office"), entity("civilians"), entity("shelters"), "explicit", "47000"),
    }
