"""Tokens: kept as hashes, found at once by every process, gone when revoked or expired."""

from __future__ import annotations

import json
import os
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onrecord.errors import SettingError, StoreDamagedError, StoreError
from onrecord.identity import tokens as module
from onrecord.identity.credentials import read_authorization
from onrecord.identity.tokens import PREFIX, TokenBook, parse_lifetime


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_a_token_is_found_by_its_text_and_by_nothing_else(state: Path) -> None:
    book = TokenBook(state)
    token, secret = book.create("editor", "ines")
    assert secret.startswith(PREFIX)
    assert len(secret) >= len(PREFIX) + 43  # 256 bits
    assert book.find(secret) == token
    for other in (
        "",
        secret[:-1],
        secret + "x",
        token.digest,
        token.id,
        token.name,
        "ø" * 50,
        "\ud800",
        "x" * 10**6,
    ):
        assert book.find(other) is None


def test_nothing_on_disk_tells_the_text_and_only_the_owner_reads_it(state: Path) -> None:
    _, secret = TokenBook(state).create("admin")
    for path in state.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
        if path.is_file():
            assert secret.removeprefix(PREFIX) not in path.read_text()


def test_the_file_is_private_also_under_a_loose_umask(state: Path) -> None:
    before = os.umask(0)
    try:
        TokenBook(state).create("admin")
    finally:
        os.umask(before)
    assert stat.S_IMODE((state / "identity" / "tokens.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((state / "identity").stat().st_mode) == 0o700


def test_another_book_on_the_same_store_sees_a_new_and_a_revoked_token_at_once(state: Path) -> None:
    writing, reading = TokenBook(state), TokenBook(state)
    assert reading.find("anything") is None
    for _ in range(50):
        token, secret = writing.create("reader")
        assert reading.find(secret) == token
        writing.revoke(token.id)
        assert reading.find(secret) is None


def test_an_expired_token_is_unknown_and_still_listed(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = TokenBook(state)
    token, secret = book.create("reader", lifetime=timedelta(hours=1))
    later = datetime.now(UTC) + timedelta(minutes=59)
    monkeypatch.setattr(module, "_now", lambda: later)
    assert book.find(secret) == token
    later += timedelta(minutes=2)
    assert book.find(secret) is None
    assert book.holder(token.id) is None
    assert book.tokens() == (token,)


def test_tokens_made_at_the_same_time_are_all_kept(state: Path) -> None:
    made: list[str] = []

    def make() -> None:
        book = TokenBook(state)
        made.extend(book.create("editor")[1] for _ in range(5))

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book = TokenBook(state)
    assert len(book.tokens()) == 30
    assert all(book.find(secret) for secret in made)


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "\x1b[31m", "x" * 65])
def test_a_name_that_would_spoil_a_list_is_refused(state: Path, name: str) -> None:
    with pytest.raises(SettingError, match="cannot be used"):
        TokenBook(state).create("editor", name)


def test_a_name_is_given_once_and_a_stranger_is_not_revoked(state: Path) -> None:
    book = TokenBook(state)
    with pytest.raises(SettingError, match="has none"):
        book.revoke("ines")
    first, _ = book.create("editor", "إينيس")
    for taken in ("إينيس", first.id):
        with pytest.raises(SettingError, match="already"):
            book.create("reader", taken)
    with pytest.raises(SettingError, match="known: إينيس"):
        book.revoke("omar")
    assert book.revoke("إينيس") == first


@pytest.mark.parametrize("text", ["", "0d", "30", "d", "-1d", "1.5d", "3651d", "999999w", "30 d", "٣d"])
def test_a_lifetime_is_a_number_and_a_unit(text: str) -> None:
    with pytest.raises(SettingError):
        parse_lifetime(text)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"tokens": [{}]}', '{"tokens": [1]}', "\x00", '{"tokens": null}'],
)
def test_a_damaged_file_lets_nobody_in_and_is_not_overwritten(state: Path, text: str) -> None:
    book = TokenBook(state)
    _, secret = book.create("admin")
    path = state / "identity" / "tokens.json"
    path.write_text(text)
    for act in (lambda: book.find(secret), lambda: book.create("admin"), lambda: book.revoke("x")):
        with pytest.raises(StoreDamagedError, match=r"tokens\.json"):
            act()
    assert path.read_text() == text


@pytest.mark.parametrize(("key", "value"), [("role", "god"), ("created", "2031-01-01"), ("expires", "soon")])
def test_an_entry_that_is_not_understood_is_damage(state: Path, key: str, value: str) -> None:
    book = TokenBook(state)
    book.create("admin")
    path = state / "identity" / "tokens.json"
    document = json.loads(path.read_text())
    document["tokens"][0][key] = value
    path.write_text(json.dumps(document))
    with pytest.raises(StoreDamagedError):
        TokenBook(state).tokens()


def test_use_is_noted_once_an_hour(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = TokenBook(state)
    token, _ = book.create("reader")
    assert book.last_use(token) is None
    book.note_use(token)
    assert book.last_use(token) is not None
    used = state / "identity" / "used" / token.id
    os.utime(used, (0, 0))
    book.note_use(token)
    assert used.stat().st_mtime == 0
    later = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr(module, "_now", lambda: later)
    book.note_use(token)
    assert used.stat().st_mtime > 0


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--store"):
        TokenBook(tmp_path / "file").create("editor")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Digest abc",
        "Basic",
        "Basic !!!",
        "Basic YWJj",
        "Basic /////w==",
        "Basic YTo=",
        "x" * 9999,
    ],
)
def test_a_header_without_a_token_carries_none(header: str) -> None:
    assert read_authorization(header) is None


def test_a_password_may_hold_colons_and_schemes_any_case() -> None:
    assert read_authorization("bAsIc OmE6Yg==") == "a:b"
    assert read_authorization("BEARER   abc ") == "abc"
