"""Views of a result that draw, in Debian's chromium: map, time line, chart, network."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.test_editor import address_of, visit
from tests.conftest import LiveServer, serve

REC = "PREFIX rec: <https://w3id.org/onrecord/ns#>\n"
PLACES = (
    "#defaultView:Map\n" + REC + "SELECT ?place ?lat ?long { ?place rec:latitude ?lat ; rec:longitude ?long }"
)
AREAS = """#defaultView:Map
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
SELECT * { VALUES (?name ?where) {
  ("an area" "POLYGON((36 33, 37 33, 37 34, 36 33))"^^geo:wktLiteral)
  ("on another globe" "<http://www.wikidata.org/entity/Q405> POINT(1 1)"^^geo:wktLiteral)
} }"""
MOMENTS = (
    "#defaultView:Timeline\n"
    + REC
    + "SELECT ?claim ?notBefore ?notAfter { ?claim a rec:Claim ; rec:happenedDuring ?when . "
    "?when rec:notBefore ?notBefore OPTIONAL { ?when rec:notAfter ?notAfter } }"
)
COUNTS = (
    "#defaultView:BarChart\n"
    + REC
    + "SELECT ?speaker (COUNT(?claim) AS ?claims) { ?s rec:speaker ?speaker ; rec:makes ?claim } "
    "GROUP BY ?speaker ORDER BY DESC(?claims)"
)
OBJECTS = (
    "#defaultView:Graph\n"
    + REC
    + "SELECT ?speaker ?claim ?object { ?s rec:speaker ?speaker ; rec:makes ?claim . "
    'FILTER(STRENDS(STR(?object), "/chlorine-gas")) ?claim rec:object ?object }'
)
ALL = {"map": PLACES, "timeline": MOMENTS, "chart": COUNTS, "graph": OBJECTS}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bundle: object) -> Iterator[LiveServer]:
    with serve(None, tmp_path_factory.mktemp("views") / "store") as running:
        yield running


@contextmanager
def news_site(page: str) -> Iterator[str]:
    """The address of another site of one page."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()
        thread.join()


def test_the_map_shows_places_without_asking_anybody_and_names_them_in_a_list(
    chromium: Browser, server: LiveServer
) -> None:
    # `visit` fails the test at any request to another host.
    with visit(chromium, server, 390, is_mobile=True, has_touch=True) as page:
        page.goto(address_of(PLACES))
        expect(page.locator("path.map-place")).to_have_count(5)
        expect(page.locator("path.map-land")).not_to_have_count(0)
        entries = page.locator(".drawing-list li")
        expect(entries).to_have_count(5)
        expect(entries.filter(has_text="Douma")).to_have_count(1)
        page.locator("path.map-place").first.dispatch_event("click")
        expect(page.locator("path.map-place.is-marked")).to_have_count(1)
        page.get_by_role("button", name="Zoom in").click()
        expect(page).to_have_url(re.compile(r"#.*at=\d"))


def test_an_area_is_drawn_and_what_lies_elsewhere_is_told(chromium: Browser, server: LiveServer) -> None:
    with visit(chromium, server) as page:
        page.goto(address_of(AREAS))
        expect(page.locator("path.map-place")).to_have_count(1)
        expect(
            page.get_by_text("1 place on the map. 1 rows have no coordinates that can be read.")
        ).to_be_visible()


def test_the_time_line_keeps_an_unknown_bound_open_and_moves_by_buttons(
    chromium: Browser, server: LiveServer
) -> None:
    with visit(chromium, server) as page:
        page.goto(address_of(MOMENTS))
        bars = page.locator(".time-bar")
        expect(bars.first).to_be_visible()
        open_ended = page.locator("li", has=page.locator(".time-bar.opens-after"))
        expect(open_ended.first).to_contain_text("not after unknown")
        whole = bars.count()
        for _ in range(4):
            page.get_by_role("button", name="Show half of the time").click()
        page.get_by_role("button", name="Move to later times").click()
        expect(page).to_have_url(re.compile(r"#.*from=.*to="))
        assert bars.count() < whole
        page.get_by_role("button", name="Show all times").click()
        expect(bars).to_have_count(whole)


