"""The marks of files of the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from onrecord.store import soundness


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
