"""A disk that fills up where no update writes: loads, uploads, saved queries, tokens, the audit log, pins.

One server for all: after each test it writes again, without a restart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import Response, environment
from tests.faults.conftest import filled
from tests.processes.conftest import DATASET
from tests.writing.conftest import Written, serve_written

from onrecord.identity.tokens import TokenBook

_TEXT = "SELECT ?o WHERE { <urn:a> <urn:n> ?o } ORDER BY ?o"
_LINES = 150_000
_REFUSALS = 30
"""Their lines in the audit log are longer than a block of the disk."""


@pytest.fixture(scope="module")
def w(small_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """A server whose store and temporary files lie on the small disk."""
    folder = tmp_path_factory.mktemp("folder")
    for name in ("ontology", "triples", "queries"):
        (folder / name).mkdir()
    (folder / "ontology" / "dataset.ttl").write_text(DATASET)
    temporary = small_disk / "tmp"
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with serve_written(folder, small_disk / "store", "--workers", "1", "--fronts", "1") as written:
            patch.undo()
            written.update("INSERT DATA { <urn:a> <urn:n> 1 }")
            yield written


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen megabytes, on a disk with room."""
    path = tmp_path_factory.mktemp("data") / "data.nt"
    with path.open("w") as file:
        file.writelines(f'<urn:s{n}> <urn:p> "{"text " * 12}{n}" .\n' for n in range(_LINES))
    return path


@pytest.fixture(autouse=True)
def _is_as_it_was(w: Written) -> Iterator[None]:
    """Nothing half-written is left, and when there is room again the same server writes."""
    before = w.engine.generation().number
    yield
    _settle(w)
    w.update("DELETE WHERE { <urn:again> ?p ?o } ; INSERT DATA { <urn:again> <urn:p> 1 }")
    assert w.engine.generation().number > before


def _settle(w: Written) -> None:
    """Wait until the server does nothing of its own accord that takes or gives room."""
    path = f"/generations/{w.engine.generation().number}.json"
    deadline = time.monotonic() + 60
    while True:
        told = json.loads(w.server.get(path).body)["contentHash"]
        left = [p for p in w.store.rglob("*.tmp") if not p.parent.name.startswith("live-")]
        if told and not left:
            return
        assert time.monotonic() < deadline, (told, left)
        time.sleep(0.05)


@contextmanager
def full(w: Written, disk: Path, leaving: int = 0) -> Iterator[None]:
    """`filled`, when the server is at rest: what it removes meanwhile would be room again."""
    _settle(w)
    with filled(disk, leaving):
        yield


def _tells_of_the_disk(told: str, disk: Path) -> bool:
    """Whether a sentence names the disk and what to do."""
    return "No space left on device" in told and str(disk) in told and "Free space there" in told


def _is_refused(response: Response, disk: Path) -> bool:
    return response.status == 507 and _tells_of_the_disk(response.text, disk)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "onrecord", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment()
    )


def _free(disk: Path) -> int:
    status = os.statvfs(disk)
    return status.f_bavail * status.f_frsize


def test_a_disk_that_fills_up_amid_a_load_gives_its_space_back(
    w: Written, small_disk: Path, data: Path
) -> None:
    before, count, free = w.engine.generation(), w.count(), _free(small_disk)
    with full(w, small_disk, leaving=3 << 20):
        told = _run("load", "--store", str(w.store), str(data))
        assert told.returncode != 0
        assert _tells_of_the_disk(told.stderr, small_disk), told.stderr
        assert w.count() == count
    assert w.engine.generation() == before
    assert _free(small_disk) > free - (2 << 20), "what was half loaded is gone"


