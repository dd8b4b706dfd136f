"""Side by side on the same triples: onrecord, Oxigraph's own server and rdflib-endpoint.

    python -m tests.bench.endpoint --triples 1000000 --write tests/bench/README.md

Makes a folder in the shape of the shipped one (see closure.py), builds and serves it, writes the same
quads into `oxigraph serve` (PyPI package `oxigraph`) and `rdflib-endpoint`, and asks all of them the same
queries over HTTP on 127.0.0.1, with the union of the named graphs as default graph. Every answer is compared
with onrecord's by its number of rows before it is timed. Onrecord and Oxigraph's server take turns at each
query, since the machine may be slower for a while. Look-ups are sent by `wrk` (Debian package `wrk`),
which takes less of the machine than a client in Python; the others one after another. onrecord's cache of
results is off for all of them but the rows that say "from cache". Nothing else should run meanwhile.
Needs: pip install oxigraph rdflib-endpoint uvicorn matplotlib.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph
from tests.bench.closure import write_folder

REC = "https://w3id.org/onrecord/ns#"
PREFIXES = f"PREFIX rec: <{REC}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
QUERIES = {
    "one thing's triples": "SELECT ?p ?o {{ <{thing}> ?p ?o }}",
    "what one speaker said": (
        "SELECT ?statement ?claim ?label {{ ?statement rec:speaker <{speaker}> ; rec:makes ?claim . "
        "?claim rdfs:label ?label }} LIMIT 50"
    ),
    "a claim with its evidence": (
        "SELECT ?speaker ?act ?start ?end {{ "
        "?statement rec:makes <{thing}> ; rec:speaker ?speaker ; rec:act ?act . "
        "<{thing}> rec:evidence ?span . ?span rec:start ?start ; rec:end ?end }}"
    ),
    "who denies whom": (
        "SELECT ?a ?b {{ ?one rec:denies ?other . ?s rec:makes ?one ; rec:speaker ?a . "
        "?t rec:makes ?other ; rec:speaker ?b }} LIMIT 1000"
    ),
    "figures above a thousand": (
        "SELECT ?claim ?figure {{ ?claim rec:quantity ?q . ?q rec:figure ?figure FILTER(?figure > 1000) }} "
        "ORDER BY DESC(?figure) ?claim LIMIT 100"
    ),
    "places within places": "SELECT (COUNT(*) AS ?n) {{ ?place rec:directlyWithin+ ?around }}",
    "claims by speech act": (
        "SELECT ?act (COUNT(?claim) AS ?n) {{ ?statement rec:makes ?claim ; rec:act ?act }} "
        "GROUP BY ?act ORDER BY ?act"
    ),
    "speakers against places": (
        "SELECT ?speaker ?place (COUNT(DISTINCT ?claim) AS ?n) {{ ?statement rec:speaker ?speaker ; "
        "rec:makes ?claim . ?claim rec:about ?place . ?place a rec:Location }} "
        "GROUP BY ?speaker ?place ORDER BY DESC(?n) LIMIT 20"
    ),
}
QUICK = 0.05
"""Seconds; a query below this is sent by wrk for some seconds, any other a few times by itself."""
SECONDS = 10
ROUNDS = 5
PATIENCE = 60
LEAST_PATIENCE = 15
"""Seconds for an answer of rdflib-endpoint, which works on after it was given up."""
AT_REST = 0.05
"""Seconds of processor time in a second that a server takes while it does nothing."""
MILLION = "SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT 1000000"


@dataclass
class Server:
    """A server under test; `memory_of` is the process whose tree is measured."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    patience: float = PATIENCE
    peak: float = 0.0

    def ask(self, text: str, accept: str = "application/sparql-results+json") -> tuple[bytes, float, float]:
        """The answer to a query, the seconds to its first byte and to its last."""
        parts = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self.patience)
        started = time.perf_counter()
        connection.request(
            "GET", f"{parts.path}?{urllib.parse.urlencode({'query': text})}", headers={"Accept": accept}
        )
        response = connection.getresponse()
        body = response.read(1)
        first = time.perf_counter() - started
        pieces = [body]
        while piece := response.read(1 << 16):
            pieces.append(piece)
        body = b"".join(pieces)
        took = time.perf_counter() - started
        connection.close()
        if response.status != 200:
            raise RuntimeError(f"{self.name}: {response.status} {body[:200]!r}")
        return body, first, took

    def processes(self) -> Iterator[int]:
        """Its process and all that descend from it."""
        todo = [self.process.pid]
        while todo:
            pid = todo.pop()
            yield pid
            with contextlib.suppress(OSError):
                for task in os.listdir(f"/proc/{pid}/task"):
                    todo += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())

    def memory(self) -> dict[int, float]:
        """Megabytes that each of its processes holds (PSS, so that shared pages count once)."""
        held = {}
        for pid in self.processes():
            with contextlib.suppress(OSError):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                held[pid] = int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1]) / 1024  # type: ignore[index]
        self.peak = max(self.peak, sum(held.values()))
        return held

    def processor(self) -> float:
        """Seconds of processor time that its processes have used."""
        ticks = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(told[11]) + int(told[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@dataclass
class Row:
    """Measured of one query: for each server its cells."""

    name: str
    cells: dict[str, dict[str, float]] = field(default_factory=dict)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float) -> None:
    parts = urllib.parse.urlsplit(url)
    deadline = time.monotonic() + seconds
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        with (
            contextlib.suppress(OSError),
            socket.create_connection((parts.hostname or "", parts.port or 0), 1),
        ):
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"{url} does not answer")
        time.sleep(0.1)


