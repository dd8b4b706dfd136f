"""Every write and every refusal leaves a line, which admins read and nobody else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tests.web.test_sign_in import HTML, sign_in
from tests.web.test_tokens import ASK, bearer

from onrecord.identity.audit import AuditLog, Entry
from onrecord.identity.tokens import TokenBook


def lines(state: Path) -> list[Entry]:
    """The lines, oldest first."""
    return list(reversed(AuditLog(state).page(1000).entries))


def test_a_write_is_told_with_who_and_the_hash_of_what_and_never_the_text(
    guarded: FlaskClient, book: TokenBook, state: Path
) -> None:
    token, secret = book.create("editor", "ines")
    guarded.put("/write?graph=urn:secret-source", data="a secret", headers=bearer(secret))
    (line,) = lines(state)
    assert {k: v for k, v in line.items() if k != "time"} == {
        "who": "ines", "token": token.id, "role": "editor", "action": "write", "method": "PUT",
        "path": "/write", "outcome": 200, "bytes": 8, "sha256": hashlib.sha256(b"a secret").hexdigest(),
    }  # fmt: skip
    text = "".join(path.read_text() for path in (state / "audit").glob("*.jsonl"))
    assert "secret" not in text
    assert "127.0.0.1" not in text


def test_every_refusal_of_a_write_is_told_and_reading_leaves_no_line(
    guarded: FlaskClient, book: TokenBook, state: Path
) -> None:
    _, reader = book.create("reader", "omar")
    guarded.get(ASK)
    guarded.get(ASK, headers=bearer(reader))
    guarded.get("/nothing")
    assert lines(state) == []
    guarded.post("/write")
    guarded.post("/write", headers=bearer(reader))
    guarded.get("/operate", headers=bearer(reader))
    guarded.get(ASK, headers=bearer("wrong"))
    guarded.post("/sparql", data={"update": "CLEAR ALL"})
    guarded.post("/sparql", data={"update": "CLEAR ALL"}, headers=bearer(reader))
    told = [(e["who"], e["action"], e["outcome"], e["code"]) for e in lines(state)]
    assert told == [
        ("anonymous", "write", 401, "unauthenticated"),
        ("omar", "write", 403, "refused"),
        ("omar", "operate", 403, "refused"),
        ("anonymous", "query", 401, "unauthenticated"),
        ("anonymous", "write", 401, "unauthenticated"),
        ("omar", "write", 403, "refused"),
    ]


def test_a_wrong_sign_in_and_a_forged_form_are_told(
    guarded: FlaskClient, book: TokenBook, state: Path
) -> None:
    sign_in(guarded, "onrecord_wrong")
    sign_in(guarded, book.create("editor", "ines")[1])
    guarded.post("/write")
    told = [(e["who"], e["path"], e["outcome"], e.get("code")) for e in lines(state)]
    assert told == [
        ("anonymous", "/sign-in", 401, "unauthenticated"),
        ("ines", "/write", 403, "form-token"),
    ]


def test_a_flood_of_refusals_does_not_fill_the_disk(guarded: FlaskClient, state: Path) -> None:
    for number in range(60):
        guarded.post("/write", headers=bearer(str(number)) if number % 2 else {})
    outcomes = [e["outcome"] for e in lines(state)]
    assert outcomes == [401] * 10 + [429]


def test_admins_read_it_page_by_page_as_html_and_json(
    guarded: FlaskClient, book: TokenBook, state: Path
) -> None:
    _, admin = book.create("admin", "<i>ines</i>")
    for _ in range(230):
        guarded.put("/write", headers=bearer(admin))
    seen, address = 0, "/admin/audit"
    while address:
        response = guarded.get(address, headers=bearer(admin))
        assert response.status_code == 200
        seen += len(response.json["entries"])
        address = response.json["older"]
    assert seen == 230
    page = guarded.get("/admin/audit", headers=bearer(admin) | HTML).text
    assert page.count("&lt;i&gt;ines&lt;/i&gt;") == 100
    assert 'rel="next"' in page
    assert guarded.get("/admin/audit?before=nonsense", headers=bearer(admin)).status_code == 400


@pytest.mark.parametrize("role", ["reader", "editor"])
def test_nobody_else_reads_it(guarded: FlaskClient, book: TokenBook, role: str) -> None:
    assert guarded.get("/admin/audit").status_code == 401
    _, secret = book.create(role)  # type: ignore[arg-type]
    assert guarded.get("/admin/audit", headers=bearer(secret)).status_code == 403


def test_a_log_that_cannot_be_written_is_told_to_the_operator_and_the_answer_stands(
    guarded: FlaskClient, book: TokenBook, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, secret = book.create("editor")
    (state / "audit").write_text("in the way")
    assert guarded.put("/write", headers=bearer(secret)).status_code == 200
    assert "the audit log lacks a line" in caplog.text
