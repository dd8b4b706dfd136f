"""Which graphs of the remote are ours: written down at the remote, in a graph of its own.

The remote may hold graphs of others. What is served, and what may be written,
are those that this graph lists: the folder's, as `onrecord push` put them
there, and those that were written through a server of this folder. Every
server of one folder over one remote reads the same list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from onrecord.terms import IriSpace

_TERM = "urn:x-onrecord:holding:"
_DIGEST, _FILE, _DERIVED, _APART, _WRITTEN, _MERGED = (
    _TERM + name for name in ("digest", "file", "derived", "apart", "written", "merged")
)
NOTHING = "urn:x-onrecord:nothing"
"""A graph that nobody has: a default graph that is empty has this name."""


def merged_graph(space: IriSpace) -> str:
    """The graph that holds the union, on a server that answers wrongly over several."""
    return space.graph("merged")


def holdings_graph(space: IriSpace) -> str:
    """The graph in which the list stands; it is never part of what is served."""
    return space.graph("holdings")


@dataclass(frozen=True)
class Holdings:
    """The graphs that are ours at the remote.

    `digest` is that of the folder as it was pushed, empty when nothing was, or
    not to its end. `files` has the folder's graphs, each with the name of its
    file (empty for the closure); `apart` are those among them that the union
    leaves out. `written` are graphs of the endpoint, `shown` others that the
    operator shows and nobody writes here. `merged` is the graph with a copy
    of the union, on a server that needs one, else empty.
    """

    digest: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    apart: frozenset[str] = frozenset()
    written: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    merged: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """Every graph that a query may see."""
        return tuple(dict.fromkeys((*self.files, *self.written, *self.shown)))

    @property
    def union(self) -> tuple[str, ...]:
        """The graphs that the union default graph is made of."""
        return tuple(iri for iri in self.named if iri not in self.apart)


def ask_holdings(space: IriSpace) -> str:
    """The query for the list; `read_holdings` reads its rows."""
    return f"SELECT ?s ?p ?o {{ GRAPH <{holdings_graph(space)}> {{ ?s ?p ?o }} }}"


def read_holdings(rows: Iterable[tuple[str, str, str]], shown: tuple[str, ...]) -> Holdings:
    """The list from the triples of its graph.

    >>> rows = [("urn:g", "urn:x-onrecord:holding:file", "triples/g.ttl"),
    ...         ("urn:w", "urn:x-onrecord:holding:written", "true")]
    >>> found = read_holdings(rows, ())
    >>> dict(found.files), found.written
    ({'urn:g': 'triples/g.ttl'}, ('urn:w',))
    """
    digest, merged, files, apart, written = "", "", {}, set(), []
    for subject, predicate, value in sorted(rows):
        if predicate == _DIGEST:
            digest = value
        elif predicate == _MERGED:
            merged = value
        elif predicate == _FILE:
            files[subject] = value
        elif predicate == _DERIVED:
            files[subject] = ""
        elif predicate == _APART:
            apart.add(subject)
        elif predicate == _WRITTEN:
            written.append(subject)
    return Holdings(digest, files, frozenset(apart), tuple(written), shown, merged)


def write_holdings(space: IriSpace, held: Holdings) -> str:
    """An update that puts the list of `held` in the place of what stands there."""
    graph = holdings_graph(space)
    lines = [f'<{graph}> <{_DIGEST}> "{held.digest}" .'] if held.digest else []
    if held.merged:
        lines.append(f"<{graph}> <{_MERGED}> <{held.merged}> .")
    for iri, file in held.files.items():
        lines.append(f"<{iri}> <{_FILE}> {_quote(file)} ." if file else f'<{iri}> <{_DERIVED}> "true" .')
    lines += [f'<{iri}> <{_APART}> "true" .' for iri in sorted(held.apart)]
    lines += [f'<{iri}> <{_WRITTEN}> "true" .' for iri in held.written]
    return f"DROP SILENT GRAPH <{graph}> ; INSERT DATA {{ GRAPH <{graph}> {{ {' '.join(lines)} }} }}"


def add_written(space: IriSpace, graphs: Iterable[str]) -> str:
    """An update that lists `graphs` as graphs of the endpoint."""
    lines = " ".join(f'<{iri}> <{_WRITTEN}> "true" .' for iri in graphs)
    return f"INSERT DATA {{ GRAPH <{holdings_graph(space)}> {{ {lines} }} }}"


def remove_written(space: IriSpace, graphs: Iterable[str]) -> str:
    """An update that strikes `graphs` from the list."""
    lines = " ".join(f'<{iri}> <{_WRITTEN}> "true" .' for iri in graphs)
    return f"DELETE DATA {{ GRAPH <{holdings_graph(space)}> {{ {lines} }} }}"


def merge_again(held: Holdings) -> list[str]:
    """Updates that make the merged graph anew; a triple of several graphs stands in it once."""
    into = held.merged
    texts = [f"DROP SILENT GRAPH <{into}>"]
    for iri in held.union:
        texts.append(f"INSERT {{ GRAPH <{into}> {{ ?s ?p ?o }} }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}")
    return texts


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
