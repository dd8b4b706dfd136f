"""The table of hostile input: each case against this server and Oxigraph's own, a look-up beside it.

`python -m tests.hostile.report` runs both, one after the other, and writes tests/hostile/README.md.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.endpoints import Endpoint
from tests.hostile.cases import CASES, Case
from tests.hostile.servers import FILES, MEMORY, TIMEOUT, Oxigraph, ours
from tests.hostile.wire import LONGEST_WAIT, Outcome, is_right, look_up

README = Path(__file__).with_name("README.md")
TEXT = """# Hostile input

Made by `python -m tests.hostile.report`: each case was sent to this server and to Oxigraph's own (PyPI
package `oxigraph`, the version of our engine), both on 127.0.0.1 with the same small graph, a query limit
of {timeout} s and {files} open files to begin with. Oxigraph's server may map {memory} GB; ours limits each
query by itself. A client waits {wait:.0f} s.

A cell tells the status of the answer (`closed`: the connection ended without one, `silent`: none came in
time; `spoilt`: an answer of 200 that ends as if it were whole and is not what its type says). **harmed**
means that a look-up sent at the same time, or the next one after it, was not answered rightly; **died**
that the server's process ended. Of clients that say nothing to be answered, the cell tells what the look-up
got.

{sums}

{table}


"""


@dataclass(frozen=True)
class Seen:
    """What one server did with one case."""

    outcome: Outcome
    is_unharmed: bool
    has_died: bool = False

    def is_safe(self, case: Case) -> bool:
        return self.outcome.kind in case.safe and self.is_unharmed and not self.has_died

    def __str__(self) -> str:
        notes = ["**died**"] if self.has_died else [] if self.is_unharmed else ["**harmed**"]
        return ", ".join([str(self.outcome), *notes])


def try_case(endpoint: Endpoint, case: Case, has_died: Callable[[], bool]) -> Seen:
    """Send `case`, and a look-up beside it and after it."""
    found: list[Outcome] = []

    def attack() -> None:
        try:
            found.append(case.send(endpoint))
        except OSError:
            found.append(Outcome("closed"))

    thread = threading.Thread(target=attack)
    thread.start()
    beside = look_up(endpoint, 10)
    thread.join()
    after = look_up(endpoint, 10)
    return Seen(found[0], is_right(beside) and is_right(after), has_died())


def main() -> None:
    """Run every case against both servers and write the README."""
    with tempfile.TemporaryDirectory() as scratch:
        with ours(Path(scratch) / "onrecord") as (endpoint, server):
            own = [try_case(endpoint, case, lambda: server.process.poll() is not None) for case in CASES]
        native = Oxigraph(Path(scratch) / "oxigraph")
        try:
            theirs = []
            for case in CASES:
                theirs.append(try_case(native.start(), case, native.has_died))
                print(f"{case.group}, {case.name}: {theirs[-1]}", flush=True)
        finally:
            native.stop()
    README.write_text(
        TEXT.format(
            timeout=TIMEOUT,
            files=FILES,
            memory=MEMORY >> 30,
            wait=LONGEST_WAIT,
            sums=f"Safe outcomes, others unharmed: {_safe(own)} of {len(CASES)} here, "
            f"{_safe(theirs)} of {len(CASES)} there.",
            table=table(own, theirs),
        )
    )
    print(table(own, theirs))


def _safe(seen: list[Seen]) -> int:
    return sum(one.is_safe(case) for one, case in zip(seen, CASES, strict=True))


def table(own: list[Seen], theirs: list[Seen]) -> str:
    """The comparison as Markdown."""
    lines = ["| | what was sent | onrecord | oxigraph serve |", "|---|---|---|---|"]
    group = ""
    for case, one, other in zip(CASES, own, theirs, strict=True):
        shown = "" if case.group == group else case.group
        name = case.name.replace("|", "\\|")
        lines.append(f"| {shown} | {name} | {one} | {other} |")
        group = case.group
    return "\n".join(lines)


if __name__ == "__main__":
    main()
