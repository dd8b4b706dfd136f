"""What pages say of claims is exactly what the graph says: never a claim without who makes it."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY, LiveServer
from tests.pages.conftest import ARTICLE, PAGE, Show, articles_of, words_of

REC = "https://w3id.org/onrecord/ns#"
PREFIX = f"PREFIX rec: <{REC}> "
CLAIM = f"{ARTICLE}/claim/"


def test_a_claim_shows_who_made_it_and_the_whole_chain_to_us(show: Show) -> None:
    words = words_of(show(CLAIM + "zakharova-operation-nearly-finished.html"))
    assert re.search(r"A party claims +Maria Zakharova", words)
    assert re.search(r"Known through RIA reports → , as The article reports", words)
    assert "On the occasion of" in words
    assert "Hedge nearly" in words
    assert re.search(r"P5S1, 1102.1173", words)
    assert "Reviewed by nobody yet" in words


def test_a_claim_of_the_article_itself_says_so_in_words_and_by_its_line(show: Show) -> None:
    page = show(CLAIM + "douma-last-insurgent-town.html")
    assert "The article states" in words_of(page)
    assert 'class="claim is-whole voice-article"' in page
    assert "Known through the article itself" in words_of(page)


def test_an_uncertain_denial_never_reads_as_a_plain_one(show: Show) -> None:
    page = show("/accusations")
    rows = re.findall(r"<tr>.*?</tr>", page, flags=re.DOTALL)
    fabricated = next(row for row in rows if "Evidence of attacks" in row)
    killed = next(row for row in rows if "Those who tried to flee" in row)
    assert "possible" in words_of(fabricated)
    assert "denies" in words_of(killed)
    assert "possible" not in words_of(killed)


def test_the_matrix_tells_who_accuses_and_who_denies_of_every_accusation(
    show: Show, live_server: LiveServer
) -> None:
    asked = PREFIX + (
        "SELECT ?claim ?speaker { ?claim rec:modality <https://w3id.org/onrecord/term/modality/accusation> . "
        "?s rec:makes ?claim ; rec:speaker ?speaker }"
    )
    told = live_server.sparql(asked)
    page = show("/accusations")
    assert len(re.findall(r'class="does voice-party"', page)) == len(told)
    for row in told:
        assert f'title="{row["claim"]}">accuses' in page


@pytest.mark.parametrize(
    "path", ["/claims", "/contradictions", "/id/douma.html", "/id/syrian-army.html", ARTICLE + ".html"]
)
def test_no_card_lacks_its_voice_its_speaker_and_its_place_in_the_text(show: Show, path: str) -> None:
    cards = articles_of(show(path))
    assert cards
    for card in cards:
        assert re.search(r'class="claim voice-(article|party|other-headline|several)"', card), card
        assert 'class="voice-word"' in card
        assert "speaker not recorded" not in card
        assert re.search(r'class="span">[PHR]\d+S\d+', card), card


def test_a_claim_of_one_voice_or_another_says_or_and_has_a_line_of_its_own(show: Show) -> None:
    card = next(c for c in articles_of(show("/id/douma.html")) if "started some days earlier" in c)
    assert 'class="claim voice-several"' in card
    assert re.search(
        r"The article states +or +A party claims|A party claims +or +The article states", words_of(card)
    )


def test_negation_is_said_in_words(show: Show) -> None:
    page = show(CLAIM + "denied-army-uses-chlorine-gas.html")
    assert "not: uses" in words_of(page)
    card = next(c for c in articles_of(show("/claims?modality=term:modality/denial")) if "chlorine" in c)
    assert "negated" in words_of(card)


def test_an_article_lists_all_its_claims_in_the_order_of_the_text(
    show: Show, live_server: LiveServer
) -> None:
    starts: list[int] = []
    page, number = show(ARTICLE + ".html"), 1
    while True:
        for card in articles_of(page):
            found = re.search(r"(\d+)&ndash;\d+</a>", card)
            assert found is not None
            starts.append(int(found[1]))
        if 'rel="next"' not in page:
            break
        number += 1
        page = show(f"{ARTICLE}.html?_page={number}")
    (count,) = live_server.sparql(PREFIX + "SELECT (COUNT(*) AS ?n) { ?c a rec:Claim }")
    assert len(starts) == int(count["n"])
    assert starts == sorted(starts)


def test_a_place_has_the_claims_of_all_that_lies_in_it_and_tells_background_by_its_file(show: Show) -> None:
    page = show("/id/eastern-ghouta.html")
    assert "in control of Douma" in words_of(page)
    assert "Background, not from a source" in words_of(page)
    inside = words_of(page[page.index('id="within-title"') : page.index('id="list-1"')])
    assert "Douma triples/entities" in inside
    assert "Eastern Ghouta lies in Ghouta triples/" in inside


def test_an_agent_page_tells_what_they_say_apart_from_what_is_said_about_them(show: Show) -> None:
    page = show("/id/alloush.html")
    said, about = page.index("What they say"), page.index("What is said about them")
    assert said < page.index("the talks go on") < about
    assert "lives or works abroad" in page[about:]


def test_claims_are_filtered_by_an_address_that_can_be_shared(show: Show, live_server: LiveServer) -> None:
    page = show("/claims?speaker=id/rights-groups&object=id/chlorine-gas")
    assert len(articles_of(page)) == 1
    assert '<option value="id/rights-groups" selected>' in page
    assert len(articles_of(show("/claims?speaker=https%3A//w3id.org/onrecord/ghouta/id/alloush"))) == 3
    day = words_of(show("/claims?after=2016-05-01&before=2016-05-02"))
    assert "Aleppo" in day
    for wrong in ("speeker=id/x", "speaker=%3Cb%3E", "after=yesterday", "after=2018-02-31", "_page=0"):
        response = live_server.get(f"/claims?{wrong}", PAGE)
        assert response.status == 400, wrong
        assert "<b>" not in response.text.replace("<b class", "")


def test_alliances_are_of_a_day_and_of_a_speaker(show: Show) -> None:
    assert "joins the war effort of" in words_of(show("/alliances?as_of=2015-09-10"))
    later = words_of(show("/alliances?as_of=2018-03-29"))
    assert "joins the war effort of" not in later
    assert "has as member Iran" in later
    assert "No claim on sides fits" in words_of(show("/alliances?speaker=id/alloush"))


def test_the_time_line_draws_what_is_uncertain_and_what_is_open(show: Show, live_server: LiveServer) -> None:
    page = show("/timeline")
    assert 'aria-label="not before 2011-01-01, not after 2011-12-31"' in page
    (open_ended,) = live_server.sparql(
        PREFIX + "SELECT (COUNT(*) AS ?n) { ?c a rec:Claim ; rec:happenedDuring ?t "
        "FILTER NOT EXISTS { ?t rec:notBefore ?x } }"
    )
    drawn = sum(show(f"/timeline?_page={n}").count('aria-label="earliest not known') for n in (1, 2, 3))
    assert drawn == int(open_ended["n"])


def test_the_map_tells_the_source_of_every_position(show: Show, live_server: LiveServer) -> None:
    page = show("/map")
    rows = live_server.sparql(PREFIX + "SELECT ?p ?f { ?p rec:latitude ?lat ; rec:coordinatesFrom ?f }")
    assert page.count('class="point"') == len(rows)
    assert all(f'href="{row["f"]}"' in page for row in rows)


def test_pages_hold_no_script_no_style_attribute_and_no_foreign_address(show: Show) -> None:
    for path in ("/claims", "/contradictions", "/timeline", "/map", "/alliances", "/ns", "/id/douma.html"):
        page = show(path)
        assert "<script" not in page
        assert " style=" not in page
        assert not re.findall(r'(?:src|<link[^>]*href)="https?:', page)


def test_passages_stand_beside_their_claims_for_the_operator_alone(
    serve_folder: Callable[..., AbstractContextManager[LiveServer]], shared: Path, show: Show
) -> None:
    text = (shared / "article" / "000_390dadc3380c134b.txt").read_text(encoding="utf-8")
    words = text[1938:1982]
    address = CLAIM + "commander-talks-stopped.html"
    assert words not in show(address)
    with serve_folder(REPOSITORY, "--source", str(shared / "article")) as server:
        assert f'<blockquote class="passage" dir="auto">{words}' in server.get(address, PAGE).text
        assert any(words in server.get(f"{ARTICLE}.html?_page={n}", PAGE).text for n in (1, 2, 3))
        assert words not in server.get(address.replace(".html", ".ttl")).text
