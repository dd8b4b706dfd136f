"""Generations: kept by count and by age, and while somebody reads them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from tests.writing.conftest import Write

from onrecord.config import Settings
from onrecord.errors import SettingError
from onrecord.store.records import GenerationRecord
from onrecord.store.state import StateDirectory


def _publish(state: StateDirectory, *minutes: float) -> None:
    """Publish one empty generation for each age in `minutes`, the oldest first."""
    state.generations.mkdir(parents=True)
    for number, age in enumerate(minutes, start=1):
        copy = state.generations / f"{number:06d}.tmp"
        copy.mkdir()
        state.publish(GenerationRecord("0" * 32, number, "", "", [], {}, [], []), copy)
        then = time.time() - age * 60
        os.utime(state.generations / f"{number:06d}.json", (then, then))


def _numbers(state: StateDirectory) -> list[int]:
    return [record.number for record in state.records()]


def test_the_newest_are_kept_however_old_they_are(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    _publish(state, 50, 40, 30, 20)
    state.remove_old(2, 0)
    assert _numbers(state) == [4, 3]


def test_the_young_are_kept_however_many_they_are(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    _publish(state, 50, 40, 5, 4, 3)
    state.remove_old(1, 10 * 60)
    assert _numbers(state) == [5, 4, 3]


def test_what_somebody_reads_is_kept_until_it_is_given_back(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    _publish(state, 50, 40, 30)
    lease = state.lease(1)
    state.remove_old(1, 0)
    assert _numbers(state) == [3, 1]
    os.close(lease)
    state.remove_old(1, 0)
    assert _numbers(state) == [3]


@pytest.mark.parametrize(("options", "least", "most"), [((), 9, 9), (("2", "0"), 2, 4)])
def test_the_settings_say_how_many_a_server_keeps(
    write: Write, options: tuple[str, ...], least: int, most: int
) -> None:
    given = ("--keep-generations", options[0], "--keep-minutes", options[1]) if options else ()
    with write("--workers", "1", *given) as w:
        for n in range(8):
            w.update(f"INSERT DATA {{ <urn:a> <urn:n> {n} }}")
        kept = _numbers(StateDirectory(w.store))
        assert least <= len(kept) <= most
        assert kept[0] == w.engine.generation().number


def test_what_cannot_be_kept_is_refused_by_name() -> None:
    with pytest.raises(SettingError, match="--keep-generations 0"):
        Settings(keep_generations=0)
    with pytest.raises(SettingError, match="--keep-minutes -1"):
        Settings(keep_minutes=-1)
