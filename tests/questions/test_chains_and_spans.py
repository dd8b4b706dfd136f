"""Through whom a claim is known, and where it stands."""

from __future__ import annotations

from tests.questions.asking import ARTICLE, NARRATOR, PREFIXES, Ask, Sparql, claim, columns, entity, has


def test_zakharova_reaches_us_through_ria_and_then_the_article(ask: Ask) -> None:
    rows = ask("chain-of-attribution", claim=claim("zakharova-operation-nearly-finished"))
    assert [(row["step"], row["speaker"], row["act"]) for row in rows] == [
        ("1", entity("zakharova"), "says"),
        ("2", entity("ria"), "reports"),
        ("3", NARRATOR, "reports"),
    ]


def test_what_russia_says_in_a_headline_reaches_us_through_whoever_wrote_it(ask: Ask) -> None:
    rows = ask("chain-of-attribution", claim=claim("headline-civilians-evacuated"))
    assert [(row["step"], row["speaker"], row["act"]) for row in rows] == [
        ("1", entity("russia-gov"), "says"),
        ("2", entity("headline-writer-evacuation"), "headlines"),
        ("3", NARRATOR, "links to"),
    ]
    assert {row["voice"] for row in rows[:2]} == {"voice of another headline"}


def test_what_ria_conveyed_is_found_in_plain_sparql_and_stays_the_word_of_zakharova(sparql: Sparql) -> None:
    rows = sparql(
        PREFIXES
        + f"""SELECT ?claim ?speaker WHERE {{
          ?statement rec:speaker <{entity("ria")}> ; rec:conveys ?claim .
          ?claim rec:madeIn/rec:speaker ?speaker .
        }}"""
    )
    assert columns(rows, "claim", "speaker") == {
        (claim("zakharova-operation-nearly-finished"), entity("zakharova")),
        (claim("zakharova-counter-terrorist-label"), entity("zakharova")),
    }


def test_two_outlets_are_called_state_run_and_one_of_them_speaks_for_itself(ask: Ask) -> None:
    rows = ask("state-media", condition="id/state-run")
    assert columns(rows, "outlet", "role", "speaker", "claim", "accordingTo") == {
        (
            entity("ria"),
            "relays",
            entity("zakharova"),
            claim("zakharova-operation-nearly-finished"),
            NARRATOR,
        ),
        (entity("ria"), "relays", entity("zakharova"), claim("zakharova-counter-terrorist-label"), NARRATOR),
        (
            entity("state-television"),
            "speaks",
            entity("state-television"),
            claim("state-television-dozens-killed"),
            NARRATOR,
        ),
    }
    said = ask("what-a-speaker-said", speaker="id/alloush")
    assert has(said, claim=claim("alloush-reports-of-threats"), audience="Reuters"), (
        "an outlet, and not state-run"
    )


def test_that_the_talks_are_off_stands_at_its_offsets_in_paragraph_8(ask: Ask) -> None:
    rows = ask("where-it-stands", claim=claim("commander-talks-stopped"))
    evidence = [row for row in rows if row["role"] == "evidence"]
    assert columns(evidence, "start", "end", "sentence", "source") == {("1938", "1982", "P8S1", ARTICLE)}
    assert has(rows, role="cue", start="1795", speaker=entity("alliance-commander"))


def test_an_accusation_by_two_sides_has_a_chain_for_each(ask: Ask) -> None:
    rows = ask("chain-of-attribution", claim=claim("army-uses-chlorine-gas"))
    assert columns(rows, "firstSpeaker", "step", "speaker") == {
        (side, step, speaker)
        for side in (entity("rights-groups"), entity("western-countries"))
        for step, speaker in (("1", side), ("2", NARRATOR))
    }
