"""axe finds nothing on the pages on which a team saves, changes, compares and cites its questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.looking import OF_LOOKS, find_violations
from tests.cli.test_serve import onrecord
from tests.conftest import REPOSITORY, LiveServer, serve

from onrecord.saved.team.permalinks import AdHocQuery

TEXT = """#+ parameters:
#+   speaker: {type: iri, label: Speaker, class: rec:Agent}
#+   entity: {type: iri, label: Entity, list: true}
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?speaker ?claim WHERE {
  VALUES ?speaker { UNDEF }
  VALUES ?entity { UNDEF }
  ?statement rec:speaker ?speaker ;
    rec:makes ?claim .
  ?claim rec:subject ?entity .
}
ORDER BY ?speaker ?claim
"""
ASKED = "SELECT ?claim { ?claim a <https://w3id.org/onrecord/ns#Claim> } ORDER BY ?claim LIMIT 3"
PERMALINK = f"/s/{AdHocQuery(ASKED).hash}"
PAGES = {
    "catalogue, searched": "/queries?q=claimed&tag=desk&sort=size",
    "new": "/queries/new",
    "new from another": "/queries/new?from=claimed@1",
    "change": "/queries/claimed/edit",
    "history": "/queries/claimed/history",
    "difference of texts": "/queries/claimed/diff?from=1&to=2",
    "difference of results": "/queries/claimed/compare?_from=1&_to=2",
    "citation": "/queries/claimed/cite",
    "citation, verified": f"/queries/claimed/cite?_verify={'0' * 64}",
    "an old version": "/queries/claimed@1",
    "rows and evidence": "/queries/claimed?_evidence=1&_limit=1&_offset=1",
    "a name that is looked for": "/queries/claimed?_find.entity=a",
    "a name that leads nowhere": "/queries/claimed?_find.entity=zzzz",
    "a wrong value": "/queries/claimed?speaker=%3Cb%3E",
    "archived": "/queries/gone",
    "history of an archived one": "/queries/gone/history",
    "for programs": "/api",
    "queries that run": "/admin/queries",
    "audit log": "/admin/audit",
    "permalink": PERMALINK,
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, dict[str, str]]]:
    """A server with a query in three versions and an archived one, and the headers of an admin."""
    store: Path = tmp_path_factory.mktemp("axe") / "store"
    made = onrecord("token", "create", "--role", "admin", "--name", "ines", "--store", store)
    token = made.stdout.split()[-1]
    sender = {"Authorization": f"Bearer {token}"}
    with serve(REPOSITORY / "tests" / "second-folder", store) as server:

        def send(method: str, path: str, body: object, **headers: str) -> None:
            told = sender | {"Content-Type": "application/json"} | headers
            done = server.get(path, told, json.dumps(body).encode(), method)
            assert done.status < 300, done.text

        draft = {"title": "What was claimed.", "tags": ["desk"], "text": TEXT, "visibility": "team"}
        for name in ("claimed", "gone"):
            send("POST", "/queries", draft | {"name": name, "description": "By <b>whom</b>."})
        tag = server.get("/queries/claimed.rq", sender).headers["etag"]
        changed = TEXT.replace("makes ?claim .", "makes ?claim . FILTER(false)")
        send("PUT", "/queries/claimed", {"text": changed, "title": "None."}, **{"If-Match": tag})
        tag = server.get("/queries/claimed.rq", sender).headers["etag"]
        send("PUT", "/queries/claimed", {"text": TEXT, "title": "What was claimed."}, **{"If-Match": tag})
        send("POST", "/queries/gone/archive", {})
        query = {"Content-Type": "application/sparql-query"}
        assert server.get("/s", sender | query, ASKED.encode(), "POST").status == 201
        yield server, sender


@pytest.mark.timeout(400)
def test_axe_finds_nothing_where_a_team_works(
    chromium: Browser, desk: tuple[LiveServer, dict[str, str]], axe: str
) -> None:
    server, sender = desk
    # The policy of the pages forbids all script; only this test may look at them with one.
    context = chromium.new_context(bypass_csp=True, base_url=server.url, extra_http_headers=sender)
    found: list[str] = []
    page = context.new_page()
    for name, path in PAGES.items():
        page.set_viewport_size({"width": 360, "height": 900})
        page.emulate_media(color_scheme="light")
        answer = page.goto(path)
        assert answer is not None and answer.status in (200, 400, 410), f"{name}: {answer}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, f"{name} does not fit"
        found += find_violations(page, axe, name)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, f"{name} does not fit"
        found += find_violations(page, axe, f"{name}, dark", OF_LOOKS)
    context.close()
    assert not found, "\n".join(found)
