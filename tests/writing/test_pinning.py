"""Pins: generations that outlive count, age, restart, rebuild, rest and restore; and content hashes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pyoxigraph
import pytest
from tests.conftest import Response, environment
from tests.waiting import wait_until
from tests.writing.conftest import Written, serve_written

from onrecord.errors import ConflictError, GenerationGoneError, NotFoundError
from onrecord.store.hashing import hash_content
from onrecord.store.pins import Pins
from onrecord.store.resting import tend, wake
from onrecord.store.state import StateDirectory

OPTIONS = ("--workers", "1", "--keep-generations", "1", "--keep-minutes", "0", "--most-pins", "2")
MINE = "SELECT ?o { ?s <urn:n> ?o }"


def _write(w: Written, n: int) -> int:
    # A triple that two graphs hold, a blank node and an empty graph: what a pin must bring back.
    text = (
        f"DELETE WHERE {{ GRAPH <urn:g> {{ ?s ?p ?o }} }} ; INSERT DATA {{ <urn:a> <urn:n> {n} "
        f"GRAPH <urn:g> {{ <urn:a> <urn:n> {n} . _:b <urn:of> <urn:a> }} }} ; CREATE SILENT GRAPH <urn:empty>"
    )
    return w.update(f"DELETE WHERE {{ <urn:a> ?p ?o }} ; {text}").generation.number


def _write_twice(w: Written) -> None:
    """So that the trial of a write holds no generation before these."""
    _write(w, 2)
    _write(w, 3)


def _ask(w: Written, generation: object, text: str = MINE) -> Response:
    return w.server.get(f"/sparql?query={quote(text)}&format=csv&_generation={generation}")


def _pin(w: Written, number: int, method: str = "POST") -> Response:
    return w.send(method, f"/generations/{number}/pin", b"" if method == "POST" else None)


def _told(w: Written, number: int) -> dict[str, object]:
    document = json.loads(w.server.get(f"/generations/{number}.json").body)
    assert isinstance(document, dict)
    return document


def _hash_of(w: Written, number: int) -> str:
    """The content hash of a generation, once the background process has come to it."""
    wait_until(lambda: _told(w, number)["contentHash"])
    return str(_told(w, number)["contentHash"])


def _run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "onrecord", *command],
        capture_output=True, text=True, check=False, timeout=60, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_pinned_generation_outlives_the_others_a_restart_a_rebuild_and_a_restore(
    numbers: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    with serve_written(numbers, store, *OPTIONS) as w:
        first = _write(w, 1)
        answer = _pin(w, first)
        assert answer.status == 201
        told = answer.json()["pin"]
        assert isinstance(told, dict) and str(told["by"]).startswith("editor")
        assert _pin(w, first).status == 200
        label, content = str(answer.json()["label"]), _hash_of(w, first)
        for n in range(2, 6):
            unpinned = _write(w, n)
        assert _ask(w, first).text == _ask(w, label).text == "o\r\n1\r\n"
        gone = _ask(w, first + 1)
        assert (gone.status, f"Pinned: {first}." in gone.text) == (410, True)
        assert _ask(w, unpinned).text == "o\r\n5\r\n"
        second = _write(w, 6)
        assert _pin(w, second).status == 201
        refused = _pin(w, _write(w, 7))
        assert (refused.status, "--most-pins" in refused.text) == (409, True)
        assert _pin(w, second, "DELETE").status == 204
        assert _pin(w, second, "DELETE").status in (404, 410)
        (numbers / "triples" / "more.ttl").write_text("<a> <p> 1 .")
        w.engine.rebuild()
        assert _ask(w, first).text == "o\r\n1\r\n"
        assert w.server.get(f"/generations/{first}/pin", method="POST", body=b"").status == 401
        _run("backup", str(tmp_path / "copy"), "--store", str(store))
    other = tmp_path / "elsewhere"
    _run("restore", str(tmp_path / "copy"), "--store", str(other))
    for place in (store, other):
        with serve_written(numbers, place, *OPTIONS) as w:
            assert _ask(w, label).text == "o\r\n1\r\n", place
            assert _told(w, first)["label"] == label
            assert _hash_of(w, first) == content
            counted = _ask(w, label, "SELECT (COUNT(*) AS ?n) { ?s <urn:n> ?o }")
            assert counted.text == "n\r\n1\r\n"
            assert "urn:empty" in _ask(w, label, "SELECT ?g { GRAPH ?g {} }").text


def test_a_pin_that_nobody_asks_for_is_laid_to_rest_and_opened_again_when_it_is_asked(
    numbers: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    with serve_written(numbers, store, *OPTIONS) as w:
        first = _write(w, 1)
        assert "is pinned" in _run("pin", str(first), "--store", str(store))
        content = _hash_of(w, first)
        _write_twice(w)
        state, pins = StateDirectory(store), Pins(store)
        assert tend(state, pins, 3600) == []
        os.utime(store / "pins" / f"{first:06d}" / "asked", (0, 0))
        lease = state.lease(first)
        assert tend(state, pins, 3600) == []  # somebody reads it
        os.close(lease)
        assert tend(state, pins, 3600) == [first]
        assert not state.generation_path(first).exists() and not state.merge_path(first).exists()
        assert _told(w, first)["atRest"] is True
        pins.keep_file(first, "services.json", b"{}")
        assert _ask(w, first).text == "o\r\n1\r\n"
        assert _ask(w, first, "SELECT (COUNT(*) AS ?n) { ?s <urn:n> ?o }").text == "n\r\n1\r\n"
        assert _told(w, first)["atRest"] is False
        opened = pyoxigraph.Store.read_only(str(state.generation_path(first)))
        assert hash_content(opened, tmp_path) == content
        # It was asked just now, so it stays.
        assert tend(state, pins, 3600) == []
        assert pins.read_file(first, "services.json") == b"{}"
        _run("release", str(first), "--store", str(store))
        _write(w, 3)
        assert _ask(w, first).status == 410


def test_what_is_lost_of_a_pin_is_told(numbers: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with serve_written(numbers, store, *OPTIONS) as w:
        first = _write(w, 1)
        assert _pin(w, first).status == 201
        _hash_of(w, first)
        _write_twice(w)
        state, pins = StateDirectory(store), Pins(store)
        os.utime(store / "pins" / f"{first:06d}" / "asked", (0, 0))
        assert tend(state, pins, 3600) == [first]
        pins.data_path(first).unlink()
        answer = _ask(w, first)
        assert answer.status >= 500 and "its data is lost" in answer.text
        with pytest.raises(GenerationGoneError):
            wake(state, pins, first + 1)
        with pytest.raises(NotFoundError):
            pins.keep_file(first + 1, "services.json", b"")
        with pytest.raises(ConflictError):
            pins.add(first + 1, "ines", 1)
        with pytest.raises(ValueError, match="keeps no file"):
            pins.keep_file(first, "../pin.json", b"")


def test_a_pinned_generation_whose_files_are_damaged_is_told_and_the_newest_answers_on(
    numbers: Path, tmp_path: Path
) -> None:
    with serve_written(numbers, tmp_path / "store", *OPTIONS) as w:
        first = _write(w, 1)
        assert _pin(w, first).status == 201
        _write_twice(w)
        state = StateDirectory(w.store)
        for directory in (state.generation_path(first), state.merge_path(first)):
            next(directory.glob("MANIFEST-*")).write_bytes(b"spoiled")
        before = w.engine.generation()
        for _ in range(2):
            answer = _ask(w, first)
            assert answer.status == 410, answer.text
            assert f"Generation {first} is kept, and cannot be asked: its files are damaged." in answer.text
        assert w.rows("SELECT ?o { ?s <urn:n> ?o }") == [("3",)]
        _write(w, 4)
        assert w.engine.generation().number == before.number + 1, "nothing was published again for it"


def test_the_content_hash_is_over_the_quads_alone(tmp_path: Path) -> None:
    data = b'_:x <urn:p> _:y <urn:g> .\n_:y <urn:p> "_:z" .\n<urn:a> <urn:p> "\\n" <urn:g> .\n'
    one, other = pyoxigraph.Store(), pyoxigraph.Store()
    one.load(data, format=pyoxigraph.RdfFormat.N_QUADS)
    lines = data.replace(b"_:x", b"_:k").replace(b"_:y", b"_:l").splitlines(keepends=True)
    other.load(b"".join(reversed(lines)), format=pyoxigraph.RdfFormat.N_QUADS)
    assert hash_content(one, tmp_path) == hash_content(other, tmp_path)
    other.update("INSERT DATA { <urn:a> <urn:p> 2 }")
    assert hash_content(one, tmp_path) != hash_content(other, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_content_hash_is_that_of_the_sorted_lines_however_many_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onrecord.store.hashing._CHUNK", 7)
    store = pyoxigraph.Store()
    lines = [f'<urn:{n}> <urn:p> "{n * 7919 % 100}" .\n'.encode() for n in range(100)]
    store.load(b"".join(lines), format=pyoxigraph.RdfFormat.N_QUADS)
    assert hash_content(store, tmp_path) == hashlib.sha256(b"".join(sorted(lines))).hexdigest()
