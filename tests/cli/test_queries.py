"""`onrecord queries check`: the cases of the headers, run without a server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.test_serve import onrecord


def copy_folder(repository: Path, to: Path) -> Path:
    return Path(shutil.copytree(repository / "tests" / "second-folder", to / "folder"))


def test_queries_that_hold_exit_with_0(repository: Path, tmp_path: Path) -> None:
    answer = onrecord("queries", "check", copy_folder(repository, tmp_path), "--store", tmp_path / "store")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "saved queries hold." in answer.stdout


def test_a_query_that_does_not_hold_is_named_and_exits_with_1(repository: Path, tmp_path: Path) -> None:
    folder = copy_folder(repository, tmp_path)
    text = "#+ summary: Nothing.\n#+ expect:\n#+   - {rows: 3}\nSELECT ?s { ?s <urn:none> ?o }\n"
    (folder / "queries" / "nothing.rq").write_text(text, encoding="utf-8")
    answer = onrecord("queries", "check", folder, "--store", tmp_path / "store")
    assert answer.returncode == 1
    assert "nothing: Expected 3 rows, got 0." in answer.stdout
    asked = onrecord("queries", "check", folder, "--format", "json", "--store", tmp_path / "store")
    assert asked.returncode == 1
    findings = {v["name"]: v["finding"] for v in json.loads(asked.stdout)["verdicts"]}
    assert findings["nothing"] == "Expected 3 rows, got 0."
    assert set(findings.values()) == {"", "Expected 3 rows, got 0."}


def test_the_folder_that_ships_holds_its_queries_on_wikidata_among_them(tmp_path: Path) -> None:
    answer = onrecord("queries", "check", "--format", "json", "--store", tmp_path / "store")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    told = json.loads(answer.stdout)
    assert {v["finding"] for v in told["verdicts"]} == {""}
    assert "places-in-wikidata" in {v["name"] for v in told["verdicts"]}
    assert told["unanswered"] == []


def test_what_needs_an_endpoint_that_nobody_may_ask_hinders_no_other_query(
    repository: Path, tmp_path: Path
) -> None:
    folder = copy_folder(repository, tmp_path)
    text = "#+ summary: Elsewhere.\n#+ expect:\n#+   - {rows: 1}\n"
    text += "SELECT ?s { SERVICE <https://example.org/> { ?s ?p ?o } }\n"
    (folder / "queries" / "elsewhere.rq").write_text(text, encoding="utf-8")
    answer = onrecord("queries", "check", folder, "--store", tmp_path / "store")
    assert answer.returncode == 1
    assert answer.stdout.startswith("elsewhere: no answer: "), answer.stdout + answer.stderr
    assert "saved queries hold." in answer.stdout
