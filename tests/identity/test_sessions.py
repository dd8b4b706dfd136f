"""Sessions: found by any front, worth no more than their token, bounded in number."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onrecord.identity import sessions as module
from onrecord.identity.sessions import LIFETIME, SessionShelf, form_token, is_form_token
from onrecord.identity.tokens import Token, TokenBook


@pytest.fixture
def token(tmp_path: Path) -> Token:
    return TokenBook(tmp_path).create("editor", "ines")[0]


def test_a_session_is_found_by_any_shelf_until_it_is_ended(tmp_path: Path, token: Token) -> None:
    session, secret = SessionShelf(tmp_path).begin(token)
    other = SessionShelf(tmp_path)
    assert other.find(secret) == session
    assert session.token_id == token.id
    other.end(secret)
    assert SessionShelf(tmp_path).find(secret) is None


def test_nothing_on_disk_tells_the_cookie(tmp_path: Path, token: Token) -> None:
    _, secret = SessionShelf(tmp_path).begin(token)
    files = [p for p in (tmp_path / "identity" / "sessions").iterdir() if p.suffix == ".json"]
    assert len(files) == 1
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert secret not in files[0].read_text() + files[0].name


@pytest.mark.parametrize("secret", ["", "x", "../tokens", "/etc/passwd", "a" * 43, "\x00" * 43, "é" * 43])
def test_a_cookie_that_is_none_of_ours_finds_and_ends_nothing(
    tmp_path: Path, token: Token, secret: str
) -> None:
    shelf = SessionShelf(tmp_path)
    _, good = shelf.begin(token)
    assert shelf.find(secret) is None
    shelf.end(secret)
    assert shelf.find(good) is not None


def test_a_session_ends_by_itself_and_never_after_its_token(
    tmp_path: Path, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = SessionShelf(tmp_path)
    _, secret = shelf.begin(token)
    brief, _ = TokenBook(tmp_path).create("reader", lifetime=timedelta(minutes=5))
    assert shelf.begin(brief)[0].expires == brief.expires
    later = datetime.now(UTC) + LIFETIME + timedelta(seconds=1)
    monkeypatch.setattr(module, "_now", lambda: later)
    assert shelf.find(secret) is None
    shelf.begin(token)
    assert len(list((tmp_path / "identity" / "sessions").glob("*.json"))) == 1  # the old ones were removed


def test_no_more_sessions_are_kept_than_agreed(
    tmp_path: Path, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SESSIONS", 3)
    shelf = SessionShelf(tmp_path)
    secrets = [shelf.begin(token)[1] for _ in range(5)]
    assert [shelf.find(secret) is not None for secret in secrets] == [False, False, True, True, True]


def test_a_spoilt_file_is_no_session(tmp_path: Path, token: Token) -> None:
    shelf = SessionShelf(tmp_path)
    _, secret = shelf.begin(token)
    (path,) = (tmp_path / "identity" / "sessions").glob("*.json")
    for text in ("", "[]", "{}", '{"token": "x", "expires": 1}', '{"token": "x", "expires": "2999-01-01"}'):
        path.write_text(text)
        assert shelf.find(secret) is None


def test_a_form_token_belongs_to_one_cookie() -> None:
    assert is_form_token(form_token("a"), "a")
    for given in (form_token("b"), "", "a", "\ud800"):
        assert not is_form_token(given, "a")