@contextlib.contextmanager
def started(name: str, url: str, command: list[str], patience: float) -> Iterator[Server]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(url, process, patience)
        yield Server(name, url, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def write_quads(store: Path, target: Path) -> int:
    """The quads of the newest generation as N-Quads; how many."""
    newest = max(path for path in (store / "generations").iterdir() if path.name.isdigit())
    pyoxigraph.Store.read_only(str(newest)).dump(str(target), pyoxigraph.RdfFormat.N_QUADS)
    with target.open("rb") as file:
        return sum(1 for _ in file)


RDFLIB_APP = """
import sys, pyoxigraph, rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
graph = rdflib.Dataset(default_union=True)
graph.parse(sys.argv[1], format="nquads")
app = SparqlEndpoint(graph=graph, path="/sparql")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""


def rows_in(body: bytes) -> int:
    return len(json.loads(body)["results"]["bindings"])


def drive(server: Server, text: str, seconds: int, path: str = "") -> dict[str, float]:
    """Requests a second, median and 99th percentile in milliseconds, by wrk with 8 connections."""
    parts = urllib.parse.urlsplit(server.url)
    target = path or f"{parts.path}?{urllib.parse.urlencode({'query': text})}"
    command = [
        "wrk",
        "-t1",
        "-c8",
        f"-d{seconds}s",
        "--latency",
        "-H",
        "Accept: application/sparql-results+json",
    ]
    told = subprocess.run(
        [*command, f"http://{parts.netloc}{target}"], capture_output=True, text=True, check=True
    ).stdout
    server.memory()
    if "Non-2xx" in told:
        raise RuntimeError(told)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])  # type: ignore[index]
    return {"rate": rate, "median": _latency(told, "50%"), "p99": _latency(told, "99%")}


def _latency(told: str, share: str) -> float:
    found = re.search(rf"^\s+{share}\s+([\d.]+)(us|ms|s|m)\s*$", told, re.MULTILINE)
    assert found is not None, told
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[found[2]]


def measure(
    servers: list[Server], text: str, expected: int | None, seconds: int
) -> tuple[dict[str, dict[str, float]], int]:
    """What a query takes each of `servers`, by name, and how many rows it has.

    They take turns, so that a machine that is slower for a while is so for all. A server that
    fails, or finds another number of rows, is told of and left out.
    """
    taken: dict[str, list[dict[str, float]]] = {}
    quick: dict[str, bool] = {}
    for server in servers:
        try:
            body, _, took = min((server.ask(text) for _ in range(3)), key=lambda answer: answer[2])
            rows = rows_in(body)
            if expected is None:
                expected = rows
            if rows != expected:
                raise RuntimeError(f"{server.name} has {rows} rows, not {expected}: {text}")
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            print(f"{server.name}: {error!r}", file=sys.stderr)
            continue
        taken[server.name], quick[server.name] = [], took < QUICK
    for _ in range(ROUNDS):
        for server in [s for s in servers if s.name in taken]:
            try:
                _, first, took = server.ask(text)
                told = {"rate": 1 / took, "median": took * 1000, "p99": took * 1000, "first": first * 1000}
                if quick[server.name]:
                    told |= drive(server, text, max(1, seconds // ROUNDS))
            except (OSError, RuntimeError, http.client.HTTPException) as error:
                print(f"{server.name}: {error!r}", file=sys.stderr)
                del taken[server.name]
                continue
            server.memory()
            taken[server.name].append(told)
    return {name: summarize(rounds) for name, rounds in taken.items()}, expected or 0


def summarize(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Of the rounds of one server: the mean rate, the medians, and the longest p99."""
    summary = {key: statistics.median(told[key] for told in rounds) for key in ("median", "first")}
    return summary | {
        "rate": statistics.mean(told["rate"] for told in rounds),
        "p99": max(told["p99"] for told in rounds),
    }


def wait_for_rest(server: Server, seconds: float = 300) -> None:
    """Until what it does by itself after a start and a publication is done: two seconds without work."""
    deadline = time.monotonic() + seconds
    still, before = 0, server.processor()
    while still < 2:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{server.name} does not come to rest.")
        time.sleep(1)
        used = server.processor()
        still = still + 1 if used - before < AT_REST else 0
        before = used


def choose_constants(server: Server) -> dict[str, str]:
    """A claim and a speaker of the generated folder."""
    found = server.ask(
        f"{PREFIXES} SELECT ?claim ?speaker {{ "
        "?s rec:makes ?claim ; rec:speaker ?speaker . ?claim rec:evidence ?e } "
        "ORDER BY ?claim ?speaker LIMIT 1 OFFSET 50"
    )[0]
    row = json.loads(found)["results"]["bindings"][0]
    return {"thing": row["claim"]["value"], "speaker": row["speaker"]["value"]}


def measure_million(server: Server) -> dict[str, float]:
    """Seconds, first byte in milliseconds, and by how many megabytes the process rises that rises most."""
    before = server.memory()
    parts = urllib.parse.urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    started_at = time.perf_counter()
    query = urllib.parse.urlencode({"query": MILLION.format()})
    connection.request("GET", f"{parts.path}?{query}", headers={"Accept": "application/sparql-results+json"})
    response = connection.getresponse()
    size = len(response.read(1))
    first = time.perf_counter() - started_at
    rise, looked = 0.0, time.monotonic()
    while piece := response.read(1 << 18):
        size += len(piece)
        if time.monotonic() - looked > 0.25:
            held, looked = server.memory(), time.monotonic()
            rise = max(rise, *(size_now - before.get(pid, 0) for pid, size_now in held.items()))
    took = time.perf_counter() - started_at
    connection.close()
    return {"seconds": took, "first": first * 1000, "megabytes": size / 1e6, "rise": rise}


_SHOWN = ("rate", "median", "p99", "first")


def table(rows: list[Row], names: list[str]) -> str:
    head = (
        "| query | "
        + " | ".join(f"{n}: requests/s | median ms | p99 ms | first byte ms" for n in names)
        + " |"
    )
    lines = [head, "|---|" + "---:|" * (4 * len(names))]
    for row in rows:
        cells = []
        for name in names:
            found = row.cells.get(name)
            cells += [_show(found[key]) if key in found else "-" for key in _SHOWN] if found else ["-"] * 4
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _show(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def plot(rows: list[Row], names: list[str], target: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 5))
    width = 0.8 / len(names)
    for place, name in enumerate(names):
        heights = [row.cells.get(name, {}).get("rate", 0) for row in rows]
        axes.bar([i + place * width for i in range(len(rows))], heights, width, label=name)
    axes.set_yscale("log")
    axes.set_ylabel("requests a second")
    axes.set_xticks(
        [i + 0.4 - width / 2 for i in range(len(rows))], [row.name for row in rows], rotation=30, ha="right"
    )
    axes.legend()
    figure.tight_layout()
    mpl.rcParams["svg.hashsalt"] = "onrecord"
    figure.savefig(target, metadata={"Date": None})


def run(options: argparse.Namespace, scratch: Path) -> str:
    folder, store = scratch / "folder", scratch / "store"
    print(f"writing {options.triples:,} triples", flush=True)
    write_folder(folder, options.triples)
    shutil.copytree(Path(__file__).resolve().parents[2] / "queries", folder / "queries", dirs_exist_ok=True)
    rows = [Row(name) for name in QUERIES]
    million: dict[str, dict[str, float]] = {}
    memory: dict[str, float] = {}
    names = ["onrecord", "oxigraph", *([] if options.without_rdflib else ["rdflib-endpoint"])]
    quads, location = scratch / "all.nq", scratch / "oxigraph"
    expected: dict[str, int] = {}
    constants: dict[str, str] = {}
    cached = Row("a saved query, from cache")
    cached_look_up = Row(f"{next(iter(QUERIES))}, from cache")

    def ask_all(servers: list[Server]) -> None:
        for row, text in zip(rows, QUERIES.values(), strict=True):
            asked = f"{PREFIXES} {text.format(**constants)}"
            found, expected[row.name] = measure(servers, asked, expected.get(row.name), options.seconds)
            row.cells |= found
            for name, told in found.items():
                print(name, row.name, expected[row.name], told, flush=True)
        for server in servers:
            if server.name != "rdflib-endpoint":
                million[server.name] = measure_million(server)
                print(server.name, million[server.name], flush=True)
            memory[server.name] = server.peak

    ports = [free_port() for _ in range(3)]
    command = [sys.executable, "-m", "onrecord", "serve", "--port", str(ports[0]), "--store", str(store)]
    command += ["--fronts", str(options.fronts), str(folder)]
    url = f"http://127.0.0.1:{ports[0]}/sparql"
    print("building", flush=True)
    with started("onrecord", url, command, 300) as server:
        wait_for_rest(server)
        count = write_quads(store, quads)
        constants = choose_constants(server)
        asked = f"{PREFIXES} {next(iter(QUERIES.values())).format(**constants)}"
        path = (
            f"/queries/what-a-speaker-said.json?{urllib.parse.urlencode({'speaker': constants['speaker']})}"
        )
        for row, text, target in ((cached_look_up, asked, ""), (cached, "", path)):
            # The first request asks the engine, and the row is about those after it.
            drive(server, text, 1, target)
            row.cells["onrecord"] = drive(server, text, options.seconds, target)
    print("loading them into Oxigraph's server", flush=True)
    tool = str(Path(sys.executable).with_name("oxigraph"))
    subprocess.run(
        [tool, "load", "--location", str(location), "--file", str(quads)], check=True, capture_output=True
    )
    other = [tool, "serve", "--location", str(location), "--bind", f"127.0.0.1:{ports[1]}"]
    with (
        started("onrecord", url, [*command, "--cache-memory", "0"], 60) as ours,
        started(
            "oxigraph", f"http://127.0.0.1:{ports[1]}/query", [*other, "--union-default-graph"], 60
        ) as theirs,
    ):
        wait_for_rest(ours)
        ask_all([ours, theirs])
    if not options.without_rdflib:
        print("loading them into rdflib-endpoint", flush=True)
        command = [sys.executable, "-c", RDFLIB_APP, str(quads), str(ports[2])]
        with started("rdflib-endpoint", f"http://127.0.0.1:{ports[2]}/sparql", command, 900) as server:
            server.patience = LEAST_PATIENCE
            ask_all([server])
    report = [
        f"{count:,} quads; load average at the start {options.load:.2f}; {os.cpu_count()} cores; "
        f"Python {sys.version.split()[0]}. "
        f"onrecord and oxigraph take turns, {ROUNDS} rounds a query; rdflib-endpoint comes after them. "
        f"Look-ups by wrk with 8 connections, {max(1, options.seconds // ROUNDS)} seconds a round; "
        "what takes longer than 50 ms is sent once a round; p99 is that of the slowest round; "
        f"onrecord has {options.fronts} web process{'es' if options.fronts > 1 else ''}; "
        "its cache of results is off but for the rows that say so. "
        f"An answer of rdflib-endpoint that takes longer than {LEAST_PATIENCE} seconds is given up (-).",
        "",
        table([*rows, cached_look_up, cached], names),
        "",
        "| a million rows as JSON | seconds | first byte ms | MB sent | one process rises by MB |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {name} | {m['seconds']:.1f} | {m['first']:.1f} | {m['megabytes']:.0f} | {m['rise']:.0f} |"
            for name, m in million.items()
        ),
        "",
        "| server | highest memory of all its processes, MB (PSS) |",
        "|---|---:|",
        *(f"| {name} | {peak:.0f} |" for name, peak in memory.items()),
    ]
    if options.write:
        plot(rows, names, options.write.with_name("endpoint.svg"))
        report += ["", "![Requests a second, by query and server](endpoint.svg)"]
    return "\n".join(report)


