"""Build a folder into a store that the caller has opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import pyoxigraph
from pyoxigraph import NamedNode, Quad, Store

from onrecord.building.closure import close, read_schema
from onrecord.building.derive import derive
from onrecord.building.triples import GraphsOf, Triple
from onrecord.errors import FolderError
from onrecord.folder import Folder, RdfFile

Progress = Callable[[str], None]

_BATCH = 100_000
"""Quads that are added at once: larger batches take more memory and no less time."""


@dataclass(frozen=True)
class BuildReport:
    """The named graphs that now belong to the folder, and what its authors should know.

    `files` names the file of each graph that has one; the graph of the closure has none.
    `apart` are those of `graphs` that the union default graph leaves out.
    """

    graphs: tuple[str, ...]
    warnings: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    apart: tuple[str, ...] = ()


def build(store: Store, folder: Folder, drop: Iterable[str], progress: Progress) -> BuildReport:
    """Replace the graphs `drop` of `store` by the folder's files and their closure.

    Raises FolderSyntaxError and FolderError; the caller then discards the
    store, which is a private copy.
    """
    _drop(store, set(drop))
    space = folder.description.space
    files = folder.files()
    loading = _Loading(store, space.inferred_graph)
    for number, file in enumerate(files, 1):
        progress(f"reading {file.name} ({number} of {len(files)})")
        loading.add(file, file.read(space))
    loading.finish()
    progress("deriving what follows")
    # Other graphs in the store, which readers or administrators wrote, are not reasoned over.
    told = GraphsOf(store, frozenset({*loading.owners, space.inferred_graph}))
    _write(store, derive(told), space.inferred_graph)
    _write(store, close(told, read_schema(told)), space.inferred_graph)
    warnings = tuple(loading.warnings())
    # Copies come last: nothing is inferred from what others say.
    copies = _Loading(store, space.inferred_graph)
    copies.owners.update(loading.owners)
    for file in folder.copies():
        progress(f"reading {file.name}")
        copies.add(file, file.read(space))
    copies.finish()
    apart = tuple(graph for graph in copies.owners if graph not in loading.owners)
    return BuildReport((*copies.owners, space.inferred_graph), warnings, copies.owners, apart)


def _drop(store: Store, graphs: set[str]) -> None:
    """Remove `graphs`. Removing quad by quad takes long, so a store with nothing else is cleared."""
    others = any(getattr(graph, "value", None) not in graphs for graph in store.named_graphs())
    unnamed = next(iter(store.quads_for_pattern(None, None, None, pyoxigraph.DefaultGraph())), None)
    if not others and unnamed is None:
        store.clear()
        return
    for iri in graphs:
        store.remove_graph(NamedNode(iri))


def _write(store: Store, triples: Iterable[Triple], graph: str) -> None:
    name = NamedNode(graph)
    store.bulk_extend(Quad(*triple, name) for triple in triples)


class _Loading:
    """The folder's quads on their way into the store, in batches."""

    def __init__(self, store: Store, reserved: str) -> None:
        self._store = store
        self._reserved = reserved
        self._pending: list[Quad] = []
        self._hashes: set[int] = set()
        self._suspects: list[tuple[str, Quad]] = []
        self.owners: dict[str, str] = {}
        """The name of the file of each graph, in the order of the files."""

    def add(self, file: RdfFile, quads: Iterable[Quad]) -> None:
        """Take in the quads of `file`, all in one graph.

        Raises FolderError for a graph that another file or the build writes, and what reading raises.
        """
        hashes: set[int] = set()
        for quad in quads:
            if not hashes and isinstance(quad.graph_name, NamedNode):
                self._own(file, quad.graph_name.value)
            key = hash(quad.triple)
            if key in self._hashes and key not in hashes:
                self._suspects.append((file.name, quad))
            hashes.add(key)
            self._pending.append(quad)
            if len(self._pending) >= _BATCH:
                self.finish()
        self._hashes |= hashes

    def _own(self, file: RdfFile, graph: str) -> None:
        if graph in self.owners:
            raise FolderError(
                f"{file.name} and {self.owners[graph]} both write the graph <{graph}>. "
                "Write each graph in one file."
            )
        if graph == self._reserved:
            raise FolderError(f"{file.name} writes <{graph}>, which the build fills. Name another graph.")
        if self._store.contains_named_graph(NamedNode(graph)):
            raise FolderError(
                f"{file.name} writes the graph <{graph}>, which was written through the endpoint before. "
                "Name another graph in the file, or drop that one."
            )
        self.owners[graph] = file.name

    def finish(self) -> None:
        self._store.bulk_extend(self._pending)
        self._pending.clear()

    def warnings(self) -> list[str]:
        """A triple in two graphs costs a merge of the default graph, so its authors must hear of it.

        A hash that was met before is a suspicion, which the store confirms.
        """
        order = {name: number for number, name in enumerate(self.owners.values())}
        found: dict[tuple[str, str], int] = {}
        for name, quad in self._suspects:
            for other in self._store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None):
                owner = self.owners.get(str(getattr(other.graph_name, "value", "")))
                if owner is not None and order[owner] < order[name]:
                    found[name, owner] = found.get((name, owner), 0) + 1
        return [
            f"{name} repeats {count} triple{'s' if count > 1 else ''} of {owner}. "
            "Keep each triple in one file."
            for (name, owner), count in sorted(found.items())
        ]
