"""The index of names is a file of the store: one of an older generation answers, and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store
from tests.web.conftest import StoreEngine

from onrecord.config import Settings
from onrecord.engine import Generation
from onrecord.folder import Folder
from onrecord.search import NameIndex, write_index
from onrecord.search.writing import open_index
from onrecord.store.names import NameIndexes
from onrecord.terms import RDFS
from onrecord.web.app import create_app

LABEL = NamedNode(RDFS + "label")
HOLDER = Generation("0", 1)


def label(iri: str, text: str, graph: str | None = None) -> Quad:
    name = NamedNode(graph) if graph is not None else DefaultGraph()
    return Quad(NamedNode(iri), LABEL, Literal(text, language="en"), name)


@pytest.fixture
def indexes(tmp_path: Path) -> NameIndexes:
    return NameIndexes(tmp_path, is_union=True)


@pytest.fixture
def client(engine: StoreEngine, quay: Folder, settings: Settings, indexes: NameIndexes) -> FlaskClient:
    return create_app(engine, quay, settings, indexes=indexes).test_client()


def find(indexes: NameIndexes, number: int, asked: str) -> list[str]:
    with closing(open_index(indexes.path(number))) as base:
        return [hit.iri for hit in NameIndex(base, HOLDER).search(asked, 1, 20).hits]


def test_the_index_of_an_older_generation_answers_and_the_page_says_which_it_is(
    client: FlaskClient, engine: StoreEngine, indexes: NameIndexes
) -> None:
    indexes.make(engine.store, 1, (), write_index)
    fresh = client.get("/search?q=mayor")
    assert (fresh.status_code, "older state" in fresh.text) == (200, False)
    engine.number = 2
    engine.store.add(label("urn:harbour", "the harbour"))
    late = client.get("/search?q=mayor")
    assert late.status_code == 200
    assert re.search(r"older state of the data \(5f0c1d2e-1\)", late.text)
    assert client.get("/search?q=harbour").text.count("urn:harbour") == 0
    indexes.make(engine.store, 2, (), write_index)
    again = client.get("/search?q=mayor", headers={"If-None-Match": late.headers["ETag"]})
    assert (again.status_code, "older state" in again.text) == (200, False)
    assert "urn:harbour" in client.get("/search?q=harbour").text


def test_before_the_first_index_is_whole_a_search_is_told_to_come_back(
    client: FlaskClient, engine: StoreEngine, indexes: NameIndexes
) -> None:
    refused = client.get("/search?q=mayor")
    assert (refused.status_code, "is being built" in refused.text) == (503, True)
    assert client.get("/search").status_code == 200
    indexes.path(1).write_bytes(b"no database " * 1000)
    assert client.get("/search?q=mayor").status_code == 503
    indexes.path(1).unlink()
    indexes.make(engine.store, 1, (), write_index)
    assert client.get("/search?q=mayor").status_code == 200


def test_the_newest_index_alone_is_kept_and_the_same_names_are_not_indexed_again(
    indexes: NameIndexes,
) -> None:
    store = Store()
    store.extend([label("urn:a", "Douma"), label("urn:b", "Ghouta")])
    indexes.make(store, 1, (), write_index)
    first = indexes.path(1).stat()
    store.add(Quad(NamedNode("urn:a"), NamedNode("urn:p"), Literal("no name"), DefaultGraph()))
    indexes.make(store, 2, (), write_index)
    assert indexes.path(2).stat().st_ino == first.st_ino
    assert indexes.newest(1) == 1, "until the newer generation is published for good"
    indexes.remove_older(2)
    assert not indexes.path(1).exists()
    assert (indexes.newest(1), indexes.newest(2), indexes.newest(9)) == (None, 2, 2)
    store.add(label("urn:c", "Idlib"))
    indexes.make(store, 3, (), write_index)
    assert indexes.path(3).stat().st_ino != first.st_ino
    assert find(indexes, 3, "idlib") == ["urn:c"]


def test_an_index_has_the_names_of_the_default_graph_and_of_no_other(
    indexes: NameIndexes, tmp_path: Path
) -> None:
    store = Store()
    store.extend(
        [label("urn:a", "Douma"), label("urn:b", "Douma", "urn:g"), label("urn:c", "Douma", "urn:far")]
    )
    indexes.make(store, 1, ("urn:far",), write_index)
    assert find(indexes, 1, "douma") == ["urn:a", "urn:b"]
    plain = NameIndexes(tmp_path, is_union=False)
    plain.make(store, 1, (), write_index)
    assert find(plain, 1, "douma") == ["urn:a"]


def test_among_more_names_than_are_looked_at_the_short_ones_come_first(indexes: NameIndexes) -> None:
    def names() -> Iterator[tuple[str, str, str]]:
        for number in range(25_000):
            yield f"urn:claim/{number}", f"sea a port seaport, {number:05} times", "en"
        yield "urn:port", "Seaport", "en"

    write_index(names, indexes.path(1), None)
    for asked in ("sea", "seaport", "saport"):
        assert find(indexes, 1, asked)[0] == "urn:port", asked
