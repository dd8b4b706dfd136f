"""Pages: what readers see, that it is bounded, and that nothing they send runs."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from onrecord.config import Settings
from onrecord.documents.texts import heading
from onrecord.errors import TooBusyError
from onrecord.folder import Folder
from onrecord.solutions import Term
from onrecord.terms import IriSpace
from onrecord.web import create_app
from onrecord.web.results import make_table
from onrecord.web.turtle import link_turtle, to_turtle

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

PAGE = {"Accept": "text/html"}
SPACE = IriSpace("https://example.org/quay/")
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def show(client: FlaskClient, query: str) -> str:
    return client.get("/sparql", query_string={"query": query}, headers=PAGE).text


def test_the_first_page_tells_what_there_is_and_what_to_try(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "Who said what about the quay" in page
    assert "A &lt;small&gt; folder &amp; its talk." in page
    assert re.search(r"<dt>claims</dt><dd>2</dd>", page)
    assert re.search(r"<dt>place</dt><dd>1</dd>", page)
    assert "curl http://localhost" in page


def test_an_empty_store_has_a_first_page_too(engine: StoreEngine) -> None:
    engine.store.clear()
    client = create_app(engine, None, Settings(empty=True, default_graph="plain")).test_client()
    assert client.get("/").status_code == 200
    assert client.get("/queries", headers=PAGE).status_code == 200
    assert client.get("/queries/x").status_code == 404
    assert client.get("/sparql?query=ASK{}", headers=PAGE).status_code == 200
    assert "UnionDefaultGraph" not in client.get("/sparql").text


def test_health_asks_a_worker(client: FlaskClient, engine: StoreEngine) -> None:
    response = client.get("/health")
    assert response.status_code == 200
    assert json.loads(response.data)["generation"] == engine.generation().label
    assert engine.requests[-1].text == "ASK {}"
    engine.failure = TooBusyError("All workers are busy.")
    response = client.get("/health")
    assert response.status_code == 503
    assert json.loads(response.data)["status"] == "unavailable"
    assert response.headers["Retry-After"]


def test_a_row_shows_labels_and_keeps_the_iri_for_the_hover(client: FlaskClient) -> None:
    page = show(client, "SELECT ?s { ?s a <https://w3id.org/onrecord/ns#Location> }")
    assert 'title="https://example.org/quay/id/quay"' in page
    assert ">the quay</a>" in page
    assert 'href="/id/quay.html"' in page


def test_a_page_without_an_engine_for_labels_is_still_a_page(
    client: FlaskClient, engine: StoreEngine
) -> None:
    run = engine.query

    def only_first(request: object, on_leave: object = None) -> object:
        if engine.requests:
            raise TooBusyError("All workers are busy.")
        return run(request)  # type: ignore[arg-type]

    engine.query = only_first  # type: ignore[method-assign,assignment]
    page = show(client, "SELECT ?s { ?s a <https://w3id.org/onrecord/ns#Location> }")
    assert ">id/quay</a>" in page


def test_literals_have_their_language_and_direction(client: FlaskClient) -> None:
    page = show(client, "SELECT ?l { <id/mayor> <http://www.w3.org/2000/01/rdf-schema#label> ?l }")
    assert '<span dir="auto" lang="ar">العمدة</span>' in page


def test_rows_of_different_voices_are_told_apart(client: FlaskClient) -> None:
    page = show(client, "SELECT ?s ?voice { ?s <https://w3id.org/onrecord/ns#voice> ?voice } ORDER BY ?s")
    assert '<tr class="voice-party">' in page
    assert '<tr class="voice-article">' in page
    assert "a party claims" in page
    named = show(client, "SELECT ?voiceName { VALUES ?voiceName { 'a party claims' 'else' } }")
    assert named.count('<tr class="voice-party">') == 1


def test_more_rows_than_a_page_holds_are_cut_and_that_is_said(
    client: FlaskClient, engine: StoreEngine
) -> None:
    values = " ".join(str(n) for n in range(1500))
    page = show(client, f"SELECT ?n {{ VALUES ?n {{ {values} }} }}")
    assert "The first 1,000 rows" in page
    assert "There is more than this page shows" in page
    assert page.count("<tr") == 1001
    assert engine.requests[0].row_limit == 1000


def test_a_graph_is_shown_as_turtle_with_links(client: FlaskClient) -> None:
    page = show(client, "DESCRIBE <id/quay>")
    assert "@prefix rdfs:" in page
    assert ">rec:Location</a>" in page
    assert "&#34;the quay&#34;@en" in page


def test_a_graph_longer_than_a_page_is_cut_and_that_is_said(client: FlaskClient) -> None:
    values = " ".join(str(n) for n in range(9000))
    page = show(
        client, f"CONSTRUCT {{ ?n a ?n . <urn:x> <urn:{'p' * 80}> ?n }} {{ VALUES ?n {{ {values} }} }}"
    )
    assert "There is more than this page shows" in page


@pytest.mark.parametrize(("query", "word"), [("ASK {}", "Yes"), ("ASK { <urn:no> ?p ?o }", "No")])
def test_a_boolean_is_a_word(client: FlaskClient, query: str, word: str) -> None:
    assert f'<p class="verdict">{word}</p>' in show(client, query)


def test_a_syntax_error_stands_under_the_query_with_its_caret(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "SELECT * {\n ?s <p ?o"}, headers=PAGE)
    assert response.status_code == 400
    assert "Line 2, column" in response.text
    assert "\n ?s &lt;p ?o" in response.text
    assert '<pre class="caret"' in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/sparql?query=" + quote(ATTACK),
        "/sparql?query=" + quote(f"SELECT ('{ATTACK[:25]}' AS ?x) {{}}"),
        "/sparql?query=" + quote("SELECT (1 AS ?x) {}") + "&format=" + quote(ATTACK),
        "/sparql?query=ASK{}&default-graph-uri=" + quote(ATTACK),
        "/queries/" + quote(ATTACK, safe=""),
        "/queries/who-said?" + quote(ATTACK) + "=1",
        "/queries/who-said?speaker=" + quote(ATTACK),
        "/queries/who-said?_x" + quote(ATTACK) + "=1",
        "/queries/who-said@" + quote(ATTACK, safe=""),
        "/queries/who-said?_generation=" + quote(ATTACK),
        "/queries/about?thing=" + quote(ATTACK),
        "/queries?tag=" + quote(ATTACK),
        "/" + quote(ATTACK),
        "/sparql?query=" + quote("SELECT * { ?s <https://w3id.org/onrecord/ns#seen> ?seen }"),
        "/sparql?query=" + quote("CONSTRUCT WHERE { ?s <https://w3id.org/onrecord/ns#seen> ?seen }"),
        "/sparql?query=" + quote("SELECT (<javascript:alert(1)> AS ?x) {}"),
        "/queries/who-said",
    ],
)
def test_nothing_that_is_sent_or_stored_becomes_markup(client: FlaskClient, path: str) -> None:
    for headers in (PAGE, {"Accept": "text/plain"}, {}):
        response = client.get(path, headers=headers)
        assert response.status_code < 500
        if response.mimetype == "text/html":
            assert "<script>" not in response.text
            assert "<img" not in response.text
            assert "<b>captain" not in response.text
            assert 'href="javascript' not in response.text
        assert "\n" not in response.headers.get("Link", "")


def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(client: FlaskClient) -> None:
    for path in ("/", "/sparql", "/queries", "/queries/who-said", "/problems", "/nothing"):
        page = client.get(path, headers=PAGE).text
        scripts = re.findall(r"<script[^>]*>[^<]*", page)
        assert all(re.fullmatch(r'<script type="module" src="/static/[^"]+">', s) for s in scripts)
        assert path == "/sparql" or not scripts, "scripts stand only where they are used"
        assert not re.search(r"\son\w+=", page)
        assert "style=" not in page
        assert not re.search(r'(?:src|rel="stylesheet" href)="https?:', page)
        assert '<a class="skip" href="#content">' in page
        assert page.count("<h1") == 1
        assert "<main" in page


def test_a_view_is_left_to_the_script_and_a_plain_page_is_one_step_away(
    client: FlaskClient, engine: StoreEngine
) -> None:
    text = 'SELECT ?n { VALUES ?n { "a&b" } }'
    asked = len(engine.requests)
    page = client.get("/sparql", query_string={"query": text, "view": "1"}, headers=PAGE).text
    assert len(engine.requests) == asked, "the server does not run what the script runs"
    assert "<table" not in page
    address = re.search(r'<noscript><meta http-equiv="refresh" content="0; url=([^"]+)">', page)
    assert address is not None
    assert "<table" in client.get(html.unescape(address[1]), headers=PAGE).text
    answer = client.get("/sparql", query_string={"query": text, "view": "1"}, headers={"Accept": "text/csv"})
    assert answer.text == "n\r\na&b\r\n"


def test_the_form_tells_the_script_where_things_are(client: FlaskClient) -> None:
    page = client.get("/sparql", headers=PAGE).text
    told = re.search(r'data-page="([^"]+)"', page)
    if told is None:
        assert "<script" not in page, "without a bundle nobody reads it"
        return
    facts = json.loads(html.unescape(told[1]))
    assert facts["base"] == SPACE.base
    assert facts["prefixes"]["id"] == SPACE.base + "id/"
    assert facts["queryTimeout"] == Settings().query_timeout
    assert facts["addresses"]["sparql"] == "/sparql"
    assert facts["addresses"]["permalinks"] == "", "this application has no store"


def test_the_stylesheet_is_served_and_asks_nobody_else(client: FlaskClient) -> None:
    page = client.get("/").text
    address = re.search(r'rel="stylesheet" href="([^"]+)"', page)
    assert address is not None
    response = client.get(address[1], buffered=True)
    assert response.mimetype == "text/css"
    assert "url(" not in response.text
    assert "@import" not in response.text
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/%2e%2e/app.py").status_code == 404


class TestTables:
    """The table of a result, without a server."""

    def test_a_column_that_repeats_labels_is_folded_into_its_iris(self) -> None:
        rows = [
            {"who": Term("iri", "https://example.org/quay/id/mayor"), "whoLabel": Term("literal", "M")},
            {},
        ]
        table = make_table(["whoLabel", "who"], rows, {"https://example.org/quay/id/mayor": "M"}, SPACE, str)
        assert table.headings == ("who",)
        assert table.rows[0][0].text == "M"
        assert table.folded

    def test_a_label_that_the_query_chose_is_shown_in_its_language(self) -> None:
        iri = "https://example.org/quay/id/mayor"
        rows = [
            {"who": Term("iri", iri), "whoLabel": Term("literal", "العمدة", "ar")},
            {"who": Term("iri", iri)},
        ]
        table = make_table(["who", "whoLabel"], rows, {iri: "M"}, SPACE, str)
        assert [(row[0].text, row[0].language, row[0].title) for row in table.rows] == [
            ("العمدة", "ar", iri),
            ("M", "", iri),
        ]

    def test_a_column_that_says_something_else_once_is_kept(self) -> None:
        iri = "https://example.org/quay/id/mayor"
        rows = [{"who": Term("iri", iri), "name": Term("literal", text)} for text in ("M", "N")]
        table = make_table(["who", "name"], rows, {iri: "M"}, SPACE, str)
        assert table.headings == ("who", "name")

    def test_a_column_without_any_value_is_left_out_by_name(self) -> None:
        table = make_table(["a", "bOne"], [{"a": Term("literal", "1")}], {}, SPACE, str)
        assert table.headings == ("a",)
        assert table.empty == ("b one",)

    def test_only_web_addresses_and_own_iris_are_links(self) -> None:
        iris = ["javascript:alert(1)", "https://elsewhere.example/", "https://example.org/quay/id/x", "urn:x"]
        table = make_table(["x"], [{"x": Term("iri", iri)} for iri in iris], {}, SPACE, lambda iri: "own")
        assert [row[0].href for row in table.rows] == ["", "https://elsewhere.example/", "own", ""]

    def test_headings_are_words(self) -> None:
        assert heading("saidFrom") == "said from"
        table = make_table(["voiceLabel", "act", "actLabel"], [], {}, SPACE, str)
        assert table.headings == ("voice", "act", "act label")

    def test_turtle_links_names_and_leaves_strings_alone(self) -> None:
        triple = (
            b'<https://example.org/quay/id/x> <urn:p> "see '
            b'<https://example.org/quay/id/y> rec:Claim & \\" <b>" .\n'
        )
        turtle, count, prefixes = to_turtle(triple, SPACE)
        html = link_turtle(turtle, prefixes, SPACE, lambda iri: "/there")
        assert count == 1
        assert html.count('<a href="/there">id:x</a>') == 1
        assert html.count("<a ") == 1
        assert "&lt;b&gt;" in html


def test_an_operator_reads_of_an_unexpected_failure_and_a_client_does_not(
    client: FlaskClient, engine: StoreEngine, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail of ours")

    engine.query = broken  # type: ignore[method-assign,assignment]
    for headers in (PAGE, {}, {"Accept": "text/plain, */*;q=0.1"}):
        response = client.get("/sparql?query=ASK{}", headers=headers)
        assert response.status_code == 500
        assert "secret" not in response.text
    assert "secret detail" in caplog.text
    assert "ASK" not in caplog.records[0].getMessage()


def test_a_folder_page_survives_an_unknown_class(quay: Folder, engine: StoreEngine) -> None:
    (quay.queries / "odd.rq").write_text(
        "#+ summary: Odd.\n#+ parameters:\n#+   x: {type: iri, class: 'no:Such'}\n"
        "SELECT ?x { VALUES ?x { UNDEF } ?x ?p ?o } ORDER BY ?x\n",
        encoding="utf-8",
    )
    client = create_app(engine, quay, Settings()).test_client()
    assert client.get("/queries/odd", headers=PAGE).status_code == 200


def test_the_folder_describes_itself_anew_when_the_generation_changes(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    path = quay.path / "ontology/dataset.ttl"
    old = path.read_text(encoding="utf-8")
    assert "Who said what about the quay" in client.get("/", headers=PAGE).text
    new = old.replace("Who said what about the quay", "All the talk of the pier")
    path.write_text(
        new.replace('iriSpace "https://example.org/quay/"', 'iriSpace "https://example.org/pier/"')
    )
    assert "All the talk of the pier" not in client.get("/", headers=PAGE).text
    engine.number += 1
    assert "All the talk of the pier" in client.get("/", headers=PAGE).text
    assert '"All the talk of the pier"' in client.get("/sparql").text
    client.get("/sparql?query=ASK{<x>+a+<y>}")
    assert engine.requests[-1].base_iri == "https://example.org/pier/"
    assert "https://example.org/pier/id/mayor" in client.get("/queries/who-said.rq?speaker=id/mayor").text


@pytest.mark.parametrize("text", [None, "no Turtle", ""])
def test_a_description_that_cannot_be_read_leaves_the_one_before(
    client: FlaskClient, engine: StoreEngine, quay: Folder, text: str | None
) -> None:
    assert client.get("/", headers=PAGE).status_code == 200
    path = quay.path / "ontology/dataset.ttl"
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")
    (quay.queries / "new-one.rq").write_text("#+ summary: New.\nASK {}\n", encoding="utf-8")
    engine.number += 1
    assert "Who said what about the quay" in client.get("/", headers=PAGE).text
    assert client.get("/queries/new-one").status_code == 200


def test_the_description_is_read_once_in_a_generation(
    client: FlaskClient, engine: StoreEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []

    def describe(path: Path) -> Folder:
        read.append(path)
        return Folder(path)

    monkeypatch.setattr("onrecord.web.site.Folder", describe)
    for _ in range(2):
        for _ in range(3):
            client.get("/", headers=PAGE)
            client.get("/queries/who-said", headers=PAGE)
        engine.number += 1
    assert len(read) == 2


def test_behind_a_public_address_links_stay_below_its_path(engine: StoreEngine, quay: Folder) -> None:
    client = create_app(engine, quay, Settings(public_url="https://example.org/graph")).test_client()
    response = client.get("/graph/id/quay", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["Location"]) == (303, "/graph/id/quay.ttl")
    page = client.get("/graph/claim/open.html").text
    assert 'href="/graph/id/quay.html"' in page
    assert "https://example.org/quay/claim/open" in page
