"""Senders are known by their token: 401 without a good one, 403 without the right."""

from __future__ import annotations

import base64
import json

import pytest
from flask.testing import FlaskClient

from onrecord.identity.roles import Role
from onrecord.identity.tokens import TokenBook

ASK = "/sparql?query=ASK{}"
HTML = {"Accept": "text/html"}


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


def test_without_a_token_open_reading_is_reading_only(guarded: FlaskClient) -> None:
    assert guarded.get(ASK).status_code == 200
    for response in (guarded.post("/write"), guarded.get("/operate")):
        assert response.status_code == 401
        assert [v.split()[0] for v in response.headers.getlist("WWW-Authenticate")] == ["Bearer", "Basic"]
        problem = json.loads(response.data)
        assert problem["code"] == "unauthenticated"
        assert "onrecord token create --role" in problem["detail"]


def test_where_reading_needs_a_token_a_stranger_gets_no_data(closed: FlaskClient) -> None:
    for path in ("/", ASK, "/sparql", "/queries", "/queries/who-said.csv", "/metrics"):
        response = closed.get(path)
        assert response.status_code == 401, path
        assert b"mayor" not in response.data
    # Whether the server is ready is nobody's secret.
    assert json.loads(closed.get("/health").data) == {"status": "ok"}
    assert closed.get("/problems").status_code == 200
    assert closed.get("/static/style.css", buffered=True).status_code == 200


def test_a_browser_is_not_asked_for_a_password_by_its_own_dialogue(closed: FlaskClient) -> None:
    response = closed.get("/", headers=HTML)
    assert response.status_code == 401
    assert [v.split()[0] for v in response.headers.getlist("WWW-Authenticate")] == ["Bearer"]


@pytest.mark.parametrize(
    "value", ["Bearer onrecord_nothing", "Bearer", "Basic eHg=", "Basic !", "Negotiate abc", "Bearer é", ""]
)
def test_a_wrong_credential_is_refused_also_where_reading_is_open(guarded: FlaskClient, value: str) -> None:
    response = guarded.get(ASK, headers={"Authorization": value})
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_an_unknown_and_a_revoked_token_get_the_same_answer(guarded: FlaskClient, book: TokenBook) -> None:
    token, secret = book.create("editor")
    assert guarded.post("/write", headers=bearer(secret)).text == f"written by {token.name}"
    book.revoke(token.name)
    revoked = guarded.post("/write", headers=bearer(secret))
    unknown = guarded.post("/write", headers=bearer("onrecord_" + "x" * 43))
    assert revoked.status_code == unknown.status_code == 401
    assert revoked.data == unknown.data


def test_an_answer_to_a_known_sender_stays_out_of_shared_caches(
    guarded: FlaskClient, book: TokenBook
) -> None:
    _, secret = book.create("reader")
    response = guarded.get(ASK, headers=bearer(secret))
    assert response.headers["Cache-Control"].startswith("private")
    assert "Authorization" in response.headers["Vary"]
    assert "private" not in guarded.get(ASK).headers["Cache-Control"]


def test_a_refusal_names_the_role_that_is_missing(guarded: FlaskClient, book: TokenBook) -> None:
    _, secret = book.create("reader", "<i>ines</i>")
    response = guarded.post("/write", headers=bearer(secret) | HTML)
    assert response.status_code == 403
    assert "&lt;i&gt;ines" in response.text
    assert "--role editor" in response.text


def test_wrong_tokens_soon_get_429_and_a_right_one_is_let_in_all_the_same(
    guarded: FlaskClient, book: TokenBook
) -> None:
    _, secret = book.create("editor")
    statuses = [guarded.get(ASK, headers=bearer(f"onrecord_{n}")).status_code for n in range(14)]
    assert statuses == [401] * 10 + [429] * 4
    refused = guarded.get(ASK, headers=bearer("onrecord_x"))
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert json.loads(refused.data)["code"] == "too-many-failures"
    assert guarded.post("/write", headers=bearer(secret)).status_code == 200
    assert guarded.get(ASK).status_code == 200
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert guarded.get(ASK, headers=bearer("x"), environ_overrides=elsewhere).status_code == 401


def test_strangers_who_keep_writing_are_counted_and_readers_are_not(closed: FlaskClient) -> None:
    assert {closed.get(ASK).status_code for _ in range(30)} == {401}
    assert [closed.post("/write").status_code for _ in range(12)] == [401] * 10 + [429] * 2
