"""How a store grows under thousands of small writes, each of them a generation.

    python -m tests.bench.growth [--triples 100000] [--writes 3000] [--keep 20]

Loads, then writes one triple and publishes, as the writer does; every second
write takes away what the one before it added, so that the data stays as large
as it was. Prints time, disk and files now and then, and at the end what
`optimize` would leave.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import pyoxigraph as ox
from tests.bench.generations import count_disk, write_lines

from onrecord.store.live import LiveStore, LiveTask
from onrecord.store.records import Change
from onrecord.store.state import StateDirectory

_ROWS = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--writes", type=int, default=3_000)
    parser.add_argument("--keep", type=int, default=20, help="generations that are kept, as by the server")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="onrecord-growth-") as scratch:
        directory = Path(scratch) / "store"
        live = LiveStore(LiveTask(directory, None, False, keep=options.keep, union=True), print, print)
        live.start()
        data = Path(scratch) / "data.nt"
        write_lines(data, options.triples)
        live.replace(lambda store: store.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES))
        live.publish([Change("", "bench", "load")])
        print("| writes | ms each (median) | disk, MB | files of the live store | its MB |")
        print("|---|---|---|---|---|")
        show(directory, 0, [0.0])
        seconds: list[float] = []
        for number in range(1, options.writes + 1):
            seconds.append(_write(live, number))
            if number % (options.writes // _ROWS) == 0:
                show(directory, number, seconds)
                seconds.clear()
        live.open().optimize()
        for number in range(options.keep + 1):
            _write(live, number)
        StateDirectory(directory).remove_old(options.keep)
        show(directory, options.writes, [0.0])
        print("The last row is after `optimize`, when all generations from before it have gone.")


def _write(live: LiveStore, number: int) -> float:
    """Seconds that one triple takes to be written and published."""
    triple = ox.Triple(ox.NamedNode("urn:bench"), ox.NamedNode("urn:at"), ox.Literal(str(number // 2)))
    started = time.monotonic()
    quad = ox.Quad(triple.subject, triple.predicate, triple.object)
    store = live.open()
    with live.watch({triple}):
        store.remove(quad) if quad in store else store.add(quad)
    live.publish([Change("", "bench", f"write {number}")])
    # Nobody may have it open when the live store is opened anew.
    del store
    live.tidy()
    return time.monotonic() - started


def show(directory: Path, number: int, seconds: list[float]) -> None:
    files = [path for path in directory.glob("live-*/*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    each = statistics.median(seconds) * 1000
    print(
        f"| {number:,} | {each:.1f} | {count_disk(directory) / 1e6:.1f} | {len(files)} | {size:.1f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
