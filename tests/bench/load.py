"""Look-ups, honest queries and a flood of heavy ones at once, against a server of its own.

    python -m tests.bench.load [--heavy 50] [--seconds 20] [--triples 200000] [--mode cold|warm|disguised]
    python -m tests.bench.load --write tests/bench/README.md

Makes a folder of seeded triples, serves it on 127.0.0.1, and prints for each
kind of client how many were answered and how long they took. `cold` sends the
flood from the first moment, `warm` after look-ups have been seen, `disguised`
sends heavy queries that differ from look-ups in a constant alone. `--server`
takes `oxigraph` or `rdflib-endpoint` in place of onrecord, each held to 6 GB of
address space and Oxigraph to the same 30 seconds a query. `--write` runs all
three modes and the other two servers, and replaces a section of that file.
Needs for the other servers: pip install oxigraph rdflib-endpoint uvicorn.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.endpoint import free_port, put_section, wait_for

SPACE = "https://example.org/load/"
DATASET = f"""@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .
<{SPACE}> a owl:Ontology ; dcterms:title "Load"@en ; rec:iriSpace "{SPACE}" .
"""
HEAVY = (
    "SELECT (COUNT(*) AS ?n) {{ ?a <{0}p/0> ?x . ?b <{0}p/1> ?y . ?c <{0}p/2> ?z }}",
    "SELECT ?a (COUNT(DISTINCT ?c) AS ?n) {{ ?a ?p ?b . ?b ?q ?c . ?c ?r ?d . ?d ?s ?e }} GROUP BY ?a",
    "SELECT * {{ ?a <{0}p/0>/<{0}p/0>/<{0}p/0>/<{0}p/0>/<{0}p/0> ?b . ?c ?q ?b }} ORDER BY ?a DESC(?c)",
    "ASK {{ ?a <{0}p/0> ?x . ?b <{0}p/1> ?y . FILTER(STR(?x) = CONCAT(STR(?y), 'no')) }}",
)
HUBS = 20
MODES = ("cold", "warm", "disguised")
SERVERS = ("onrecord", "oxigraph", "rdflib-endpoint")
RDFLIB_APP = """
import sys, rdflib, uvicorn
from rdflib_endpoint import SparqlEndpoint
graph = rdflib.Dataset(default_union=True)
graph.parse(sys.argv[1], format="turtle")
app = SparqlEndpoint(graph=graph, path="/sparql")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""
ADDRESS_SPACE = 6 << 30
"""Bytes for a server that bounds nothing itself, so that the machine outlives it."""


@dataclass
class Tally:
    times: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)

    def note(self, status: str, seconds: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == "200":
            self.times.append(seconds)

    def at(self, share: float) -> float:
        """Milliseconds within which that share of the answers came; not a number without one."""
        times = sorted(self.times)
        return times[min(len(times) - 1, int(share * len(times)))] * 1000 if times else float("nan")

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if status != "200")

    def line(self, name: str) -> str:
        if not self.times:
            return f"{name:10} {self.statuses}"
        return (
            f"{name:10} {self.statuses}  median {self.at(0.5):.1f} ms  p90 {self.at(0.9):.1f}  "
            f"p99 {self.at(0.99):.1f}  longest {self.at(1):.1f}"
        )


@dataclass
class Outcome:
    """What one flood left of the others."""

    quick: Tally
    honest: Tally
    heavy: Tally
    peak: float
    """Megabytes of all processes together."""


@dataclass(frozen=True)
class Subject:
    """A server under load."""

    name: str
    port: int
    path: str
    process: subprocess.Popen[bytes]


