"""The editor of /sparql in Debian's chromium, under the content security policy that everybody gets."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from tests.conftest import LiveServer, environment, serve
from tests.federation.conftest import start_server

expect.set_options(timeout=20_000)  # a busy machine

WHO_SAID = """PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?speaker ?act ?claim WHERE {
  ?statement rec:speaker ?speaker ;
    rec:act ?act ;
    rec:makes ?claim .
}
ORDER BY ?claim"""
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MANY = """SELECT ?n ?text {
  { SELECT ?a { ?a ?p1 ?o1 } LIMIT 100 } { SELECT ?b { ?b ?p2 ?o2 } LIMIT 100 }
  BIND(STRLEN(STR(?a)) AS ?n) BIND("row" AS ?text)
}"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("editor") / "store"


@pytest.fixture(scope="module")
def server(store: Path, bundle: object) -> Iterator[LiveServer]:
    with serve(None, store) as running:
        yield running


@contextmanager
def visit(chromium: Browser, server: LiveServer, width: int = 1280, **more: Any) -> Iterator[Page]:
    """A page that fails the test when it asks another host, or when the browser complains of anything."""
    context = chromium.new_context(
        **{"viewport": {"width": width, "height": 900}, "base_url": server.url, "locale": "en-GB"} | more
    )
    wrong: list[str] = []
    expected = re.compile(r"status of 4\d\d")  # the answer to a query with a mistake

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not expected.search(message.text):
            wrong.append(message.text)

    context.on("request", lambda r: None if r.url.startswith(server.url) else wrong.append(r.url))
    page = context.new_page()
    page.on("console", complain)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert not wrong


def write(page: Page, text: str) -> None:
    """Put `text` in place of what is in the editor, as a reader pastes it."""
    page.wait_for_load_state("networkidle")
    editor = page.get_by_role("textbox", name="Query")
    editor.click()
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


def make_token(store: Path, role: str) -> str:
    command = [sys.executable, "-m", "onrecord", "token", "create", "--role", role, "--store", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=environment())
    return done.stdout.strip().splitlines()[-1]


def address_of(query: str, **state: str) -> str:
    """The address at which the page runs `query` by itself and shows a view in a state."""
    return f"/sparql?{urllib.parse.urlencode({'query': query, 'view': '1'})}#{urllib.parse.urlencode(state)}"


def test_a_researcher_mends_a_mistake_runs_saves_and_shares(
    chromium: Browser, server: LiveServer, store: Path
) -> None:
    with visit(chromium, server) as page:
        page.goto("/sign-in?next=/sparql")
        page.get_by_label("Token").fill(make_token(store, "editor"))
        page.locator("form.sign-in").get_by_role("button", name="Sign in").click()
        write(
            page,
            "SELECT ?speaker ?claim WHERE {\n  ?statement rec:speaker ?speaker ;\n    rec:mak ?claim .\n",
        )
        editor = page.get_by_role("textbox", name="Query")
        expect(editor).to_contain_text("PREFIX rec: <https://w3id.org/onrecord/ns#>")
        mistake = page.locator(".cm-lintRange-error")
        expect(mistake).to_be_visible()
        # Behind the last token the bracket is missing; then the property is completed by its beginning.
        editor.press("Control+End")
        page.keyboard.type("}")
        expect(mistake).to_have_count(0)
        editor.press("Control+Home")
        for _ in range(3):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Home")
        for _ in range(len("rec:mak")):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Control+Space")
        option = page.get_by_role("option", name="rec:makes")
        expect(option).to_be_visible()
        expect(page.locator(".cm-completionInfo")).not_to_be_empty()
        option.click()
        expect(editor).to_contain_text("rec:makes ?claim")
        page.keyboard.press("Control+Enter")
        rows = page.locator(".view-table tbody tr")
        expect(page.get_by_role("heading", name=re.compile(r"^\d+ rows$"))).to_be_visible()
        expect(rows.filter(has_text="Mohammad Alloush").first).to_be_visible()

        page.get_by_role("button", name="Save", exact=True).click()
        dialog = page.get_by_role("dialog", name="Save under a name")
        dialog.get_by_label("Name").fill("who-makes-what")
        dialog.get_by_label("Title").fill("Who makes which claim.")
        dialog.get_by_role("button", name="Save", exact=True).click()
        expect(dialog).to_contain_text("Saved as version 1 of who-makes-what")
        dialog.get_by_role("button", name="Save", exact=True).click()
        dialog.get_by_role("button", name="Save as a new version of who-makes-what").click()
        expect(dialog).to_contain_text(re.compile(r"Saved as version \d of who-makes-what"))
        dialog.get_by_role("button", name="Close").click()

        page.get_by_role("button", name="speaker", exact=True).click()
        expect(page.locator("th[aria-sort=ascending]")).to_have_text("speaker")
        page.get_by_role("button", name="Share", exact=True).click()
        link = page.get_by_role("textbox", name="Link to this query")
        expect(link).to_have_value(re.compile(r"/s/\w+\?view=1#view=table&sort=speaker"))
        address = link.input_value()
    with visit(chromium, server, 390, is_mobile=True, has_touch=True) as phone:
        phone.goto(address)
        expect(phone.locator(".view-table tbody tr").first).to_be_visible()
        order = phone.get_by_label("Sort")
        expect(order).to_have_value("speaker")
        first = phone.locator(".view-table tbody tr").first.locator("td").first
        ascending = first.inner_text()
        order.select_option("speaker, down")
        expect(first).not_to_have_text(ascending)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_runaway_is_stopped_and_the_server_ends_it(
    chromium: Browser, server: LiveServer, store: Path
) -> None:
    admin = {"Authorization": f"Bearer {make_token(store, 'admin')}"}

    def running() -> int:
        queries = json.loads(server.get("/admin/queries", admin).body)["queries"]
        return sum(query["excerpt"] == RUNAWAY for query in queries)

    with visit(chromium, server) as page:
        page.goto("/sparql")
        write(page, RUNAWAY)
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.locator(".running")).to_contain_text("the server ends it after 30 s of work")
        wait_for(page, lambda: running() == 1)
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(page.locator(".workbench-result")).to_contain_text("Stopped after")
        wait_for(page, lambda: running() == 0)
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_hidden()


