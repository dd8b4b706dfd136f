"""`cases/NAME.rq` with the result that it has (`.srj`) and the requests that are sent for it (`.requests`).

`one` and `two` serve `one.ttl` and `two.ttl` behind proxies that write down
what passes; `local.trig` lies here. A request is one line: where it went, and
its query.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.federation.conftest import StoreLocal, open_clients, start_server
from tests.federation.proxy import RecordingProxy

from onrecord.federation.plan import federate

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.rq"))


@pytest.fixture(scope="module")
def proxies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, RecordingProxy]]:
    directory = tmp_path_factory.mktemp("cases")
    servers = {
        name: start_server(directory / name, (CASES / f"{name}.ttl").read_text()) for name in ("one", "two")
    }
    found = {name: RecordingProxy(server.origin.removeprefix("http://")) for name, server in servers.items()}
    yield found
    for proxy in found.values():
        proxy.stop()
    for server in servers.values():
        server.stop()


def test_every_case_has_its_three_files() -> None:
    for ending in ("srj", "requests"):
        assert sorted(path.stem for path in CASES.glob(f"*.{ending}")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_result_and_the_requests_are_those_of_the_case(
    name: str, proxies: dict[str, RecordingProxy], tmp_path: Path
) -> None:
    result, requests = run(name, proxies, tmp_path)
    assert requests == (CASES / f"{name}.requests").read_text()
    assert result == json.loads((CASES / f"{name}.srj").read_text())


def run(name: str, proxies: dict[str, RecordingProxy], directory: Path) -> tuple[object, str]:
    """The result (rows in the order of their text) and the requests of a case, with the names of the case."""
    text = (CASES / f"{name}.rq").read_text()
    for endpoint, proxy in proxies.items():
        proxy.queries.clear()
        text = text.replace(f"<http://{endpoint}.example/query>", f"<{proxy.url}>")
    store = ox.Store()
    store.load(path=str(CASES / "local.trig"), format=ox.RdfFormat.TRIG)
    clients = open_clients(directory, *(p.origin for p in proxies.values()), "http://127.0.0.1:9")
    made = federate(text, StoreLocal(store), clients.asking())
    written = store.query(made.text).serialize(format=ox.QueryResultsFormat.JSON)
    assert written is not None
    answer = written.decode()
    for endpoint, proxy in proxies.items():
        answer = answer.replace(proxy.url, f"http://{endpoint}.example/query")
    document = json.loads(answer)
    document["results"]["bindings"].sort(key=lambda row: json.dumps(row, sort_keys=True))
    lines = [f"{endpoint}: {query}\n" for endpoint, proxy in proxies.items() for query in proxy.queries]
    return document, "".join(lines)
