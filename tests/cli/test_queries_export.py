"""`onrecord queries export`: what a team saved, as files for git."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.test_serve import onrecord

from onrecord.identity.roles import ROLES, Identity
from onrecord.saved import Catalogue, parse
from onrecord.saved.team import QueryShelf, compose

INES = Identity("ines", "editor", ROLES["editor"], "1")


def save(shelf: QueryShelf, name: str, visibility: str = "team") -> None:
    fields = {"summary": f"The {name}: «all».", "description": "Two\nlines.", "tags": ["a", "b"]}
    fields["author"] = "ines"
    text = compose(f"{name}.rq", f"SELECT * {{ ?s ?p '{name}' }}", fields)
    shelf.create(parse(name, f"queries/{name}.rq", text), INES, visibility)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    shelf = QueryShelf(tmp_path / "store")
    for name in ("first", "second"):
        save(shelf, name)
    save(shelf, "mine", "private")
    save(shelf, "old")
    shelf.set_archived("old", INES, True)
    shelf.rename("second", "2nd", INES)
    return tmp_path / "store"


def test_a_catalogue_goes_into_files_and_comes_back_the_same(store: Path, tmp_path: Path) -> None:
    done = onrecord("queries", "export", "--store", store, tmp_path / "folder" / "queries")
    assert done.returncode == 0, done.stderr
    assert "left out: mine (private)" in done.stdout
    assert "left out: old (archived)" in done.stdout
    assert "2 written" in done.stdout
    back = Catalogue.read(tmp_path / "folder" / "queries")
    assert back.findings == ()
    shelf = QueryShelf(store)
    kept = {r.name: shelf.newest_texts()[r.line].text for r in shelf.records()}
    assert {q.name: q.text for q in back} == {name: kept[name] for name in ("first", "2nd")}
    assert {q.header.author for q in back} == {"ines"}
    again = onrecord("queries", "export", "--store", store, "--private", tmp_path / "folder" / "queries")
    assert "1 written" in again.stdout and "2 unchanged" in again.stdout


def test_a_file_with_another_text_is_not_overwritten_unasked(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "queries"
    target.mkdir()
    outside = tmp_path / "outside.rq"
    outside.write_text("keep me")
    (target / "first.rq").symlink_to(outside)
    refused = onrecord("queries", "export", "--store", store, target)
    assert refused.returncode == 1
    assert "first" in refused.stderr and "--replace" in refused.stderr
    assert sorted(p.name for p in target.iterdir()) == ["first.rq"]
    done = onrecord("queries", "export", "--store", store, "--replace", target)
    assert done.returncode == 0, done.stderr
    assert outside.read_text() == "keep me", "a link is replaced, not followed"
    assert (target / "first.rq").read_text().startswith("#+ summary:")


def test_a_store_that_is_none_is_named(tmp_path: Path) -> None:
    done = onrecord("queries", "export", "--store", tmp_path / "nowhere", tmp_path / "out")
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert not (tmp_path / "out").exists()