def wait_for(page: Page, condition: Callable[[], bool]) -> None:
    for _ in range(1200):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come to pass within a minute")


def test_a_row_opens_the_chain_and_span_of_its_claim_beside_the_table(
    chromium: Browser, server: LiveServer
) -> None:
    with visit(chromium, server) as page:
        page.goto(address_of(WHO_SAID, view="table", filter="talks are off"))
        page.get_by_role("searchbox", name="Filter").fill("commander: the talks with jaish")
        row = page.locator(".view-table tbody tr").filter(
            has_text="Commander: the talks with Jaish al-Islam are off"
        )
        opener = row.get_by_role("button", name=re.compile("^Evidence"))
        expect(row).to_have_count(1)
        opener.click()
        panel = page.get_by_role("dialog", name="Evidence")
        expect(panel).to_contain_text("A party claims")
        expect(panel).to_contain_text("Known through")
        expect(panel).to_contain_text("P8S1")
        expect(panel.get_by_role("link", name=re.compile("1938.1982"))).to_be_visible()
        assert "/sparql?" in page.url
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        expect(opener).to_be_focused()


def test_ten_thousand_rows_stay_usable(chromium: Browser, server: LiveServer) -> None:
    with visit(chromium, server) as page:
        page.goto(address_of(MANY))
        expect(page.get_by_role("heading", name="10,000 rows")).to_be_visible()
        drawn = page.locator(".view-table tbody tr[data-index]")
        expect(drawn.first).to_be_visible()
        assert drawn.count() < 200
        frame = page.locator(".table-frame")
        frame.evaluate("frame => { frame.scrollTop = frame.scrollHeight }")
        expect(page.locator("tr[aria-rowindex='10001']")).to_be_visible()
        page.get_by_role("button", name="n", exact=True).click()
        numbers = [int(text) for text in drawn.locator("td:first-child").all_inner_texts()]
        assert numbers == sorted(numbers)
        page.get_by_role("searchbox", name="Filter").fill("nothing like it")
        expect(page.locator(".view-tools")).to_contain_text("0 of 10,000 rows")
        past = page.get_by_text("Run before, in this browser")
        past.click()
        expect(page.locator(".past li")).to_contain_text("10,000 rows")
        page.get_by_role("button", name="Clear").click()
        expect(past).to_be_hidden()


