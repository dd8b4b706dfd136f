"""Applying a tried write to a store, and what it must never touch: the graphs of the folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import pyoxigraph

from onrecord.errors import FolderGraphError, NotFoundError, QueryEvaluationError
from onrecord.sparql import UpdateOperation, join_operations, share_prologue
from onrecord.store.patterns import query_pattern

_MANY_QUADS = 20_000
"""From this many on a bulk load is faster and takes less of the disk."""


@dataclass(frozen=True)
class Ownership:
    """The graphs that belong to the folder; `files` names the file of each that has one."""

    graphs: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)

    def refuse(self, graphs: Sequence[str]) -> None:
        """Raises FolderGraphError for the first of `graphs` that belongs to the folder."""
        for iri in graphs:
            if iri not in self.graphs:
                continue
            if iri in self.files:
                raise FolderGraphError(
                    f"The graph <{iri}> belongs to the folder: it is made from {self.files[iri]}. "
                    "Change that file, then run: onrecord reload"
                )
            raise FolderGraphError(
                f"The graph <{iri}> belongs to the folder: the server derives it from the folder's files. "
                "Write what follows from your own data into a graph of your own."
            )


@dataclass(frozen=True)
class PlannedUpdate:
    """An update as the trial understood it."""

    text: str
    base_iri: str | None
    using: tuple[str, ...]
    operations: tuple[UpdateOperation, ...]
    graphs: tuple[tuple[str, ...], ...]
    """Of each operation the named graphs that it names as written to."""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> PlannedUpdate:
        operations = []
        for tried in document["operations"]:
            values = dict(tried["operation"])
            values |= {name: tuple(values[name]) for name in ("graphs", "variables")}
            operations.append(UpdateOperation(**values))
        return cls(
            document["text"],
            document["base_iri"],
            tuple(document["using"]),
            tuple(operations),
            tuple(tuple(tried["graphs"]) for tried in document["operations"]),
        )

    @property
    def dataset(self) -> tuple[list[str], list[str]]:
        """The IRIs of the protocol's dataset: of the default graph, and of named graphs."""
        default = [u[7:-1] for u in self.using if u.startswith("USING <")]
        named = [u[13:-1] for u in self.using if u.startswith("USING NAMED <")]
        return default, named

    def takes_steps(self, ownership: Ownership) -> bool:
        """Whether the engine cannot be given it whole.

        Either only the data tells which graphs it writes, while some may not
        be written, or it declares prefixes between its operations.
        """
        is_open = any(o.variables or o.target in ("named", "all") for o in self.operations)
        return (bool(ownership.graphs) and is_open) or not share_prologue(self.operations)

    def refuse_named(self, ownership: Ownership) -> None:
        """Raises FolderGraphError when it names a graph of the folder as written to."""
        for graphs in self.graphs:
            ownership.refuse(graphs)

    def apply(self, store: pyoxigraph.Store) -> None:
        """Run it whole: all of it, or nothing."""
        text = join_operations(self.operations, self.using) if self.using else self.text
        _run(store, text, self.base_iri)

    def apply_stepwise(self, store: pyoxigraph.Store, ownership: Ownership) -> None:
        """Run it operation by operation, after looking up which graphs each would write.

        `store` is a private copy: the caller throws it away when this raises.
        """
        forbidden = sorted(ownership.graphs)
        default, named = self.dataset
        for operation in self.operations:
            if operation.target in ("named", "all"):
                _clear_others(store, operation, ownership)
                continue
            if operation.variables:
                rows = query_pattern(store, operation, operation.ask_names(), self.base_iri, default, named)
                for row in rows:
                    terms = (row[name[1:]] for name in operation.variables)
                    ownership.refuse([t.value for t in terms if isinstance(t, pyoxigraph.NamedNode)])
            # What depends on RAND or NOW may come out otherwise the second time: those rows are left out.
            _run(store, operation.write(self.using, forbidden), self.base_iri)


def put_graph(store: pyoxigraph.Store, iri: str, data: IO[bytes], count: int) -> bool:
    """Make the quads in `data` (N-Quads, all of that graph) the graph `iri`; whether it is new.

    The unnamed graph has the name "". Not atomic: on an error the caller
    throws the store's state away.
    """
    created = not has_graph(store, iri)
    name = _name(iri)
    if not created:
        store.clear_graph(name)
    post_graph(store, iri, data, count)
    return created


def post_graph(store: pyoxigraph.Store, iri: str, data: IO[bytes], count: int) -> bool:
    """Merge the quads in `data` into the graph `iri`; whether it is new. Not atomic."""
    created = not has_graph(store, iri)
    if iri:
        store.add_graph(pyoxigraph.NamedNode(iri))
    load: Callable[..., None] = store.bulk_load if count >= _MANY_QUADS else store.load
    load(input=data, format=pyoxigraph.RdfFormat.N_QUADS)
    return created


def delete_graph(store: pyoxigraph.Store, iri: str) -> None:
    """Remove the graph `iri`. Raises NotFoundError when there is none."""
    if not has_graph(store, iri):
        raise NotFoundError(f"There is no graph <{iri}>.")
    if iri:
        store.remove_graph(pyoxigraph.NamedNode(iri))
    else:
        store.clear_graph(pyoxigraph.DefaultGraph())


def has_graph(store: pyoxigraph.Store, iri: str) -> bool:
    """Whether the store has a graph of that name; the unnamed one (`""`) always exists."""
    return not iri or store.contains_named_graph(pyoxigraph.NamedNode(iri))


def _name(iri: str) -> pyoxigraph.NamedNode | pyoxigraph.DefaultGraph:
    return pyoxigraph.NamedNode(iri) if iri else pyoxigraph.DefaultGraph()


def _clear_others(store: pyoxigraph.Store, operation: UpdateOperation, ownership: Ownership) -> None:
    """CLEAR or DROP of ALL or NAMED: the graphs of the endpoint are meant."""
    for graph in list(store.named_graphs()):
        if graph.value in ownership.graphs:
            continue
        if operation.kind == "drop":
            store.remove_graph(graph)
        else:
            store.clear_graph(graph)
    if operation.target == "all":
        store.clear_graph(pyoxigraph.DefaultGraph())


def _run(store: pyoxigraph.Store, text: str, base_iri: str | None) -> None:
    """Raises QueryEvaluationError for what the data forbids, as CREATE of a graph that exists."""
    try:
        store.update(text, base_iri=base_iri)
    except RuntimeError as error:
        raise QueryEvaluationError(f"{str(error).rstrip('.')}. Nothing was changed.") from None
