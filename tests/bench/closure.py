"""Seconds and peak memory of a build and of its closure, on a folder made for the purpose.

    python tests/bench/closure.py --triples 1000000

The folder is the shipped one many times over: its article under other names, its entities once for
ten articles, its places as the leaves of a deep tree of further places. It lies in a temporary
directory, as do the stores. Each step runs in a process of its own, so that its peak is its own.
Linux only: the peak is VmHWM of /proc.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph

from onrecord.building.build import build
from onrecord.building.closure import close, read_schema
from onrecord.building.derive import derive
from onrecord.folder import Folder, RdfFile, shipped_folder
from onrecord.terms import REC, IriSpace

ARTICLES_PER_CAST = 10
"""Articles that speak of the same entities."""
DEPTH = 10
"""Steps from a place of the shipped folder to the root of the tree that is put above it."""
BRANCHES = 2

Measured = tuple[float, int, str]
"""Seconds, peak memory in megabytes, and what was done."""


def write_folder(target: Path, triples: int) -> None:
    """Fill `target` with a folder of about `triples` triples."""
    shipped = Folder(shipped_folder())
    space = shipped.description.space
    files = [file for file in shipped.files() if file.name.startswith("triples/")]
    article = next(file for file in files if file.name.startswith("triples/articles/"))
    casts = [file for file in files if not file.name.startswith("triples/articles/")]
    shutil.copytree(shipped.path / "ontology", target / "ontology")
    cast_size = sum(len(file.quads(space)) for file in casts)
    articles = max(1, triples // (len(article.quads(space)) + cast_size // ARTICLES_PER_CAST))
    text = article.path.read_text(encoding="utf-8")
    for number in range(articles):
        copy = _of_cast(text, space, number // ARTICLES_PER_CAST)
        path = target / "triples" / "articles" / f"{number:08x}.ttl"
        _write(path, copy.replace(article.path.stem, path.stem))
    groups = -(-articles // ARTICLES_PER_CAST)
    for file in casts:
        for group in range(groups):
            path = (target / file.name).with_suffix("") / f"{group}.ttl"
            _write(path, _of_cast(file.path.read_text(encoding="utf-8"), space, group))
    _write(target / "triples" / "tree.ttl", _tree(space, groups, _outermost(casts, space)))


def _of_cast(text: str, space: IriSpace, group: int) -> str:
    """`text` with entities of the group's own: only the names of articles stay as they are."""
    return re.sub(rf"(@prefix \w+: <{re.escape(space.base)}(?!article)[^>]*)>", rf"\g<1>{group}/>", text)


def _outermost(files: list[RdfFile], space: IriSpace) -> list[str]:
    """The local names of the places that lie directly in no other."""
    quads = [quad for file in files for quad in file.quads(space)]
    inner = {str(quad.subject) for quad in quads if quad.predicate.value == REC + "directlyWithin"}
    places = {str(quad.subject) for quad in quads if str(quad.object) == f"<{REC}Location>"}
    return sorted(place.strip("<>").removeprefix(space.base + "id/") for place in places - inner)


def _tree(space: IriSpace, groups: int, places: list[str]) -> str:
    """A tree of places as Turtle; each group's outermost places lie in leaves of it."""
    leaves = BRANCHES**DEPTH
    lines = [f"@prefix rec: <{REC}> .", f"@prefix id: <{space.base}id/> .", ""]
    for node in range(2, 2 * leaves):
        lines.append(f"id:tree{node} a rec:Location ; rec:directlyWithin id:tree{node // BRANCHES} .")
    for number, (group, place) in enumerate(itertools.product(range(groups), places)):
        leaf = leaves + number % leaves
        lines.append(f"<{space.base}id/{group}/{place}> rec:directlyWithin id:tree{leaf} .")
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def measure_build(folder: Path, store_path: Path) -> str:
    store = pyoxigraph.Store(str(store_path))
    report = build(store, Folder(folder), [], lambda text: None)
    store.flush()
    return f"{len(store):,} triples in {len(report.graphs)} graphs"


def measure_rebuild(folder: Path, store_path: Path) -> str:
    store = pyoxigraph.Store(str(store_path))
    graphs = [graph.value for graph in store.named_graphs() if isinstance(graph, pyoxigraph.NamedNode)]
    build(store, Folder(folder), graphs, lambda text: None)
    store.flush()
    return f"{len(store):,} triples"


def measure_closure(folder: Path, store_path: Path) -> str:
    store = pyoxigraph.Store(str(store_path))
    inferred = pyoxigraph.NamedNode(Folder(folder).description.space.inferred_graph)
    found = derive(store)
    store.bulk_extend(pyoxigraph.Quad(*triple, inferred) for triple in found)
    entailed = close(store, read_schema(store))
    count = len(entailed)
    store.bulk_extend(pyoxigraph.Quad(*triple, inferred) for triple in entailed)
    return f"{len(found):,} derived and {count:,} entailed triples"


def _measure(step: Callable[[Path, Path], str], folder: Path, store: Path) -> Measured:
    started = time.perf_counter()
    told = step(folder, store)
    seconds = time.perf_counter() - started
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert peak is not None
    return seconds, int(peak.group(1)) // 1024, told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--triples", type=int, default=1_000_000, help="about how many [default: 1000000]")
    wanted = parser.parse_args().triples
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as directory:
        folder, store = Path(directory) / "folder", Path(directory) / "store"
        write_folder(folder, wanted)
        plain = Path(directory) / "plain"
        with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:

            def run(name: str, step: Callable[[Path, Path], str], path: Path) -> None:
                seconds, peak, told = pool.apply(_measure, (step, folder, path))
                print(f"{name:10} {seconds:7.1f} s {peak:6} MB  {told}", flush=True)

            run("build", measure_build, store)
            shutil.copytree(store, plain)
            pool.apply(_forget_inferred, (folder, plain))
            run("closure", measure_closure, plain)
            run("rebuild", measure_rebuild, store)


def _forget_inferred(folder: Path, path: Path) -> None:
    store = pyoxigraph.Store(str(path))
    store.remove_graph(pyoxigraph.NamedNode(Folder(folder).description.space.inferred_graph))
    store.optimize()


if __name__ == "__main__":
    main()
