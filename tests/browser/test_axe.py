"""axe finds nothing on any type of page, in either theme, on a phone and on a desk."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser
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
    "not found": "/id/nobody.html",
    "in Arabic": "/id/douma.html?_lang=ar",
}


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(360, "light", "en"), (1280, "dark", "en"), (768, "light", "ar")],
    ids=["phone", "desk", "arabic"],
)
def test_axe_finds_nothing(
    chromium: Browser, live_server: LiveServer, axe: str, width: int, theme: Any, language: str
) -> None:
    # The policy of the pages forbids all script; only this test may look at them with one.
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        bypass_csp=True,
        locale=language,
        base_url=live_server.url,
    )
    found: list[str] = []
    page = context.new_page()
    for name, path in PAGES.items():
        page.goto(path)
        page.evaluate(axe)
        results = page.evaluate("axe.run({resultTypes: ['violations']})")
        found += [
            f"{name}: {violation['id']}: {node['html'][:160]}"
            for violation in results["violations"]
            for node in violation["nodes"][:3]
        ]
    context.close()
    assert not found, "\n".join(found)