def make_folder(path: Path, triples: int) -> None:
    for name in ("ontology", "triples", "queries"):
        (path / name).mkdir(parents=True)
    (path / "ontology" / "dataset.ttl").write_text(DATASET)
    chosen = random.Random(4)
    entities = max(100, triples // 10)
    with (path / "triples" / "load.ttl").open("w") as file:
        for number in range(triples):
            # A few are named so often that a look-up of them takes all its time.
            target = chosen.randrange(HUBS) if number % 20 == 0 else chosen.randrange(entities)
            subject, predicate = number % entities, chosen.randrange(8)
            file.write(f"<{SPACE}id/{subject}> <{SPACE}p/{predicate}> <{SPACE}id/{target}> .\n")


def look_up(number: int) -> str:
    iri = f"<{SPACE}id/{number}>"
    return f"SELECT (COUNT(*) AS ?n) {{ ?a ?p {iri} . ?b ?q {iri} . ?c ?r {iri} }}"


def survey(number: int) -> str:
    """An honest query of a few seconds; no two are the same, so that none is answered from the cache."""
    return (
        "SELECT ?p (COUNT(DISTINCT ?o) AS ?n) (MAX(STRLEN(STR(?t))) AS ?l) "
        f"{{ ?s ?p ?o . ?o <{SPACE}p/1>|<{SPACE}p/2>|<{SPACE}p/3> ?t "
        f"FILTER(?s != <{SPACE}id/{number}>) }} GROUP BY ?p"
    )


class Client:
    def __init__(self, subject: Subject, source: str) -> None:
        self.subject, self.source = subject, source
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, text: str, tally: Tally) -> str:
        started = time.perf_counter()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    "127.0.0.1", self.subject.port, timeout=60, source_address=(self.source, 0)
                )
            path = f"{self.subject.path}?{urllib.parse.urlencode({'query': text})}"
            self.connection.request("GET", path, headers={"Accept": "application/sparql-results+json"})
            response = self.connection.getresponse()
            body = response.read()
            status = str(response.status)
            if status == "503" and self.subject.name == "onrecord":
                status += " " + str(json.loads(body)["code"])
        except (OSError, http.client.HTTPException) as error:
            status, self.connection = type(error).__name__, None
        tally.note(status, time.perf_counter() - started)
        return status


def memory(root: int) -> float:
    """Megabytes that a process and all below it hold for themselves (PSS)."""
    total, todo = 0.0, [root]
    while todo:
        pid = todo.pop()
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) / 1024
            for task in os.listdir(f"/proc/{pid}/task"):
                todo += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
        except OSError:
            continue
    return total


def run(subject: Subject, options: argparse.Namespace, mode: str) -> Outcome:
    heavy, honest, quick = Tally(), Tally(), Tally()
    end = time.monotonic() + options.seconds

    def flood(number: int) -> None:
        client = Client(subject, options.flood_from.format(number % 200 + 2))
        chosen = random.Random(number)
        while time.monotonic() < end:
            if mode == "disguised":
                text = look_up(chosen.randrange(HUBS))
            else:
                text = chosen.choice(HEAVY).format(SPACE)
            client.ask(text, heavy)
            time.sleep(0.01)

    def look() -> None:
        client, chosen = Client(subject, "127.0.0.1"), random.Random(1)
        while time.monotonic() < end:
            client.ask(look_up(chosen.randrange(HUBS, 10_000)), quick)
            time.sleep(0.05)

    def be_honest() -> None:
        client = Client(subject, "127.0.0.1")
        for number in itertools.count(1):
            if time.monotonic() >= end:
                return
            if client.ask(survey(number), honest) != "200":
                time.sleep(1)

    if mode != "cold":
        client, seen, started = Client(subject, "127.0.0.1"), Tally(), time.monotonic()
        for number in range(HUBS, HUBS + 50):
            client.ask(look_up(number), seen)
        client.ask(survey(0), seen)
        print(seen.line("alone"), "(the longest is the honest query)")
        end += time.monotonic() - started
    workers = [threading.Thread(target=flood, args=(n,)) for n in range(options.heavy)]
    workers += [threading.Thread(target=look), threading.Thread(target=be_honest)]
    for worker in workers:
        worker.start()
    peak = 0.0
    while time.monotonic() < end:
        peak = max(peak, memory(subject.process.pid))
        time.sleep(1)
    patience = end + 20
    for worker in workers:
        worker.join(max(0.0, patience - time.monotonic()))
    if any(worker.is_alive() for worker in workers):
        print("what is not answered 20 s after the flood is given up")
        subject.process.kill()
    for worker in workers:
        worker.join()
    outcome = Outcome(quick, honest, heavy, peak)
    for name, tally in (("look-ups", quick), ("honest", honest), ("heavy", heavy)):
        print(tally.line(name))
    print(f"memory     {peak:.0f} MB at most, all processes together (PSS)", flush=True)
    return outcome


