"""`onrecord new FOLDER`: what it makes can be served as it is, and nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.authoring.conftest import SPACE, Run
from tests.conftest import LiveServer

from onrecord.building.formatting import is_formatted
from onrecord.building.species import check_lite, statements_of_quads
from onrecord.folder import Folder
from onrecord.saved import Catalogue

Serve = Callable[..., AbstractContextManager[LiveServer]]


def test_a_new_folder_describes_itself(run: Run, tmp_path: Path) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    title = 'Who said "what" on\nLake Sorrel'
    answer = run("new", "--iri-space", SPACE, "made", "--title", title, "--licence", licence)
    assert answer.returncode == 0, answer.stderr
    description = Folder(tmp_path / "made").description
    assert description.space.base == SPACE
    assert description.title == 'Who said "what" on Lake Sorrel'
    assert description.licence == licence
    assert description.imports_ontology


def test_a_new_folder_is_served_and_asked(made: Path, serve_folder: Serve) -> None:
    with serve_folder(made) as server:
        assert server.ask("who-said-what") == []
        assert server.ask("who-wrote-it-down") == []
        rows = server.sparql("SELECT ?e WHERE { ?e a <https://w3id.org/onrecord/ns#Encoder> }")
        assert [row["e"] for row in rows] == [SPACE + "id/desk"]
        assert "Lake Sorrel" in server.get("/", {"Accept": "text/html"}).text


def test_its_turtle_is_in_canonical_form_and_owl_lite(made: Path) -> None:
    assert all(is_formatted(path) for path in made.rglob("*.ttl"))
    folder = Folder(made)
    space = folder.description.space
    quads = [quad for file in folder.files() if "shapes" not in file.name for quad in file.quads(space)]
    assert check_lite(statements_of_quads(quads)) == []


def test_its_saved_queries_have_headers(made: Path) -> None:
    catalogue = Catalogue.read(made / "queries")
    assert [query.name for query in catalogue.featured(1)] == ["who-said-what"]
    assert catalogue.get("who-wrote-it-down").header.summary


def test_a_folder_that_holds_something_is_refused_and_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "notes.txt").write_text("mine")
    answer = run("new", "made", "--iri-space", SPACE, "--title", "x")
    assert answer.returncode == 1
    assert answer.stderr == (
        "onrecord: made is not empty; it holds notes.txt. "
        "Name a folder that does not exist yet, or an empty one.\n"
    )
    assert [path.name for path in (tmp_path / "made").rglob("*")] == ["notes.txt"]


def test_an_empty_folder_is_filled(run: Run, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    assert run("new", "made", "--iri-space", SPACE, "--title", "x").returncode == 0


@pytest.mark.parametrize(
    "space",
    [
        "",
        "sorrel",
        "https://example.org/sorrel",
        "https://exa mple.org/",
        "https://",
        "https://w3id.org/onrecord/ns#",
    ],
)
def test_an_iri_that_cannot_begin_names_is_refused_with_one_that_can(
    run: Run, tmp_path: Path, space: str
) -> None:
    answer = run("new", "made", "--iri-space", space, "--title", "x")
    assert answer.returncode == 1
    assert f'"{space}"' in answer.stderr and "https://example.org/my-folder/" in answer.stderr
    assert not (tmp_path / "made").exists()


def test_what_is_missing_is_named(run: Run) -> None:
    answer = run("new", "made", "--title", "x")
    assert answer.returncode != 0
    assert "--iri-space" in answer.stderr


def test_help_shows_both_forms(run: Run) -> None:
    shown = " ".join(run("new", "--help").stdout.split())
    assert "FOLDER --iri-space IRI --title TEXT" in shown
    assert "article TEXT_FILE --folder FOLDER" in shown
