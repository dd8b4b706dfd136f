"""The time that `onrecord load` takes beside `oxigraph load`, of the same file of N-Triples.

    python -m tests.bench.bulk [--triples 10000000] [--rounds 1]

Makes the file, loads it with each program into a new store, turn by turn, and
prints wall and processor seconds of both and the ratios. Oxigraph's program
comes with `pip install oxigraph`. Nothing is served meanwhile.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.conftest import environment

_SPACE = "https://example.org/bulk/"


def write_triples(path: Path, count: int) -> None:
    """`count` triples, seeded: ten of each entity, half of them with literals."""
    chosen = random.Random(7)
    with path.open("w", buffering=1 << 20) as file:
        for number in range(count):
            subject = f"<{_SPACE}id/{number // 10}>"
            predicate = f"<{_SPACE}p/{number % 10}>"
            if number % 2:
                file.write(f'{subject} {predicate} "label {chosen.randrange(count)} of {number}"@en .\n')
            else:
                file.write(f"{subject} {predicate} <{_SPACE}id/{chosen.randrange(count // 10 + 1)}> .\n")


def measure(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of `command` and all that it starts. Raises CalledProcessError."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    )
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--triples", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    found = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    if found is None:
        sys.exit("oxigraph is not installed; install it with: pip install oxigraph")
    onrecord = [sys.executable, "-m", "onrecord"]
    commands: dict[str, Callable[[str, str], list[str]]] = {
        "oxigraph load": lambda store, data: [found, "load", "--location", store, "--file", data],
        "onrecord load": lambda store, data: [*onrecord, "load", "--empty", "--store", store, data],
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data.nt"
        write_triples(data, options.triples)
        size = data.stat().st_size / 1_000_000
        print(
            f"{options.triples:,} triples, {size:.0f} MB, load average {os.getloadavg()[0]:.1f}", flush=True
        )
        for _ in range(options.rounds):
            for name, command in commands.items():
                store = Path(scratch) / "store"
                times[name].append(measure(command(str(store), str(data))))
                shutil.rmtree(store)
                wall, processor = times[name][-1]
                print(f"{name}: {wall:.1f} s, {processor:.1f} s of processor", flush=True)
    for place, kind in enumerate(("wall", "processor")):
        theirs, ours = (median(row[place] for row in times[name]) for name in commands)
        print(f"{kind}: {ours:.1f} s against {theirs:.1f} s, ratio {ours / theirs:.3f}")


if __name__ == "__main__":
    main()
