"""Who may do what, for every address and method: four roles, with reading open and with reading by token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.web.conftest import StoreEngine

from onrecord.config import Settings
from onrecord.errors import PreconditionError
from onrecord.folder import Folder
from onrecord.identity.tokens import TokenBook
from onrecord.web import create_app

Need = Literal["nothing", "reading", "writing", "operating"]
Sender = Literal["anonymous", "reader", "editor", "admin"]

MATRIX: dict[tuple[Sender, str], frozenset[Need]] = {
    ("anonymous", "open"): frozenset({"nothing", "reading"}),
    ("anonymous", "token"): frozenset({"nothing"}),
    ("reader", "open"): frozenset({"nothing", "reading"}),
    ("reader", "token"): frozenset({"nothing", "reading"}),
    ("editor", "open"): frozenset({"nothing", "reading", "writing"}),
    ("editor", "token"): frozenset({"nothing", "reading", "writing"}),
    ("admin", "open"): frozenset({"nothing", "reading", "writing", "operating"}),
    ("admin", "token"): frozenset({"nothing", "reading", "writing", "operating"}),
}
"""What each sender may do, where reading is open and where it needs a token."""

NEEDS: dict[tuple[str, str], Need] = {
    ("GET", "/problems"): "nothing",
    ("GET", "/robots.txt"): "nothing",
    ("GET", "/health"): "nothing",
    ("GET", "/static/<path:name>"): "nothing",
    ("GET", "/sign-in"): "nothing",
    ("POST", "/sign-out"): "nothing",
    ("POST", "/sparql"): "reading",
    ("POST", "/s"): "reading",
    ("GET", "/queries/new"): "writing",
    ("GET", "/queries/<name>/edit"): "writing",
    ("GET", "/admin/audit"): "operating",
    ("GET", "/admin/queries"): "operating",
    ("POST", "/admin/queries"): "operating",
}
"""Of the addresses and methods for which this is not told by the method alone."""

BY_METHOD: dict[str, Need] = {
    "GET": "reading",
    "POST": "writing",
    "PUT": "writing",
    "PATCH": "writing",
    "DELETE": "writing",
}
BY_ITSELF = {("POST", "/sign-in")}
"""Tells by its body who asks: another test looks at it."""


class RefusingEngine(StoreEngine):
    """Whoever gets as far as a write learns that nothing is written here."""

    def write(self, request: object) -> None:
        raise PreconditionError("Nothing is written here.")

    def queries(self) -> tuple[()]:
        return ()

    def end_query(self, number: int) -> None:
        raise PreconditionError("Nothing runs here.")


@dataclass(frozen=True)
class Web:
    app: Flask
    client: FlaskClient
    secrets: dict[Sender, str]


@pytest.fixture(params=["open", "token"])
def reading(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def web(engine: StoreEngine, quay: Folder, settings: Settings, state: Path, reading: str) -> Web:
    app = create_app(RefusingEngine(engine.store), quay, replace(settings, reading=reading), state)
    book = TokenBook(state)
    secrets = {role: book.create(role)[1] for role in ("reader", "editor", "admin")}
    return Web(app, app.test_client(), secrets)  # type: ignore[arg-type]


def addresses(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(method, rule, an address of it)."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
        values = {
            "address": "who-said",
            "name": "style.css" if "static" in rule.rule else "who-said",
            "suffix": "ttl",
        }
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(
                rule.endpoint, {name: values.get(name, "x") for name in rule.arguments}, "GET"
            ) if "GET" in (rule.methods or ()) else rule.rule.replace("<name>", "who-said")  # fmt: skip
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            if (method, rule.rule) not in BY_ITSELF:
                yield method, rule.rule, path


@pytest.mark.parametrize("sender", ["anonymous", "reader", "editor", "admin"])
def test_every_address_lets_in_those_who_may_and_nobody_else(web: Web, reading: str, sender: Sender) -> None:
    headers = {"Authorization": f"Bearer {web.secrets[sender]}"} if sender in web.secrets else {}
    allowed = MATRIX[sender, reading]
    wrong = []
    seen: dict[Need, int] = {}
    for number, (method, rule, path) in enumerate(addresses(web.app)):
        need = NEEDS.get((method, rule), BY_METHOD[method])
        seen[need] = seen.get(need, 0) + 1
        # Each from an address of its own: whoever fails often is made to wait.
        origin = {"REMOTE_ADDR": f"192.0.2.{number}"}
        answer = web.client.open(
            path, method=method, headers=headers, environ_overrides=origin, buffered=True
        )
        is_let = answer.status_code not in (401, 403)
        refusal = 401 if sender == "anonymous" else 403
        if answer.status_code >= 500 or is_let != (need in allowed):
            wrong.append((method, rule, need, answer.status_code))
        elif not is_let and (answer.status_code != refusal or b"mayor" in answer.data):
            wrong.append((method, rule, "how it refuses", answer.status_code))
    assert not wrong
    assert seen["nothing"] >= 5 and seen["reading"] >= 25 and seen["writing"] >= 12 and seen["operating"] >= 3


@pytest.mark.parametrize("sender", ["anonymous", "reader", "editor", "admin"])
def test_an_update_is_writing_wherever_it_comes(web: Web, reading: str, sender: Sender) -> None:
    headers = {"Authorization": f"Bearer {web.secrets[sender]}"} if sender in web.secrets else {}
    update = "INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }"
    answers = [
        web.client.post("/sparql", data={"update": update}, headers=headers),
        web.client.post(
            "/sparql", data=update, headers={**headers, "Content-Type": "application/sparql-update"}
        ),
    ]
    for answer in answers:
        is_let = answer.status_code not in (401, 403)
        assert is_let == ("writing" in MATRIX[sender, reading]), (answer.status_code, answer.text)


def test_a_token_that_is_none_opens_nothing_that_is_not_open_to_all(web: Web, reading: str) -> None:
    for method, rule, path in addresses(web.app):
        if NEEDS.get((method, rule), BY_METHOD[method]) != "nothing":
            answer = web.client.open(
                path, method=method, headers={"Authorization": "Bearer onr_nothing"}, buffered=True
            )
            assert answer.status_code in (401, 429), (method, rule, answer.status_code)


def test_signing_in_needs_a_token_that_is_one(web: Web, reading: str) -> None:
    for body in ({}, {"token": "nothing"}, {"token": web.secrets["reader"] + "x"}):
        answer = web.client.post("/sign-in", data=body)
        assert answer.status_code in (400, 401, 403)
        assert "onrecord_session" not in (answer.headers.get("Set-Cookie") or "")
