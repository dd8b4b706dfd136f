"""A newcomer in a real browser: Debian's chromium, without JavaScript of ours and without other hosts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request
from tests.conftest import LiveServer


@pytest.fixture(params=[(1200, 900), (390, 844)], ids=["desktop", "phone"])
def page(chromium: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that fails the test when it asks any host but ours."""
    width, height = request.param
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": width, "height": height}, base_url=live_server.url
    )
    foreign: list[str] = []

    def watch(asked: Request) -> None:
        if not asked.url.startswith(live_server.url):
            foreign.append(asked.url)

    opened = context.new_page()
    opened.on("request", watch)
    yield opened
    context.close()
    assert not foreign


def test_from_the_first_page_to_who_contradicts_whom(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Contradictions side by side").first.click()
    rows = page.locator("table tbody tr")
    told = rows.filter(has_text="Mohammad Alloush").first
    assert "Unnamed commander in the alliance" in told.inner_text()
    assert "cue word in the text" in told.inner_text()


def test_a_speaker_is_chosen_by_name_in_a_form(page: Page) -> None:
    page.goto("/queries/what-a-speaker-said")
    page.get_by_label("Speaker", exact=True).select_option(label="Maria Zakharova")
    page.get_by_role("button", name="Ask").click()
    body = page.locator("table tbody").inner_text()
    assert "Maria Zakharova" in body
    assert "Alloush" not in body
    assert "speaker=" in page.url, "the address can be shared"


def test_a_mistake_is_shown_with_its_place_and_the_text_is_kept(page: Page) -> None:
    page.goto("/sparql")
    page.get_by_role("textbox").first.fill("SELECT * {\n  ?s ?p\n}")
    page.get_by_role("button", name="Run").first.click()
    assert "ine 3, column 1" in page.locator("main").inner_text()
    assert "?s ?p" in page.get_by_role("textbox").first.input_value()


def test_a_query_typed_into_the_form_gives_a_table(page: Page) -> None:
    page.goto("/sparql")
    page.get_by_role("textbox").first.fill("SELECT ?n { VALUES ?n { 41 42 } }")
    page.get_by_role("button", name="Run").first.click()
    assert page.locator("table tbody tr").count() == 2


@pytest.mark.parametrize("path", ["/", "/queries", "/queries/contradictions", "/sparql", "/nothing-here"])
def test_no_page_is_wider_than_the_screen(page: Page, path: str) -> None:
    page.goto(path)
    width = page.viewport_size["width"] if page.viewport_size else 0
    box = page.locator("body").bounding_box()
    assert box is not None
    assert box["width"] <= width