@contextmanager
def serving(name: str, folder: Path, scratch: Path) -> Iterator[Subject]:
    """One of SERVERS with the triples of `folder`, until the block ends."""
    port, path = free_port(), "/sparql"
    data = folder / "triples" / "load.ttl"
    limit = None
    if name == "onrecord":
        command = [sys.executable, "-m", "onrecord", "serve", "--port", str(port)]
        command += ["--store", f"{scratch}/store", str(folder)]
    else:
        limit = _hold
        if name == "oxigraph":
            tool, path = str(Path(sys.executable).with_name("oxigraph")), "/query"
            location = ["--location", f"{scratch}/oxigraph"]
            subprocess.run([tool, "load", *location, "--file", data], check=True, capture_output=True)
            command = [tool, "serve", *location, "--bind", f"127.0.0.1:{port}", "--timeout-s", "30"]
        else:
            command = [sys.executable, "-c", RDFLIB_APP, str(data), str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limit
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/", process, 300)
        yield Subject(name, port, path, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _hold() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def measure(name: str, mode: str, options: argparse.Namespace) -> Outcome:
    """One flood against a server that was started for it."""
    print(f"{name}, {mode}: {options.heavy} heavy clients, load average {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "folder"
        make_folder(folder, options.triples)
        with serving(name, folder, Path(scratch)) as subject:
            return run(subject, options, mode)


def table(outcomes: dict[tuple[str, str], Outcome]) -> str:
    lines = [
        "| Server | Flood | Look-ups answered | failed | median ms | p99 ms | longest ms "
        "| Honest queries answered | failed | median s | Memory MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for (name, mode), found in outcomes.items():
        quick, honest = found.quick, found.honest
        shown = " | ".join(f"{quick.at(share):,.0f}" for share in (0.5, 0.99, 1))
        lines.append(
            f"| {name} | {mode} | {len(quick.times):,} | {quick.failed:,} | {shown} "
            f"| {len(honest.times)} | {honest.failed} | {honest.at(0.5) / 1000:.1f} | {found.peak:,.0f} |"
        )
    return "\n".join(lines).replace("nan", "-")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--heavy", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--triples", type=int, default=200_000)
    parser.add_argument("--mode", choices=MODES, default="cold")
    parser.add_argument("--server", choices=SERVERS, default="onrecord")
    parser.add_argument("--flood-from", default="127.0.0.2", help="source address; {} takes a number")
    parser.add_argument("--write", type=Path, help="a Markdown file whose section `load` is replaced")
    options = parser.parse_args()
    if options.write is None:
        measure(options.server, options.mode, options)
        return
    load = os.getloadavg()[0]
    asked = [*(("onrecord", mode) for mode in MODES), *((name, "cold") for name in SERVERS[1:])]
    outcomes = {(name, mode): measure(name, mode, options) for name, mode in asked}
    text = (
        f"## Under load\n\n`python -m tests.bench.load --write {options.write}`: {options.heavy} clients "
        f"send heavy queries for {options.seconds:.0f} s over {options.triples:,} triples, one client sends "
        f"look-ups and one honest queries of some seconds. {os.cpu_count()} cores, load average before it "
        f"{load:.2f}.\n\n{table(outcomes)}\n"
    )
    put_section(options.write, "load", text)
    print(text)


if __name__ == "__main__":
    main()
