"""`onrecord check` as a command: what is clean, its three forms, its exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.cli.test_serve import onrecord, sentence
from tests.conftest import REPOSITORY

SECOND = REPOSITORY / "tests" / "second-folder"
DESCRIPTION = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .

<urn:x:> a owl:Ontology ;
    owl:imports <https://w3id.org/onrecord/ns> ;
    rec:iriSpace "https://example.org/x/" .
"""
FAULTY = '@prefix rec: <https://w3id.org/onrecord/ns#> .\n\n<urn:x:a> rec:speeker "100 %, a:b" .\n'


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A small folder with a fault on line 3 of triples/odd,name.ttl."""
    folder = tmp_path / "folder"
    for name, text in (("ontology/dataset.ttl", DESCRIPTION), ("triples/odd,name.ttl", FAULTY)):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
    return folder


def test_the_shipped_folder_has_no_finding_and_progress_goes_to_standard_error() -> None:
    answer = onrecord("check", "--format", "json")
    assert json.loads(answer.stdout) == {"count": 0, "findings": []}
    assert answer.returncode == 0
    assert all(re.fullmatch(r"  \S.* \.\.\.", line) for line in answer.stderr.splitlines())


def test_the_shipped_folder_agrees_with_the_text_of_its_article(shared: Path) -> None:
    answer = onrecord("check", "--source", shared / "article")
    assert (answer.stdout, answer.returncode) == ("No findings.\n", 0), answer.stdout


def test_a_folder_that_imports_the_ontology_has_no_finding() -> None:
    answer = onrecord("check", SECOND, "--source", REPOSITORY / "tests" / "second-folder-texts")
    assert (answer.stdout, answer.returncode) == ("No findings.\n", 0), answer.stdout


def test_the_shapes_hold_for_a_folder_that_brings_none(folder_copy: Path) -> None:
    (folder_copy / "ontology" / "shapes.ttl").unlink()
    terms = folder_copy / "ontology" / "terms.ttl"
    example = '    rec:example "An army uses a weapon."@en ;\n'
    terms.write_text(terms.read_text().replace(example, ""))
    answer = onrecord("check", folder_copy)
    assert re.match(r"\S+/ontology/terms.ttl:\d+:\d+: shape-relation: ", answer.stdout), answer.stdout


def test_a_line_of_text_leads_an_editor_to_the_place(faulty: Path) -> None:
    answer = onrecord("check", faulty)
    first, *_, last = answer.stdout.splitlines()
    assert answer.returncode == 1
    assert first.startswith(
        f"{faulty}/triples/odd,name.ttl:3:11: undeclared-property: rec:speeker is used as"
    )
    assert "Did you mean rec:speaker?" in first
    assert re.fullmatch(r"\d+ findings?\.", last)


def test_paths_are_relative_to_the_working_directory(faulty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(faulty.parent)
    answer = onrecord("check", "folder")
    assert answer.stdout.startswith("folder/triples/odd,name.ttl:3:11: ")


def test_the_json_form_has_every_part_of_a_finding(faulty: Path) -> None:
    answer = onrecord("check", faulty, "--format", "json")
    document = json.loads(answer.stdout)
    finding = document["findings"][0]
    assert answer.returncode == 1
    assert document["count"] == len(document["findings"])
    assert list(finding) == ["file", "line", "column", "code", "term", "sentence", "remedy"]
    assert (finding["line"], finding["column"]) == (3, 11)
    assert finding["term"] == "https://w3id.org/onrecord/ns#speeker"


def test_the_github_form_annotates_the_line_and_escapes(faulty: Path) -> None:
    answer = onrecord("check", faulty, "--format", "github")
    pattern = r"::error file=([^,:]*),line=(\d+),col=(\d+),title=([^,:]*)::(.*)"
    first = answer.stdout.splitlines()[0]
    told = re.fullmatch(pattern, first)
    assert told is not None, first
    assert told[1].endswith("triples/odd%2Cname.ttl")
    assert (told[2], told[3], told[4]) == ("3", "11", "undeclared-property")
    assert answer.returncode == 1


def test_a_folder_or_texts_that_are_missing_are_named(tmp_path: Path) -> None:
    assert str(tmp_path / "no") in sentence(onrecord("check", tmp_path / "no"))
    told = sentence(onrecord("check", SECOND, "--source", tmp_path / "texts"))
    assert str(tmp_path / "texts") in told
    assert "--source" in told


def test_an_expectation_is_asked_of_the_text_as_the_endpoint_reads_it(faulty: Path) -> None:
    (faulty / "triples" / "odd,name.ttl").unlink()
    (faulty / "queries").mkdir()
    text = "#+ summary: TRUE in capitals.\n#+ expect:\n#+   - {rows: %d}\nASK { FILTER(TRUE) }\n"
    for name, rows in (("holds", 1), ("fails", 0)):
        (faulty / "queries" / f"{name}.rq").write_text(text % rows)
    found = json.loads(onrecord("check", faulty, "--format", "json").stdout)["findings"]
    assert [f["file"].rpartition("/")[2] for f in found if f["code"] == "expectation"] == ["fails.rq"]
    assert all(f["code"] in ("expectation", "format") for f in found), found
