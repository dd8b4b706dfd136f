"""Journeys through the pages, without JavaScript: a newcomer, an analyst, a reader of Arabic."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.conftest import LiveServer

WIDTHS = {"phone": 360, "tablet": 800, "desk": 1280}


@pytest.fixture(params=WIDTHS.values(), ids=WIDTHS.keys())
def page(chromium: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page without scripts that fails the test when it asks any host but ours."""
    context = chromium.new_context(
        java_script_enabled=False,
        viewport={"width": request.param, "height": 844},
        base_url=live_server.url,
        locale="en-GB",
    )
    foreign: list[str] = []
    context.on("request", lambda r: None if r.url.startswith(live_server.url) else foreign.append(r.url))
    yield context.new_page()
    context.close()
    assert not foreign


def test_a_newcomer_finds_the_contradiction_about_the_talks_and_its_evidence(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Claims that contradict each other, side by side").click()
    pair = page.locator("section.pair").filter(has_text="Mohammad Alloush: the talks go on").first
    expect(pair).to_contain_text("Commander: the talks with Jaish al-Islam are off")
    expect(pair).to_contain_text("cue word in the text")
    expect(pair).to_contain_text("certain")
    pair.get_by_role("link", name="Commander: the talks with Jaish al-Islam are off").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Commander")
    main = page.locator("main")
    expect(main).to_contain_text("A party claims")
    expect(main).to_contain_text("Only the saying is dated")
    evidence = page.get_by_role("region", name="Where it stands")
    expect(evidence).to_contain_text("P8S1")
    evidence.get_by_role("link", name=re.compile("1938.1982")).click()
    expect(page.locator("main")).to_contain_text("negotiations with Jaish")


def test_an_analyst_filters_accusations_by_target_and_shares_the_address(
    page: Page, chromium: Browser
) -> None:
    page.goto("/")
    page.get_by_role("link", name="Who accuses whom, and who denies it").click()
    page.get_by_label("Target or means").select_option(label="Civilian infrastructure")
    page.get_by_role("button", name="Show").click()
    told = page.locator("table.matrix tbody tr")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("Syrian military")
    address = page.url
    assert "object=id" in address
    context = chromium.new_context(java_script_enabled=False)
    other = context.new_page()
    other.goto(address)
    shared = other.locator("table.matrix tbody tr")
    expect(shared).to_have_count(1)
    expect(shared.get_by_role("link", name=re.compile("^accuses"))).to_have_count(2)
    expect(shared.get_by_role("link", name=re.compile("^denies"))).to_have_count(2)
    context.close()


def test_a_reader_of_arabic_finds_and_reads_a_claim(chromium: Browser, live_server: LiveServer) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="ar", base_url=live_server.url)
    page = context.new_page()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.get_by_role("searchbox", name="ابحث في الأسماء").fill("دوما")
    page.get_by_role("banner").get_by_role("button", name="بحث").click()
    page.get_by_role("link", name="دوما", exact=True).first.click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("دوما")
    expect(heading).to_have_attribute("lang", "ar")
    claim = page.get_by_role("link", name="المقال: جيش الإسلام يسيطر على دوما").first
    expect(claim).to_be_visible()
    claim.click()
    content = page.locator("p.triple")
    expect(content.get_by_role("link", name="جيش الإسلام")).to_have_attribute("dir", "auto")
    expect(content.get_by_role("link", name="دوما")).to_have_attribute("lang", "ar")
    # What joins the two is read in the direction of its own language.
    expect(content.get_by_role("link", name="يسيطر على")).to_have_attribute("lang", "ar")
    expect(content).to_have_attribute("dir", "rtl")
    expect(page.locator(".claim.is-whole .voice-word")).to_have_text("يذكر المقال")
    expect(page.get_by_role("heading", name="من يقوله، وكيف عرفنا")).to_be_visible()
    switch = page.get_by_role("navigation", name="اللغة")
    expect(switch.get_by_role("link", name="العربية")).to_have_attribute("aria-current", "true")
    switch.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Who says it, and how we know")).to_be_visible()
    page.get_by_role("link", name="Accusations").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who accuses, who denies")
    page.get_by_role("navigation", name="Language").get_by_role("link", name="العربية").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("من يتّهم ومن ينفي")
    for words in ("يتّهم", "ينفي"):
        expect(page.locator("table.matrix .does").filter(has_text=words).first).to_be_visible()
    context.close()


def test_the_first_tab_leads_past_the_masthead_and_focus_is_seen(page: Page) -> None:
    page.goto("/claims")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_no_page_is_wider_than_the_screen(page: Page) -> None:
    for path in (
        *("/", "/claims", "/contradictions", "/accusations", "/alliances", "/timeline", "/map", "/ns"),
        *("/?_lang=ar", "/accusations?_lang=ar", "/timeline?_lang=ar", "/id/alloush.html?_lang=ar"),
        *("/search?q=douma", "/id/douma.html", "/id/alloush.html", "/article/343dbc8f.html"),
        "/article/343dbc8f/claim/zakharova-operation-nearly-finished.html",
    ):
        page.goto(path)
        for part in ("html", "main"):
            box = page.locator(part).bounding_box()
            assert box is not None and page.viewport_size is not None
            assert box["width"] <= page.viewport_size["width"], (path, part)


def test_no_page_is_wider_than_its_screen(page: Page) -> None:
    assert page.viewport_size is not None
    for path in ("/accusations", "/claims", "/timeline", "/nothing-is-here-and-its-address-is-long-" * 3):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], path
