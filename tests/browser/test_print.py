"""On paper nothing is cut off, what was asked stands beside its answer, and nothing asks to be clicked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.test_axe import PAGES
from tests.conftest import LiveServer

A4 = {"width": 718, "height": 1047}
"""Pixels of the CSS inside a browser's usual margins."""
OVERFLOWING = """() => [...document.querySelectorAll('main *')]
    .filter(e => e.getClientRects().length && !e.closest('svg') && !e.closest('.sr'))
    .filter(e => { const r = e.getBoundingClientRect(); return r.right > innerWidth + 1 || r.left < -1; })
    .map(e => `${e.tagName} ${e.className}: ${e.textContent.slice(0, 60)}`)"""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_is_cut_off_on_paper(chromium: Browser, live_server: LiveServer, language: str) -> None:
    context = chromium.new_context(viewport=A4, base_url=live_server.url, locale=language)
    page = context.new_page()
    page.emulate_media(media="print")
    cut: list[str] = []
    for name, path in {**PAGES, "asked": "/queries/what-a-speaker-said?speaker=id/alloush"}.items():
        page.goto(path)
        cut += [f"{name}: {element}" for element in page.evaluate(OVERFLOWING)]
        shown = page.locator("button:visible, .masthead :is(nav, form):visible").all_inner_texts()
        cut += [f"{name}: {text!r} cannot be clicked on paper" for text in shown]
    context.close()
    assert not cut, "\n".join(cut)


def test_what_was_asked_is_printed_beside_its_answer(chromium: Browser, live_server: LiveServer) -> None:
    context = chromium.new_context(viewport=A4, base_url=live_server.url, locale="en")
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto("/queries/what-a-speaker-said?speaker=id/alloush")
    asked = page.get_by_label("Speaker", exact=True)
    expect(asked).to_be_visible()
    assert asked.evaluate("e => e.selectedOptions[0].textContent").strip() == "Mohammad Alloush"
    context.close()
