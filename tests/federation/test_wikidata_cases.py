"""`wikidata_cases/NAME.rq` against 500,000 entities: the result (`.srj`) and the requests (`.requests`).

As test_cases, with Wikidata under the addresses that people paste and its
prefixes undeclared; and what a join sends and brings at that size.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.federation.conftest import StoreLocal, open_clients
from tests.wikidata_shape.generator import FIRST
from tests.wikidata_shape.proxy import Traffic, count_traffic
from tests.wikidata_shape.server import ENTITIES

from onrecord.federation.plan import federate

CASES = Path(__file__).parent / "wikidata_cases"
NAMES = sorted(path.stem for path in CASES.glob("*.rq"))
ENTITY = "http://www.wikidata.org/entity/"
MANY = 10_000
JOIN = """SELECT ?l ?name { ?l <urn:same> ?e
SERVICE <https://query.wikidata.org/sparql> { ?e rdfs:label ?name FILTER(LANG(?name) = 'en') } }"""


@pytest.fixture
def traffic(wikidata_endpoint: str) -> Iterator[Traffic]:
    with count_traffic(wikidata_endpoint) as counted:
        yield counted


def allowed(traffic: Traffic) -> tuple[str, ...]:
    """Both services of Wikidata's data, at the address of the proxy."""
    return f"wikidata={traffic.url}", f"wikidata-qlever={traffic.url}", "http://127.0.0.1:9"


def test_every_case_has_its_three_files() -> None:
    for ending in ("srj", "requests"):
        assert sorted(path.stem for path in CASES.glob(f"*.{ending}")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_result_and_the_requests_are_those_of_the_case(
    name: str, traffic: Traffic, tmp_path: Path
) -> None:
    result, requests = run(name, traffic, tmp_path)
    assert requests == (CASES / f"{name}.requests").read_text()
    assert result == json.loads((CASES / f"{name}.srj").read_text())


def run(name: str, traffic: Traffic, directory: Path) -> tuple[object, str]:
    """The result (rows in the order of their text) and the requests of a case."""
    store = ox.Store()
    store.load(path=str(CASES / "local.trig"), format=ox.RdfFormat.TRIG)
    clients = open_clients(directory, *allowed(traffic))
    made = federate((CASES / f"{name}.rq").read_text(), StoreLocal(store), clients.asking())
    written = store.query(made.text).serialize(format=ox.QueryResultsFormat.JSON)
    assert written is not None
    document = json.loads(written)
    document["results"]["bindings"].sort(key=lambda row: json.dumps(row, sort_keys=True))
    return document, "".join(f"{query}\n" for query in traffic.queries)


def linked(number: int) -> StoreLocal:
    """So many local things, each the same as one of the 500,000."""
    store = ox.Store()
    step = ENTITIES // number
    lines = (f"<urn:l{n}> <urn:same> <{ENTITY}Q{FIRST + n * step}> ." for n in range(number))
    store.load("\n".join(lines).encode(), ox.RdfFormat.TURTLE)
    return StoreLocal(store)


def rows(store: ox.Store, text: str) -> list[ox.QuerySolution]:
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    return list(found)


def test_a_join_of_50_entities_is_one_request_of_the_bytes_that_its_answer_needs(
    traffic: Traffic, tmp_path: Path
) -> None:
    where = linked(50)
    made = federate(JOIN, where, open_clients(tmp_path, *allowed(traffic)).asking())
    answers = rows(where.store, made.text)
    assert len(answers) == 50 and len(traffic.queries) == 1
    needed = ox.Store()
    for row in rows(where.store, made.text.replace("SELECT ?l ?name", "SELECT ?e ?name", 1)):
        needed.add(ox.Quad(row["e"], ox.NamedNode("urn:name"), row["name"]))  # type: ignore[arg-type]
    least = needed.query("SELECT ?e ?name { ?e <urn:name> ?name }").serialize(
        format=ox.QueryResultsFormat.JSON
    )
    assert least is not None and traffic.size <= 1.2 * len(least)


def test_10000_bindings_finish_in_batches_in_bounded_memory(traffic: Traffic, tmp_path: Path) -> None:
    where = linked(MANY)
    clients = open_clients(tmp_path, *allowed(traffic))
    tracemalloc.start()
    try:
        made = federate(JOIN, where, clients.asking())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(rows(where.store, made.text)) == MANY
    assert len(traffic.queries) == 4 + 19, "of 50, 100, 200, 400 and then 500"
    assert peak < 64 << 20
    traffic.clear()
    federate(JOIN, where, clients.asking())
    assert not traffic.queries, "the cache has every binding"
