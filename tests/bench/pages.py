"""How long pages take over a large graph: `python tests/bench/pages.py [claims] [times]`.

Makes a folder of that many claims (each with its statement, span and time) by
few speakers, all about one place: a hub. Serves it, asks each page once cold
and `times` more, and prints a table, and what memory each kind of process took.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import urllib.parse
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.conftest import LiveServer, serve

SPACE = "https://example.org/large/"
REC = "https://w3id.org/onrecord/ns#"
TERM = "https://w3id.org/onrecord/term/"
PAGES = {
    "home": "/",
    "vocabulary": "/ns",
    "catalogue": "/queries",
    "saved query": "/queries/by-speaker",
    "its result, 200 rows from the middle": "/queries/by-speaker?speaker=id/speaker3&_offset=1000",
    "claims": "/claims",
    "claims, page 400": "/claims?_page=400",
    "claims of a speaker": "/claims?speaker=id/speaker3",
    "claims about a place with all it contains": "/claims?place=id/region",
    "contradictions": "/contradictions",
    "accusations": "/accusations",
    "accusations of one": "/accusations?speaker=id/speaker3",
    "alliances": "/alliances",
    "time line": "/timeline",
    "when it was said": "/timeline?show=said",
    "map": "/map",
    "search, a word of every name": "/search?q=harbour",
    "search, the start of every name": "/search?q=sp",
    "search, one name among all": "/search?q=" + urllib.parse.quote("holds the harbour, case 77777"),
    "search, misspelt": "/search?q=" + urllib.parse.quote("Spiker of the harber"),
    "search, nothing": "/search?q=zebra",
    "agent with very many claims": "/id/speaker3.html",
    "agent with very many claims, page 900": "/id/speaker3.html?_page=900",
    "agent very many claims are about": "/id/speaker5.html",
    "hub": "/id/hub.html",
    "hub, page 900": "/id/hub.html?_page=900",
    "hub, Turtle": "/id/hub.ttl",
    "place that contains the hub": "/id/region.html",
    "article": "/article/big.html",
    "claim": "/article/big/claim/c77.html",
    "statement": "/article/big/statement/s77.html",
    "time span of every claim": "/article/big/day.html",
    "graph": "/graph/triples/big.html",
    "term": "/term/relation/controls.html",
    "generations": "/generations",
}
QUERY = """#+ summary: What one speaker says.
#+ parameters:
#+   speaker: {type: iri, label: Speaker, class: rec:Agent, example: id/speaker3}
PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?claim ?object WHERE {
  VALUES ?speaker { UNDEF }
  ?statement rec:speaker ?speaker ;
    rec:makes ?claim .
  ?claim rec:object ?object .
}
"""


def write_folder(folder: Path, claims: int) -> None:
    """A folder with `claims` claims in one article."""
    (folder / "ontology").mkdir(parents=True)
    (folder / "triples").mkdir()
    (folder / "queries").mkdir()
    (folder / "queries" / "by-speaker.rq").write_text(QUERY)
    (folder / "ontology" / "dataset.ttl").write_text(
        "@prefix dcterms: <http://purl.org/dc/terms/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        f'<{SPACE}> a owl:Ontology ; owl:imports <https://w3id.org/onrecord/ns> ; dcterms:title "Large" ; '
        f'<{REC}iriSpace> "{SPACE}" .\n'
    )
    with (folder / "triples" / "big.ttl").open("w") as out:
        out.write(
            f"@prefix : <{SPACE}id/> . @prefix a: <{SPACE}article/big/> . @prefix rec: <{REC}> .\n"
            "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
            "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
            f'<{SPACE}article/big> a rec:Source ; rdfs:label "A long report"@en .\n'
            ':hub a rec:Location ; rdfs:label "The harbour"@en ; rec:directlyWithin :region .\n'
            ':region a rec:Location ; rdfs:label "The region"@en .\n'
            'a:day a rec:TimeSpan ; rdfs:label "That day"@en ; rec:fuzzy false ; '
            'rec:notBefore "2020-01-01T00:00:00Z"^^xsd:dateTime ; '
            'rec:notAfter "2020-01-01T23:59:59Z"^^xsd:dateTime .\n'
        )
        out.writelines(
            f':speaker{n} a rec:Person ; rdfs:label "Speaker {n} of the harbour"@en .\n' for n in range(20)
        )
        for n in range(claims):
            out.write(
                f"<{SPACE}article/big/claim/c{n}> a rec:Claim ; "
                f'rdfs:label "Speaker {n % 20}: somebody holds the harbour, case {n}"@en ; '
                f"rec:subject :speaker{n % 7} ; rec:relation <{TERM}relation/controls> ; rec:object :hub ; "
                f"rec:polarity <{TERM}polarity/affirmed> ; "
                f"rec:modality <{TERM}modality/{'accusation' if n % 3 == 0 else 'asserted'}> ; "
                f"rec:happenedDuring a:day ; rec:evidence <{SPACE}article/big/span/{n}> .\n"
                f"<{SPACE}article/big/span/{n}> a rec:TextSpan ; rec:start {n * 10} ; rec:end {n * 10 + 9} ; "
                f'rec:sentence "P{n}S1" ; rec:inSource <{SPACE}article/big> .\n'
                f"<{SPACE}article/big/statement/s{n}> a rec:Statement ; rec:speaker :speaker{n % 20} ; "
                f"rec:voice <{TERM}voice/party> ; rec:act <{TERM}speech-act/says> ; "
                f"rec:foundIn <{SPACE}article/big> ; rec:saidDuring a:day ; "
                f"rec:makes <{SPACE}article/big/claim/c{n}> .\n"
            )


def ask(server: LiveServer, path: str) -> tuple[int, int, float]:
    """Status, bytes and seconds of one page."""
    started = time.monotonic()
    response = server.get(path, {"Accept": "text/html"})
    return response.status, len(response.body), time.monotonic() - started


def memory_of(supervisor: int) -> dict[str, list[int]]:
    """Kind of process -> megabytes of each (proportional set size), under and with the supervisor."""
    found: dict[str, list[int]] = defaultdict(list)
    kinds = {supervisor: "supervisor"}
    waiting = [supervisor]
    while waiting:
        pid = waiting.pop()
        try:
            command = Path(f"/proc/{pid}/cmdline").read_text()
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        except OSError:
            continue
        default = "front" if "onrecord.web.front" in command else "writer, workers, background"
        size = next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))
        found[kinds.get(pid, default)].append(int(size) >> 10)
    return found


def wait_for_names(server: LiveServer, patience: float) -> float:
    """Seconds until the names are indexed, or `patience`."""
    started = time.monotonic()
    while time.monotonic() - started < patience:
        told = server.get("/health").json()["derived"]
        if told["names"] is not None and not told["lags"]:
            break
        time.sleep(0.2)
    return time.monotonic() - started


def main() -> None:
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "folder"
        write_folder(folder, claims)
        started = time.monotonic()
        with serve(folder, Path(work) / "store") as server:
            print(f"{claims:,} claims; built and served after {time.monotonic() - started:.1f} s,")
            print(f"names indexed {wait_for_names(server, 600):.1f} s later\n")
            print("| Page | Status | Bytes | First | Median | Worst |\n|---|---|---|---|---|---|")
            for name, path in PAGES.items():
                status, size, cold = ask(server, path)
                warm = [ask(server, path)[2] for _ in range(times)]
                seconds = " | ".join(f"{t:.2f}" for t in (cold, statistics.median(warm), max(warm)))
                print(f"| {name} | {status} | {size:,} | {seconds} |", flush=True)
            print("\nMemory (MB, proportional set size):")
            for kind, sizes in memory_of(server.process.pid).items():
                print(f"  {kind}: {', '.join(map(str, sorted(sizes)))}")


if __name__ == "__main__":
    main()
