"""/queries: the catalogue, pages with forms, results by suffix and Accept, options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from onrecord.folder import Folder

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

PAGE = {"Accept": "text/html"}


def test_the_catalogue_is_a_page_and_json(client: FlaskClient) -> None:
    page = client.get("/queries", headers=PAGE)
    assert "Who said what" in page.text
    assert "/queries/who-said" in page.text
    for response in (client.get("/queries"), client.get("/queries.json", headers=PAGE)):
        document = json.loads(response.data)
        assert [q["name"] for q in document["queries"]] == ["about", "labels", "who-said"]
        assert document["queries"][2]["parameters"][0]["class"] == "rec:Agent"
        assert document["queries"][1]["formats"][0] == "ttl"


def test_the_catalogue_is_narrowed_by_tag(client: FlaskClient) -> None:
    page = client.get("/queries?tag=speakers", headers=PAGE).text
    assert "Who said what" in page
    assert "What is said about one thing" not in page


@pytest.mark.parametrize("path", ["/queries", "/queries.json"])
def test_the_catalogue_for_machines_is_narrowed_by_tag_too(client: FlaskClient, path: str) -> None:
    def names(tag: str) -> list[str]:
        return [q["name"] for q in json.loads(client.get(path, query_string={"tag": tag}).data)["queries"]]

    assert names("speakers") == ["who-said"]
    assert names("nothing") == []
    assert names("") == ["about", "labels", "who-said"]


def test_the_catalogue_is_read_again_when_the_generation_changes(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    assert client.get("/queries/new-one").status_code == 404
    text = "#+ summary: New.\nASK {}\n"
    (quay.queries / "new-one.rq").write_text(text, encoding="utf-8")
    assert client.get("/queries/new-one").status_code == 404
    engine.number += 1
    assert client.get("/queries/new-one").status_code == 200


def test_a_saved_query_is_read_as_the_endpoint_reads_its_text(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    text = "ASK { FILTER(TRUE) }"
    (quay.queries / "capitals.rq").write_text(f"#+ summary: TRUE in capitals.\n{text}\n", encoding="utf-8")
    engine.number += 1
    for answer in (
        client.get("/queries/capitals.json"),
        client.get("/sparql", query_string={"query": text, "format": "json"}),
    ):
        assert json.loads(answer.data)["boolean"] is True


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
        ("csv", "text/csv"),
        ("tsv", "text/tab-separated-values"),
    ],
)
def test_the_suffix_chooses_the_format_whatever_is_accepted(
    client: FlaskClient, suffix: str, media_type: str
) -> None:
    response = client.get(f"/queries/who-said.{suffix}?speaker=id/mayor", headers=PAGE)
    assert response.content_type == f"{media_type}; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'inline; filename="who-said.{suffix}"'
    assert "claim/open" in response.text
    assert "claim/shut" not in response.text


def test_accept_chooses_the_format_and_links_name_the_others(client: FlaskClient) -> None:
    response = client.get("/queries/who-said?speaker=id/mayor", headers={"Accept": "text/csv"})
    assert response.mimetype == "text/csv"
    links = response.headers.getlist("Link")
    assert (
        '</queries/who-said.json?speaker=id%2Fmayor>; rel="alternate"; type="application/sparql-results+json"'
        in links
    )
    assert not any("who-said.csv" in link for link in links)
    assert "Accept" in response.headers["Vary"]
    assert client.get("/queries/who-said").mimetype == "application/sparql-results+json"
    assert client.get("/queries/labels").mimetype == "text/turtle"
    assert client.get("/queries/labels.jsonld").mimetype == "application/ld+json"


def test_a_tag_spares_the_second_run(client: FlaskClient, engine: StoreEngine) -> None:
    tag = client.get("/queries/who-said.csv?speaker=id/mayor").headers["ETag"]
    runs = len(engine.requests)
    again = client.get("/queries/who-said.csv?speaker=id/mayor", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert len(engine.requests) == runs
    other = client.get("/queries/who-said.csv?speaker=id/captain", headers={"If-None-Match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize("suffix", ["csv", "json", "xlsx", "md"])
def test_a_value_that_is_in_no_triple_is_told_beside_no_rows(client: FlaskClient, suffix: str) -> None:
    nobody = client.get(f"/queries/who-said.{suffix}?speaker=id/nobody")
    assert nobody.status_code == 200
    assert nobody.headers["Onrecord-Unknown"] == "speaker"
    assert "Onrecord-Unknown" in nobody.headers["Access-Control-Expose-Headers"]
    for asked in ("?speaker=id/mayor", ""):
        known = client.get(f"/queries/who-said.{suffix}{asked}")
        assert "Onrecord-Unknown" not in known.headers


def test_the_page_has_description_form_result_and_text(client: FlaskClient) -> None:
    page = client.get("/queries/who-said?speaker=id/mayor", headers=PAGE)
    assert page.status_code == 200
    assert "Leave the speaker open for everyone." in page.text
    assert '<option value="id/mayor" selected>the mayor</option>' in page.text
    assert '<option value="id/captain">the &lt;b&gt;captain&lt;/b&gt;</option>' in page.text
    assert "One of those quoted." in page.text
    assert 'href="/queries/who-said.csv?speaker=id%2Fmayor"' in page.text
    assert "The quay is open." in page.text
    assert "The quay is shut." not in page.text
    assert "generation 5f0c1d2e-1" in page.text
    assert page.headers["ETag"].startswith("W/")


def test_the_choices_of_a_parameter_are_asked_for_once_in_a_generation(
    client: FlaskClient, engine: StoreEngine
) -> None:
    client.get("/queries/who-said", headers=PAGE)
    first = len(engine.requests)
    client.get("/queries/who-said", headers=PAGE)
    assert len(engine.requests) - first < first
    engine.number += 1
    engine.store.update("INSERT DATA { GRAPH <urn:g> { <urn:new> a <https://w3id.org/onrecord/ns#Agent> } }")
    assert '<option value="urn:new">' in client.get("/queries/who-said", headers=PAGE).text


def test_a_page_whose_required_parameter_is_missing_shows_the_form_alone(
    client: FlaskClient, engine: StoreEngine
) -> None:
    page = client.get("/queries/about", headers=PAGE)
    assert page.status_code == 200
    assert "required" in page.text
    assert 'class="result"' not in page.text
    assert client.get("/queries/about.json").status_code == 400
    assert "The quay is open." in client.get("/queries/about?thing=id/quay", headers=PAGE).text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/queries/who-said.json?speeker=id/mayor", 400, "speeker"),
        ("/queries/who-said.json?_size=3", 400, "_size"),
        ("/queries/who-said.json?_generation=12345678-9", 404, "12345678-9"),
        ("/queries/who-said@0123456789ab.json", 404, "0123456789ab"),
        ("/queries/who-said.ttl", 404, "ttl"),
        ("/queries/labels.csv", 404, "csv"),
        ("/queries/who-sed", 404, "who-sed"),
        ("/queries/Who_Said", 404, "Who_Said"),
        ("/queries/who-said.", 404, "who-said."),
        ("/queries/..%2f..%2fetc", 404, ""),
        ("/queries/who-said.json?speaker=%FF", 400, "UTF-8"),
        ("/queries/who-said.json?speaker=%zz", 400, "%zz"),
        ("/queries/who-said.json?speaker=id/a%20%7D%20DROP", 400, "speaker"),
    ],
)
def test_what_is_not_there_or_not_known_is_named(
    client: FlaskClient, path: str, status: int, said: str
) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert said in json.loads(response.data)["detail"]


def test_the_current_version_and_generation_may_be_named(client: FlaskClient, engine: StoreEngine) -> None:
    version = json.loads(client.get("/queries.json").data)["queries"][2]["version"]
    assert client.get(f"/queries/who-said@{version}.csv").status_code == 200
    label = engine.generation().label
    assert client.get(f"/queries/who-said.csv?_generation={label}").status_code == 200


def test_the_text_has_an_address_of_its_own(client: FlaskClient, quay: Folder) -> None:
    response = client.get("/queries/who-said.rq", headers=PAGE)
    assert response.content_type == "application/sparql-query; charset=utf-8"
    assert response.text == (quay.queries / "who-said.rq").read_text()
    bound = client.get("/queries/who-said.rq?speaker=id/mayor").text
    assert "<https://example.org/quay/id/mayor>" in bound


def test_errors_are_shown_with_the_form_to_those_who_use_it(client: FlaskClient) -> None:
    page = client.get("/queries/who-said?speeker=id/mayor", headers=PAGE)
    assert page.status_code == 400
    assert "speeker" in page.text
    assert '<select id="p-speaker"' in page.text


def test_a_file_that_is_no_saved_query_is_named_and_hurts_no_other(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    (quay.queries / "broken.rq").write_text("#+ sumary: Oops\nASK {}\n", encoding="utf-8")
    engine.number += 1
    document = json.loads(client.get("/queries.json").data)
    assert len(document["queries"]) == 3
    assert "broken.rq" in document["findings"][0]
    assert str(Path(quay.path)) not in document["findings"][0]
    assert "broken.rq" in client.get("/queries", headers=PAGE).text
