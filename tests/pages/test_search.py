"""Search finds a name in any script and spelling, and never shows a claim without who makes it."""

from __future__ import annotations

import json
import re
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import LiveServer
from tests.pages.conftest import PAGE, Show, words_of

from onrecord.search import fold, romanize, skeleton

SPACE = "https://w3id.org/onrecord/ghouta/"


def find(show: Show, text: str) -> list[str]:
    """The IRIs of the first page of hits, in their order."""
    page = show("/search?" + urllib.parse.urlencode({"q": text}))
    start = page.find('class="hits"')
    hits = re.findall(r"<li>\s*(.*?)</li>\n", page[start:], flags=re.DOTALL) if start > 0 else []
    return [title[1] for hit in hits if (title := re.search(r'<h3[^>]*>.*?title="([^"]+)"', hit, re.DOTALL))]


@pytest.mark.parametrize(
    ("written", "thing"),
    [
        ("Douma", "id/douma"),
        ("DOUMA", "id/douma"),
        ("Duma", "id/douma"),
        ("دوما", "id/douma"),
        ("Дума", "id/douma"),
        ("ghuta", "id/ghouta"),
        ("الغوطه", "id/ghouta"),
        ("ادلب", "id/idlib"),
        ("Idleb", "id/idlib"),
        ("Mohamed Aloush", "id/alloush"),
        ("محمد علوش", "id/alloush"),
        ("Аллуш", "id/alloush"),
        ("Jaysh al-Islam", "id/jaish-al-islam"),
        ("جيش الاسلام", "id/jaish-al-islam"),
        ("do", "id/douma"),
    ],
)
def test_a_name_is_found_in_any_script_and_spelling(show: Show, written: str, thing: str) -> None:
    assert SPACE + thing in find(show, written)[:3]


def test_another_name_of_a_source_is_found_too_and_namesakes_stay_apart(show: Show) -> None:
    assert {SPACE + "id/moscow", SPACE + "id/russia-gov"} <= set(find(show, "Moscow")[:3])


def test_a_claim_among_the_hits_shows_its_voice_and_speaker(show: Show) -> None:
    page = show("/search?q=chlorine+gas")
    assert page.count('<article class="claim ') >= 1
    for card in re.findall(r'<article class="claim.*?</article>', page, flags=re.DOTALL):
        assert 'class="voice-word"' in card
        assert "speaker not recorded" not in card


@pytest.mark.parametrize(
    "text", ["", "zzzz", '"', "'; DROP TABLE name; --", "*", "NEAR(", "a" * 200, "%", "ـ"]
)
def test_odd_words_find_nothing_and_break_nothing(show: Show, text: str) -> None:
    assert "Search" in words_of(show("/search?" + urllib.parse.urlencode({"q": text})))


def test_programs_get_the_hits_as_json(live_server: LiveServer) -> None:
    address = "/search?" + urllib.parse.urlencode({"q": "دوما"})
    answer = live_server.get(address, {"Accept": "application/json", "Accept-Language": "en"})
    assert answer.headers["content-type"].startswith("application/json")
    hit = json.loads(answer.body)["hits"][0]
    assert (hit["iri"], hit["label"], hit["name"], hit["fits"]) == (
        SPACE + "id/douma",
        "Douma",
        "دوما",
        "exact",
    )
    assert hit["kinds"]
    again = live_server.get(
        address,
        {
            "Accept": "application/json",
            "Accept-Language": "en",
            "If-None-Match": answer.headers["etag"],
        },
    )
    assert again.status == 304
    assert live_server.get(address).headers["content-type"].startswith("text/html")
    assert live_server.get("/search", {"Accept": "application/json"}).json() == {"hits": [], "more": False}


def test_a_query_that_is_too_long_is_refused(live_server: LiveServer) -> None:
    assert live_server.get("/search?q=" + "a" * 201, PAGE).status == 400


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert isinstance(romanize(text), str)
    assert isinstance(skeleton(text), str)