def test_a_disk_that_fills_up_amid_an_upload_leaves_nothing_of_it(
    w: Written, small_disk: Path, data: Path
) -> None:
    """Full while it is taken, handed on, read, and written to the store: a little more room each time."""
    with data.open("rb") as file:
        body = b"".join(file.readline() for _ in range(_LINES // 5))
    before, count = w.engine.generation(), w.count()
    refused = 0
    for room in (0, 1.5, 4.5, 7.5, 10.5, 13.5, 16.5):
        with full(w, small_disk, int(room * len(body) / 3)):
            put = w.send("PUT", "/graphs?graph=urn:big", body, "application/n-triples")
            if put.status in (201, 204):
                break
            assert _is_refused(put, small_disk), (room, put.text)
            assert w.count() == count
        assert w.engine.generation() == before
        refused += 1
    assert refused >= 4
    assert w.send("PUT", "/graphs?graph=urn:big", body, "application/n-triples").status in (201, 204)
    assert w.count() == count + _LINES // 5


def test_saved_queries_are_refused_and_read_on_a_full_disk(w: Written, small_disk: Path) -> None:
    def save(name: str) -> Response:
        body = {"name": name, "title": "Numbers.", "text": _TEXT, "visibility": "public"}
        return w.send("POST", "/queries", json.dumps(body).encode(), "application/json")

    assert save("kept").status == 201
    with full(w, small_disk):
        for _ in range(2):
            refused = save("refused")
            assert _is_refused(refused, small_disk), refused.text
            answer = w.server.get("/queries/kept.csv")
            assert (answer.status, answer.text.split()) == (200, ["o", "1"]), answer.text
            assert w.server.get("/queries/refused").status == 404
            assert '"kept"' in w.server.get("/queries.json").text
    assert w.server.get("/queries/refused").status == 404
    assert save("refused").status == 201
    assert w.server.get("/queries/refused.csv").status == 200


def test_what_a_full_disk_kept_out_of_the_audit_log_stands_in_it_afterwards(
    w: Written, small_disk: Path
) -> None:
    _, admin = TokenBook(w.store).create("admin")

    def entries() -> list[dict[str, object]]:
        answer = w.server.get(
            "/admin/audit", {"Authorization": f"Bearer {admin}", "Accept": "application/json"}
        )
        document = json.loads(answer.body)
        assert document["unreadable"] == 0
        found = document["entries"]
        assert isinstance(found, list)
        return found

    w.post_update("INSERT DATA { <urn:audited> <urn:n> 0 }")
    before = entries()
    with full(w, small_disk):
        # What is left of the log's last block takes some lines still.
        for n in range(_REFUSALS):
            assert w.post_update(f"INSERT DATA {{ <urn:audited> <urn:n> {n} }}").status == 507
        assert len(entries()) < len(before) + _REFUSALS
    assert w.post_update("INSERT DATA { <urn:audited> <urn:n> 0 }").status == 204
    after = entries()
    assert after[1 + _REFUSALS :] == before
    assert [entry["outcome"] for entry in after[: 1 + _REFUSALS]] == [204, *[507] * _REFUSALS]


def test_tokens_are_neither_made_nor_revoked_by_halves_on_a_full_disk(w: Written, small_disk: Path) -> None:
    made = _run("token", "create", "--store", str(w.store), "--name", "ida")
    assert made.returncode == 0, made.stderr
    before = (w.store / "identity" / "tokens.json").read_bytes()
    with full(w, small_disk):
        for command in (["create", "--name", "omar"], ["revoke", "ida"]):
            told = _run("token", *command, "--store", str(w.store))
            assert told.returncode != 0
            assert told.stdout == ""
            assert _tells_of_the_disk(told.stderr, small_disk), told.stderr
        assert (w.store / "identity" / "tokens.json").read_bytes() == before
        known = {"Authorization": f"Bearer {made.stdout.split()[-1]}"}
        assert w.server.get("/queries/new", known).status == 200, "who was known is known"
    assert _run("token", "revoke", "ida", "--store", str(w.store)).returncode == 0


def test_a_generation_is_pinned_wholly_or_not_on_a_full_disk(w: Written, small_disk: Path) -> None:
    number = w.engine.generation().number
    path = f"/generations/{number}/pin"
    with full(w, small_disk):
        refused = w.send("POST", path, b"")
        assert _is_refused(refused, small_disk), refused.text
        assert not list((w.store / "pins").glob("0*"))
    assert w.send("POST", path, b"").status == 201
    assert w.send("DELETE", path).status == 204
