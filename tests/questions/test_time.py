"""When something was said, when it is said to have happened, and what is yet to come."""

from __future__ import annotations

from tests.questions.asking import NARRATOR, TERM, Ask, claim, columns, entity, has


def test_on_wednesday_the_commander_spoke_and_artillery_fired(ask: Ask) -> None:
    rows = [row for row in ask("claims-of-a-day", day="2018-03-28") if row["fit"] == "that day"]
    assert columns(rows, "sense", "claim", "speaker") == {
        ("said", claim("commander-talks-stopped"), entity("alliance-commander")),
        ("happened", claim("artillery-fire-on-douma"), NARRATOR),
    }


def test_what_only_may_have_happened_on_wednesday_is_marked_so(ask: Ask) -> None:
    rows = ask("claims-of-a-day", day="2018-03-28")
    assert has(rows, claim=claim("rebels-accept-deals"), sense="happened", fit="within these bounds")
    assert not has(rows, claim=claim("rebels-accept-deals"), fit="that day")
    thursday = ask("claims-of-a-day", day="2018-03-29")
    assert has(thursday, claim=claim("jaish-al-islam-controls-douma"), sense="happened", fit="that day")


def test_on_which_day_the_talks_stopped_is_not_said(ask: Ask) -> None:
    stopped = claim("commander-talks-stopped")
    happened = [row for row in ask("claims-of-a-day", day="2018-03-28") if row["sense"] == "happened"]
    assert stopped not in {row["claim"] for row in happened}
    assert claim("artillery-fire-on-douma") in {row["claim"] for row in happened}
    rows = ask("chronology", speaker="id/alliance-commander")
    assert columns(rows, "claim", "from", "to", "precision", "approximate") == {
        (stopped, "", "2018-03-28T23:59:59Z", "unknown", "true")
    }
    said = ask("what-a-speaker-said", speaker="id/alliance-commander")
    assert columns(said, "claim", "saidFrom", "saidTo") == {
        (stopped, "2018-03-28T00:00:00Z", "2018-03-28T23:59:59Z")
    }


def test_rebels_in_two_parts_agreed_about_a_week_before(ask: Ask) -> None:
    rows = ask("chronology", about="id/surrender-terms")
    agreed = [row for row in rows if row["claim"] == claim("rebels-agree-surrender-terms")]
    assert columns(agreed, "speaker", "approximate", "precision") == {(NARRATOR, "true", "day")}
    for row in agreed:
        assert "2018-03-20T00:00:00Z" <= row["from"] <= "2018-03-22T00:00:00Z"
        assert "2018-03-22T23:59:59Z" <= row["to"] <= "2018-03-24T23:59:59Z"


def test_the_day_on_which_an_undated_speaker_spoke_is_not_made_up(ask: Ask) -> None:
    rows = ask("what-a-speaker-said", speaker="id/jai-senior-official")
    assert has(rows, claim=claim("official-group-negotiates-with-russia"), saidTo="2018-03-29T23:59:59Z")
    assert all("saidFrom" not in row for row in rows)
    office = ask("what-a-speaker-said", speaker="id/un-coordinator-office")
    assert columns(office, "saidFrom", "saidTo", "medium") == {
        ("2018-03-29T00:00:00Z", "2018-03-29T23:59:59Z", "e-mail")
    }


def test_the_article_itself_foretells_the_capture_and_what_it_crowns(ask: Ask) -> None:
    rows = ask("predictions", voice=TERM + "voice/article")
    assert columns(rows, "claim", "speaker", "modality") == {
        (claim("capture-caps-victories"), NARRATOR, "predicted"),
        (claim("government-to-capture-eastern-ghouta"), NARRATOR, "predicted"),
    }


def test_what_a_headline_plans_is_not_foretold_by_the_article(ask: Ask) -> None:
    rows = ask("predictions", voice=TERM + "voice/other-headline")
    assert columns(rows, "claim", "speaker", "modality") == {
        (claim(slug), entity("headline-writer-negotiations"), "planned")
        for slug in ("headline-rebels-to-negotiate", "headline-end-of-suffering")
    }
