"""Who said what in which words, and who is nobody else."""

from __future__ import annotations

from tests.questions.asking import NARRATOR, PREFIXES, Ask, Sparql, claim, columns, entity, has


def test_zakharova_speaks_at_a_weekly_briefing_and_gives_the_operation_a_name(ask: Ask) -> None:
    rows = ask("what-a-speaker-said", speaker="id/zakharova")
    assert columns(rows, "claim", "act", "setting") == {
        (claim("zakharova-operation-nearly-finished"), "says", "Weekly briefing"),
        (claim("zakharova-counter-terrorist-label"), "labels", "Weekly briefing"),
    }
    words = ask("quoted-words", speaker="id/zakharova")
    assert columns(words, "words", "claim") == {
        ("counter-terrorist operation", claim("zakharova-counter-terrorist-label"))
    }


def test_zakharova_is_not_credited_with_the_words_of_moscow(ask: Ask) -> None:
    zakharova = ask("what-a-speaker-said", speaker="id/zakharova")
    assert claim("moscow-offensive-almost-over") not in {row["claim"] for row in zakharova}
    moscow = ask("what-a-speaker-said", speaker="id/russia-gov")
    assert has(moscow, claim=claim("moscow-offensive-almost-over"), act="says")
    assert claim("zakharova-operation-nearly-finished") not in {row["claim"] for row in moscow}


def test_alloush_wrote_to_reuters_that_the_talks_go_on(ask: Ask) -> None:
    rows = ask("what-a-speaker-said", speaker="id/alloush")
    assert columns(rows, "claim", "attribution", "act", "medium", "audience") == {
        (claim("alloush-talks-continue"), "explicit", "says", "text message", "Reuters"),
        (claim("alloush-reports-of-threats"), "explicit", "says", "text message", "Reuters"),
        (claim("reports-civilians-pressured"), "ambiguous", "says", "text message", "Reuters"),
    }
    pressed = ask("chain-of-attribution", claim=claim("reports-civilians-pressured"))
    chains = {
        origin: [row["speaker"] for row in pressed if row["firstSpeaker"] == origin]
        for origin in (entity("authors-of-reports"), entity("alloush"))
    }
    assert chains == {
        entity("authors-of-reports"): [entity("authors-of-reports"), entity("alloush"), NARRATOR],
        entity("alloush"): [entity("alloush"), NARRATOR],
    }, "whose purpose it is stays open"


def test_alloush_accuses_nobody_by_name(ask: Ask, sparql: Sparql) -> None:
    query = (
        PREFIXES
        + """SELECT DISTINCT ?claim ?entity WHERE {{
          ?statement rec:speaker <{speaker}> ; rec:conveys ?claim .
          ?claim rec:about ?entity .
        }}"""
    )
    named = {entity("russia-gov"), entity("syrian-gov"), entity("syrian-army"), entity("pro-assad-alliance")}
    rows = sparql(query.format(speaker=entity("alloush")))
    assert {row["entity"] for row in rows} & named == set()
    assert has(rows, claim=claim("reports-civilians-pressured"), entity=entity("civilians"))
    control = sparql(query.format(speaker=entity("jai-senior-official")))
    assert has(control, claim=claim("official-group-negotiates-with-russia"), entity=entity("russia-gov"))
    assert ask("accusations", speaker="id/alloush") == []
    assert has(ask("accusations", speaker="id/rights-groups"), accused=entity("syrian-army"))


def test_whether_the_unnamed_official_is_alloush_stays_undecided(ask: Ask, sparql: Sparql) -> None:
    rows = ask("possible-identities", entity="id/alloush")
    assert {row["other"] for row in rows} == {entity("jai-senior-official")}
    identity = sparql(
        PREFIXES
        + f"""SELECT DISTINCT ?property WHERE {{
          VALUES ?property {{ owl:sameAs owl:differentFrom rec:possiblySameAs }}
          VALUES ?one {{ <{entity("alloush")}> <{entity("jai-senior-official")}> }}
          {{ ?one ?property ?other }} UNION {{ ?other ?property ?one }}
        }}"""
    )
    assert [row["property"] for row in identity] == ["https://w3id.org/onrecord/ns#possiblySameAs"]


