"""One join with 50 items of a remote endpoint, by four engines: requests, bytes, seconds.

`python -m tests.bench.federation` writes the section "Federation" of tests/bench/README.md. It needs
../shared/wikidata, and npm for Comunica, which is installed into the temporary directory.
"""

from __future__ import annotations

import csv
import functools
import http.server
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import rdflib
from tests.conftest import SHARED, serve
from tests.wikidata_shape.generator import FIRST
from tests.wikidata_shape.proxy import Traffic, count_traffic
from tests.wikidata_shape.server import ENTITIES, prepare_store, serve_oxigraph

README = Path(__file__).parent / "README.md"
ITEMS = 50
LATENCIES = (0.0, 0.15)
LONGEST = 100.0
"""Seconds that an engine may take; with four engines that never end the command still does, in 8 minutes."""
COMUNICA = "@comunica/query-sparql@4.5.0"
"""The version that tests/clients has."""
WD = "http://www.wikidata.org/entity/"
_SECTION = re.compile(r"<!-- federation -->.*<!-- /federation -->\n", re.DOTALL)

QUERY = """PREFIX rec: <https://w3id.org/onrecord/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX wdt: <http://www.wikidata.org/prop/direct/>
SELECT ?entity ?label ?country WHERE {
  ?entity rec:wikidata ?item .
  SERVICE <REMOTE> { ?item rdfs:label ?label ; wdt:P17 ?country FILTER(LANG(?label) = "en") }
}"""

Ask = Callable[[str], int]
"""A query -> the number of its rows."""


@dataclass(frozen=True)
class Measure:
    engine: str
    latency: float
    rows: int | None
    requests: int
    size: int
    seconds: float


def links() -> str:
    """The local data: 50 entities, each linked to one of the 500,000 items."""
    step = ENTITIES // ITEMS
    link = "<https://w3id.org/onrecord/ns#wikidata>"
    return "".join(
        f"<https://example.org/bench/id/{n}> {link} <{WD}Q{FIRST + 1 + n * step}> .\n" for n in range(ITEMS)
    )


@contextmanager
def ours(directory: Path, remote: str) -> Iterator[Ask]:
    folder = directory / "folder"
    (folder / "ontology").mkdir(parents=True)
    (folder / "triples").mkdir()
    space = "https://example.org/bench/"
    (folder / "ontology" / "dataset.ttl").write_text(
        f'<{space}> <https://w3id.org/onrecord/ns#iriSpace> "{space}" .\n'
    )
    (folder / "triples" / "links.nt").write_text(links())
    origin = remote.rsplit("/", 1)[0]
    options = ("--federate", origin, "--federation-contact", "bench@example.org")
    with serve(folder, directory / "ours", *options) as server:
        yield functools.partial(ask_http, f"{server.url}/sparql")


@contextmanager
def oxigraph(directory: Path, remote: str) -> Iterator[Ask]:
    store = directory / "oxigraph"
    data = directory / "links.nt"
    data.write_text(links())
    command = str(Path(sys.executable).parent / "oxigraph")
    subprocess.run(
        [command, "load", "--location", str(store), "--file", str(data)], check=True, capture_output=True
    )
    with serve_oxigraph(store) as url:
        yield functools.partial(ask_http, url)


@contextmanager
def rdflib_graph(directory: Path, remote: str) -> Iterator[Ask]:
    graph = rdflib.Graph().parse(data=links(), format="nt")
    yield lambda query: len(list(graph.query(query)))


@contextmanager
def comunica(directory: Path, remote: str) -> Iterator[Ask]:
    (directory / "links.ttl").write_text(links())
    handler = functools.partial(_Quiet, directory=str(directory))
    files = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=files.serve_forever, args=(0.01,), daemon=True).start()
    source = f"http://127.0.0.1:{files.server_address[1]}/links.ttl"

    def ask(query: str) -> int:
        command = [str(install_comunica()), source, "-q", query, "-t", "text/csv"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=True)
        return len(list(csv.reader(io.StringIO(done.stdout)))) - 1

    try:
        yield ask
    finally:
        files.shutdown()
        files.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".ttl": "text/turtle"}  # noqa: RUF012  # as its base class declares it

    def log_message(self, format: str, *args: object) -> None:
        pass


