"""Three roles in a real browser: save, share, parametrize, cite, pin, export, change, detect."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.conftest import REPOSITORY, LiveServer, environment, serve

from onrecord.saved import Catalogue

FOLDER = REPOSITORY / "tests" / "second-folder"
FIRST = """SELECT ?claim WHERE { ?claim a rec:Claim }
ORDER BY ?claim"""
INSERT = """INSERT DATA { GRAPH <urn:desk> {
  <urn:statement:new> <https://w3id.org/onrecord/ns#speaker> <urn:somebody> ;
    <https://w3id.org/onrecord/ns#makes> <urn:claim:new> } }"""
SECOND = """#+ parameters:
#+   speaker: {type: iri, label: Speaker, class: rec:Agent}
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?speaker ?claim WHERE {
  VALUES ?speaker { UNDEF }
  ?statement rec:speaker ?speaker ;
    rec:makes ?claim .
}
ORDER BY ?speaker ?claim"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("team") / "store"


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[LiveServer]:
    with serve(FOLDER, store) as running:
        yield running


Enter = Callable[[str, str], Page]


@pytest.fixture
def enter(chromium: Browser, server: LiveServer, store: Path) -> Iterator[Enter]:
    """`enter(role, name)` is a browser of its own, without JavaScript, with that person signed in."""
    contexts = []

    def sign_in(role: str, name: str) -> Page:
        context = chromium.new_context(java_script_enabled=False, base_url=server.url)
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("Token").fill(
            run("token", "create", "--role", role, "--name", name, "--store", store)
        )
        page.locator("form.sign-in").get_by_role("button", name="Sign in").click()
        assert f"Signed in as {name} ({role})" in page.locator(".masthead").inner_text()
        return page

    yield sign_in
    for context in contexts:
        context.close()


def run(*arguments: object) -> str:
    command = [sys.executable, "-m", "onrecord", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=environment())
    return done.stdout.strip().splitlines()[-1]


def test_a_team_of_three_works_with_one_question(
    enter: Enter, chromium: Browser, server: LiveServer, store: Path, tmp_path: Path
) -> None:
    editor, reader, admin = enter("editor", "ines"), enter("reader", "omar"), enter("admin", "root")

    # The editor tries a query, saves it for herself; what is wrong is told and nothing typed is lost.
    editor.goto("/sparql")
    editor.get_by_label("Query").fill(FIRST)
    editor.get_by_role("button", name="Save under a name").click()
    assert editor.get_by_label("Text", exact=True).input_value() == FIRST
    editor.get_by_label("Name", exact=True).fill("what-was-claimed")
    editor.get_by_label("Title").fill("What was claimed.")
    editor.get_by_label("Tags").fill("claims, desk")
    editor.get_by_label("Who sees it").select_option("private")
    editor.get_by_role("button", name="Save", exact=True).click()
    assert "rec:" in editor.locator(".problem").inner_text(), "the prefix is not declared"
    assert editor.get_by_label("Title").input_value() == "What was claimed."
    prefixed = "PREFIX rec: <https://w3id.org/onrecord/ns#>\n" + FIRST
    editor.get_by_label("Text", exact=True).fill(prefixed)
    editor.get_by_role("button", name="Save", exact=True).click()
    assert editor.url.endswith("/queries/what-was-claimed")
    assert "private" in editor.locator(".about").inner_text()

    # Nobody else sees it until she shares it with the team.
    for page in (reader,):
        page.goto("/queries/what-was-claimed")
        assert "404" in page.locator("main").inner_text()
    editor.get_by_role("link", name="Change").click()
    editor.get_by_label("Who sees it").select_option("team")
    editor.get_by_label("Text", exact=True).fill(SECOND)
    editor.get_by_label("What you changed").fill("one speaker at a time")
    editor.get_by_role("button", name="Save", exact=True).click()
    assert "version 2" in editor.locator(".about").inner_text()

    # The reader finds it by a word, chooses a speaker, and cites the result.
    reader.goto("/queries")
    reader.get_by_label("Find").fill("CLÁIMED")
    reader.get_by_role("button", name="Show").click()
    reader.locator("main").get_by_role("link", name="What was claimed").click()
    assert reader.get_by_role("link", name="Change").count() == 0
    options = reader.get_by_label("Speaker", exact=True).locator("option")
    chosen = next(
        o for o in options.all() if o.get_attribute("value") and o.inner_text().strip() != "(open)"
    ).get_attribute("value")
    reader.get_by_label("Speaker", exact=True).select_option(chosen)
    reader.get_by_role("button", name="Ask").click()
    rows_of_one = reader.locator(".result tbody tr").count()
    reader.goto("/queries/what-was-claimed")
    every_row = reader.locator(".result tbody tr").count()
    assert rows_of_one < every_row
    reader.get_by_role("link", name="Cite this result").click()
    digest = reader.locator("#result-hash").inner_text()
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert "what-was-claimed@2" in reader.locator("#citation").inner_text()
    cited = reader.url
    reader.get_by_label("Its SHA-256").fill(digest)
    reader.get_by_role("button", name="Verify").click()
    assert reader.locator("#verdict-title").inner_text() == "The same result"

    # The editor pins the data that was cited.
    editor.goto(cited)
    editor.locator("dd a[href*='/generations/']").click()
    pinned = editor.url.rpartition("/")[2]
    editor.get_by_role("button", name="Pin generation").click()
    assert "ines" in editor.locator("main").inner_text()

    # Without a token nobody sees it; the admin does, and reads who did what.
    stranger = chromium.new_context(java_script_enabled=False, base_url=server.url).new_page()
    stranger.goto("/queries/what-was-claimed")
    assert "404" in stranger.locator("main").inner_text()
    stranger.context.close()
    admin.goto("/queries/what-was-claimed/history")
    history = admin.locator("main").inner_text()
    assert "one speaker at a time" in history
    assert "private to team" in history
    admin.goto("/queries/what-was-claimed/diff?from=1&to=2")
    assert "+ #+ parameters:" in admin.locator(".diff").inner_text()
    admin.goto("/admin/audit")
    assert "/queries/what-was-claimed/edit" in admin.locator("main").inner_text()

    # It goes into git, and back from there it is the same catalogue.
    run("queries", "export", "--store", store, tmp_path / "queries")
    (exported,) = Catalogue.read(tmp_path / "queries")
    assert (exported.name, exported.header.author) == ("what-was-claimed", "ines")
    assert exported.text == server.get("/queries/what-was-claimed@2.rq", _token(store)).text

    # The question changes: the old version still gives what was cited, the new one is told apart.
    editor.goto("/queries/what-was-claimed/edit")
    editor.get_by_label("Text", exact=True).fill(
        SECOND.replace("makes ?claim .", "makes ?claim . FILTER(false)")
    )
    editor.get_by_role("button", name="Save", exact=True).click()
    reader.goto(f"{cited}?_verify={digest}")
    assert reader.locator("#verdict-title").inner_text() == "The same result"
    reader.goto(f"/queries/what-was-claimed@3/cite?_verify={digest}")
    assert reader.locator("#verdict-title").inner_text() == "Not the same result"
    editor.goto("/queries/what-was-claimed/compare?_from=2&_to=3")
    assert f"Only in version 2: {every_row}" in editor.locator("main").inner_text()

    # Renamed and archived, its addresses go on to lead somewhere.
    editor.goto("/queries/what-was-claimed/edit")
    editor.get_by_label("New name").fill("claimed")
    editor.get_by_role("button", name="Rename").click()
    reader.goto("/queries/what-was-claimed@2")
    assert reader.url.endswith("/queries/claimed@2")
    editor.goto("/queries/claimed/edit")
    editor.get_by_role("button", name="Archive").click()
    reader.goto("/queries/claimed")
    assert "410" in reader.locator("main").inner_text()
    reader.goto("/queries/claimed@2")
    assert reader.locator(".result tbody tr").count() == every_row

    # The data changes: that is detected, what was pinned is as it was cited, and the new row is shown.
    written = server.get(
        "/sparql", _token(store) | {"Content-Type": "application/sparql-update"}, INSERT.encode(), "POST"
    )
    assert written.status == 204, written.text
    reader.goto(f"/queries/claimed@2/cite?_verify={digest}")
    assert reader.locator("#verdict-title").inner_text() == "Not the same result"
    reader.goto(f"/queries/claimed@2/cite?_verify={digest}&_generation={pinned}")
    assert reader.locator("#verdict-title").inner_text() == "The same result"
    reader.goto(f"/queries/claimed/compare?_from=2&_to=2&_from_generation={pinned}")
    assert "urn:claim:new" in reader.locator("main").inner_text()
    assert reader.locator("main tbody tr").count() == 1


@pytest.mark.parametrize("path", ["/queries", "/queries/new", "/sparql?query=ASK%20%7B%7D"])
def test_the_pages_of_saving_fit_a_phone(
    chromium: Browser, server: LiveServer, store: Path, path: str
) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=server.url)
    context.set_extra_http_headers(_token(store))
    page = context.new_page()
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def _token(store: Path) -> dict[str, str]:
    name = f"script-{os.urandom(4).hex()}"
    secret = run("token", "create", "--role", "editor", "--name", name, "--store", store)
    return {"Authorization": f"Bearer {secret}"}
