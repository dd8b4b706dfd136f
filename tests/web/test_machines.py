"""What machines read before they ask: OpenAPI, and the catalogue as RDF."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.waiting import wait_until
from tests.web.test_saving import ines, omar, save  # noqa: F401
from tests.web.test_standings import catalogue

from onrecord.folder import Folder

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

WELL_KNOWN = "/.well-known/sparql-examples"
SH = "http://www.w3.org/ns/shacl#"


def api(client: FlaskClient) -> dict[str, dict[str, dict[str, dict[str, list[dict[str, object]]]]]]:
    document = json.loads(client.get("/openapi.json").data)
    assert isinstance(document, dict)
    return document


def test_the_api_is_valid_openapi(client: FlaskClient) -> None:
    assert not list(OpenAPIV31SpecValidator(api(client)).iter_errors())


def test_every_saved_query_is_in_the_api_with_its_parameters_and_formats(client: FlaskClient) -> None:
    paths = api(client)["paths"]
    assert {"/queries/about.{suffix}", "/queries/labels.{suffix}", "/queries/who-said.{suffix}"} <= set(paths)
    parameters = {p["name"]: p for p in paths["/queries/about.{suffix}"]["get"]["parameters"]}
    assert parameters["thing"]["required"] is True
    schema = parameters["suffix"]["schema"]
    assert isinstance(schema, dict) and "xlsx" in schema["enum"]


@pytest.mark.parametrize("suffix", ["json", "xml", "csv", "tsv", "xlsx", "md"])
def test_what_the_api_promises_is_answered(client: FlaskClient, suffix: str) -> None:
    content = api(client)["paths"]["/queries/who-said.{suffix}"]["get"]["responses"]["200"]["content"]
    response = client.get(f"/queries/who-said.{suffix}")
    assert response.status_code == 200
    assert response.mimetype in content


def test_the_queries_are_examples_that_run_as_they_are(client: FlaskClient, engine: StoreEngine) -> None:
    response = client.get("/.well-known/sparql-examples")
    assert response.mimetype == "text/turtle"
    store = ox.Store()
    store.load(response.data, ox.RdfFormat.TURTLE)
    rows = store.query(
        f"SELECT ?query ?text {{ ?query a <{SH}SPARQLExecutable> ; <{SH}select>|<{SH}construct> ?text ; "
        "<https://schema.org/target> <http://localhost/sparql> }"
    )
    assert isinstance(rows, ox.QuerySolutions)
    texts = {row["query"].value: row["text"].value for row in rows}
    assert set(texts) == {f"http://localhost/queries/{name}" for name in ("about", "labels", "who-said")}
    for address, text in texts.items():
        assert engine.store.query(text, use_default_graph_as_union=True) is not None
        assert client.get(address.removeprefix("http://localhost") + ".rq").text == text


def test_the_examples_are_negotiated(client: FlaskClient) -> None:
    path = "/.well-known/sparql-examples"
    assert client.get(path, headers={"Accept": "application/ld+json"}).mimetype == "application/ld+json"
    assert client.get(f"{path}?format=rdfxml").mimetype == "application/rdf+xml"
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_the_api_has_a_page_for_people(client: FlaskClient, quay: Folder) -> None:
    page = client.get("/api").text
    assert "Who said what" in page and "One of those quoted." in page


TEXT = "SELECT ?claim { ?claim a <https://w3id.org/onrecord/ns#Claim> } ORDER BY ?claim"
EXPECTING = f"#+ expect:\n#+   - rows: 3\n{TEXT}"


def names_told(client: FlaskClient, sender: dict[str, str]) -> dict[str, set[str]]:
    """The team's queries that each document for machines names."""
    texts = {path: client.get(path, headers=sender).text for path in ("/openapi.json", "/api", WELL_KNOWN)}
    return {path: {n for n in ("for-all", "for-us", "for-me") if n in text} for path, text in texts.items()}


def test_the_teams_queries_are_told_to_those_who_are_shown_them(
    guarded: FlaskClient,
    ines: dict[str, str],  # noqa: F811
    omar: dict[str, str],  # noqa: F811
) -> None:
    for name, visibility in (("for-all", "public"), ("for-us", "team"), ("for-me", "private")):
        assert save(guarded, ines, name, text=TEXT, visibility=visibility).status_code == 201
    for sender, shown in (
        ({}, {"for-all"}),
        (omar, {"for-all", "for-us"}),
        (ines, {"for-all", "for-us", "for-me"}),
    ):
        assert names_told(guarded, sender) == dict.fromkeys(("/openapi.json", "/api", WELL_KNOWN), shown)
    guarded.post("/queries/for-all/archive", json={}, headers=ines)
    assert "for-all" not in guarded.get("/openapi.json").text


def test_expectations_of_public_queries_are_judged_and_forgotten_when_they_are_withdrawn(
    guarded: FlaskClient,
    ines: dict[str, str],  # noqa: F811
) -> None:
    for name, visibility in (("judged", "public"), ("unjudged", "team")):
        assert save(guarded, ines, name, text=EXPECTING, visibility=visibility).status_code == 201
    wait_until(lambda: "does not hold" in catalogue(guarded))
    feed = guarded.get("/feed.atom").text
    assert "judged does not hold" in feed and "Expected 3 rows, got 2." in feed
    assert "unjudged" not in feed
    tag = guarded.get("/queries/judged.rq").headers["ETag"]
    withdrawn = guarded.patch(
        "/queries/judged", json={"visibility": "private"}, headers=ines | {"If-Match": tag}
    )
    assert withdrawn.status_code == 200
    assert "judged" not in guarded.get("/feed.atom").text
    assert "judged does not hold" in guarded.get("/feed.atom", headers=ines).text
