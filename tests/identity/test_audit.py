"""The audit log: only ever appended to, whole lines, on disk before anybody is answered."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from onrecord.errors import RequestError, StoreError
from onrecord.identity import audit as module
from onrecord.identity.audit import AuditLog
from onrecord.identity.roles import ANONYMOUS, ROLES, Identity

INES = Identity("ines\n\u2028", "editor", ROLES["editor"], "0a1b2c3d")


def files(state: Path) -> list[Path]:
    return sorted((state / "audit").glob("*.jsonl"))


def test_a_line_tells_what_is_known_and_nothing_that_is_not(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    log.record(INES, "write", 204, method="POST", path="/sparql", generation="5f-7", size=0, sha256="ab")
    log.record(ANONYMOUS, "write", 401)
    first, second = map(json.loads, files(tmp_path)[0].read_text().splitlines())
    assert {k: v for k, v in first.items() if k != "time"} == {
        "who": "ines\n\u2028", "token": "0a1b2c3d", "role": "editor", "action": "write", "method": "POST",
        "path": "/sparql", "outcome": 204, "generation": "5f-7", "bytes": 0, "sha256": "ab",
    }  # fmt: skip
    assert set(second) == {"time", "who", "action", "outcome"}


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    AuditLog(tmp_path).record(INES, "write", 204)
    assert stat.S_IMODE((tmp_path / "audit").stat().st_mode) == 0o700
    assert stat.S_IMODE(files(tmp_path)[0].stat().st_mode) == 0o600


def test_a_line_is_synced_before_record_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync

    def note(fd: int) -> None:
        synced.append(os.fstat(fd).st_ino)
        real(fd)

    monkeypatch.setattr(os, "fsync", note)
    AuditLog(tmp_path).record(INES, "write", 204)
    assert files(tmp_path)[0].stat().st_ino in synced
    assert (tmp_path / "audit").stat().st_ino in synced


def test_lines_of_many_writers_never_mix(tmp_path: Path) -> None:
    def write(number: int) -> None:
        log = AuditLog(tmp_path)
        for _ in range(20):
            log.record(INES, "write", 200, path="/" + str(number) * 500)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = files(tmp_path)[0].read_text().splitlines()
    assert len(lines) == 120
    assert all(len(set(json.loads(line)["path"])) == 2 for line in lines)


@pytest.mark.parametrize("block", [7, 200, 65_536])
def test_pages_go_back_through_all_files_and_miss_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(module, "FILE_BYTES", 600)
    monkeypatch.setattr(module, "_BLOCK", block)
    log = AuditLog(tmp_path)
    for number in range(40):
        log.record(INES, "write", number)
    assert len(files(tmp_path)) > 5  # old files are kept
    seen: list[object] = []
    page = log.page(7)
    log.record(INES, "write", 99)  # what comes later moves no page
    while True:
        seen += [entry["outcome"] for entry in page.entries]
        if not page.older:
            break
        page = log.page(7, page.older)
    assert seen == list(reversed(range(40)))


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    log.record(INES, "write", 1)
    with files(tmp_path)[0].open("ab") as file:
        file.write(b'{"time": "20')
    log.record(INES, "write", 2)
    page = log.page(10)
    assert [entry["outcome"] for entry in page.entries] == [2, 1]
    assert page.unreadable == 1


def test_an_empty_log_is_an_empty_page(tmp_path: Path) -> None:
    assert AuditLog(tmp_path).page(10).entries == ()


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1", "1-2-3", "../1-2", "9" * 30 + "-1"])
def test_a_cursor_that_no_page_gave_is_refused(tmp_path: Path, cursor: str) -> None:
    AuditLog(tmp_path).record(INES, "write", 1)
    with pytest.raises(RequestError, match="audit log"):
        AuditLog(tmp_path).page(10, cursor)


@pytest.mark.parametrize("cursor", ["1-0", "1-5", "1-99999999", "77-3", "0-0"])
def test_a_cursor_anywhere_does_no_harm(tmp_path: Path, cursor: str) -> None:
    AuditLog(tmp_path).record(INES, "write", 1)
    assert len(AuditLog(tmp_path).page(10, cursor).entries) <= 1


def test_a_line_that_does_not_fit_on_the_disk_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AuditLog(tmp_path)
    log.record(INES, "write", 1)
    before = files(tmp_path)[0].read_bytes()
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[:10]))
    with pytest.raises(StoreError, match="000001"):
        log.record(INES, "write", 2)
    monkeypatch.undo()
    assert files(tmp_path)[0].read_bytes() == before
