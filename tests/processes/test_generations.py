"""Readers never see a store that is being written; what was published stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from tests.conftest import environment, serve
from tests.processes.conftest import Run
from tests.waiting import wait_until

from onrecord.engine import Generation
from onrecord.errors import FolderError, FolderSyntaxError
from onrecord.supervision.launch import running_engine

COUNT = "SELECT (COUNT(*) AS ?n) { ?s <https://example.org/p> ?n }"


def _count(body: bytes) -> int:
    return int(json.loads(body)["results"]["bindings"][0]["n"]["value"])


def _generation(store: Path) -> Generation:
    engine, _ = running_engine(store)
    with closing(engine):
        return engine.generation()


def _add(folder: Path, text: str) -> None:
    with (folder / "triples" / "numbers.ttl").open("a") as file:
        file.write(text)


def test_a_rebuild_publishes_a_new_generation_of_the_same_store(run: Run) -> None:
    with run() as running:
        before = running.engine.generation()
        _add(running.folder, '<https://example.org/small/id/new> <https://example.org/p> "new" .\n')
        number, warnings = running.engine.rebuild()
        after = running.engine.generation()
        assert (after.uuid, after.number) == (before.uuid, number)
        assert number == before.number + 1
        assert warnings == []
        assert _count(running.ask(COUNT)) == 401


def test_a_rebuild_with_a_syntax_error_names_the_place_and_changes_nothing(run: Run) -> None:
    with run() as running:
        before = running.engine.generation()
        _add(running.folder, "<https://example.org/broken> <p> .\n")
        with pytest.raises(FolderSyntaxError, match=r"triples/numbers\.ttl:401:\d+: "):
            running.engine.rebuild()
        assert running.engine.generation() == before
        assert _count(running.ask(COUNT)) == 400


def test_two_files_that_write_one_graph_are_refused_by_name(run: Run) -> None:
    with run() as running:
        graph = "https://example.org/small/graph/triples/numbers"
        (running.folder / "triples" / "other.trig").write_text(f"<{graph}> {{ <urn:a> <urn:b> <urn:c> . }}\n")
        with pytest.raises(FolderError, match=r"numbers\.ttl.*other\.trig|other\.trig.*numbers\.ttl"):
            running.engine.rebuild()


def test_a_triple_that_stands_in_two_files_is_told_of(run: Run) -> None:
    with run() as running:
        repeated = '<https://example.org/small/id/7> <https://example.org/p> "7" .\n'
        (running.folder / "triples" / "zoo.ttl").write_text(repeated)
        _, warnings = running.engine.rebuild()
        assert any("triples/zoo.ttl repeats 1 triple of triples/numbers.ttl" in w for w in warnings)


def test_a_file_taken_out_of_the_folder_takes_its_graph_along(run: Run) -> None:
    with run() as running:
        (running.folder / "triples" / "numbers.ttl").unlink()
        running.engine.rebuild()
        assert _count(running.ask(COUNT)) == 0


def test_an_unchanged_folder_is_not_built_again(small_folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    labels = []
    for _ in range(2):
        with serve(small_folder, store):
            labels.append(_generation(store).label)
    assert labels[0] == labels[1]


def test_a_changed_folder_is_built_again_at_the_next_start(small_folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with serve(small_folder, store):
        first = _generation(store)
    _add(small_folder, '<https://example.org/small/id/new> <https://example.org/p> "new" .\n')
    with serve(small_folder, store):
        second = _generation(store)
    assert (second.uuid, second.number) == (first.uuid, first.number + 1)


def test_old_generations_are_removed_and_the_newest_stay(run: Run) -> None:
    with run("--keep-generations", "3", "--keep-minutes", "0") as running:
        kept: list[str] = []
        # One that somebody still reads stays until a later publication.
        for n in range(25):
            _add(running.folder, f'<https://example.org/small/id/more{n}> <https://example.org/p> "m" .\n')
            running.engine.rebuild()
            running.ask(COUNT)
            kept = sorted(p.name for p in (running.store / "generations").glob("*.json"))
            assert kept[-1] == f"{n + 2:06d}.json"
            if n >= 4 and len(kept) <= 4:
                break
        assert 3 <= len(kept) <= 4


def test_kill_9_of_the_supervisor_leaves_no_process_and_no_unfinished_store(run: Run) -> None:
    with run() as running:
        children = running.processes()
        assert children
        label = running.engine.generation().label
        (running.store / "live.tmp").mkdir()
        (running.store / "generations" / "000009.tmp").mkdir()
        os.kill(running.server.process.pid, signal.SIGKILL)
        wait_until(lambda: not any(_alive(pid) for pid in children))
    runtime = Path(json.loads((running.store / "server.json").read_text())["runtime"])
    assert runtime.exists()
    with serve(running.folder, running.store):
        assert not runtime.exists()
        assert _generation(running.store).label == label
        assert not list(running.store.rglob("*.tmp"))


def test_two_servers_on_one_store_are_refused_with_the_holder_and_the_remedy(run: Run) -> None:
    with run() as running:
        second = subprocess.run(
            [
                sys.executable,
                "-m",
                "onrecord",
                "serve",
                "--port",
                "0",
                "--store",
                running.store,
                running.folder,
            ],
            capture_output=True,
            text=True,
            timeout=30,
            env=environment(),
            check=False,
        )
        assert second.returncode == 1
        assert "is in use by process" in second.stderr
        assert "--store" in second.stderr
        assert len(second.stderr.splitlines()) == 1


def test_a_storm_of_rebuild_requests_is_built_at_most_twice(run: Run) -> None:
    with run() as running:
        numbers: list[int] = []
        threads = [
            threading.Thread(target=lambda: numbers.append(running.engine.rebuild()[0])) for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(numbers) == 12
        assert running.engine.generation().number <= 4, "one running, one for all who came meanwhile"


def test_a_command_beside_a_server_says_that_the_folder_has_changed(run: Run) -> None:
    with run() as running:
        command = [sys.executable, "-m", "onrecord", "query", COUNT, "--format", "csv"]
        command += ["--folder", str(running.folder), "--store", str(running.store)]
        told = []
        for _ in range(2):
            answer = subprocess.run(
                command, capture_output=True, text=True, timeout=30, env=environment(), check=True
            )
            told.append((answer.stdout.split(), "onrecord reload" in answer.stderr))
            _add(running.folder, '<https://example.org/small/id/new> <https://example.org/p> "new" .\n')
        assert told == [(["n", "400"], False), (["n", "400"], True)]


def test_a_graceful_stop_leaves_no_process(small_folder: Path, tmp_path: Path) -> None:
    with serve(small_folder, tmp_path / "store") as server:
        supervisor = server.process.pid
        children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    assert children
    assert server.process.returncode == 0
    assert not any(_alive(int(pid)) for pid in children)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
