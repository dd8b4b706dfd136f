"""How long pages take over a large graph: `python tests/bench/pages.py [claims]`.

Makes a folder of that many claims (each with its statement, span and time) by
few speakers, all about one place: a hub. Serves it and asks each page, cold
and warm.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.conftest import LiveServer, serve

SPACE = "https://example.org/large/"
REC = "https://w3id.org/onrecord/ns#"
TERM = "https://w3id.org/onrecord/term/"
PAGES = [
    *("/claims", "/claims?_page=400", "/claims?speaker=id/speaker3", "/claims?place=id/region"),
    *("/contradictions", "/accusations", "/alliances", "/timeline", "/map", "/search?q=harbour"),
    *("/id/hub.html", "/id/hub.html?_page=900", "/id/hub.ttl", "/id/speaker3.html", "/article/big.html"),
    *("/article/big/claim/c77.html", "/graph/triples/big.html", "/term/relation/controls.html"),
]


def write_folder(folder: Path, claims: int) -> None:
    """A folder with `claims` claims in one article."""
    (folder / "ontology").mkdir(parents=True)
    (folder / "triples").mkdir()
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


def time_page(server: LiveServer, path: str) -> tuple[int, float]:
    """Status and seconds of one page."""
    started = time.monotonic()
    response = server.get(path, {"Accept": "text/html"})
    return response.status, time.monotonic() - started


def main() -> None:
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "folder"
        write_folder(folder, claims)
        started = time.monotonic()
        with serve(folder, Path(work) / "store") as server:
            print(f"{claims:,} claims; built and served after {time.monotonic() - started:.1f} s")
            for path in PAGES:
                status, cold = time_page(server, path)
                warm = time_page(server, path)[1]
                print(f"{status}  {cold:7.2f} s  {warm:7.2f} s  {path}", flush=True)


if __name__ == "__main__":
    main()
