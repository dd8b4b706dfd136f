"""The shipped queries on Wikidata: frozen answers where it may not be asked, itself where it may."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from tests.conftest import LiveServer, environment
from tests.wikidata_shape.proxy import Traffic

from onrecord.federation.frozen import Frozen, read_frozen

QUERIES = Path(__file__).resolve().parents[2] / "queries"
NAMES = sorted(path.name.removesuffix(".frozen.json") for path in QUERIES.glob("*.frozen.json"))
CONTACT = ("--federation-contact", "desk@example.org")
Serve = Callable[..., AbstractContextManager[LiveServer]]


def facts(frozen: Frozen) -> list[tuple[object, ...]]:
    """All that is the same whenever and wherever it was asked."""
    return [
        (a.endpoint, a.query_hash, a.pushed and sorted(a.pushed.rows), sorted(map(str, a.solutions.rows)))
        for a in frozen.answers
    ]


def test_three_queries_ship_with_frozen_answers() -> None:
    assert NAMES == ["agents-in-wikidata", "places-in-wikidata", "places-of-claims-in-wikidata"]


@pytest.mark.parametrize("name", NAMES)
def test_the_frozen_answers_are_those_of_the_fixture_and_say_so(
    name: str, traffic: Traffic, tmp_path: Path
) -> None:
    """Freeze again when a query, the folder or the plan has changed; README, "Wikidata", tells how."""
    file = tmp_path / "again.json"
    command = [sys.executable, "-m", "onrecord", "query", name, "--store", str(tmp_path / "store")]
    command += ["--federate", f"wikidata={traffic.url}", *CONTACT, "--freeze", str(file)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, env=environment()
    )
    assert done.returncode == 0, done.stderr
    shipped = read_frozen((QUERIES / f"{name}.frozen.json").read_text(), name)
    assert facts(read_frozen(file.read_text(), "again")) == facts(shipped)
    assert "test fixture" in shipped.note and "not of Wikidata" in shipped.note
    assert len(traffic.queries) == 1, "one request for all that joins"


def test_the_refusal_of_an_ad_hoc_query_ends_with_the_option_that_allows_it(live_server: LiveServer) -> None:
    query = "SELECT * { SERVICE <https://query.wikidata.org/sparql> { ?s ?p ?o } } LIMIT 1"
    refusal = live_server.get(f"/sparql?query={quote(query)}")
    assert refusal.status == 403
    assert json.loads(refusal.text)["detail"].endswith("with: --federate wikidata")


@pytest.mark.parametrize("name", NAMES)
def test_where_wikidata_may_not_be_asked_the_answer_is_frozen_and_marked(
    name: str, live_server: LiveServer
) -> None:
    page = live_server.get(f"/queries/{name}", {"Accept": "text/html"})
    assert page.status == 200 and "frozen: of a test fixture" in page.text
    answer = live_server.get(f"/queries/{name}.json")
    assert answer.headers["onrecord-federation"] == "complete"
    (link,) = re.findall(r'<([^>]*)>; rel="[^"]*has_provenance"', answer.headers["link"])
    assert "frozen: of a test fixture" in live_server.get(urlsplit(link).path).text


def test_where_wikidata_may_be_asked_it_is_asked(
    traffic: Traffic, serve_folder: Serve, repository: Path
) -> None:
    with serve_folder(None, "--federate", f"wikidata={traffic.url}", *CONTACT) as server:
        page = server.get("/queries/places-in-wikidata", {"Accept": "text/html"})
        assert "Rif Dimashq" in page.text and "frozen: of" not in page.text
    assert len(traffic.queries) == 1


def test_frozen_answers_do_for_the_query_that_they_are_of_and_for_no_other(live_server: LiveServer) -> None:
    text = (QUERIES / "places-in-wikidata.rq").read_text()
    whole = live_server.get(
        "/sparql", body=text.encode(), headers={"Content-Type": "application/sparql-query"}
    )
    assert whole.status == 200 and "Q232399" in whole.text
    other = text.replace("wdt:P131", "wdt:P17")
    refused = live_server.get(
        "/sparql", body=other.encode(), headers={"Content-Type": "application/sparql-query"}
    )
    assert (
        refused.status == 403 and "--federate wikidata" in refused.text and "frozen answers" in refused.text
    )


def test_a_frozen_file_that_is_damaged_is_named_when_the_server_starts(
    folder_copy: Path, tmp_path: Path
) -> None:
    (folder_copy / "queries" / "places-in-wikidata.frozen.json").write_text("{")
    command = [sys.executable, "-m", "onrecord", "query", "ASK {}", "--folder", str(folder_copy)]
    command += ["--store", str(tmp_path / "store")]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, env=environment()
    )
    assert (
        done.returncode == 1
        and "places-in-wikidata.frozen.json" in done.stderr
        and "Traceback" not in done.stderr
    )