def test_names_of_things_are_completed_from_any_script_and_wikidata_from_the_links_here(
    chromium: Browser, server: LiveServer
) -> None:
    with visit(chromium, server) as page:
        page.goto("/sparql")
        write(page, "SELECT ?claim {\n  ?claim rec:about ")
        editor = page.get_by_role("textbox", name="Query")
        editor.press("Control+End")
        page.keyboard.type("دوما")
        option = page.get_by_role("option").filter(has_text="Douma").first
        expect(option).to_be_visible()
        option.click()
        expect(editor).to_contain_text("rec:about id:douma")
        expect(editor).to_contain_text("PREFIX id:")
        page.keyboard.type(" . ?claim wdt:P3")
        expect(page.get_by_role("option", name=re.compile("wdt:P31"))).to_be_visible()
        page.keyboard.press("Escape")
        expect(editor).to_contain_text("PREFIX wdt: <http://www.wikidata.org/prop/direct/>")


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")], ids=["phone", "desk"])
def test_axe_finds_nothing_and_no_first_load_is_longer_than_300_kb(
    chromium: Browser, server: LiveServer, axe: str, width: int, theme: str
) -> None:
    with visit(chromium, server, width, color_scheme=theme, bypass_csp=True) as page:
        page.goto("/sparql", wait_until="networkidle")
        sent = page.evaluate(
            "performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0)"
        )
        assert 50_000 < sent < 300_000
        found = look(page, axe, "editor")
        page.get_by_role("textbox", name="Query").focus()
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_focused()
        page.goto(address_of(WHO_SAID))
        opener = page.get_by_role("button", name=re.compile("^Evidence")).first
        expect(opener).to_be_visible()
        found += look(page, axe, "table")
        opener.click()
        expect(page.get_by_role("dialog", name="Evidence")).to_contain_text("Who says it")
        found += look(page, axe, "evidence")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Keys", exact=True).click()
        found += look(page, axe, "keys")
        page.keyboard.press("Escape")
        page.goto(address_of(f"#defaultView:Raw\n{WHO_SAID}"))
        expect(page.locator("pre.raw")).to_contain_text('"bindings"')
        found += look(page, axe, "raw")
        box = page.locator("main").bounding_box()
        assert box is not None and box["width"] <= width
        page.goto(address_of("SELECT * {\n  ?s ?p\n}"))
        expect(page.get_by_role("alert")).to_be_visible()
        found += look(page, axe, "mistake")
        page.get_by_role("button", name=re.compile("Go to line 3")).click()
        expect(page.get_by_role("textbox", name="Query")).to_be_focused()
    assert not found, "\n".join(found)


def look(page: Page, axe: str, name: str) -> list[str]:
    """What axe finds on the page as it stands."""
    page.evaluate(axe)
    results = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{name}: {violation['id']}: {node['html'][:160]}"
        for violation in results["violations"]
        for node in violation["nodes"][:3]
    ]


def test_a_shared_view_runs_as_a_plain_page_without_scripts(chromium: Browser, server: LiveServer) -> None:
    with visit(chromium, server, java_script_enabled=False) as page:
        page.goto(address_of("SELECT ?n { VALUES ?n { 41 42 } }"))
        expect(page.locator("table tbody tr")).to_have_count(2)
        expect(page.locator("textarea")).to_be_visible()


def test_names_in_arabic_stand_in_their_own_direction(chromium: Browser, server: LiveServer) -> None:
    query = "SELECT ?n { <https://w3id.org/onrecord/ghouta/id/douma> ?p ?n FILTER(LANG(?n) = 'ar') }"
    with visit(chromium, server, locale="ar") as page:
        page.goto(address_of(query))
        label = page.locator(".view-table td span[lang=ar]").first
        expect(label).to_have_text("دوما")
        assert label.evaluate("node => getComputedStyle(node).direction") == "rtl"


def test_other_endpoints_are_told_with_their_state(chromium: Browser, bundle: object, tmp_path: Path) -> None:
    remote = start_server(tmp_path / "remote", "<urn:a> <urn:name> 'known' .")
    try:
        options = ("--federate", remote.origin, "--federation-contact", "desk@example.org")
        with serve(None, tmp_path / "store", *options) as here, visit(chromium, here) as page:
            asked = f"SELECT ?n {{ VALUES ?a {{ <urn:a> }} SERVICE <{remote.url}> {{ ?a <urn:name> ?n }} }}"
            page.goto(address_of(asked))
            told = page.locator("details.services")
            expect(told.locator("summary")).to_have_text("Other endpoints had a part in this answer")
            told.locator("summary").click()
            expect(told).to_contain_text("answered: 1 row, 1 request")
            expect(page.locator(".view-table tbody")).to_contain_text("known")
            remote.stop()
            page.goto(address_of(asked.replace("SERVICE", "SERVICE SILENT").replace("urn:a>", "urn:b>")))
            expect(told.locator("summary")).to_contain_text("this answer is not complete")
            expect(told).to_contain_text("did not answer")
    finally:
        remote.stop()
