"""Senders are known by their token: 401 without a good one, 403 without the right."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from onrecord.config import Settings
from onrecord.engine import Engine
from onrecord.folder import Folder
from onrecord.identity.roles import Role
from onrecord.identity.tokens import TokenBook
from onrecord.web import create_app
from onrecord.web.access import allows, current_identity

ASK = "/sparql?query=ASK{}"
HTML = {"Accept": "text/html"}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def book(state: Path) -> TokenBook:
    return TokenBook(state)


@allows("write")
def _write() -> str:
    return f"written by {current_identity().name}"


@allows("operate")
def _operate() -> str:
    return "operated"


def _with_routes(app: Flask) -> FlaskClient:
    app.add_url_rule("/write", "write", _write, methods=["POST"])
    app.add_url_rule("/operate", "operate", _operate)
    return app.test_client()


@pytest.fixture
def client(engine: Engine, quay: Folder, settings: Settings, state: Path) -> FlaskClient:
    return _with_routes(create_app(engine, quay, settings, state))


@pytest.fixture
def closed(engine: Engine, quay: Folder, settings: Settings, state: Path) -> FlaskClient:
    return _with_routes(create_app(engine, quay, replace(settings, reading="token"), state))


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def basic(user: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


@pytest.mark.parametrize(
    ("role", "read", "write", "operate"),
    [("reader", 200, 403, 403), ("editor", 200, 200, 403), ("admin", 200, 200, 200)],
)
def test_a_role_allows_what_it_says(
    closed: FlaskClient, book: TokenBook, role: Role, read: int, write: int, operate: int
) -> None:
    _, secret = book.create(role)
    for headers in (bearer(secret), basic("", secret), basic("whoever", secret)):
        assert closed.get(ASK, headers=headers).status_code == read
        assert closed.post("/write", headers=headers).status_code == write
        assert closed.get("/operate", headers=headers).status_code == operate


def test_without_a_token_open_reading_is_reading_only(client: FlaskClient) -> None:
    assert client.get(ASK).status_code == 200
    for response in (client.post("/write"), client.get("/operate")):
        assert response.status_code == 401
        assert [v.split()[0] for v in response.headers.getlist("WWW-Authenticate")] == ["Bearer", "Basic"]
        problem = json.loads(response.data)
        assert problem["code"] == "unauthenticated"
        assert "onrecord token create --role" in problem["detail"]


def test_where_reading_needs_a_token_a_stranger_gets_no_data(closed: FlaskClient) -> None:
    for path in ("/", ASK, "/sparql", "/queries", "/queries/who-said.csv", "/health"):
        response = closed.get(path)
        assert response.status_code == 401, path
        assert b"mayor" not in response.data
    assert closed.get("/problems").status_code == 200
    assert closed.get("/static/style.css", buffered=True).status_code == 200


def test_a_browser_is_not_asked_for_a_password_by_its_own_dialogue(closed: FlaskClient) -> None:
    response = closed.get("/", headers=HTML)
    assert response.status_code == 401
    assert [v.split()[0] for v in response.headers.getlist("WWW-Authenticate")] == ["Bearer"]


@pytest.mark.parametrize(
    "value", ["Bearer onrecord_nothing", "Bearer", "Basic eHg=", "Basic !", "Negotiate abc", "Bearer é", ""]
)
def test_a_wrong_credential_is_refused_also_where_reading_is_open(client: FlaskClient, value: str) -> None:
    response = client.get(ASK, headers={"Authorization": value})
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_an_unknown_and_a_revoked_token_get_the_same_answer(client: FlaskClient, book: TokenBook) -> None:
    token, secret = book.create("editor")
    assert client.post("/write", headers=bearer(secret)).text == f"written by {token.name}"
    book.revoke(token.name)
    revoked = client.post("/write", headers=bearer(secret))
    unknown = client.post("/write", headers=bearer("onrecord_" + "x" * 43))
    assert revoked.status_code == unknown.status_code == 401
    assert revoked.data == unknown.data


def test_an_answer_to_a_known_sender_stays_out_of_shared_caches(client: FlaskClient, book: TokenBook) -> None:
    _, secret = book.create("reader")
    response = client.get(ASK, headers=bearer(secret))
    assert response.headers["Cache-Control"].startswith("private")
    assert "Authorization" in response.headers["Vary"]
    assert "private" not in client.get(ASK).headers["Cache-Control"]


def test_a_refusal_names_the_role_that_is_missing(client: FlaskClient, book: TokenBook) -> None:
    _, secret = book.create("reader", "<i>ines</i>")
    response = client.post("/write", headers=bearer(secret) | HTML)
    assert response.status_code == 403
    assert "&lt;i&gt;ines" in response.text
    assert "--role editor" in response.text
