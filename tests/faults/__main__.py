"""Kill processes for many rounds, and write down what came of it.

    python -m tests.faults --rounds 100

Prints each round, writes the table of `tests/faults/README.md`, and ends with
status 1 when anything that was acknowledged was lost or anything else was wrong.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.rounds import VICTIMS, Outcome, Rounds

_README = Path(__file__).parent / "README.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--readme", type=Path, default=_README, help="where the table is written")
    options = parser.parse_args()
    former = options.readme.read_text() if options.readme.exists() else ""
    # What people wrote below the table stays.
    told_beside = former.rpartition(" |\n")[2]
    outcomes: list[Outcome] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        rounds = Rounds(Path(scratch) / "store")
        try:
            for number in range(1, options.rounds + 1):
                outcomes += rounds.run()
                print(_progress(number, options.rounds, outcomes, time.monotonic() - started), flush=True)
                # After each round, so that one that is broken off leaves what it has shown.
                options.readme.write_text(describe(number, outcomes) + told_beside)
        finally:
            rounds.close()
    faults = [fault for outcome in outcomes for fault in outcome.faults]
    print("\n".join(faults) or "nothing was lost, nothing was applied by half, everybody was answered")
    return 1 if faults else 0


def _progress(number: int, of: int, outcomes: Sequence[Outcome], seconds: float) -> str:
    newest = outcomes[-len(VICTIMS) :]
    left = seconds / number * (of - number)
    told = f"{sum(o.acknowledged for o in newest)} acknowledged, {sum(o.refused for o in newest)} refused"
    faults = "; ".join(fault for outcome in newest for fault in outcome.faults) or "nothing lost"
    return f"round {number} of {of}: {told}, {faults}; {left:.0f} s left"


def describe(rounds: int, outcomes: Sequence[Outcome]) -> str:
    """The README of this directory."""
    lines = [
        "# Processes killed amid work",
        "",
        "Three clients write and two read while a process of the server is killed with signal 9. A round",
        "kills each kind once, the supervisor last, and the next round starts on what it left. After each",
        "kill every write that was ever acknowledged must be there whole, none that was refused may be",
        "there, every client must have been answered or have seen its connection break, and no process may",
        "be left behind.",
        "",
        f"`python -m tests.faults --rounds {rounds}` made this table on {datetime.now(UTC):%Y-%m-%d} "
        f"({platform.machine()}, {os.cpu_count()} cores, other work beside it).",
        "",
        "| Killed | Times | Processes | Writes acknowledged | Refused with 503 | Broken off "
        "| Writing again after (median) | Faults |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in VICTIMS:
        of = [o for o in outcomes if o.victim == name]
        again = "next start" if name == "supervisor" else f"{statistics.median(o.seconds for o in of):.1f} s"
        cells = (
            name,
            len(of),
            sum(o.killed for o in of),
            sum(o.acknowledged for o in of),
            sum(o.refused for o in of),
            sum(o.broken for o in of),
            again,
            sum(len(o.faults) for o in of),
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
