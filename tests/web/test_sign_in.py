"""Signing in by token: a cookie that vouches for its browser, and for no page of another site."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tests.web.conftest import StoreEngine, with_routes

from onrecord.config import Settings
from onrecord.folder import Folder
from onrecord.identity.tokens import TokenBook
from onrecord.web import create_app
from onrecord.web.csrf import HEADER

HTML = {"Accept": "text/html"}
FORM_FIELD = re.compile(r'name="_csrf" value="([0-9a-f]{64})"')


def field_of(page: str) -> str:
    found = FORM_FIELD.search(page)
    assert found is not None
    return found[1]


def sign_in(client: FlaskClient, secret: str, target: str = "", prefix: str = "", **headers: str):
    field = field_of(client.get(f"{prefix}/sign-in", headers=HTML).text)
    form = {"_csrf": field, "token": secret, "next": target}
    return client.post(f"{prefix}/sign-in", data=form, headers=HTML | headers)


@pytest.fixture
def signed_in(guarded: FlaskClient, book: TokenBook) -> FlaskClient:
    response = sign_in(guarded, book.create("admin", "ines")[1])
    assert response.status_code == 303, response.text
    return guarded


def test_a_browser_signs_in_and_is_told_who_it_is_and_out_again(
    guarded: FlaskClient, book: TokenBook
) -> None:
    page = guarded.get("/queries?x=1", headers=HTML).text
    link = re.search(r'href="(/sign-in\?next=[^"]+)"', page)
    assert link is not None
    page = guarded.get(unescape(link[1]), headers=HTML).text
    target = re.search(r'name="next" value="([^"]*)"', page)
    assert target is not None
    assert unescape(target[1]) == "/queries?x=1"
    response = sign_in(guarded, f" {book.create('editor', '<b>ines')[1]}\n", unescape(target[1]))
    assert response.status_code == 303
    assert response.headers["Location"] == "/queries?x=1"
    page = guarded.get("/", headers=HTML).text
    assert "Signed in as <bdi>&lt;b&gt;ines</bdi> (editor)" in page
    gone = guarded.post("/sign-out", data={"_csrf": field_of(page)})
    assert gone.status_code == 303
    assert "Signed in" not in guarded.get("/", headers=HTML).text


def test_a_browser_that_hides_the_origin_of_our_own_page_is_no_foreigner(
    guarded: FlaskClient, book: TokenBook
) -> None:
    own = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert sign_in(guarded, book.create("editor")[1], **own).status_code == 303
    assert guarded.get("/queries/new", headers=HTML | own).status_code == 200
    assert sign_in(guarded, book.create("editor")[1], Origin="null").status_code == 403


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_kept_from_scripts_and_from_other_sites(
    engine: StoreEngine, quay: Folder, state: Path, book: TokenBook, scheme: str
) -> None:
    here = f"{scheme}://host.example"
    client = create_app(engine, quay, Settings(public_url=here), state).test_client()
    field = field_of(client.get("/sign-in", base_url=here, headers=HTML).text)
    _, secret = book.create("editor")
    response = client.post("/sign-in", base_url=here, data={"_csrf": field, "token": secret})
    session = next(c for c in response.headers.getlist("Set-Cookie") if "-form=" not in c)
    parts = session.split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert ("Secure" in parts) is (scheme == "https")
    assert not any(part.startswith("Domain") for part in parts)
    assert secret not in session


def test_a_wrong_token_is_refused_on_the_page_and_soon_with_429(guarded: FlaskClient) -> None:
    for number in range(12):
        response = sign_in(guarded, f"onrecord_{number}")
        assert response.status_code == (401 if number < 10 else 429)
        assert "Signed in" not in response.text
        assert "onrecord_" not in response.text
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "/a\r\nLocation: https://evil.example", "/\t/evil.example", " //evil.example", "evil", "", "/a\\b",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(guarded: FlaskClient, book: TokenBook, target: str) -> None:
    response = sign_in(guarded, book.create("reader")[1], target)
    assert response.status_code == 303
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_cookie_alone_changes_nothing(signed_in: FlaskClient, method: str) -> None:
    for data in (None, {"_csrf": ""}, {"_csrf": "0" * 64}, "_csrf=a&_csrf=b"):
        options = {"content_type": "application/x-www-form-urlencoded"} if isinstance(data, str) else {}
        response = signed_in.open("/write", method=method, data=data, **options)
        assert response.status_code == 403
        assert response.json["code"] == "form-token"
    assert signed_in.open("/write", method=method, headers={HEADER: "0" * 64}).status_code == 403


def test_a_form_with_its_token_reaches_its_route_whole(signed_in: FlaskClient) -> None:
    field = field_of(signed_in.get("/", headers=HTML).text)
    response = signed_in.post("/write", data={"_csrf": field, "text": "ü" * 10_000})
    assert response.text == "written by ines"
    assert signed_in.put("/write", data=b"\x00\xff", headers={HEADER: field}).text == "written by ines"
    query = {"_csrf": field, "query": "ASK {}"}
    assert signed_in.post("/sparql", data=query).status_code == 200
    assert signed_in.post("/sparql", data={"query": "ASK {}"}).status_code == 403


def test_a_token_needs_no_form_token_also_beside_a_cookie(signed_in: FlaskClient, book: TokenBook) -> None:
    _, secret = book.create("editor", "omar")
    response = signed_in.post("/write", headers={"Authorization": f"Bearer {secret}"})
    assert response.text == "written by omar"


def test_the_form_token_of_one_session_is_of_no_use_to_another(
    signed_in: FlaskClient, book: TokenBook
) -> None:
    field = field_of(signed_in.get("/", headers=HTML).text)
    other = signed_in.application.test_client()
    assert sign_in(other, book.create("editor")[1]).status_code == 303
    assert other.post("/write", data={"_csrf": field}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_request_that_another_site_caused_has_no_cookie(
    signed_in: FlaskClient, headers: dict[str, str]
) -> None:
    assert signed_in.get("/operate").status_code == 200
    assert signed_in.get("/operate", headers=headers).status_code == 401
    field = field_of(signed_in.get("/", headers=HTML).text)
    assert signed_in.post("/write", data={"_csrf": field}, headers=headers).status_code == 401


def test_a_link_on_another_site_may_be_followed(signed_in: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert signed_in.get("/operate", headers=headers).status_code == 200
    assert signed_in.post("/write", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}],
)
def test_nobody_is_signed_in_by_another_site(
    guarded: FlaskClient, book: TokenBook, headers: dict[str, str]
) -> None:
    response = sign_in(guarded, book.create("reader")[1], **headers)
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers


def test_signing_in_needs_the_form_that_this_server_gave(guarded: FlaskClient, book: TokenBook) -> None:
    _, secret = book.create("reader")
    for data in ({}, {"_csrf": "0" * 64}):
        assert guarded.post("/sign-in", data={"token": secret} | data).status_code == 403


def test_nobody_is_signed_out_by_another_site(signed_in: FlaskClient) -> None:
    response = signed_in.post("/sign-out", headers={"Origin": "https://evil.example"})
    assert "Set-Cookie" not in response.headers
    assert signed_in.post("/sign-out").status_code == 403
    assert signed_in.get("/operate").status_code == 200


def test_a_session_ends_with_its_token_at_once(signed_in: FlaskClient, book: TokenBook) -> None:
    assert signed_in.get("/operate").status_code == 200
    book.revoke("ines")
    assert signed_in.get("/operate").status_code == 401
    assert "Signed in" not in signed_in.get("/", headers=HTML).text


def test_another_front_on_the_same_store_knows_the_session(
    signed_in: FlaskClient, engine: StoreEngine, quay: Folder, state: Path
) -> None:
    other = with_routes(create_app(engine, quay, Settings(), state)).test_client()
    cookie = next(c for c in signed_in._cookies.values() if "-form" not in c.key)
    other.set_cookie(cookie.key, cookie.value)
    assert other.get("/operate").status_code == 200


def test_a_page_kept_by_a_browser_is_not_that_of_another_sender(
    guarded: FlaskClient, book: TokenBook
) -> None:
    asked = "/sparql?query=ASK%7B%7D"
    tag = guarded.get(asked, headers=HTML).headers["ETag"]
    assert guarded.get(asked, headers=HTML | {"If-None-Match": tag}).status_code == 304
    assert sign_in(guarded, book.create("reader")[1]).status_code == 303
    response = guarded.get(asked, headers=HTML | {"If-None-Match": tag})
    assert response.status_code == 200
    assert "Signed in" in response.text
    assert response.headers["Cache-Control"].startswith("private")
    assert "Cookie" in response.headers["Vary"]


def test_the_page_of_what_is_not_there_still_tells_who_is_signed_in(signed_in: FlaskClient) -> None:
    response = signed_in.get("/nothing", headers=HTML)
    assert response.status_code == 404
    assert "Signed in as" in response.text


def test_a_cookie_of_no_use_is_as_good_as_none(guarded: FlaskClient, state: Path, book: TokenBook) -> None:
    book.create("reader", lifetime=timedelta(days=1))
    from onrecord.identity.register import Register

    for value in ("", "x", "../tokens", "a" * 43, "a" * 3900):
        guarded.set_cookie(Register.of(state).cookie, value)
        assert guarded.get("/", headers=HTML).status_code == 200
        assert guarded.post("/write").status_code == 401


def test_where_reading_needs_a_token_the_page_leads_to_the_form(closed: FlaskClient, book: TokenBook) -> None:
    page = closed.get("/queries", headers=HTML)
    assert page.status_code == 401
    assert "/sign-in?next=/queries" in page.text
    assert sign_in(closed, book.create("reader")[1]).status_code == 303
    assert closed.get("/queries", headers=HTML).status_code == 200


def test_without_a_store_there_is_nothing_to_sign_in_to(client: FlaskClient) -> None:
    assert "Sign in<" not in client.get("/", headers=HTML).text
    assert client.post("/sign-in", data={"token": "x"}).status_code == 403


def test_behind_a_prefix_cookie_and_redirect_carry_it(
    engine: StoreEngine, quay: Folder, state: Path, settings: Settings, book: TokenBook
) -> None:
    app = create_app(engine, quay, replace(settings, public_url="http://localhost/graph"), state)
    client = app.test_client()
    page = client.get("/graph/queries", headers=HTML).text
    assert 'href="/graph/sign-in?next=/graph/queries"' in page
    response = sign_in(client, book.create("reader")[1], "/graph/queries", "/graph")
    assert response.headers["Location"] == "/graph/queries"
    assert any("Path=/graph" in c and "HttpOnly" in c for c in response.headers.getlist("Set-Cookie"))
    assert "Signed in" in client.get("/graph/queries", headers=HTML).text