def put_section(path: Path, name: str, text: str) -> None:
    """Replace the section `name` of a Markdown file, between its two comments; other sections stay."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    old = path.read_text(encoding="utf-8") if path.exists() else "# Measured\n"
    section = f"{start}\n{text}\n{end}"
    if start in old:
        before, _, rest = old.partition(start)
        path.write_text(before + section + rest.partition(end)[2], encoding="utf-8")
    else:
        path.write_text(f"{old.rstrip()}\n\n{section}\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long wrk sends each look-up")
    parser.add_argument("--fronts", type=int, default=1, help="web processes of onrecord")
    parser.add_argument("--without-rdflib", action="store_true")
    parser.add_argument("--write", type=Path, help="a Markdown file whose section `endpoint` is replaced")
    options = parser.parse_args()
    options.load = os.getloadavg()[0]
    if shutil.which("wrk") is None:
        sys.exit("endpoint.py needs wrk: apt-get install wrk")
    if options.write and importlib.util.find_spec("matplotlib") is None:
        sys.exit("endpoint.py draws a plot: pip install matplotlib")
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as scratch:
        report = run(options, Path(scratch))
    print(report)
    if options.write:
        fronts = f" --fronts {options.fronts}" if options.fronts > 1 else ""
        command = (
            f"python -m tests.bench.endpoint --triples {options.triples}{fronts} --write {options.write}"
        )
        put_section(options.write, "endpoint", f"## The endpoint, side by side\n\n`{command}`\n\n{report}")


if __name__ == "__main__":
    main()
