"""A query over an open generation: which graphs its default graph is made of, each triple once.

The engine keeps duplicates when a default graph is made of several graphs
(pyoxigraph 0.5.13). So the union default graph of a generation in which
triples are repeated is the merge that lies beside it (`merging`). A dataset
of the query's own (FROM, `default-graph-uri`) whose graphs may share triples
is merged in memory, within what a query may take.
"""

from __future__ import annotations

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from onrecord.errors import GenerationGoneError
from onrecord.sparql import DatasetClause, mend, read_dataset, split_prologue
from onrecord.store.members import can_read, may_name_graphs
from onrecord.store.overlap import GraphName, union_members
from onrecord.store.records import GenerationRecord
from onrecord.store.soundness import Marks, find_spoiled, refuse_marked, renew_marks
from onrecord.store.state import StateDirectory

Results = pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples


class OpenGeneration:
    """A generation, opened read-only. Raises OSError or RuntimeError when it cannot be.

    Raises StoreDamagedError when its files are not as they were when their sums were taken.
    """

    def __init__(self, state: StateDirectory, record: GenerationRecord, *, union: bool) -> None:
        """`union` tells that the default graph is the union of all graphs that are not apart."""
        self._state = state
        self._record = record
        self._is_union = union
        self._marks: Marks = refuse_marked(state, record.number)
        self._store = Store.read_only(str(state.generation_path(record.number)))
        self._merge: Store | None = None
        self._without_apart: Store | None = None
        """The generation without the graphs that its union leaves out, where it was published with that."""
        self._members: list[GraphName] | None = None
        """What the union is made of; None when it is made of all graphs, which is faster."""
        if not union:
            return
        if record.repeated > 0:
            self._merge = Store.read_only(str(state.merge_path(record.number)))
            self._members = [DefaultGraph(), *(NamedNode(iri) for iri in record.beside)]
        elif record.apart:
            self._members = union_members(self._store, record.apart)
            path = state.merge_path(record.number)
            if path.is_dir() and can_read(path):
                self._without_apart = Store.read_only(str(path))

    def find_spoiled(self) -> str:
        """The file that was changed since this was opened, told in words; empty when none was.

        One that was only touched is compared with its sum: it is not spoiled.
        """
        spoiled = find_spoiled(self._marks)
        if spoiled and (retaken := renew_marks(self._state, self._record.number, self._marks)) is not None:
            self._marks = retaken
            return ""
        return spoiled

    def evaluate(self, request: dict[str, object]) -> Results:
        """Run the query of a request; see `engine.QueryRequest`. Raises what the engine and `mend` raise."""
        text, base = str(request["text"]), request.get("base_iri")
        base_iri = str(base) if base is not None else None
        mended = mend(text)
        try:
            return self._evaluate(mended, base_iri, request)
        except SyntaxError:
            if mended != text:
                Store().query(text, base_iri=base_iri)  # whose complaint is about the text as it was sent
            raise

    def _evaluate(self, text: str, base_iri: str | None, request: dict[str, object]) -> Results:
        default, named = _iris(request.get("default_graphs")), _iris(request.get("named_graphs"))
        if default is None and named is None:
            if self._is_union and not request.get("has_dataset_clause", False):
                return self._ask_union(text, base_iri)
            clause = read_dataset(text) if request.get("has_dataset_clause") else None
            if clause is None or not self._may_share(len(clause.default)):
                return self._store.query(text, base_iri=base_iri)
            default, named = _resolve(text, clause, base_iri)
        # SPARQL 1.1 Protocol 2.1.4: the request's dataset overrides the query's; what it
        # does not mention is empty.
        return self._ask_dataset(text, base_iri, default or [], named or [])

    def _ask_union(self, text: str, base_iri: str | None) -> Results:
        if self._record.repeated < 0:
            raise GenerationGoneError(
                f"Generation {self._record.number} was published by a server with another default graph, "
                "which kept no account of triples that stand in several graphs. Leave it out to ask the "
                "newest one."
            )
        store = self._merge if self._merge is not None else self._store
        if self._without_apart is not None and not may_name_graphs(text):
            return self._without_apart.query(text, base_iri=base_iri, use_default_graph_as_union=True)
        if self._members is not None:
            return store.query(text, base_iri=base_iri, default_graph=self._members)
        return store.query(text, base_iri=base_iri, use_default_graph_as_union=True)

    def _ask_dataset(
        self, text: str, base_iri: str | None, default: list[NamedNode], named: list[NamedNode]
    ) -> Results:
        default = list(dict.fromkeys(default))
        if not self._may_share(len(default)) or self._are_disjoint(default):
            return self._store.query(text, base_iri=base_iri, default_graph=[*default], named_graphs=[*named])
        merged = Store()
        for graph in default:
            merged.extend(
                Quad(q.subject, q.predicate, q.object, DefaultGraph())
                for q in self._store.quads_for_pattern(None, None, None, graph)
            )
        for graph in named:
            if self._store.contains_named_graph(graph):
                merged.add_graph(graph)
            merged.extend(self._store.quads_for_pattern(None, None, None, graph))
        return merged.query(text, base_iri=base_iri, default_graph=[DefaultGraph()], named_graphs=[*named])

    def _may_share(self, graphs: int) -> bool:
        """Whether so many graphs of this generation may share a triple."""
        return graphs > 1 and (self._record.repeated != 0 or bool(self._record.apart))

    def _are_disjoint(self, graphs: list[NamedNode]) -> bool:
        """Whether it is known that no two of `graphs` share a triple."""
        apart, folder = frozenset(self._record.apart), frozenset(self._record.folder_graphs)
        names = {graph.value for graph in graphs}
        if names & apart:
            return False
        return self._record.repeated == 0 or (names <= folder and not self._record.warnings)


def _iris(names: object) -> list[NamedNode] | None:
    return [NamedNode(str(iri)) for iri in names] if isinstance(names, list | tuple) else None


def _resolve(
    text: str, clause: DatasetClause, base_iri: str | None
) -> tuple[list[NamedNode], list[NamedNode]]:
    """The IRIs that the terms of a dataset clause are; the engine itself says so."""
    Store().query(text, base_iri=base_iri)  # whose complaint, if any, is about the text as it was sent
    terms = [*clause.default, *clause.named]
    asked = " ".join(f"({term} AS ?n{place})" for place, term in enumerate(terms))
    found = Store().query(f"{split_prologue(text)[0]}\nSELECT {asked} {{}}", base_iri=base_iri)
    assert isinstance(found, pyoxigraph.QuerySolutions)
    row = next(found)
    iris = [row[f"n{place}"] for place in range(len(terms))]
    graphs = [iri for iri in iris if isinstance(iri, NamedNode)]
    return graphs[: len(clause.default)], graphs[len(clause.default) :]
