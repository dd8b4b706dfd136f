"""Results of saved queries as documents, with labels and evidence, by pages."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import networkx
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from onrecord.folder import Folder

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

AGENTS = "SELECT ?who { ?who a <https://w3id.org/onrecord/ns#Agent> } ORDER BY ?who"
CLAIMS = "SELECT ?claim { ?claim a <https://w3id.org/onrecord/ns#Claim> } ORDER BY ?claim"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheet_texts(data: bytes, name: str) -> list[list[str]]:
    """Rows of a worksheet as texts, read without the library that wrote it."""
    book = zipfile.ZipFile(io.BytesIO(data))
    shared = [
        "".join(si.itertext())
        for si in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(SHEET + "si")
    ]
    rows = []
    for row in ElementTree.fromstring(book.read(f"xl/worksheets/{name}.xml")).iter(SHEET + "row"):
        cells = []
        for cell in row.iter(SHEET + "c"):
            value = cell.findtext(SHEET + "v", "")
            cells.append(shared[int(value)] if cell.get("t") == "s" else value)
        rows.append(cells)
    return rows


def add_query(quay: Folder, engine: StoreEngine, name: str, text: str) -> None:
    (quay.queries / f"{name}.rq").write_text(f"#+ summary: A test.\n{text}\n", encoding="utf-8")
    engine.number += 1


def test_excel_has_the_rows_on_one_sheet_and_where_they_came_from_on_another(client: FlaskClient) -> None:
    response = client.get("/queries/who-said.xlsx?speaker=id/mayor")
    assert response.content_type == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert sheet_texts(response.data, "sheet1") == [
        ["speaker", "speakerLabel", "claim"],
        ["https://example.org/quay/id/mayor", "the mayor", "https://example.org/quay/claim/open"],
    ]
    about = dict(sheet_texts(response.data, "sheet2"))
    assert about["rows"] == "1 row"
    assert about["from"].endswith("/queries/who-said?speaker=id%2Fmayor")
    assert about["generation"] == "5f0c1d2e-1"


def test_excel_keeps_numbers_as_numbers_and_formulas_and_long_numbers_as_text(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    add_query(
        quay,
        engine,
        "cells",
        'SELECT ?a ?b ?c { VALUES (?a ?b ?c) { (7500 "=1+1" 12345678901234567890) } }',
    )
    data = client.get("/queries/cells.xlsx").data
    assert sheet_texts(data, "sheet1")[1] == ["7500", "=1+1", "12345678901234567890"]
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert '<c r="A2"><v>7500</v></c>' in sheet
    assert '<c r="C2" t="s">' in sheet


def test_a_cell_that_excel_cannot_hold_is_refused_with_the_way_out(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    add_query(quay, engine, "long", f'SELECT ?a {{ VALUES ?a {{ "{"x" * 32768}" }} }}')
    response = client.get("/queries/long.xlsx")
    assert response.status_code == 406
    assert "Take CSV, TSV or JSON" in response.json["detail"]


def test_markdown_shows_markup_and_interprets_none(client: FlaskClient) -> None:
    text = client.get("/queries/who-said.md").text
    assert "| speaker | speakerLabel | claim |" in text
    assert "the \\<b\\>captain\\</b\\>" in text
    assert "2 rows" in text


def test_geojson_draws_pairs_of_columns_and_wkt_and_leaves_other_systems_undrawn(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    add_query(
        quay,
        engine,
        "pairs",
        "SELECT ?name ?latitude ?longitude { VALUES (?name ?latitude ?longitude) "
        '{ ("a" 33.5 36.25) ("b" 200 1) } }',
    )
    document = json.loads(client.get("/queries/pairs.geojson").data)
    assert [f["geometry"] for f in document["features"]] == [
        {"type": "Point", "coordinates": [36.25, 33.5]},
        None,
    ]
    assert document["features"][0]["properties"] == {"name": "a"}
    add_query(
        quay,
        engine,
        "wkt",
        "PREFIX geo: <http://www.opengis.net/ont/geosparql#> SELECT ?w { VALUES ?w { "
        '"POINT(36.25 33.5)"^^geo:wktLiteral '
        '"<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(33.5 36.25)"^^geo:wktLiteral '
        '"POINT(nonsense"^^geo:wktLiteral } }',
    )
    features = json.loads(client.get("/queries/wkt.geojson").data)["features"]
    assert [f["geometry"] and f["geometry"]["coordinates"] for f in features] == [[36.25, 33.5], None, None]
    refused = client.get("/queries/who-said.geojson")
    assert refused.status_code == 406
    assert "latitude and longitude" in refused.json["detail"]


def test_graphml_has_nodes_with_labels_and_edges_with_relations(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    add_query(quay, engine, "all", "CONSTRUCT WHERE { ?s ?p ?o }")
    graph = networkx.read_graphml(io.BytesIO(client.get("/queries/all.graphml").data))
    claim = "https://example.org/quay/claim/open"
    assert graph.nodes[claim]["label"] == "The quay is open."
    relations = {d["relation"] for _, _, d in graph.out_edges(claim, data=True)}
    assert "https://w3id.org/onrecord/ns#subject" in relations
    add_query(quay, engine, "links", "SELECT ?source ?target { ?source ?p ?target FILTER(ISIRI(?target)) }")
    links = networkx.read_graphml(io.BytesIO(client.get("/queries/links.graphml").data))
    assert links.number_of_edges() == graph.number_of_edges()
    refused = client.get("/queries/who-said.graphml")
    assert "?source and ?target" in refused.json["detail"]


@pytest.mark.parametrize("suffix", ["json", "xml", "csv", "tsv"])
def test_labels_stand_beside_every_iri_in_every_format(client: FlaskClient, suffix: str) -> None:
    text = client.get(f"/queries/who-said.{suffix}?_labels=ar,en").text
    assert "claimLabel" in text
    assert "The quay is shut." in text


def test_labels_take_the_language_that_is_asked_first(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    add_query(quay, engine, "agents", AGENTS)

    def labels(option: str) -> list[dict[str, str]]:
        document = client.get(f"/queries/agents.json?_labels={option}").json
        return [row["whoLabel"] for row in document["results"]["bindings"]]

    assert labels("ar,en")[1] == {"type": "literal", "value": "العمدة", "xml:lang": "ar"}
    assert labels("ar,en")[0]["xml:lang"] == "en"
    assert labels("1")[1]["value"] == "the mayor"


def test_evidence_names_speakers_the_relay_the_source_and_the_span(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    engine.store.load(
        b"""@prefix rec: <https://w3id.org/onrecord/ns#> . @prefix e: <https://example.org/quay/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        <https://example.org/quay/statement/s3> rec:relays <https://example.org/quay/statement/s1> ;
          rec:speaker e:radio .
        <https://example.org/quay/statement/s4> rec:relays <https://example.org/quay/statement/s3> ,
          <https://example.org/quay/statement/s1> ; rec:speaker e:paper .
        <https://example.org/quay/statement/s1> rec:foundIn e:source .
        e:radio rdfs:label "the radio" . e:paper rdfs:label "the paper" .
        e:source rdfs:label "The Harbour Post" .
        <https://example.org/quay/claim/open> rec:evidence e:span . e:span rec:start 10 ; rec:end 25 .
        <https://example.org/quay/statement/s5> rec:makes <https://example.org/quay/claim/open> ;
          rec:speaker <https://example.org/quay/id/captain> .""",
        ox.RdfFormat.TURTLE,
        to_graph=ox.NamedNode("https://example.org/quay/extra"),
    )
    add_query(
        quay,
        engine,
        "claims",
        CLAIMS,
    )
    lines = client.get("/queries/claims.csv?_evidence=1").text.splitlines()
    assert lines == [
        "claim,claim_speaker,claim_via,claim_source,claim_span",
        "https://example.org/quay/claim/open,the mayor; the <b>captain</b>,the radio < the paper,"
        "The Harbour Post,10-25",
        "https://example.org/quay/claim/shut,the <b>captain</b>,,,",
    ]