def test_what_one_of_the_two_says_is_not_credited_to_the_other(ask: Ask) -> None:
    official = ask("what-a-speaker-said", speaker="id/jai-senior-official")
    assert has(official, claim=claim("official-group-negotiates-with-russia"))
    assert claim("alloush-talks-continue") not in {row["claim"] for row in official}
    roles = ask("roles", body="id/jaish-al-islam")
    assert columns(roles, "holder", "named", "speaker") == {
        (entity("alloush"), "", NARRATOR),
        (entity("jai-senior-official"), "false", NARRATOR),
    }


def test_unnamed_speakers_are_listed_each_on_its_own(ask: Ask) -> None:
    rows = ask("unnamed-speakers")
    assert {row["speaker"] for row in rows} == {
        entity("alliance-commander"),
        entity("authors-of-reports"),
        entity("headline-writer-negotiations"),
        entity("jai-senior-official"),
    }
    assert has(rows, speaker=entity("alliance-commander"), claim=claim("commander-talks-stopped"))
    assert has(
        rows,
        speaker=entity("jai-senior-official"),
        claim=claim("official-group-negotiates-with-russia"),
        possibly=entity("alloush"),
    )


def test_quoted_words_belong_to_those_who_said_or_printed_them(ask: Ask) -> None:
    rows = ask("quoted-words")
    assert columns(rows, "words", "speaker", "voice") == {
        ("counter-terrorist operation", entity("zakharova"), "voice of a party"),
        ("threats and provocations", entity("alloush"), "voice of a party"),
        ("dire", entity("un-coordinator-office"), "voice of a party"),
        ("End Human Suffering", entity("headline-writer-negotiations"), "voice of another headline"),
    }
    unnamed = {row["speaker"] for row in ask("unnamed-speakers")}
    assert entity("headline-writer-negotiations") in unnamed
    assert entity("un-coordinator-office") not in unnamed


def test_that_zakharova_gave_no_details_is_a_silence_and_no_denial(ask: Ask) -> None:
    silence = claim("zakharova-gives-no-details")
    rows = ask("negated-claims", act="https://w3id.org/onrecord/term/speech-act/reports-silence")
    assert columns(rows, "claim", "speaker", "subject", "object") == {
        (silence, NARRATOR, entity("zakharova"), entity("negotiations-with-holdouts"))
    }
    denied = {row["claim"] for row in ask("denials")}
    assert silence not in denied
    assert claim("denied-army-uses-chlorine-gas") in denied
    assert silence not in {row["claim"] for row in ask("what-a-speaker-said", speaker="id/zakharova")}


def test_whose_words_an_ambiguous_claim_is_stays_open(ask: Ask) -> None:
    rows = ask("claims-by-manner", attribution="https://w3id.org/onrecord/term/attribution/ambiguous")
    speakers = columns(rows, "claim", "speaker")
    for slug, party in (
        ("talks-began-days-ago", "jai-senior-official"),
        ("people-remain-in-recaptured-towns", "observatory"),
        ("shelters-are-unfinished-buildings", "un-coordinator-office"),
    ):
        assert {(claim(slug), entity(party)), (claim(slug), NARRATOR)} <= speakers
    assert claim("official-group-negotiates-with-russia") not in {row["claim"] for row in rows}


def test_assad_and_his_allies_justify_the_offensive_each_in_a_statement_of_their_own(ask: Ask) -> None:
    rows = ask("claims-by-manner", act="https://w3id.org/onrecord/term/speech-act/justifies")
    justified = {
        (claim(f"offensive-needed-to-{aim}"), entity(speaker))
        for aim in ("end-militant-rule", "stop-mortar-fire")
        for speaker in ("assad", "assad-allies")
    }
    assert justified <= columns(rows, "claim", "speaker")
    assert NARRATOR not in {row["speaker"] for row in rows}
    assert entity("pro-assad-alliance") not in {row["speaker"] for row in rows}
