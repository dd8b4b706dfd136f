"""A state directory that was spoiled is rebuilt or refused with a sentence; nobody's files are touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import environment
from tests.processes.conftest import Run
from tests.waiting import wait_until

COUNT = "SELECT (COUNT(*) AS ?n) { ?s <https://example.org/p> ?n }"


def ask(folder: Path, store: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "onrecord", "query", COUNT, "--format", "csv"]
    command += ["--folder", str(folder), "--store", str(store)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment())


def _newest(store: Path, suffix: str) -> Path:
    return sorted((store / "generations").glob(f"*{suffix}"))[-1]


def _spoil_manifest(text: str) -> Callable[[Path], None]:
    return lambda store: (store / "store.json").write_text(text) and None


def _spoil_record(change: dict[str, object]) -> Callable[[Path], None]:
    def spoil(store: Path) -> None:
        path = _newest(store, ".json")
        path.write_text(json.dumps(json.loads(path.read_text()) | change))

    return spoil


def _truncate_record(store: Path) -> None:
    path = _newest(store, ".json")
    path.write_text(path.read_text()[:20])


def _empty_generation(store: Path) -> None:
    for path in _newest(store, "1").iterdir():
        path.unlink()


def _spoil_current(store: Path) -> None:
    next(store.glob("live-*/CURRENT")).write_text("nonsense\n")


def _remove_live(store: Path) -> None:
    live = next(store.glob("live-*"))
    for path in live.iterdir():
        path.unlink()
    live.rmdir()


def _add_odd_names(store: Path) -> None:
    (store / "generations" / "abcdef.json").write_text("{}")
    (store / "generations" / "000007.json").write_text("{")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "store.json truncated": _spoil_manifest("{"),
    "store.json a list": _spoil_manifest("[]"),
    "store.json incomplete": _spoil_manifest('{"layout": 1}'),
    "store.json with a wrong type": _spoil_manifest(
        '{"uuid": "u", "live": "x", "generation": 1, "layout": 1}'
    ),
    "record truncated": _truncate_record,
    "record with a wrong type": _spoil_record({"graphs": 5}),
    "generation empty": _empty_generation,
    "live store spoiled": _spoil_current,
    "live store removed": _remove_live,
    "odd names": _add_odd_names,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_spoiled_store_is_built_again_and_answers(
    small_folder: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    store = tmp_path / "store"
    assert ask(small_folder, store).stdout.split() == ["n", "400"]
    damage(store)
    for _ in range(2):
        answer = ask(small_folder, store)
        assert answer.stdout.split() == ["n", "400"], answer.stderr
        assert "Traceback" not in answer.stderr
    assert answer.stderr == "", "the second start finds nothing to mend"


def test_a_damaged_store_is_kept_beside_the_new_one(small_folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ask(small_folder, store)
    _spoil_current(store)
    _empty_generation(store)
    told = ask(small_folder, store).stderr
    kept = next(store.glob("damaged-*"))
    assert str(kept) in told
    assert list(kept.glob("live-*"))


def test_a_store_of_another_layout_is_refused(small_folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ask(small_folder, store)
    manifest = json.loads((store / "store.json").read_text())
    (store / "store.json").write_text(json.dumps(manifest | {"layout": 99}))
    answer = ask(small_folder, store)
    assert answer.returncode == 1
    assert "layout 99" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_directory_with_other_files_is_refused_and_left_as_it_is(
    small_folder: Path, tmp_path: Path
) -> None:
    store = tmp_path / "mine"
    for name in ("generations/photos/a.jpg", "live-concert/song", "draft.tmp", "old.tmp/letter"):
        (store / name).parent.mkdir(parents=True, exist_ok=True)
        (store / name).write_text("mine")
    before = sorted(store.rglob("*"))
    answer = ask(small_folder, store)
    assert answer.returncode == 1
    assert "is no store of Onrecord" in answer.stderr
    assert sorted(store.rglob("*")) == before


def test_other_files_in_a_store_survive_it(small_folder: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    ask(small_folder, store)
    others = [store / "notes.tmp", store / "live-music", store / "generations" / "mine.tmp"]
    for path in others:
        path.write_text("mine")
    (small_folder / "triples" / "more.ttl").write_text('<urn:a> <urn:b> "c" .\n')
    assert ask(small_folder, store).stdout.split() == ["n", "400"]
    assert all(path.read_text() == "mine" for path in others)


def test_workers_killed_while_they_start_do_not_end_the_server(run: Run) -> None:
    with run("--workers", "4") as running:
        for _ in range(12):
            for pid in running.processes():
                command = Path(f"/proc/{pid}/cmdline")
                if command.exists() and b"onrecord.web.front" not in command.read_bytes():
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        continue
                    break
        wait_until(lambda: running.server.get("/health").status == 200)
        assert b'"399"' in running.ask("SELECT * { ?s ?p ?o }")


def test_a_killed_web_server_is_started_again(run: Run) -> None:
    with run() as running:
        front = next(
            pid
            for pid in running.processes()
            if b"onrecord.web.front" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        os.kill(front, signal.SIGKILL)

        def answers() -> bool:
            try:
                return running.server.get("/queries/numbers.csv").status == 200
            except OSError:
                return False

        wait_until(answers)