def test_a_page_of_rows_links_to_its_neighbours_and_says_that_there_is_more(client: FlaskClient) -> None:
    first = client.get("/queries/who-said.csv?_limit=1")
    assert first.headers["Onrecord-Truncated"] == "true"
    assert first.headers["Onrecord-Rows"] == "1-1"
    links = {
        link.split('rel="')[1][:-1]: link[1 : link.index(">")] for link in first.headers.getlist("Link")[:1]
    }
    assert "_offset=1" in links["next"] and "_generation=5f0c1d2e-1" in links["next"]
    second = client.get(links["next"].removeprefix("http://localhost"))
    assert second.headers["Onrecord-Truncated"] == "false"
    rels = [link.split('rel="')[1].split('"')[0] for link in second.headers.getlist("Link")]
    assert rels[:2] == ["prev", "first"]
    whole = client.get("/queries/who-said.csv").text.splitlines()
    assert [*first.text.splitlines(), *second.text.splitlines()[1:]] == whole


@pytest.mark.parametrize(
    "option",
    [
        "_limit=0",
        "_limit=x",
        "_limit=100001",
        "_offset=-1",
        "_labels=<b>",
        "_evidence=maybe",
        "_limit=1&_limit=2",
    ],
)
def test_an_option_with_a_wrong_value_is_named_with_the_remedy(client: FlaskClient, option: str) -> None:
    response = client.get(f"/queries/who-said.json?{option}")
    assert response.status_code == 400
    assert option.split("=")[0] in response.json["detail"]


def test_the_same_document_has_the_same_entity_tag_and_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/queries/who-said.xlsx")
    tag = first.headers["ETag"]
    assert client.get("/queries/who-said.xlsx", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/queries/who-said.md").headers["ETag"] != tag
    assert client.get("/queries/who-said.csv?_limit=1").headers["ETag"] != tag


def test_rows_and_columns_are_of_one_generation_or_asked_again(
    client: FlaskClient, engine: StoreEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = engine._evaluate
    asked = 0

    def publish_once(request: object) -> object:
        nonlocal asked
        asked += 1
        if asked == 2:
            engine.number += 1
        return evaluate(request)

    monkeypatch.setattr(engine, "_evaluate", publish_once)
    response = client.get("/queries/who-said.json?_labels=1")
    assert response.headers["Onrecord-Generation"] == "5f0c1d2e-2"
    assert "claimLabel" in response.text
