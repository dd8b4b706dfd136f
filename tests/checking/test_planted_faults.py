"""Each kind of fault, planted in a copy of the shipped folder, is found on its line; nothing else is."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.checking import planting
from tests.checking.planting import Fault, format_planted
from tests.cli.test_serve import onrecord
from tests.conftest import REPOSITORY, SHARED, SHARED_ABSENT

Found = tuple[str, str, int | None]
"""Code, file and line."""
Run = Callable[..., tuple[Path, list[dict[str, object]]]]

BATCHES = {
    "knowledge": planting.KNOWLEDGE,
    "layout": planting.LAYOUT,
    "unbuildable": planting.UNBUILDABLE,
    "text": planting.AGAINST_THE_TEXT,
    "queries": planting.QUERIES,
}
FORMATTED = ("knowledge", "text")
"""In these the planted files are formatted, so that their layout is no fault."""


def copy_of_shipped(folder: Path) -> Path:
    for name in ("ontology", "triples", "queries"):
        shutil.copytree(REPOSITORY / name, folder / name)
    return folder


def check(folder: Path, *options: str | Path) -> list[dict[str, object]]:
    """The findings of `onrecord check`, with files as they are called in the folder."""
    answer = onrecord("check", folder, "--format", "json", *options)
    assert "Traceback" not in answer.stderr, answer.stderr
    document = json.loads(answer.stdout)
    assert answer.returncode == (1 if document["count"] else 0)
    assert document["count"] == len(document["findings"])
    for finding in document["findings"]:
        finding["file"] = Path(finding["file"]).relative_to(folder.resolve()).as_posix()
    return list(document["findings"])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The folder of a batch and its findings; each batch is planted and checked once."""
    known: dict[str, tuple[Path, list[dict[str, object]]]] = {}

    def run_batch(batch: str) -> tuple[Path, list[dict[str, object]]]:
        if batch == "text" and not SHARED.is_dir():
            pytest.skip(SHARED_ABSENT)
        if batch not in known:
            folder = copy_of_shipped(tmp_path_factory.mktemp(batch) / "folder")
            faults = BATCHES[batch]
            for fault in faults:
                fault.plant(folder)
            if batch in FORMATTED:
                format_planted(folder, faults)
            options = ("--source", SHARED / "article") if batch == "text" else ()
            known[batch] = folder, check(folder, *options)
        return known[batch]

    return run_batch


def found_in(findings: list[dict[str, object]]) -> set[Found]:
    found = set()
    for finding in findings:
        line = finding["line"]
        assert line is None or isinstance(line, int)
        found.add((str(finding["code"]), str(finding["file"]), line))
    return found


def expected(fault: Fault, folder: Path) -> set[Found]:
    place = fault.found_in or fault.file, fault.line(folder)
    return {(code, *place) for code in (fault.code, *fault.also)}


@pytest.mark.parametrize(
    ("batch", "fault"),
    [
        pytest.param(b, f, id=f"{b}-{f.kind.replace(' ', '-')}")
        for b, faults in BATCHES.items()
        for f in faults
    ],
)
def test_a_planted_fault_is_found_on_its_line(batch: str, fault: Fault, run: Run) -> None:
    folder, findings = run(batch)
    assert expected(fault, folder) <= found_in(findings)


@pytest.mark.parametrize("batch", BATCHES)
def test_nothing_but_the_planted_faults_is_found(batch: str, run: Run) -> None:
    folder, findings = run(batch)
    wanted = set().union(*(expected(fault, folder) for fault in BATCHES[batch]))
    # Knowledge that is changed gives other answers, and a new file of one line is not formatted.
    consequences = {"expectation"} if batch in FORMATTED else {"not-tried", "not-formatted"}
    others = [f for f in findings if found_in([f]) - wanted and f["code"] not in consequences]
    assert others == []


