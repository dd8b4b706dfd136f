"""Pages know no folder: they work on an invented one in another IRI space, and on one without claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.conftest import LiveServer
from tests.pages.conftest import PAGE, articles_of, words_of

SECOND = Path(__file__).resolve().parents[1] / "second-folder"
LISTS = ("/claims", "/contradictions", "/accusations", "/alliances", "/timeline", "/map", "/search?q=a", "/")
Serve = Callable[..., AbstractContextManager[LiveServer]]


@pytest.fixture(scope="module")
def harbour(serve_folder: Serve) -> Iterator[LiveServer]:
    with serve_folder(SECOND) as server:
        yield server


def test_every_thing_of_another_folder_has_a_page_and_data(harbour: LiveServer) -> None:
    things = harbour.sparql(
        "SELECT DISTINCT ?s { ?s a ?c FILTER(STRSTARTS(STR(?s), 'https://example.org/')) }"
    )
    assert len(things) > 100
    for row in things:
        path = row["s"].removeprefix("https://example.org/harbour-strike")
        if path == "/":
            continue
        response = harbour.get(f"{path}.html", PAGE)
        assert response.status == 200, path
        for card in articles_of(response.text):
            assert 'class="voice-word"' in card
            assert "speaker not recorded" not in card
        assert harbour.get(f"{path}.ttl").status == 200, path


def test_two_articles_keep_their_claims_apart(harbour: LiveServer) -> None:
    sources = [row["s"] for row in harbour.sparql("SELECT ?s { ?s a <https://w3id.org/onrecord/ns#Source> }")]
    assert len(sources) == 2
    shown = []
    for source in sources:
        page = harbour.get(source.removeprefix("https://example.org/harbour-strike") + ".html", PAGE).text
        shown.append(
            {m[1] for card in articles_of(page) if (m := re.search(r'content"><a href="([^"]+)"', card))}
        )
    assert shown[0]
    assert shown[1]
    assert not shown[0] & shown[1]


@pytest.mark.parametrize("path", LISTS)
def test_lists_work_on_another_folder(harbour: LiveServer, path: str) -> None:
    response = harbour.get(path, PAGE)
    assert response.status == 200
    assert "Douma" not in response.text


def test_lists_of_a_folder_without_claims_say_that_nothing_is_recorded(
    serve_folder: Serve, tmp_path: Path
) -> None:
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "dataset.ttl").write_text(
        '<https://example.org/p/> <https://w3id.org/onrecord/ns#iriSpace> "https://example.org/p/" .'
    )
    with serve_folder(tmp_path) as server:
        for path in LISTS:
            assert server.get(path, PAGE).status == 200, path
        assert "does not mean that nothing was said" in words_of(server.get("/claims", PAGE).text)
        assert server.get("/ns", PAGE).status == 404
