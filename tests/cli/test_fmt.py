"""`onrecord fmt`: what it writes, what it leaves, what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic
from tests.cli.test_serve import onrecord

UGLY = "@prefix ex: <urn:x:> .\nex:b ex:p 1; a ex:C.\nex:a ex:p 2."
PRETTY = "@prefix ex: <urn:x:> .\n\nex:a ex:p 2 .\n\nex:b a ex:C ;\n    ex:p 1 .\n"


@pytest.fixture
def ugly(folder_copy: Path) -> Path:
    """A file that is not in canonical form, in a copy of the shipped folder."""
    path = folder_copy / "triples" / "ugly.ttl"
    path.write_text(UGLY)
    return path


def test_only_files_that_change_are_written(ugly: Path, folder_copy: Path) -> None:
    times = {path: path.stat().st_mtime_ns for path in folder_copy.rglob("*.ttl") if path != ugly}
    ugly.chmod(0o640)
    answer = onrecord("fmt", folder_copy)
    assert answer.returncode == 0, answer.stderr
    first, last = answer.stdout.splitlines()
    assert Path(first) == ugly
    assert last == f"1 of {len(times) + 1} files changed."
    assert ugly.read_text() == PRETTY
    assert isomorphic(Graph().parse(data=UGLY), Graph().parse(ugly))
    assert ugly.stat().st_mode & 0o777 == 0o640
    assert times == {path: path.stat().st_mtime_ns for path in times}
    assert onrecord("fmt", folder_copy).stdout.startswith("0 of ")


def test_check_lists_what_would_change_and_writes_nothing(ugly: Path, folder_copy: Path) -> None:
    answer = onrecord("fmt", folder_copy, "--check")
    assert answer.returncode == 1
    assert Path(answer.stdout.splitlines()[0]) == ugly
    assert "would change" in answer.stdout
    assert ugly.read_text() == UGLY


def test_the_shipped_folder_is_formatted() -> None:
    answer = onrecord("fmt", "--check")
    assert answer.returncode == 0, answer.stdout


def test_single_files_and_other_directories_are_formatted_too(tmp_path: Path) -> None:
    for name in ("a.ttl", "b.ttl"):
        (tmp_path / name).write_text(UGLY)
    assert onrecord("fmt", tmp_path / "a.ttl").returncode == 0
    assert [(tmp_path / n).read_text() for n in ("a.ttl", "b.ttl")] == [PRETTY, UGLY]
    assert onrecord("fmt", tmp_path).stdout.endswith("1 of 2 files changed.\n")


def test_a_file_that_cannot_be_formatted_is_named_and_stops_no_other(ugly: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("@prefix ex: <urn:x:> .\nex:a ex:p .")
    answer = onrecord("fmt", broken, ugly, tmp_path / "missing.ttl")
    assert answer.returncode == 1
    assert f"{broken}:2:" in answer.stderr
    assert "missing.ttl cannot be read" in answer.stderr
    assert ugly.read_text() == PRETTY


def test_a_comment_that_would_be_lost_keeps_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(text := "<urn:x:b> <urn:x:p> 1 .\n# Keep me.\n<urn:x:a> <urn:x:p> 1 .\n")
    assert f"{path}:2" in onrecord("fmt", path).stderr
    assert path.read_text() == text


def test_another_format_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "x.nt").write_text("")
    answer = onrecord("fmt", tmp_path / "x.nt")
    assert "Turtle (.ttl) or TriG (.trig)" in answer.stderr
    assert answer.returncode == 1
