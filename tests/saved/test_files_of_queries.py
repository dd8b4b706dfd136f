"""Only regular files of a bounded length are read as saved queries."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from onrecord.saved import Catalogue

GOOD = "#+ summary: Everything.\nSELECT * { ?s ?p ?o }\n"


def told(directory: Path) -> list[str]:
    """The findings of a directory in which the good query is served all the same."""
    (directory / "good.rq").write_text(GOOD)
    catalogue = Catalogue.read(directory)
    assert "good" in [query.name for query in catalogue]
    return [str(finding).strip() for finding in catalogue.findings]


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a pipe", "directory"])
def test_what_is_no_regular_file_is_a_finding_and_is_not_opened(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, elsewhere = tmp_path / "bad.rq", tmp_path / "elsewhere"
    if kind == "directory":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        os.mkfifo(elsewhere)
        path.symlink_to(elsewhere)
    opened = Path.open

    def refuse(self: Path, *args: Any, **options: Any) -> Any:
        assert self != path, "a pipe would wait for ever"
        return opened(self, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", lambda self: refuse(self, "rb").read())
    (finding,) = told(tmp_path)
    assert "is no regular file" in finding


def test_a_link_to_a_query_is_served_and_a_link_to_nothing_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(GOOD)
    (tmp_path / "linked.rq").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "lost.rq").symlink_to(tmp_path / "nothing")
    (finding,) = told(tmp_path)
    assert "lost.rq" in finding and "cannot be read" in finding
    assert [query.name for query in Catalogue.read(tmp_path)] == ["good", "linked"]


def test_a_file_is_read_up_to_the_limit_and_no_further(tmp_path: Path) -> None:
    (tmp_path / "fits.rq").write_text(GOOD.ljust(200_000, "\n"))
    (tmp_path / "long.rq").write_text(GOOD.ljust(200_001, "\n"))
    with (tmp_path / "huge.rq").open("wb") as file:
        file.truncate(100_000_000)
    tracemalloc.start()
    try:
        findings = told(tmp_path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20_000_000
    assert ["huge.rq" in findings[0], "long.rq" in findings[1], len(findings)] == [True, True, 2]
    assert all("the limit is 200,000 bytes" in finding for finding in findings)


def test_a_file_name_that_is_not_utf8_is_a_finding_that_can_be_printed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff.rq")).write_text(GOOD)
    (finding,) = told(tmp_path)
    assert r"a\xff.rq" in finding.encode().decode()