@pytest.mark.parametrize("batch", BATCHES)
def test_every_finding_says_what_is_wrong_and_what_to_do(batch: str, run: Run) -> None:
    for finding in run(batch)[1]:
        assert re.match(r"\S.*[.?)]$", str(finding["sentence"]), re.DOTALL), finding
        assert str(finding["remedy"]).strip() or finding["code"] == "query", finding


def test_there_are_thirty_kinds_of_fault_and_more() -> None:
    kinds = [fault.kind for faults in BATCHES.values() for fault in faults]
    assert len(kinds) == len(set(kinds)) >= 30


def test_a_label_that_is_the_text_of_its_span_is_found(folder_copy: Path, shared: Path) -> None:
    article = folder_copy / planting.ARTICLE
    text = article.read_text(encoding="utf-8")
    sources = {hashlib.sha256(p.read_bytes()).hexdigest(): p for p in (shared / "article").glob("*.txt")}
    source = sources["343dbc8f161d788f402cabdb060da3703a70b8f927b7a64b9c361fedf8c4c9d7"].read_text("utf-8")
    span = re.search(r"claim:alloush-talks-continue a .*?rec:evidence span:(\d+)-(\d+)", text, re.DOTALL)
    assert span is not None
    words = source[int(span[1]) : int(span[2])]
    label = '"Mohammad Alloush: the talks go on"@en'
    article.write_text(text.replace(label, json.dumps(words, ensure_ascii=False) + "@en"), encoding="utf-8")
    (finding,) = [f for f in check(folder_copy, "--source", shared / "article") if f["code"] != "expectation"]
    line = text[: text.index(label)].count("\n") + 1
    assert found_in([finding]) == {("label-is-text", planting.ARTICLE, line)}


def test_a_file_that_is_not_utf_8_is_found_with_its_line(folder_copy: Path) -> None:
    (folder_copy / "triples" / "latin.ttl").write_bytes(b'# A.\n<urn:x:a> <urn:x:b> "caf\xe9" .\n')
    assert ("syntax", "triples/latin.ttl", 2) in found_in(check(folder_copy))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_named_as_the_server_names_it(encoding: str, folder_copy: Path) -> None:
    (folder_copy / "triples" / "marked.ttl").write_bytes("<urn:x:a> <urn:x:b> 1 .\n".encode(encoding))
    findings = check(folder_copy)
    assert ("syntax", "triples/marked.ttl", 1) in found_in(findings)
    (told,) = [finding for finding in findings if finding["code"] == "syntax"]
    assert told["sentence"] == "The file starts with a byte order mark."


def test_a_name_that_is_not_utf_8_is_found_and_hides_nothing(folder_copy: Path) -> None:
    Path(os.fsdecode(bytes(folder_copy / "triples") + b"/odd\xff.ttl")).touch()
    (folder_copy / "triples" / "latin.ttl").write_bytes(b'<urn:x:a> <urn:x:b> "caf\xe9" .\n')
    findings = check(folder_copy)
    (told,) = [finding for finding in findings if finding["code"] == "unreadable"]
    assert "triples/odd\\xff.ttl is not UTF-8" in str(told["sentence"])
    assert ("syntax", "triples/latin.ttl", 1) in found_in(findings)


@pytest.mark.parametrize("name", ["ontology/onrecord.ttl", "ontology/dataset.ttl", "ontology/terms.ttl"])
def test_a_syntax_error_in_the_ontology_hides_nothing_and_invents_nothing(
    folder_copy: Path, name: str
) -> None:
    path = folder_copy / name
    lines = path.read_text(encoding="utf-8").split("\n")
    number = next(n for n, line in enumerate(lines) if line.lstrip().startswith("rdfs:label"))
    lines[number] = lines[number].replace('"', "", 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    planted = folder_copy / "triples" / "planted.ttl"
    planted.write_text("<urn:x:a> <https://w3id.org/onrecord/ns#speeker> <urn:x:b> .\n")
    found = found_in(check(folder_copy))
    assert {("syntax", name, number + 1), ("undeclared-property", "triples/planted.ttl", 1)} <= found
    assert {file for _, file, _ in found} == {name, "triples/planted.ttl", "queries"}
