"""Power-loss order, as the kernel sees it: what a write needs is synced before anybody hears of it.

strace (Debian: `strace`) follows the writer, the web process and the command line. Where a
process may not be traced, this fails and says so.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.conftest import environment
from tests.processes.conftest import DATASET
from tests.writing.conftest import Written, serve_written

from onrecord.store.state import StateDirectory

_STRACE = ["strace", "-f", "-y", "-s", "200"]
_CALLS = "trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat,sendto,sendmsg,write,writev"


@contextmanager
def traced(pids: Sequence[int], log: Path, *options: str) -> Iterator[None]:
    """Write down the system calls of `pids` that bear on the order, until the block ends."""
    command = [*_STRACE, *(options or ("-e", _CALLS)), "-o", str(log)]
    command += [part for pid in pids for part in ("-p", str(pid))]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    try:
        waited = set(pids)
        while waited:
            told = tracer.stderr.readline()
            attached = re.search(r"Process (\d+) attached", told)
            assert attached, f"this machine does not let processes be traced (ptrace): {told}"
            waited.discard(int(attached[1]))
        yield
    finally:
        tracer.terminate()
        tracer.communicate()


def _completed(log: Path) -> list[str]:
    """The calls in the order in which they ended; one that another interrupted is put together."""
    calls, begun = [], {}
    for line in log.read_text().splitlines():
        thread, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[thread] = call.removesuffix("<unfinished ...>")
        elif resumed := re.match(r"<\.\.\. \w+ resumed>(.*)", call):
            calls.append(begun.pop(thread, "") + resumed.group(1))
        else:
            calls.append(call)
    return calls


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("folder")
    for name in ("ontology", "triples", "queries"):
        (folder / name).mkdir()
    (folder / "ontology" / "dataset.ttl").write_text(DATASET)
    store = tmp_path_factory.mktemp("state") / "store"
    with serve_written(folder, store, "--workers", "1", "--fronts", "1") as written:
        written.update("INSERT DATA { <urn:a> <urn:n> 1 }")
        yield written


def _writer(w: Written) -> int:
    return int((w.store / "lock").read_text())


def _fronts(w: Written) -> list[int]:
    """The processes that answer over HTTP: a front, and its children."""
    found = [p for p in _children(w.server.process.pid) if b"onrecord.web.front" in _command(p)]
    return [*found, *(child for pid in found for child in _children(pid))]


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def place(calls: Sequence[str], pattern: str, start: int = 0) -> int:
    """Where the first call from `start` on stands that matches."""
    found = next((n for n, call in enumerate(calls) if n >= start and re.search(pattern, call)), None)
    assert found is not None, f"no call matches {pattern}"
    return found


def _has_no_failed_sync(calls: Sequence[str]) -> bool:
    return not [call for call in calls if re.match(r"(fsync|fdatasync)\(", call) and not call.endswith("= 0")]


def test_all_that_a_write_needs_is_synced_before_it_is_acknowledged(w: Written, tmp_path: Path) -> None:
    before = {str(path) for path in w.store.glob("live-*/*.sst")}
    log = tmp_path / "calls"
    with traced([_writer(w)], log):
        number = w.update("INSERT DATA { <urn:a> <urn:n> 2 }").generation.number
    calls = _completed(log)
    assert _has_no_failed_sync(calls)
    name = f"{w.store}/generations/{number:06d}"
    told = place(calls, r'sendto.*\\"written\\"')
    record = place(calls, rf'rename.*"{name}\.json\.tmp", "{name}\.json"')
    moved = place(calls, rf'rename.*"{name}\.tmp", "{name}"')
    linked = [n for n, call in enumerate(calls) if call.startswith("link") and ".sst" in call]
    # The data is on the disk before it gets its second name,
    made = {_linked_file(call) for call in calls} - {"", *before}
    synced = {m.group(1) for call in calls[: linked[0]] if (m := re.search(r"sync\(\d+<(.*\.sst)>", call))}
    assert made and made <= synced
    # all of the copy before it is named as a generation,
    assert linked[-1] < place(calls, rf"fdatasync.*{name}\.tmp.*/MANIFEST") < moved
    assert place(calls, rf"fdatasync.*{name}\.tmp.*/CURRENT") < moved
    assert place(calls, rf"fsync\(\d+<{name}\.tmp>") < moved
    # its record before it has its name, and the names of both before anybody hears of it.
    assert moved < place(calls, rf"fsync\(\d+<{name}\.json\.tmp>") < record
    assert record < place(calls, rf"fsync\(\d+<{w.store}/generations>") < told


def _linked_file(call: str) -> str:
    """The file of data that `call` gives a second name, or nothing."""
    found = re.match(r'link[^"]*"([^"]*\.sst)"', call)
    return found.group(1) if found else ""


def test_what_people_save_and_pin_and_its_line_in_the_audit_log_are_synced_before_they_are_answered(
    w: Written, tmp_path: Path
) -> None:
    body = {"name": "kept", "title": "Kept.", "text": "SELECT ?o WHERE { ?s ?p ?o }", "visibility": "private"}
    pinned = w.engine.generation().number
    log = tmp_path / "calls"
    with traced(_fronts(w), log):
        saved = w.send("POST", "/queries", json.dumps(body).encode(), "application/json")
        assert saved.status == 201, saved.text
        assert w.send("POST", f"/generations/{pinned}/pin", b"").status == 201
    calls = _completed(log)
    assert _has_no_failed_sync(calls)
    audit = rf"fsync\(\d+<{w.store}/audit/000001\.jsonl>"
    first = place(calls, r"HTTP/1\.1 201")
    assert place(calls, rf"sync\(\d+<{w.store}/saved/queries\.sqlite-wal>") < place(calls, audit) < first
    # The first thing of its kind has a new directory, whose name must not be lost either.
    assert place(calls, rf"fsync\(\d+<{w.store}>") < first
    second = place(calls, r"HTTP/1\.1 201", first + 1)
    pin = f"{w.store}/pins/{pinned:06d}"
    written = place(calls, rf"fsync\(\d+<{pin}/pin\.json\.tmp>", first)
    named = place(calls, rf'rename.*"{pin}/pin\.json\.tmp", "{pin}/pin\.json"', first)
    assert written < named < place(calls, rf"fsync\(\d+<{pin}>", first)
    assert place(calls, rf"fsync\(\d+<{pin}>", first) < place(calls, rf"fsync\(\d+<{w.store}/pins>", first)
    assert place(calls, rf"fsync\(\d+<{w.store}/pins>", first) < place(calls, audit, first + 1) < second


def test_a_token_is_on_disk_before_it_is_printed_and_revoked_before_that_is_told(tmp_path: Path) -> None:
    store = tmp_path / "state" / "store"
    identity = f"{store}/identity"

    def run(*arguments: str) -> list[str]:
        log = tmp_path / arguments[0]
        command = [*_STRACE, "-e", _CALLS, "-o", str(log)]
        command += [sys.executable, "-m", "onrecord", "token", *arguments, "--store", str(store)]
        subprocess.run(command, check=True, capture_output=True, timeout=60, env=environment())
        return _completed(log)

    created = run("create", "--name", "ida")
    told = place(created, r'write\(1<.*"onrecord_')
    for name in (store.parent.parent, store.parent, store):
        assert place(created, rf"fsync\(\d+<{name}>") < told, "the names of new directories"
    for calls, sentence in ((created, '"onrecord_'), (run("revoke", "ida"), "is revoked")):
        assert _has_no_failed_sync(calls)
        written = place(calls, rf"fsync\(\d+<{identity}/tokens\.json\.tmp>")
        named = place(calls, rf'rename.*"{identity}/tokens\.json\.tmp", "{identity}/tokens\.json"')
        synced = place(calls, rf"fsync\(\d+<{identity}>")
        assert written < named < synced < place(calls, rf"write\(1<.*{sentence}")


def test_a_generation_whose_name_cannot_be_synced_is_refused_and_never_seen(
    w: Written, tmp_path: Path
) -> None:
    before, rows = w.engine.generation(), w.rows("SELECT ?o { <urn:a> <urn:n> ?o }")
    generations = f"{w.store}/generations"
    log = tmp_path / "calls"
    with traced([_writer(w)], log, "-P", generations, "-e", "trace=fsync", "-e", "inject=fsync:error=EIO"):
        refused = w.post_update("INSERT DATA { <urn:a> <urn:n> 3 }")
    assert "EIO" in log.read_text() and "INJECTED" in log.read_text()
    assert refused.status == 503, refused.text
    assert "Nothing was changed" in refused.text
    newest = StateDirectory(w.store).newest()
    assert newest is not None and newest.generation == before, "nor would a server that starts see it"
    assert w.rows("SELECT ?o { <urn:a> <urn:n> ?o }") == rows
    assert w.post_update("INSERT DATA { <urn:a> <urn:n> 4 }").status == 204
    assert w.rows("SELECT ?o { <urn:a> <urn:n> ?o }") == [*rows, ("4",)]