def install_comunica() -> Path:
    """Comunica's command, installed once."""
    directory = Path(tempfile.gettempdir()) / f"onrecord-bench-comunica-{COMUNICA.rpartition('@')[2]}"
    command = directory / "node_modules" / ".bin" / "comunica-sparql"
    if not command.exists():
        npm = shutil.which("npm")
        assert npm, "npm is needed for Comunica"
        directory.mkdir(exist_ok=True)
        subprocess.run([npm, "install", "--silent", "--prefix", str(directory), COMUNICA], check=True)
    return command


def ask_http(endpoint: str, query: str) -> int:
    body = urllib.parse.urlencode({"query": query}).encode()
    request = urllib.request.Request(endpoint, body, {"Accept": "text/csv"})
    with urllib.request.urlopen(request, timeout=LONGEST) as response:
        return len(list(csv.reader(io.TextIOWrapper(response, "utf-8")))) - 1


ENGINES = {
    "Onrecord": ours,
    "Oxigraph (its own SERVICE)": oxigraph,
    "rdflib": rdflib_graph,
    "Comunica": comunica,
}


def measure(name: str, latency: float, remote: str) -> list[Measure]:
    """One run of an engine; of ours a second one, answered by the cache."""
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as directory, ExitStack() as stack:
        traffic = stack.enter_context(count_traffic(remote, latency))
        ask = stack.enter_context(ENGINES[name](Path(directory), traffic.url))
        found = [run(name, latency, ask, traffic)]
        if name == "Onrecord":
            traffic.clear()
            found.append(run("Onrecord, asked again", latency, ask, traffic))
        return found


def run(name: str, latency: float, ask: Ask, traffic: Traffic) -> Measure:
    query = QUERY.replace("REMOTE", traffic.url)
    started = time.monotonic()
    try:
        rows: int | None = ask(query)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{name}: {error}"[:300], file=sys.stderr)
        rows = None
    seconds = time.monotonic() - started
    return Measure(name, latency, rows, len(traffic.queries), traffic.size, seconds)


def write(measures: list[Measure], load: float) -> str:
    """The section; `load` is the machine's load before the first measurement."""
    beside = "nothing else running"
    if load > 1:
        beside = "other work beside it: read seconds as orders of magnitude"
    lines = [
        "<!-- federation -->",
        "## Federation",
        "",
        f"A join of {ITEMS} local entities with an endpoint of {ENTITIES:,} entities in Wikidata's shape "
        "(`oxigraph",
        "serve` on loopback) for labels and countries: what each engine sends and receives, without and "
        "with 150 ms",
        "of latency for each request. `python -m tests.bench.federation` made this table on",
        f"{time.strftime('%Y-%m-%d')} ({platform.machine()}, {os.cpu_count()} cores, {beside}).",
        "Comunica's seconds include its start.",
        "",
        "| Engine | Latency | Rows | Requests | Bytes received | Seconds |",
        "|---|---|---|---|---|---|",
    ]
    for one in measures:
        rows = f"none in {LONGEST:.0f} s" if one.rows is None else str(one.rows)
        lines.append(
            f"| {one.engine} | {one.latency * 1000:.0f} ms | {rows} | {one.requests} | {one.size:,} "
            f"| {one.seconds:.2f} |"
        )
    return "\n".join([*lines, "<!-- /federation -->"]) + "\n"


def main() -> None:
    store = prepare_store(SHARED / "wikidata" / "fixture.ttl")
    install_comunica()
    load = os.getloadavg()[0]
    with serve_oxigraph(store) as remote:
        measures = [m for name in ENGINES for latency in LATENCIES for m in measure(name, latency, remote)]
    section = write(measures, load)
    text = README.read_text() if README.exists() else "# Measurements\n\n"
    text = (
        _SECTION.sub(lambda _: section, text)
        if _SECTION.search(text)
        else text.rstrip("\n") + "\n\n" + section
    )
    README.write_text(text)
    print(section)


if __name__ == "__main__":
    main()
