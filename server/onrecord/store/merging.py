"""The union default graph of a store some of whose triples stand in several graphs.

While there are such triples, each generation has a second store beside it
(`000017.union/`): the same named graphs, and in the unnamed graph the merge of
the union's members, each triple once. Queries over the union default graph run
there. The merge is made before the generation is published, so that no query
ever counts a triple twice. It is kept up with the live store triple by triple,
for as long as it is known which triples each write touches.

A large folder is not merged: its graphs, which share no triple with each other,
stand `beside` the merge, which then holds only what they do not.
"""

from __future__ import annotations

import gc
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from onrecord.store.journal import has_grown, open_anew
from onrecord.store.overlap import (
    GraphName,
    count_repeats,
    quads_of,
    repeats_among,
    size_of,
    union_members,
)
from onrecord.store.touched import Touched

SMALL_FOLDER = 50_000
"""Triples up to which the folder's graphs are merged with the rest: one graph is asked faster than many."""


class UnionMerge:
    """What the writer knows of repeated triples since the generation published last, and their merge."""

    def __init__(self, path: Path) -> None:
        """`path` is where the merge is kept up; it is removed with what it holds."""
        self._path = path
        self._store: Store | None = None
        self._beside: tuple[str, ...] = ()
        self._repeats: int | None = None
        self._published: int | None = None
        self._touched: set[Triple] = set()
        self._changed: Counter[tuple[str, bool]] | None = Counter()

    def restart(self, repeats: int | None) -> None:
        """A generation was opened in which so many triples are repeated; None where nobody counted."""
        self.close()
        self._repeats = self._published = repeats
        self._touched = set()
        self._changed = Counter()

    def close(self) -> None:
        if self._store is not None:
            # To look for what else holds it costs as much as a publication: not where nothing is open.
            self._store = None
            gc.collect()
        if self._path.is_dir():
            shutil.rmtree(self._path)

    def lose_sight(self) -> None:
        """Something was written of which nobody knows what it touched."""
        self._repeats = self._changed = None

    @property
    def changed(self) -> dict[str, list[int]] | None:
        """By graph (`""` is the unnamed one) the triples added and removed since the last generation.

        None where nobody knows.
        """
        if self._changed is None:
            return None
        graphs = sorted({graph for graph, _ in self._changed})
        return {graph: [self._changed[graph, True], self._changed[graph, False]] for graph in graphs}

    @contextmanager
    def watch(self, store: Store, touched: Touched, apart: Sequence[str]) -> Iterator[None]:
        """Around one write to `store` that touches at most the triples `touched`."""
        before = _look(store, touched)
        yield
        after = _look(store, touched)
        if touched is None or before is None or after is None:
            self.lose_sight()
            return
        if self._changed is not None:
            self._changed.update((_name(quad), True) for quad in after - before)
            self._changed.update((_name(quad), False) for quad in before - after)
        if self._repeats is not None:
            self._repeats += repeats_among(after, apart) - repeats_among(before, apart)
            self._touched |= touched

    def settle(self, store: Store, apart: Sequence[str]) -> int:
        """How many triples are repeated now; counts them where nobody knows."""
        if self._repeats is None:
            self.close()
            self._repeats = count_repeats(store, apart)
            self._published = None
        return self._repeats

    def write(
        self, store: Store, folder: Sequence[str], apart: Sequence[str], former: Path | None, target: Path
    ) -> tuple[str, ...]:
        """Write the merge of what `store` holds to the new directory `target`, on disk when this returns.

        `folder` are the graphs that share no triple with each other, `former`
        the merge of the generation before, if it has one. Returns the graphs
        of `folder` that stand beside the merge.
        """
        if self._published is None:
            self.close()
        elif self._store is None and former is not None and self._published:
            self._copy(former)
        if self._store is None:
            self._fill(store, _choose_beside(store, folder, apart), apart)
        else:
            self._follow(store, apart)
        assert self._store is not None
        self._store.flush()
        self._store.backup(str(target))
        return self._beside

    def published(self) -> None:
        """The store as it was settled is a generation now."""
        self._published = self._repeats
        self._touched = set()
        self._changed = Counter()
        if not self._repeats:
            self.close()

    def tidy(self) -> None:
        """Open the merge anew where its journal has grown; to be called when it is published.

        Raises OSError or RuntimeError.
        """
        if self._store is not None and has_grown(self._path):
            # Where that fails, the next write goes on from that of the generation.
            self._store = None
            gc.collect()
            self._store = open_anew(self._path)

    def remember(self, beside: Sequence[str]) -> None:
        """The graphs that stand beside the merge of the generation that was opened."""
        self._beside = tuple(beside)

    def _copy(self, former: Path) -> None:
        """Go on from the merge of the generation before (hard links), if it can be read."""
        try:
            published = Store.read_only(str(former))
            published.backup(str(self._path))
            del published
            gc.collect()
            self._store = Store(str(self._path))
        except (OSError, RuntimeError):
            self.close()

    def _fill(self, store: Store, beside: Sequence[str], apart: Sequence[str]) -> None:
        self.close()
        self._beside = tuple(beside)
        store.backup(str(self._path))
        merged = self._store = Store(str(self._path))
        held = frozenset(beside)
        unnamed = DefaultGraph()
        if held:
            own = [q for q in merged.quads_for_pattern(None, None, None, unnamed) if _is_in(store, q, held)]
            for quad in own:
                merged.remove(quad)
        members = [g for g in union_members(store, apart) if g != unnamed and not _is_among(g, held)]
        merged.bulk_extend(
            _in_graph(q.triple, unnamed)
            for graph in members
            for q in store.quads_for_pattern(None, None, None, graph)
            if not (held and _is_in(store, q, held))
        )

    def _follow(self, store: Store, apart: Sequence[str]) -> None:
        """Have the merge hold of every touched triple what the store holds of it."""
        merged = self._store
        assert merged is not None
        held, left_out = frozenset(self._beside), frozenset(apart)
        missing: list[Quad] = []
        for triple in self._touched:
            graphs = {quad.graph_name for quad in quads_of(store, triple)}
            counts = any(not _is_among(g, held | left_out) for g in graphs)
            wanted: set[GraphName] = graphs - {DefaultGraph()}
            if counts and not any(_is_among(g, held) for g in graphs):
                wanted.add(DefaultGraph())
            present = {quad.graph_name for quad in quads_of(merged, triple)}
            for graph in present - wanted:
                merged.remove(_in_graph(triple, graph))
            missing += [_in_graph(triple, graph) for graph in wanted - present]
        merged.extend(missing)
        names, known = set(store.named_graphs()), set(merged.named_graphs())
        for name in known - names:
            merged.remove_graph(name)
        for name in names - known:
            merged.add_graph(name)


def _look(store: Store, touched: Touched) -> set[Quad] | None:
    return None if touched is None else {quad for triple in touched for quad in quads_of(store, triple)}


def _name(quad: Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""


def _choose_beside(store: Store, folder: Sequence[str], apart: Sequence[str]) -> list[str]:
    members = [iri for iri in folder if iri not in apart]
    size = sum(size_of(store, NamedNode(iri), SMALL_FOLDER + 1) for iri in members)
    return members if size > SMALL_FOLDER else []


def _in_graph(triple: Triple, graph: GraphName) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def _is_among(graph: GraphName, names: frozenset[str]) -> bool:
    return isinstance(graph, NamedNode) and graph.value in names


def _is_in(store: Store, quad: Quad, names: frozenset[str]) -> bool:
    """Whether one of the graphs `names` holds the triple of `quad`."""
    return any(_is_among(q.graph_name, names) for q in quads_of(store, quad.triple))
