"""Look-ups, honest queries and a flood of heavy ones at once, against a server of its own.

    python tests/bench/load.py [--heavy 50] [--seconds 20] [--triples 200000] [--mode cold|warm|disguised]

Makes a folder of seeded triples, serves it on 127.0.0.1, and prints for each
kind of client how many were answered and how long they took. `cold` sends the
flood from the first moment, `warm` after look-ups have been seen, `disguised`
sends heavy queries that differ from look-ups in a constant alone.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

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


@dataclass
class Tally:
    times: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)

    def note(self, status: str, seconds: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == "200":
            self.times.append(seconds)

    def line(self, name: str) -> str:
        times = sorted(self.times)
        if not times:
            return f"{name:10} {self.statuses}"
        at = lambda share: times[min(len(times) - 1, int(share * len(times)))] * 1000  # noqa: E731
        return (
            f"{name:10} {self.statuses}  median {at(0.5):.1f} ms  p90 {at(0.9):.1f}  "
            f"p99 {at(0.99):.1f}  longest {times[-1] * 1000:.1f}"
        )


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
    def __init__(self, port: int, source: str) -> None:
        self.port, self.source = port, source
        self.connection: http.client.HTTPConnection | None = None

    def ask(self, text: str, tally: Tally) -> str:
        started = time.perf_counter()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=60, source_address=(self.source, 0)
                )
            path = "/sparql?" + urllib.parse.urlencode({"query": text})
            self.connection.request("GET", path, headers={"Accept": "application/sparql-results+json"})
            response = self.connection.getresponse()
            body = response.read()
            status = str(response.status)
            if status == "503":
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


def run(port: int, root: int, options: argparse.Namespace) -> None:
    heavy, honest, quick = Tally(), Tally(), Tally()
    end = time.monotonic() + options.seconds

    def flood(number: int) -> None:
        client, chosen = Client(port, options.flood_from.format(number % 200 + 2)), random.Random(number)
        while time.monotonic() < end:
            if options.mode == "disguised":
                text = look_up(chosen.randrange(HUBS))
            else:
                text = chosen.choice(HEAVY).format(SPACE)
            client.ask(text, heavy)
            time.sleep(0.01)

    def look() -> None:
        client, chosen = Client(port, "127.0.0.1"), random.Random(1)
        while time.monotonic() < end:
            client.ask(look_up(chosen.randrange(HUBS, 10_000)), quick)
            time.sleep(0.05)

    def be_honest() -> None:
        client = Client(port, "127.0.0.1")
        for number in itertools.count(1):
            if time.monotonic() >= end:
                return
            if client.ask(survey(number), honest) != "200":
                time.sleep(1)

    if options.mode != "cold":
        client, seen, started = Client(port, "127.0.0.1"), Tally(), time.monotonic()
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
        peak = max(peak, memory(root))
        time.sleep(1)
    for worker in workers:
        worker.join()
    for name, tally in (("look-ups", quick), ("honest", honest), ("heavy", heavy)):
        print(tally.line(name))
    print(f"memory     {peak:.0f} MB at most, all processes together (PSS)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--heavy", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--triples", type=int, default=200_000)
    parser.add_argument("--mode", choices=("cold", "warm", "disguised"), default="cold")
    parser.add_argument("--flood-from", default="127.0.0.2", help="source address; {} takes a number")
    options = parser.parse_args()
    print(f"{options.mode}: {options.heavy} heavy clients, load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "folder"
        make_folder(folder, options.triples)
        command = [sys.executable, "-m", "onrecord", "serve", "--port", "0"]
        command += ["--store", f"{scratch}/store", str(folder)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            lines = iter(server.stdout.readline, "")
            url = next(line.strip() for line in lines if line.strip().startswith("http"))
            run(int(url.rstrip("/").rpartition(":")[2]), server.pid, options)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


if __name__ == "__main__":
    main()
