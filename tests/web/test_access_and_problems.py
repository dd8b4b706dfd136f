"""Access fails closed; errors have one form; addresses work behind a proxy."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient

from onrecord.config import Settings
from onrecord.errors import OnrecordError
from onrecord.folder import Folder
from onrecord.web import create_app
from onrecord.web.access import ANONYMOUS, may

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

PAGE = {"Accept": "text/html"}


def test_anybody_may_read_and_query_where_reading_is_open_and_not_write() -> None:
    assert may(ANONYMOUS, "read")
    assert may(ANONYMOUS, "query")
    assert not may(ANONYMOUS, "write")
    assert not may(ANONYMOUS, "operate")


def test_a_route_that_declares_no_action_is_refused(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    response = app.test_client().get("/forgotten")
    assert response.status_code == 403
    assert "secret" not in response.text


def test_every_route_declares_an_action(app: Flask, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<address>", "who-said").replace("<path:name>", "style.css")
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        assert "declares no action" not in client.open(path, method=method, buffered=True).text, rule


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/sparql-results+xml", "application/problem+json"),
        ("garbage", "application/problem+json"),
        ("text/plain", "text/plain"),
        ("text/html", "text/html"),
        ("text/html;q=0.5, application/problem+json", "application/problem+json"),
    ],
)
def test_an_error_is_a_problem_document_unless_something_else_is_asked(
    client: FlaskClient, accept: str | None, media_type: str
) -> None:
    response = client.get("/nothing", headers={"Accept": accept} if accept else {})
    assert response.status_code == 404
    assert response.content_type == f"{media_type}; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    if media_type == "application/problem+json":
        problem = json.loads(response.data)
        assert problem["type"] == "/problems#not-found"
        assert problem["status"] == 404
        assert problem["detail"].endswith(".")


def test_every_kind_of_problem_is_explained_where_its_type_points(client: FlaskClient) -> None:
    page = client.get("/problems").text
    for kind in OnrecordError.__subclasses__():
        assert f'id="{kind.code}"' in page


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 405),
        ("DELETE", "/health", 405),
        ("GET", "/%00", 404),
        ("GET", "/%FF%FE", 404),
        ("GET", "/queries/a/b", 404),
        ("GET", "/queries/who-said.json/x", 404),
    ],
)
def test_what_does_not_exist_is_a_problem_too(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    response = client.open(path, method=method)
    assert response.status_code == status
    if status == 405:
        assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("name", ["Accept", "If-None-Match", "Cookie", "X-Forwarded-Host", "Accept-Language"])
def test_huge_and_hostile_headers_do_no_harm(client: FlaskClient, name: str) -> None:
    for value in ("a" * 100_000, '"' * 1000, "text/html;" * 1000, "\x01\x7f", "é,;=", 'W/"' * 500):
        response = client.get("/sparql?query=ASK{}", headers={name: value})
        assert response.status_code in (200, 406)


def test_a_nul_in_a_query_is_a_syntax_error_or_part_of_a_string(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK%20%00%7B%7D").status_code == 400
    assert client.get("/sparql?query=ASK%20%7BFILTER('%00'%3D'a')%7D", headers=PAGE).status_code < 500


@pytest.fixture
def proxied(engine: StoreEngine, quay: Folder) -> FlaskClient:
    return create_app(engine, quay, Settings(public_url="https://host.example/graph/")).test_client()


@pytest.mark.parametrize("stripped", [True, False])
def test_behind_a_proxy_every_link_carries_the_prefix(proxied: FlaskClient, stripped: bool) -> None:
    prefix = "" if stripped else "/graph"
    for path in ("/", "/sparql", "/queries", "/queries/who-said", "/nothing"):
        page = proxied.get(prefix + path, headers=PAGE).text
        assert 'href="/graph/queries"' in page
        assert 'href="/queries' not in page
        assert 'href="/static' not in page
        assert 'action="/sparql' not in page
    response = proxied.get(f"{prefix}/queries/who-said.csv?speaker=id/mayor")
    assert response.status_code == 200
    assert "<https://host.example/graph/queries/who-said.json?speaker=id%2Fmayor>" in response.headers["Link"]
    description = proxied.get(prefix + "/sparql").text
    assert "<https://host.example/graph/sparql>" in description
    problem = json.loads(proxied.get(prefix + "/nothing").data)
    assert problem["type"] == "/graph/problems#not-found"
    assert "curl https://host.example/graph" in proxied.get(prefix + "/").text
    catalogue = json.loads(proxied.get(prefix + "/queries.json").data)
    assert catalogue["queries"][0]["address"] == "https://host.example/graph/queries/about"


def test_the_prefix_alone_is_the_first_page(proxied: FlaskClient) -> None:
    assert proxied.get("/graph").status_code == 200
    assert proxied.get("/graphic").status_code == 404


def test_without_a_public_address_links_name_no_host(client: FlaskClient) -> None:
    response = client.get("/queries/who-said.csv", headers={"Host": "evil.example"})
    assert "evil.example" not in str(response.headers)


class BrokenInput:
    """A body of which a part arrives; then its client is gone."""

    def __init__(self) -> None:
        self.parts = [b"query=ASK"]

    def close(self) -> None: ...

    def read(self, size: int) -> bytes:
        if self.parts:
            return self.parts.pop()
        raise ConnectionResetError("the client left")


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_chunked_body_that_breaks_off_is_the_fault_of_its_sender(
    client: FlaskClient, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.post(
        "/sparql",
        content_type="application/x-www-form-urlencoded",
        headers={"Accept": accept},
        environ_overrides={"wsgi.input": BrokenInput(), "wsgi.input_terminated": True},
    )
    assert response.status_code == 400
    assert "The request body broke off or is malformed." in response.text
    assert not caplog.records


def test_a_body_shorter_than_its_length_is_the_fault_of_its_sender(client: FlaskClient) -> None:
    response = client.post(
        "/sparql",
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input": io.BytesIO(b"query=ASK"), "CONTENT_LENGTH": "100"},
    )
    assert response.status_code == 400
    assert json.loads(response.data)["detail"] == "The request body broke off or is malformed."
