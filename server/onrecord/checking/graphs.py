"""Each file is one named graph, and each triple stands in one of them."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph

from onrecord.checking.findings import Finding
from onrecord.checking.places import Places
from onrecord.checking.reading import Contents, Reading
from onrecord.checking.scan import key_of
from onrecord.errors import Position


def check_graphs(contents: Contents, places: Places) -> Iterator[Finding]:
    """Files that name no graph, several, or one that is taken."""
    owners: dict[str, str] = {}
    for reading in contents.readings:
        names = list(dict.fromkeys(_graph(quad) for quad in reading.quads))
        if reading.file.is_dataset and (len(names) > 1 or "" in names):
            told = ", ".join(f"<{name}>" if name else "no graph" for name in names)
            yield Finding(
                reading.name,
                _position(places, reading, next((n for n in names[1:] if n), names[0])),
                "one-graph",
                "",
                f"The file must hold exactly one named graph, and it writes into {told}.",
                "Write each graph into a file of its own.",
            )
        for graph in names:
            if graph == contents.space.inferred_graph:
                yield Finding(
                    reading.name,
                    _position(places, reading, graph),
                    "inferred-graph",
                    graph,
                    f"The file writes into <{graph}>, which the build fills.",
                    "Name another graph.",
                )
            elif graph and owners.setdefault(graph, reading.name) != reading.name:
                yield Finding(
                    reading.name,
                    _position(places, reading, graph),
                    "two-files-one-graph",
                    graph,
                    f"{owners[graph]} writes into the same graph, <{graph}>.",
                    "Write each graph in one file: join the two, or give one another name.",
                )


def check_repetitions(contents: Contents, places: Places) -> Iterator[Finding]:
    """Triples that stand in two files: each has one place where it is mended."""
    first: dict[tuple[object, object, object], Reading] = {}
    for reading in contents.readings:
        for quad in reading.quads:
            if isinstance(quad.subject, pyoxigraph.BlankNode) or isinstance(
                quad.object, pyoxigraph.BlankNode
            ):
                continue
            owner = first.setdefault((quad.subject, quad.predicate, quad.object), reading)
            if owner is not reading:
                yield _repeated(quad, reading, owner, places)


def _repeated(quad: pyoxigraph.Quad, reading: Reading, owner: Reading, places: Places) -> Finding:
    keys = key_of(quad.subject), key_of(quad.predicate), key_of(quad.object)
    other = places.in_file(owner.name, *keys)
    where = f"{owner.name}:{other.line}" if other else owner.name
    return Finding(
        reading.name,
        places.in_file(reading.name, *keys),
        "repeated-triple",
        keys[0].strip("<>"),
        f"The triple stands in {where} too.",
        "Keep it in one file.",
    )


def _graph(quad: pyoxigraph.Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, pyoxigraph.NamedNode) else ""


def _position(places: Places, reading: Reading, graph: str) -> Position | None:
    return places.in_file(reading.name, f"<{graph}>", "", "") if reading.file.is_dataset else None
