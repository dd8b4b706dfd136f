"""What it costs that a triple stands in two graphs: the merge of a store of a million triples.

`python -m tests.bench.overlap [TRIPLES]` prints the seconds of the first write
that repeats a triple, of those after it, and of a query over either.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pyoxigraph as ox

from onrecord.store.merging import UnionMerge
from onrecord.store.overlap import count_repeats

_QUERY = "SELECT (COUNT(*) AS ?n) { ?s <urn:p:1> ?a . ?s <urn:p:2> ?b }"


def main(triples: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        store = ox.Store(str(directory / "live"))
        lines = (f'<urn:s:{i // 5}> <urn:p:{i % 5}> "{i}" <urn:g:{i % 2}> .\n' for i in range(triples))
        data = directory / "data.nq"
        data.write_text("".join(lines))
        store.bulk_load(path=str(data), format=ox.RdfFormat.N_QUADS)
        _measure("counting repeated triples anew", lambda: count_repeats(store, []))
        merge = UnionMerge(directory / "union")
        merge.restart(0)
        former: Path | None = None
        for number in range(4):
            triple = ox.Triple(ox.NamedNode("urn:s:1"), ox.NamedNode("urn:p:1"), ox.Literal(str(number)))
            target = directory / f"{number}.union"

            def put(triple: ox.Triple = triple, target: Path = target, former: Path | None = former) -> None:
                with merge.watch(store, {triple}, []):
                    for graph in ("urn:g:0", "urn:g:1"):
                        store.add(ox.Quad(*triple, ox.NamedNode(graph)))
                merge.settle(store, [])
                merge.write(store, [], [], former, target)
                merge.published()

            _measure(f"write {number + 1} that repeats a triple", put)
            former = target
        assert former is not None
        merged = ox.Store.read_only(str(former))
        union = {"use_default_graph_as_union": True}
        _measure("a join over the union", lambda: list(store.query(_QUERY, **union)))
        _measure("the same over the merge", lambda: list(merged.query(_QUERY)))


def _measure(what: str, work: object) -> None:
    assert callable(work)
    started = time.monotonic()
    work()
    print(f"{what}: {time.monotonic() - started:.3f} s", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
