"""The catalogue and the feed tell whether saved queries still return what they expect, and since when."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from tests.waiting import wait_until

from onrecord.config import Settings
from onrecord.folder import Folder
from onrecord.web import create_app

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

ATOM = "{http://www.w3.org/2005/Atom}"
SPEAKERS = """#+ summary: All agents.
#+ expect:
#+   - {rows: 2, contains: [{who: id/mayor}]}
SELECT ?who { ?who a <https://w3id.org/onrecord/ns#Agent> } ORDER BY ?who
"""
AGENT = ox.NamedNode("https://w3id.org/onrecord/ns#Agent")
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


@pytest.fixture
def kept(engine: StoreEngine, quay: Folder, tmp_path: Path) -> FlaskClient:
    (quay.queries / "speakers.rq").write_text(SPEAKERS, encoding="utf-8")
    return create_app(engine, quay, Settings(), tmp_path).test_client()


def catalogue(client: FlaskClient) -> str:
    return client.get("/queries", headers={"Accept": "text/html"}).text


def add_agent(engine: StoreEngine, name: str) -> None:
    engine.store.add(ox.Quad(ox.NamedNode(f"urn:{name}"), TYPE, AGENT, ox.NamedNode("urn:g")))
    engine.number += 1


def entries(client: FlaskClient) -> list[tuple[str, str]]:
    feed = ElementTree.fromstring(client.get("/feed.atom").data)
    return [
        (entry.findtext(ATOM + "title", ""), entry.findtext(ATOM + "content", ""))
        for entry in feed.findall(ATOM + "entry")
    ]


def test_a_query_that_holds_no_longer_is_told_with_the_reason_and_since_when(
    kept: FlaskClient, engine: StoreEngine
) -> None:
    wait_until(lambda: "still holds" in catalogue(kept))
    assert entries(kept) == []
    add_agent(engine, "stranger")
    wait_until(lambda: "does not hold" in catalogue(kept))
    page = catalogue(kept)
    assert "Expected 2 rows, got 3." in page
    assert f"(generation {engine.generation().label})" in page
    assert entries(kept)[0][0] == "speakers no longer holds"
    since = engine.generation().label
    engine.number += 1
    wait_until(lambda: "being checked again" not in catalogue(kept))
    assert f"(generation {since})" in catalogue(kept)


def test_a_query_that_holds_again_and_one_with_a_new_text_are_in_the_feed(
    kept: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    wait_until(lambda: "still holds" in catalogue(kept))
    (quay.queries / "speakers.rq").write_text(SPEAKERS.replace("rows: 2", "rows: 9"), encoding="utf-8")
    engine.number += 1
    wait_until(lambda: len(entries(kept)) == 2)
    assert [title for title, _ in entries(kept)] == ["speakers no longer holds", "speakers has a new text"]
    (quay.queries / "speakers.rq").write_text(SPEAKERS, encoding="utf-8")
    engine.number += 1
    wait_until(lambda: len(entries(kept)) == 4)
    assert entries(kept)[0][0] == "speakers holds again"


def test_the_feed_is_atom_with_what_readers_need(kept: FlaskClient, engine: StoreEngine) -> None:
    wait_until(lambda: "still holds" in catalogue(kept))
    add_agent(engine, "stranger")
    wait_until(lambda: len(entries(kept)) == 1)
    response = kept.get("/feed.atom")
    assert response.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(response.data)
    assert feed.findtext(ATOM + "id") == "http://localhost/feed.atom"
    assert feed.findtext(ATOM + "updated") == feed.findtext(f"{ATOM}entry/{ATOM}updated")
    link = feed.find(f"{ATOM}entry/{ATOM}link")
    assert link is not None and link.get("href") == "http://localhost/queries/speakers"


def test_what_was_judged_is_known_after_a_restart(
    kept: FlaskClient, engine: StoreEngine, quay: Folder, tmp_path: Path
) -> None:
    wait_until(lambda: "still holds" in catalogue(kept))
    asked = len(engine.requests)
    again = create_app(engine, quay, Settings(), tmp_path).test_client()
    assert "still holds" in catalogue(again)
    assert len(engine.requests) == asked


def test_no_verdict_is_told_while_the_engine_has_no_time(kept: FlaskClient, engine: StoreEngine) -> None:
    from onrecord.errors import TooBusyError

    engine.failure = TooBusyError("All query workers are busy.")
    page = catalogue(kept)
    assert "still holds" not in page
    assert "does not hold" not in page


def test_a_query_that_asks_an_endpoint_keeps_no_other_from_its_verdict(
    engine: StoreEngine, quay: Folder, tmp_path: Path
) -> None:
    elsewhere = "#+ summary: Elsewhere.\n#+ expect:\n#+   - {rows: 1}\n"
    elsewhere += "SELECT ?s { SERVICE <https://example.org/> { ?s ?p ?o } }\n"
    (quay.queries / "a-first-one-elsewhere.rq").write_text(elsewhere, encoding="utf-8")
    (quay.queries / "speakers.rq").write_text(SPEAKERS, encoding="utf-8")
    client = create_app(engine, quay, Settings(), tmp_path).test_client()
    wait_until(lambda: "still holds" in catalogue(client))
    assert "does not hold" not in catalogue(client)
