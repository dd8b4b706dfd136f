"""A disk that fills up: writes are refused with a sentence, reads go on; space makes writes work again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Response, environment
from tests.faults.conftest import filled
from tests.writing.conftest import Written, serve_written

_NUMBERS = "SELECT ?o { <urn:a> <urn:n> ?o }"


@pytest.fixture
def w(small_disk: Path, numbers: Path, tmp_path: Path) -> Iterator[Written]:
    store = small_disk / tmp_path.name
    with serve_written(numbers, store, "--workers", "1") as written:
        written.update("INSERT DATA { <urn:a> <urn:n> 1 }")
        yield written
    subprocess.run(["rm", "-rf", str(store)], check=True)


def _is_refused(response: Response) -> bool:
    """Whether it is a refusal that tells of the disk."""
    return response.status in (503, 507) and "No space left on device" in response.text


def test_writes_are_refused_while_the_disk_is_full_and_work_again_without_a_restart(
    small_disk: Path, w: Written
) -> None:
    insert = "INSERT DATA {{ <urn:a> <urn:n> {} }}".format
    before = w.engine.generation()
    for number in (2, 3):
        with filled(small_disk):
            refused = w.post_update(insert(number))
            assert _is_refused(refused), refused.text
            put = w.send("PUT", "/graphs?graph=urn:g", b"<urn:s> <urn:p> <urn:o> .", "text/turtle")
            assert _is_refused(put), put.text
            assert w.rows(_NUMBERS) == [(str(n),) for n in range(1, number)], "reads go on"
            assert w.server.get("/health").status == 200
        assert w.post_update(insert(number)).status == 204
        assert w.rows(_NUMBERS) == [(str(n),) for n in range(1, number + 1)]
    assert w.engine.generation().number == before.number + 2


def test_a_rebuild_a_load_and_a_backup_on_a_full_disk_are_told_and_leave_nothing(
    small_disk: Path, w: Written, tmp_path: Path
) -> None:
    data = tmp_path / "data.nt"
    data.write_text("".join(f'<urn:s{n}> <urn:p> "{n}" .\n' for n in range(30_000)))
    backup = small_disk / "backup"
    commands = (
        ["reload", "--store", str(w.store), str(w.folder)],
        ["load", "--store", str(w.store), str(data)],
        ["backup", "--store", str(w.store), str(backup)],
    )
    before = w.engine.generation()
    for command in commands:
        with filled(small_disk):
            told = _run(*command)
            assert told.returncode != 0, command
            assert "No space left on device" in told.stderr, told.stderr
            assert "Traceback" not in told.stderr
            assert w.rows(_NUMBERS) == [("1",)]
        assert not list(small_disk.glob("backup*"))
    assert w.engine.generation() == before
    for command in commands:
        again = _run(*command)
        assert again.returncode == 0, again.stderr
    assert w.rows('SELECT ?s { ?s <urn:p> "7" }') == [("urn:s7",)]


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "onrecord", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment()
    )
