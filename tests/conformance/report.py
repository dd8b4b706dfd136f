"""The table of conformance: this server and Oxigraph's own, by the same tests, side by side.

`python -m tests.conformance.report` runs both and writes tests/conformance/README.md.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conformance import negotiation
from tests.conformance.endpoints import Endpoint
from tests.conformance.expected import BY_DECISION, OF_THE_ENGINE
from tests.conformance.manifests import SUITES, W3C, cases_of
from tests.conformance.running import Runner
from tests.conftest import environment, serve


@contextmanager
def onrecord(store: Path) -> Iterator[Endpoint]:
    """This server, empty, with a token that may write."""
    command = [sys.executable, "-m", "onrecord", "token", "create", "--role", "editor", "--store", str(store)]
    made = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    with serve(None, store, "--empty") as server:
        yield Endpoint(
            "onrecord",
            f"{server.url}/sparql",
            f"{server.url}/sparql",
            f"{server.url}/graphs",
            made.stdout.splitlines()[-1],
        )


@contextmanager
def oxigraph(store: Path) -> Iterator[Endpoint]:
    """Oxigraph's own server, of the same version as our engine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    assert program is not None, "oxigraph is not installed: pip install -e '.[test]'"
    command = [program, "serve", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield Endpoint("oxigraph serve", f"{url}/query", f"{url}/update", f"{url}/store")
    finally:
        process.kill()
        process.wait()


def failures(endpoint: Endpoint, suite: str) -> dict[str, str]:
    """Key -> what went wrong, for each test of `suite` that `endpoint` does not pass."""
    runner = Runner(endpoint)
    found = {}
    for case in cases_of(suite):
        try:
            runner.run(case)
        except Exception as error:
            found[case.key] = f"{type(error).__name__}: {error}"
    return found


def negotiation_failures(endpoint: Endpoint) -> dict[str, str]:
    """The cases of negotiation that fail against `endpoint`, with what was seen."""
    found = {}
    for name, case in negotiation.CASES.items():
        try:
            negotiation.run(endpoint, case)
        except Exception as error:
            found[f"{NEGOTIATION}#{name}"] = f"{type(error).__name__}: {error}"
    return found


README = Path(__file__).with_name("README.md")
NEGOTIATION = "content negotiation"
TEXT = """# Conformance

The W3C tests of `../shared/w3c/rdf-tests`, run over HTTP: data and updates by POST to `/sparql`, each query
and each test of the protocol and of the graph store as a real exchange. The same tests ran against
Oxigraph's own server (PyPI package `oxigraph`, the version of our engine). Made by `python -m
tests.conformance.report`.

{table}

Rows are compared as multisets (in order where the query itself says ORDER BY), graphs by isomorphism. Terms
are compared as terms; where that fails, once more by value: numbers, booleans, dates and times of one
datatype, and language tags in lower case. Both servers are compared in the same way. A text that must not
parse passes when it is refused with 400; a text that must parse passes unless its syntax is refused; where
it is refused for its LOAD or SERVICE, it is sent again without. The graph store suite is
`graph-store-protocol`, which replaced `http-rdf-update`. There is no W3C suite of content negotiation:
those cases are built from RFC 9110, the SPARQL Protocol and the Graph Store Protocol in `negotiation.py`,
and stand outside the sum.

`expected.py` declares what fails in the engine itself and what is refused on purpose. Every entry is
strict, is run against the engine alone too, and its reason has a smallest query in `reproductions.py`. What
the server does about the engine's readings before it asks it (`onrecord.sparql.mending`) is tested there as
well.

## What this server does not pass

{failed}

## What Oxigraph's own server does not pass besides

{native}

"""


def main() -> None:
    """Run every suite against both servers and write the README."""
    if not W3C.is_dir():
        sys.exit(f"{W3C} is absent: the W3C tests are not part of this repository.")
    with tempfile.TemporaryDirectory() as scratch:
        with oxigraph(Path(scratch) / "oxigraph") as theirs:
            native = {suite: failures(theirs, suite) for suite in SUITES}
            native[NEGOTIATION] = negotiation_failures(theirs)
        with onrecord(Path(scratch) / "onrecord") as ours:
            own = {}
            for suite in SUITES:
                own[suite] = failures(ours, suite)
                print(f"{suite}: {len(own[suite])} of {len(cases_of(suite))} fail", flush=True)
            own[NEGOTIATION] = negotiation_failures(ours)
    for failed in own.values():
        for key, why in failed.items():
            print(key, why[:250].replace("\n", " "), file=sys.stderr)
    known = OF_THE_ENGINE | BY_DECISION
    failing = {key for failed in own.values() for key in failed}
    listed = [f"- `{key}`: {known.get(key, 'not expected')}" for failed in own.values() for key in failed]
    others = [f"- `{key}`" for failed in native.values() for key in failed if key not in failing]
    README.write_text(
        TEXT.format(table=table(own, native), failed="\n".join(listed), native="\n".join(others))
    )
    print(table(own, native))


def table(own: dict[str, dict[str, str]], native: dict[str, dict[str, str]]) -> str:
    """The comparison as Markdown."""
    lines = ["| suite | tests | onrecord | oxigraph serve |", "|---|---:|---:|---:|"]
    totals = [0, 0, 0]
    for suite in SUITES:
        number = len(cases_of(suite))
        row = (number, number - len(own[suite]), number - len(native[suite]))
        totals = [t + r for t, r in zip(totals, row, strict=True)]
        lines.append(f"| {suite} | {row[0]} | {row[1]} | {row[2]} |")
    share = [f"{t} ({100 * t / totals[0]:.1f} %)" for t in totals[1:]]
    lines.append(f"| **all of W3C** | {totals[0]} | {share[0]} | {share[1]} |")
    cases = len(negotiation.CASES)
    passed = [cases - len(found[NEGOTIATION]) for found in (own, native)]
    return "\n".join([*lines, f"| {NEGOTIATION} | {cases} | {passed[0]} | {passed[1]} |"])


if __name__ == "__main__":
    main()
