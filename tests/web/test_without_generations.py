"""The web over an engine that keeps no generations: nothing rests on a state that nobody can ask again."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from tests.web.conftest import StoreEngine

from onrecord.errors import UnsupportedError

ADDRESSES = (
    "/sparql?format=json&query=" + quote("SELECT ?s { ?s ?p ?o }"),
    "/queries/who-said.csv",
    "/queries/who-said.csv?_labels=en",
    "/queries/who-said.html",
    "/id/mayor.html",
    "/id/mayor.ttl",
    "/claims",
    "/",
)


@pytest.fixture
def unkept(engine: StoreEngine, client: FlaskClient) -> FlaskClient:
    engine.keeps_generations = False
    return client


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_answer_has_no_tag_and_names_no_generation(unkept: FlaskClient, address: str) -> None:
    response = unkept.get(address)
    assert response.status_code == 200
    assert "ETag" not in response.headers
    assert "Onrecord-Generation" not in response.headers
    assert b"generation 5f0c1d2e" not in response.data


def test_the_same_answers_have_both_where_generations_are_kept(client: FlaskClient) -> None:
    response = client.get(ADDRESSES[0])
    assert "ETag" in response.headers
    assert "Onrecord-Generation" in response.headers


def test_a_tag_of_other_times_is_answered_in_full(engine: StoreEngine, client: FlaskClient) -> None:
    tag = client.get(ADDRESSES[0]).headers["ETag"]
    assert client.get(ADDRESSES[0], headers={"If-None-Match": tag}).status_code == 304
    engine.keeps_generations = False
    assert client.get(ADDRESSES[0], headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("path", ["/queries/who-said.json", "/queries/who-said/cite.json"])
def test_a_generation_that_is_asked_for_is_501(unkept: FlaskClient, path: str) -> None:
    response = unkept.get(f"{path}?_generation=5f0c1d2e-1", headers={"Accept": "application/problem+json"})
    assert response.status_code == 501
    assert response.get_json()["code"] == "unsupported"
    assert "keeps none" in response.get_json()["detail"]


def test_a_citation_leaves_the_generation_out(unkept: FlaskClient) -> None:
    document = unkept.get("/queries/who-said/cite.json").get_json()
    assert document["generation"] is None
    assert "_generation" not in document["address"]
    assert "generation" not in document["text"]
    assert (
        b"keeps no generations" in unkept.get("/queries/who-said/cite", headers={"Accept": "text/html"}).data
    )


def test_pages_of_rows_are_linked_without_a_generation(unkept: FlaskClient) -> None:
    links = unkept.get("/queries/who-said.json?_limit=1").headers.getlist("Link")
    following = [link for link in links if 'rel="next"' in link]
    assert following and "_generation" not in following[0]


def test_no_generation_is_listed_or_pinned(unkept: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(engine: StoreEngine) -> StoreEngine:
        raise UnsupportedError("The data lies on a server elsewhere, which keeps no generations.")

    monkeypatch.setattr(StoreEngine, "history", refuse)
    for path in ("/generations", "/generations.json", "/generations.link", "/generations/1"):
        response = unkept.get(path, headers={"Accept": "application/problem+json"})
        assert (response.status_code, "elsewhere" in response.text) == (501, True)
    # Asked by time it answers as it is now, and claims no time for it.
    response = unkept.get(ADDRESSES[0], headers={"Accept-Datetime": "Sun, 01 Mar 2026 12:00:05 GMT"})
    assert response.status_code == 200 and "Memento-Datetime" not in response.headers
    assert "Accept-Datetime" not in response.headers["Vary"]
