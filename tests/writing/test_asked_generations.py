"""Kept generations over HTTP: by number, by label and by time, each part of an answer from that one."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from tests.processes.conftest import DATASET
from tests.writing.conftest import Written, serve_written

from onrecord.web.asked_generation import http_date

QUERY = """#+ summary: Everything named.
SELECT ?thing ?name WHERE { ?thing <https://example.org/name> ?name } ORDER BY ?name
"""
NAMED = "SELECT ?name { ?thing <https://example.org/name> ?name }"
THING = "https://example.org/small/id/thing"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
MINE = "https://example.org/mine"


def _name(n: int) -> str:
    triples = f'<{THING}> <https://example.org/name> "name {n}" ; <{LABEL}> "label {n}"'
    return f"CLEAR SILENT GRAPH <{MINE}> ; INSERT DATA {{ GRAPH <{MINE}> {{ {triples} }} }}"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Written, dict[int, int]]]:
    """A server whose generations each name one thing otherwise; number -> n of its name."""
    folder = tmp_path_factory.mktemp("asked") / "small"
    for name in ("ontology", "triples", "queries"):
        (folder / name).mkdir(parents=True)
    (folder / "ontology" / "dataset.ttl").write_text(DATASET)
    (folder / "queries" / "named.rq").write_text(QUERY)
    store = folder.parent / "store"
    options = ("--workers", "1", "--keep-generations", "3", "--keep-minutes", "0")
    with serve_written(folder, store, *options) as w:
        numbers: dict[int, int] = {}
        for n in range(5):
            numbers[w.update(_name(n)).generation.number] = n
            # HTTP tells whole seconds.
            time.sleep(max(0.0, 1.02 - time.time() % 1))
        yield w, dict(sorted(numbers.items())[-3:])


Got = tuple[int, str, dict[str, str]]


def _get(w: Written, path: str, accept: str = "application/json", **headers: str) -> Got:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    response = w.server.get(path, {"Accept": accept, **sent})
    return response.status, response.text, response.headers


def test_each_address_answers_from_the_generation_that_it_names(kept: tuple[Written, dict[int, int]]) -> None:
    w, numbers = kept
    newest = w.engine.generation()
    linked = w.send("POST", "/s", urlencode({"query": NAMED}).encode(), "application/x-www-form-urlencoded")
    permalink = str(linked.json()["address"])
    for number, n in numbers.items():
        label = f"{newest.uuid[:8]}-{number}"
        for value in (str(number), label):
            for path in (
                f"/sparql?query={quote(NAMED)}&_generation={value}",
                f"/queries/named.json?_generation={value}",
                f"/queries/named.json?_labels=1&_generation={value}",
                f"{permalink}?_generation={value}",
                f"/graphs?graph={quote(MINE)}&_generation={value}",
                f"/id/thing.ttl?_generation={value}",
            ):
                accept = "text/turtle" if path.startswith("/graphs") else "application/json"
                status, text, headers = _get(w, path, accept)
                assert (status, f"name {n}" in text) == (200, True), (path, text)
                assert headers["onrecord-generation"] == label
                assert "_labels" not in path or f"label {n}" in text
        status, page, _ = _get(w, f"/queries/named?_generation={number}", "text/html")
        assert (status, f"label {n}" in page) == (200, True)
        assert ("As of generation" in page) == (number != newest.number)
    assert _get(w, "/queries/named.json")[2]["onrecord-generation"] == newest.label


def test_an_answer_of_a_kept_generation_is_known_again_by_its_tag(
    kept: tuple[Written, dict[int, int]],
) -> None:
    w, numbers = kept
    old, n = next(iter(numbers.items()))
    path = f"/sparql?query={quote(NAMED)}"
    _, _, headers = _get(w, f"{path}&_generation={old}")
    again = _get(w, f"{path}&_generation={old}", If_None_Match=headers["etag"])
    assert (again[0], again[2]["onrecord-generation"]) == (304, headers["onrecord-generation"])
    assert _get(w, path, If_None_Match=headers["etag"])[0] == 200
    # Nor does what stands in front of Flask mix them up.
    for _ in range(2):
        assert f"name {n}" in _get(w, f"{path}&_generation={old}")[1]
        assert "name 4" in _get(w, path)[1]


def test_no_rows_are_explained_by_the_generation_that_was_asked(kept: tuple[Written, dict[int, int]]) -> None:
    w, numbers = kept
    old, n = next(iter(numbers.items()))
    text = f'SELECT ?thing {{ ?thing <{LABEL}> "label 4" }}'
    status, page, _ = _get(w, f"/sparql?query={quote(text)}&_generation={old}", "text/html")
    assert (status, f"label {n}" in page) == (200, True)


def test_what_is_gone_or_never_was_is_told_apart(kept: tuple[Written, dict[int, int]]) -> None:
    w, numbers = kept
    newest, oldest = w.engine.generation().number, min(numbers)
    problem = "application/problem+json"
    for path in (
        f"/sparql?query={quote(NAMED)}&",
        "/queries/named.json?",
        "/graphs?default&",
        "/id/thing.ttl?",
    ):
        status, text, _ = _get(w, f"{path}_generation=1", problem)
        assert (status, json.loads(text)["code"]) == (410, "generation-gone")
        assert f"oldest one that is kept is {oldest}" in text
        assert _get(w, f"{path}_generation={newest + 1}", problem)[0] == 404
        assert _get(w, f"{path}_generation=00000000-{newest}", problem)[0] == 404
        assert _get(w, f"{path}_generation={10**40}", problem)[0] == 404
        assert _get(w, f"{path}_generation=yesterday", problem)[0] == 400
    assert w.send("PUT", f"/graphs?graph={MINE}&_generation={newest}", b"", "text/turtle").status == 400
    assert w.post_update("CLEAR SILENT DEFAULT", _generation=str(newest)).status == 400


def test_a_time_chooses_the_generation_that_was_the_newest_then(kept: tuple[Written, dict[int, int]]) -> None:
    w, numbers = kept
    listed = json.loads(_get(w, "/generations")[1])["generations"]
    published = {g["number"]: datetime.fromisoformat(g["published"]).replace(microsecond=0) for g in listed}
    path = f"/sparql?query={quote(NAMED)}"
    for number, n in numbers.items():
        for moment in (published[number], published[number] + timedelta(milliseconds=999)):
            status, text, headers = _get(w, path, Accept_Datetime=http_date(moment))
            assert (status, f"name {n}" in text) == (200, True)
        assert headers["memento-datetime"] == http_date(published[number])
        assert "accept-datetime" in headers["vary"].lower()
        assert f"_generation={w.engine.generation().uuid[:8]}-{number}" in headers["content-location"]
        links = headers["link"]
        assert 'rel="original timegate"' in links and 'rel="timemap"' in links and 'rel="memento"' in links
        # The memento answers the same, and its TimeMap lists it.
        assert _get(w, headers["content-location"])[1] == text
        timemap = re.search(r"<([^>]*)>; rel=\"timemap\"", links)
        assert timemap is not None
        status, listing, told = _get(w, timemap[1], "application/link-format")
        assert (status, told["content-type"].partition(";")[0]) == (200, "application/link-format")
        assert headers["content-location"] in listing and listing.count("memento") == len(listed)
    long_ago = http_date(datetime(1999, 1, 1, tzinfo=UTC))
    oldest = min(published)
    assert _get(w, path, Accept_Datetime=long_ago)[2]["memento-datetime"] == http_date(published[oldest])
    assert _get(w, path, "application/problem+json", Accept_Datetime="last week")[0] == 400
    assert "memento-datetime" not in _get(w, path)[2]
    assert "accept-datetime" in _get(w, path)[2]["vary"].lower()


def test_the_generations_tell_who_changed_what(kept: tuple[Written, dict[int, int]]) -> None:
    w, numbers = kept
    first = json.loads(_get(w, "/generations.json")[1])["generations"][0]
    assert first["number"] == max(numbers)
    assert first["writes"] == [{"by": "ines", "what": "CLEAR, INSERT DATA"}]
    assert first["changed"] == {MINE: {"added": 2, "removed": 2}}
    status, page, _ = _get(w, "/generations", "text/html")
    assert status == 200 and "ines" in page and MINE in page
    number = min(numbers)
    assert json.loads(_get(w, f"/generations/{number}")[1])["number"] == number
    status, turtle, _ = _get(w, f"/generations/{number}.ttl")
    assert status == 200 and "prov:generatedAtTime" in turtle
    assert _get(w, f"/generations/{number}", "text/html")[0] == 200
    assert _get(w, "/generations/1", "application/problem+json")[0] == 410
    assert _get(w, "/generations.xlsx", "application/problem+json")[0] == 404
    assert _get(w, "/generations.link?of=//evil.example/", "application/problem+json")[0] == 400


def test_two_generations_are_compared_row_by_row(kept: tuple[Written, dict[int, int]]) -> None:
    w, numbers = kept
    (old, n), (new, m) = list(numbers.items())[:2]
    path = f"_from_generation={old}&_to_generation={new}"
    told = json.loads(_get(w, f"/queries/named/compare.json?{path}")[1])
    assert [told[side] for side in ("removed", "added")] == [
        [f'name="name {number}"\tthing=<{THING}>'] for number in (n, m)
    ]
    assert (told["same"], told["toGeneration"].rpartition("-")[2]) == (False, str(new))
    status, page, _ = _get(w, f"/queries/named/compare?{path}", "text/html")
    assert status == 200 and all(f"{word} {k}" in page for k in (n, m) for word in ("name", "label"))
    table = _get(w, f"/queries/named/compare.csv?{path}")[1]
    assert table == f"change,thing,name\r\nremoved,{THING},name {n}\r\nadded,{THING},name {m}\r\n"
    newest = json.loads(_get(w, f"/queries/named/compare?_from_generation={old}")[1])
    assert newest["toGeneration"] == w.engine.generation().label
    same = json.loads(_get(w, f"/queries/named/compare?_from_generation={old}&_to_generation={old}")[1])
    assert same["same"] is True
    for wrong, code in (("_from_generation=1", 410), ("_from_generation=x", 400), ("_to_generation=3", 400)):
        assert _get(w, f"/queries/named/compare?{wrong}", "application/problem+json")[0] == code


def test_a_citation_names_the_content_and_asking_its_generation_again_verifies_it(
    kept: tuple[Written, dict[int, int]],
) -> None:
    w, numbers = kept
    old, n = next(iter(numbers.items()))
    cited = json.loads(_get(w, f"/queries/named/cite.json?_generation={old}")[1])
    known = json.loads(_get(w, f"/generations/{old}.json")[1])
    assert cited["contentHash"] == known["contentHash"]
    newest = json.loads(_get(w, "/queries/named/cite.json")[1])
    assert re.fullmatch("[0-9a-f]{64}", newest["contentHash"])
    assert newest["contentHash"] in newest["text"]
    assert f"name {n}" in _get(w, cited["address"], "text/csv")[1]
    verify = f"/queries/named/cite.json?_verify={cited['resultHash']}"
    assert json.loads(_get(w, f"{verify}&_generation={old}")[1])["same"] is True
    assert json.loads(_get(w, verify)[1])["same"] is False
    page = _get(w, f"/queries/named/cite?_generation={old}", "text/html")[1]
    assert f"/generations/{cited['generation']}" in page