def test_the_chart_says_what_it_draws_and_takes_another_shape(chromium: Browser, server: LiveServer) -> None:
    with visit(chromium, server) as page:
        page.goto(address_of(COUNTS))
        expect(page.get_by_role("img", name="Chart: 17 values of claims along speaker")).to_be_visible()
        expect(page.locator(".drawing-list li").first).to_contain_text("The article")
        page.get_by_label("Shape").select_option("Lines")
        expect(page).to_have_url(re.compile(r"#.*shape=line"))
        page.reload()
        expect(page.get_by_label("Shape")).to_have_value("line")


def test_a_node_of_the_network_tells_its_lines_and_grows(chromium: Browser, server: LiveServer) -> None:
    with visit(chromium, server) as page:
        page.goto(address_of(OBJECTS))
        status = page.get_by_text(re.compile(r"^\d+ nodes, \d+ lines\.$"))
        expect(status).to_be_visible()
        before = status.inner_text()
        choice = page.get_by_role("combobox", name="Node")
        choice.select_option(label="Chlorine gas")
        panel = page.locator(".network-panel")
        expect(panel).to_contain_text("Rights groups")
        page.get_by_role("button", name="Add what the graph holds around it").click()
        expect(page.get_by_text(before)).to_have_count(0)
        assert _count(status.inner_text()) > _count(before)


@pytest.mark.parametrize("name", ["timeline", "graph"])
def test_a_drawing_opens_the_evidence_of_a_row_beside_it(
    chromium: Browser, server: LiveServer, name: str
) -> None:
    with visit(chromium, server) as page:
        page.goto(address_of(ALL[name]))
        if name == "graph":
            page.get_by_role("combobox", name="Node").select_option(label="Chlorine gas")
        opener = page.get_by_role("button", name=re.compile("^Who says so")).first
        opener.click()
        evidence = page.locator("aside, dialog[open]").filter(has_text="How it is put")
        expect(evidence.first).to_be_visible()
        page.keyboard.press("Escape")
        expect(opener).to_be_focused()


def test_a_map_is_shared_with_a_phone_and_stands_in_the_page_of_another_site(
    chromium: Browser, server: LiveServer
) -> None:
    with visit(chromium, server) as page:
        page.goto(address_of(PLACES))
        expect(page.locator("path.map-place")).to_have_count(5)
        page.get_by_role("button", name="Chart", exact=True).click()
        page.get_by_role("button", name="Map", exact=True).click()
        page.get_by_role("button", name="Share", exact=True).click()
        link = page.get_by_role("textbox", name="Link to this query")
        expect(link).to_have_value(re.compile(r"#view=map"))
        address = link.input_value()
        frame = page.get_by_role("textbox", name="To embed it in another page").input_value()
    with visit(chromium, server, 390, is_mobile=True, has_touch=True) as phone:
        phone.goto(address)
        expect(phone.locator("path.map-place")).to_have_count(5)
    with news_site(f"<!doctype html><title>News</title>{frame}") as news:
        page = chromium.new_page()
        page.goto(news)
        framed = page.frame_locator("iframe")
        expect(framed.locator("path.map-place")).to_have_count(5)
        expect(framed.get_by_role("link", name=re.compile("^Query and sources"))).to_be_visible()
        expect(framed.get_by_role("navigation")).to_have_count(0)
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_drawing(chromium: Browser, server: LiveServer, axe: str, scheme: str) -> None:
    for width in (1280, 390):
        with visit(chromium, server, width, color_scheme=scheme, bypass_csp=True) as page:
            for name, query in ALL.items():
                page.goto("about:blank")
                page.goto(address_of(query))
                expect(page.locator(f".view-{name} > *").first).to_be_visible()
                page.wait_for_load_state("networkidle")
                assert _violations(page, axe) == [], (name, width)
            page.goto(address_of(PLACES).replace("view=1", "view=embed"))
            expect(page.locator("path.map-place")).to_have_count(5)
            assert _violations(page, axe) == [], ("embedded", width)


def _violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run()).violations.map(v => `${v.id}: ${v.nodes[0].html}`)")
    assert isinstance(found, list)
    return found


def _count(sentence: str) -> int:
    return int(sentence.split()[0])
