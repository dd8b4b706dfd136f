"""axe finds nothing on any type of page, in either theme, on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from tests.browser.looking import OF_LANGUAGE, OF_LOOKS, find_violations
from tests.conftest import LiveServer

ARTICLE = "/article/343dbc8f"
PAGES = {
    "home": "/",
    "claims": "/claims?speaker=id/alloush",
    "contradictions": "/contradictions",
    "accusations": "/accusations",
    "alliances": "/alliances?as_of=2018-03-29",
    "time line": "/timeline",
    "when it was said": "/timeline?show=said",
    "map": "/map",
    "search": "/search?q=douma",
    "claim": f"{ARTICLE}/claim/zakharova-operation-nearly-finished.html",
    "claim with links": f"{ARTICLE}/claim/commander-talks-stopped.html",
    "article": f"{ARTICLE}.html",
    "agent": "/id/alloush.html",
    "place": "/id/eastern-ghouta.html",
    "event": "/id/offensive.html",
    "statement": f"{ARTICLE}/statement/p5s1-ria-reports.html",
    "link": f"{ARTICLE}/link/alloush-contradicts-commander.html",
    "span": f"{ARTICLE}/span/1938-1982.html",
    "term": "/term/relation/controls.html",
    "graph": "/graph/triples/entities.html",
    "vocabulary": "/ns",
    "generations": "/generations",
    "generation": "/generations/1",
    "catalogue": "/queries",
    "saved query": "/queries/contradictions",
    "query form": "/sparql",
    "problems": "/problems",
    "sign in": "/sign-in",
    "not found": "/id/nobody.html",
    "in Arabic": "/id/douma.html?_lang=ar",
}


@pytest.mark.timeout(400)
def test_axe_finds_nothing_on_a_phone_by_day_and_on_a_desk_at_night(
    chromium: Browser, live_server: LiveServer, axe: str
) -> None:
    # The policy of the pages forbids all script; only this test may look at them with one.
    context = chromium.new_context(bypass_csp=True, locale="en", base_url=live_server.url)
    found: list[str] = []
    page = context.new_page()
    for name, path in PAGES.items():
        page.set_viewport_size({"width": 360, "height": 900})
        page.emulate_media(color_scheme="light")
        page.goto(path)
        found += find_violations(page, axe, name)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="dark")
        found += find_violations(page, axe, f"{name}, dark", OF_LOOKS)
    context.close()
    assert not found, "\n".join(found)


@pytest.mark.timeout(400)
def test_axe_finds_nothing_in_arabic(chromium: Browser, live_server: LiveServer, axe: str) -> None:
    context = chromium.new_context(
        viewport={"width": 768, "height": 900}, bypass_csp=True, locale="ar", base_url=live_server.url
    )
    found: list[str] = []
    page = context.new_page()
    for name, path in PAGES.items():
        page.goto(path)
        found += find_violations(page, axe, name, OF_LANGUAGE)
    context.close()
    assert not found, "\n".join(found)
