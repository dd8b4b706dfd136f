"""Build a folder into a store that the caller has opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyoxigraph

from onrecord.building.closure import close, read_schema
from onrecord.building.derive import derive
from onrecord.errors import FolderError
from onrecord.folder import Folder

Progress = Callable[[str], None]


@dataclass(frozen=True)
class BuildReport:
    """The named graphs that now belong to the folder, and what its authors should know."""

    graphs: tuple[str, ...]
    warnings: tuple[str, ...]


def build(store: pyoxigraph.Store, folder: Folder, drop: Iterable[str], progress: Progress) -> BuildReport:
    """Replace the graphs `drop` of `store` by the folder's files and their closure.

    Raises FolderSyntaxError and FolderError; the caller then discards the
    store, which is a private copy.
    """
    for iri in drop:
        store.remove_graph(pyoxigraph.NamedNode(iri))
    space = folder.description.space
    owners: dict[str, str] = {}
    warnings: list[str] = []
    files = folder.files()
    for number, file in enumerate(files, 1):
        progress(f"reading {file.name} ({number} of {len(files)})")
        quads = file.quads(space)
        graphs = {q.graph_name.value for q in quads if isinstance(q.graph_name, pyoxigraph.NamedNode)}
        for graph in graphs:
            if graph in owners:
                raise FolderError(
                    f"{file.name} and {owners[graph]} both write the graph <{graph}>. "
                    "Write each graph in one file."
                )
            if graph == space.inferred_graph:
                raise FolderError(f"{file.name} writes <{graph}>, which the build fills. Name another graph.")
            owners[graph] = file.name
        warnings += _repeated(store, quads, owners, file.name)
        store.bulk_extend(quads)
    progress("deriving what follows")
    inferred = pyoxigraph.NamedNode(space.inferred_graph)
    derived = derive(store)
    store.bulk_extend(pyoxigraph.Quad(*triple, inferred) for triple in sorted(derived, key=str))
    entailed = close(store, read_schema(store))
    store.bulk_extend(pyoxigraph.Quad(*triple, inferred) for triple in sorted(entailed, key=str))
    return BuildReport((*owners, space.inferred_graph), tuple(warnings))


def _repeated(
    store: pyoxigraph.Store, quads: list[pyoxigraph.Quad], owners: dict[str, str], name: str
) -> list[str]:
    """A triple in two graphs counts twice in the union, so its authors must hear of it."""
    found: dict[str, int] = {}
    for quad in quads:
        for other in store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None):
            owner = owners.get(str(getattr(other.graph_name, "value", "")))
            if owner is not None and owner != name:
                found[owner] = found.get(owner, 0) + 1
    return [
        f"{name} repeats {count} triple{'s' if count > 1 else ''} of {owner}; "
        "queries over the default graph count them twice. Keep each triple in one file."
        for owner, count in sorted(found.items())
    ]
