"""The editor of /sparql in Debian's chromium, under the content security policy that everybody gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from tests.conftest import LiveServer

WIDTHS = {"phone": 390, "desk": 1280}


@pytest.fixture(params=WIDTHS.values(), ids=WIDTHS.keys())
def page(
    chromium: Browser, live_server: LiveServer, bundle: object, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A page that fails the test when it asks another host, or when the browser complains of anything."""
    context = chromium.new_context(
        viewport={"width": request.param, "height": 844}, base_url=live_server.url, locale="en-GB"
    )
    wrong: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(message.text)

    context.on("request", lambda r: None if r.url.startswith(live_server.url) else wrong.append(r.url))
    opened = context.new_page()
    opened.on("console", complain)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    yield opened
    context.close()
    assert not wrong


def write(page: Page, text: str) -> None:
    """Put `text` in place of what is in the editor, as a reader pastes it."""
    editor = page.get_by_role("textbox", name="Query")
    editor.press("Control+a")
    editor.evaluate(
        """(content, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const paste = {clipboardData: data, bubbles: true, cancelable: true};
            content.dispatchEvent(new ClipboardEvent("paste", paste));
        }""",
        text,
    )


def test_a_query_is_written_in_the_editor_and_run(page: Page) -> None:
    page.goto("/sparql")
    expect(page.locator("textarea")).to_be_hidden()
    write(page, "SELECT ?n { VALUES ?n { 41 42 } }")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("table tbody tr")).to_have_count(2)
    expect(page.get_by_role("textbox", name="Query")).to_have_text("SELECT ?n { VALUES ?n { 41 42 } }")


def test_escape_and_tab_lead_out_of_the_editor(page: Page) -> None:
    page.goto("/sparql")
    page.get_by_role("textbox", name="Query").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run")).to_be_focused()
