"""The marks of files of the engine, and their sums."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad
from tests.waiting import wait_until

from onrecord.logs import LOGGER
from onrecord.search import write_index
from onrecord.store import background, soundness
from onrecord.store.channel import channel_pair
from onrecord.store.guarding import guarded
from onrecord.store.live import LiveStore, LiveTask
from onrecord.store.names import NameIndexes
from onrecord.store.state import StateDirectory

_DERIVE = """
import pathlib, sys
import pyoxigraph
from onrecord.store.deriving import derive_counts
from onrecord.store.guarding import guarded
from onrecord.store.soundness import refuse_marked
from onrecord.store.state import StateDirectory
state, number = StateDirectory(pathlib.Path(sys.argv[1])), int(sys.argv[2])
marks = refuse_marked(state, number)
opened = pyoxigraph.Store.read_only(str(state.generation_path(number)))
with guarded(state, number, marks, lambda told: print(told, flush=True)):
    for path in state.generation_path(number).glob("*.sst"):
        data = bytes(byte ^ 0xFF for byte in path.read_bytes())
        with path.open("r+b") as file:
            file.write(data)
    print(derive_counts(opened, number))
"""


def test_a_file_that_the_engine_removes_meanwhile_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "000010.sst"
    kept.write_text("rows")
    marks = soundness.mark_files(tmp_path)
    monkeypatch.setattr(soundness, "_files", lambda directory: iter([directory / "000009.sst", kept]))
    assert soundness.find_changed(tmp_path, marks) == ""
    kept.write_text("other rows")
    assert "000010.sst" in soundness.find_changed(tmp_path, marks)


def test_sums_that_could_not_be_written_are_taken_later_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "_NICENESS", 0)
    monkeypatch.setattr(background, "_RETRY_SECONDS", 0.02)
    monkeypatch.setattr(logging.getLogger(LOGGER), "propagate", True)
    live = LiveStore(LiveTask(tmp_path, None, False), print, print)
    number = live.start()
    live.close()
    sums = StateDirectory(tmp_path).sums_path(number)
    in_the_way = sums.with_name(sums.name + ".tmp")
    in_the_way.mkdir()
    ours, theirs = channel_pair()
    names = NameIndexes(tmp_path / "generations", True)
    thread = threading.Thread(target=background.run_background, args=(tmp_path, theirs, names, write_index))
    thread.start()
    try:
        ours.send_message({"number": number})
        wait_until(names.path(number).exists)
        wait_until(lambda: "cannot be taken now: Is a directory" in caplog.text)
        assert not sums.exists()
        in_the_way.rmdir()
        assert ours.receive_message()[0] == {"derived": number}
        assert sums.exists()
        assert caplog.text.count("cannot be taken now") == 1, "it is told once, however often it is tried"
    finally:
        ours.close()
        thread.join(60)
        theirs.close()


def test_a_touched_file_is_marked_anew_when_its_sum_holds_and_only_then(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    generation = state.generation_path(1)
    generation.mkdir(parents=True)
    file = generation / "000010.sst"
    file.write_text("rows")
    marks = soundness.mark_files(generation)
    os.utime(file, (0, 0))
    assert soundness.renew_marks(state, 1, marks) is None, "nobody took its sum"
    soundness.keep_sums(state, 1)
    renewed = soundness.renew_marks(state, 1, marks)
    assert renewed is not None
    assert soundness.find_spoiled(renewed) == ""
    file.write_text("Rows")
    assert soundness.renew_marks(state, 1, renewed) is None
    file.unlink()
    assert soundness.renew_marks(state, 1, renewed) is None


def test_what_reads_a_generation_is_ended_and_tells_when_its_files_are_spoiled(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    generation = state.generation_path(1)
    generation.mkdir(parents=True)
    file = generation / "000010.sst"
    file.write_text("rows")
    soundness.keep_sums(state, 1)
    told: list[str] = []
    ended = threading.Event()
    with guarded(state, 1, soundness.mark_files(generation), told.append, ended.set):
        os.utime(file, (0, 0))
        assert not ended.wait(0.5), "it was only touched"
        file.write_text("Rows")
        assert ended.wait(60)
    assert told == ["Generation 1 is damaged: 000010.sst was changed from outside."]


def test_an_aggregate_over_spoiled_files_ends_with_its_process(tmp_path: Path) -> None:
    live = LiveStore(LiveTask(tmp_path, None, False), print, print)
    live.start()
    with live.watch(None):
        live.open().extend(
            Quad(NamedNode(f"urn:s{n}"), NamedNode("urn:p"), Literal(f"text {n}")) for n in range(20_000)
        )
    number = live.publish([])
    live.close()
    state = StateDirectory(tmp_path)
    soundness.keep_sums(state, number)
    done = subprocess.run(
        [sys.executable, "-c", _DERIVE, str(tmp_path), str(number)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert f"Generation {number} is damaged" in done.stdout
    assert "was changed from outside" in done.stdout
