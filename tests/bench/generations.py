"""Publishing generations of a large store: time of each, disk over fifty of them, and what compaction does.

`python -m tests.bench.generations DIRECTORY [TRIPLES]` loads (10 million by
default; what is in DIRECTORY already is used again) and waits until the engine
has compacted what was loaded, three minutes at most. Then it writes one triple
and publishes, fifty times, as the writer does, and does the same with the
engine's own `backup` alone; then `optimize`, and publishes again. Three to eight
minutes in all, and 3 GB of disk.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from onrecord.store.live import LiveStore, LiveTask
from onrecord.store.records import Change
from onrecord.store.state import StateDirectory

_GENERATIONS = 50
_STILL_SECONDS, _MOST_SECONDS = 5.0, 180.0


def main(directory: Path, triples: int) -> None:
    live = LiveStore(LiveTask(directory, None, False, keep=1000, union=True), print, print)
    started = time.monotonic()
    live.start()
    print(f"opened in {time.monotonic() - started:.1f} s", flush=True)
    if live.number < 2:
        data = directory.with_suffix(".nt")
        if not data.exists():
            print(f"writing {triples:,} triples to {data}", flush=True)
            write_lines(data, triples)
        print("loading", flush=True)
        started = time.monotonic()
        live.replace(lambda store: store.bulk_load(path=str(data), format=ox.RdfFormat.N_TRIPLES))
        live.publish([Change("", "bench", "load")])
        print(f"loaded {triples:,} triples in {time.monotonic() - started:.0f} s", flush=True)
        print(f"the engine had compacted them after {_wait_for_rest(directory):.0f} s", flush=True)
    before = count_disk(directory)
    print(f"disk before: {before / 1e6:,.1f} MB", flush=True)
    _measure(live, "publishing one triple", _GENERATIONS)
    _measure_backup(live, directory)
    after = count_disk(directory)
    grown = (after - before) / 1e6
    print(f"disk after {_GENERATIONS} generations: {after / 1e6:,.1f} MB (+{grown:.2f})", flush=True)
    started = time.monotonic()
    live.open().optimize()
    print(f"optimize: {time.monotonic() - started:.1f} s, {count_disk(directory) / 1e6:,.1f} MB", flush=True)
    _measure(live, "publishing after it", 5)
    print(f"disk with the generations from before it: {count_disk(directory) / 1e6:,.1f} MB", flush=True)
    StateDirectory(directory).remove_old(3)
    print(f"disk when they have gone: {count_disk(directory) / 1e6:,.1f} MB", flush=True)


def write_lines(path: Path, triples: int) -> None:
    """N-Triples: ten of each subject, with literals."""
    with path.open("w") as file:
        file.writelines(_lines(triples))


def _wait_for_rest(directory: Path) -> float:
    """Wait until the engine has changed no file for five seconds; returns the seconds before that."""
    started = still = time.monotonic()
    known: list[Path] = []
    while time.monotonic() - still < _STILL_SECONDS and time.monotonic() - started < _MOST_SECONDS:
        time.sleep(0.5)
        found = sorted(directory.glob("live-*/*.sst"))
        if found != known:
            known, still = found, time.monotonic()
    return still - started


def _measure_backup(live: LiveStore, directory: Path) -> None:
    """What of a publication is the engine's: one triple, and its copy by hard links."""
    copy, seconds = directory.with_suffix(".copy"), []
    for number in range(_GENERATIONS):
        subject = ox.NamedNode("urn:bench")
        started = time.monotonic()
        live.open().add(ox.Quad(subject, ox.NamedNode("urn:copied"), ox.Literal(str(number))))
        live.open().backup(str(copy))
        seconds.append((time.monotonic() - started) * 1000)
        shutil.rmtree(copy)
    live.lose_sight()
    _tell("of which the engine's own backup", seconds)


def _lines(triples: int) -> Iterator[str]:
    for number in range(triples):
        subject, predicate = divmod(number, 10)
        yield f'<urn:s:{subject}> <urn:p:{predicate}> "value {number * 7919 % 1_000_003}" .\n'


def _measure(live: LiveStore, what: str, times: int) -> None:
    seconds = []
    for number in range(times):
        triple = ox.Triple(ox.NamedNode("urn:bench"), ox.NamedNode("urn:at"), ox.Literal(str(time.time_ns())))
        store = live.open()
        started = time.monotonic()
        with live.watch({triple}):
            store.add(ox.Quad(triple.subject, triple.predicate, triple.object))
        live.publish([Change("", "bench", f"write {number}")])
        seconds.append((time.monotonic() - started) * 1000)
    _tell(what, seconds)


def _tell(what: str, seconds: list[float]) -> None:
    shares = statistics.quantiles(seconds, n=20)
    print(
        f"{what}: median {statistics.median(seconds):.1f} ms, p95 {shares[-1]:.1f} ms, "
        f"longest {max(seconds):.1f} ms",
        flush=True,
    )


def count_disk(directory: Path) -> int:
    """Bytes on disk, each file once however many names it has."""
    seen = {}
    for root, _, files in os.walk(directory):
        for name in files:
            status = os.lstat(os.path.join(root, name))
            seen[status.st_ino] = status.st_blocks * 512
    return sum(seen.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000)
