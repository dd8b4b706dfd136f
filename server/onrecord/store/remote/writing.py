"""Writes through the remote engine: one at a time, tried here, and only to graphs that may be written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import IO, Any

import pyoxigraph

from onrecord.config import Settings
from onrecord.engine import Generation, GraphWrite, QueryRequest, UpdateRequest, WriteCondition, WriteReceipt
from onrecord.errors import NotFoundError, PreconditionError, RefusedError, UnsupportedError
from onrecord.federation.exchange import Cancellation
from onrecord.formats import JSON
from onrecord.sparql import UpdateOperation
from onrecord.sparql.tokens import tokenize
from onrecord.store.applying import Ownership, PlannedUpdate
from onrecord.store.naming import resolve_names
from onrecord.store.remote.address import EngineAddress
from onrecord.store.remote.asking import ask, exists, read_rows
from onrecord.store.remote.dataset import SEVERAL_GRAPHS, Dataset, based, using_clauses
from onrecord.store.remote.holdings import (
    NOTHING,
    Holdings,
    add_written,
    holdings_graph,
    merge_again,
    remove_written,
)
from onrecord.store.remote.ledger import Ledger
from onrecord.store.remote.listing import Listing
from onrecord.store.remote.sending import insert_texts, post_graph, put_graph, send_update
from onrecord.store.remote.transport import Transport
from onrecord.store.remote.trial import try_out
from onrecord.store.spool import spool
from onrecord.store.write_messages import describe_write
from onrecord.terms import IriSpace

_MOST_IN_ONE_UPDATE = 2000
"""Triples that are put or posted as one update, so that the remote applies them together."""
_NAMES = ("iri", "pname")
_UNNAMED = (
    "With an engine elsewhere every graph has a name, since the unnamed graph is another thing on "
    "every server. "
    "Write into GRAPH <...>, or name the graph that is put."
)


class RemoteWriter:
    """Writes of one process; the ledger gives the turn."""

    def __init__(
        self,
        address: EngineAddress,
        transport: Transport,
        listing: Listing,
        ledger: Ledger,
        settings: Settings,
        space: IriSpace,
    ) -> None:
        self._address, self._transport = address, transport
        self._listing, self._ledger = listing, ledger
        self._settings, self._space = settings, space

    def write(
        self, request: UpdateRequest | GraphWrite, generation: Callable[[], Generation]
    ) -> WriteReceipt:
        """Try `request`, then send it. Raises as `Engine.write`; UnsupportedError for an unnamed graph."""
        started = time.monotonic()
        with self._ledger.turn(self._settings.queue_timeout):
            task = _Task(self, self._listing.read(), request.condition)
            if isinstance(request, UpdateRequest):
                what, created, count = task.update(request)
            else:
                what, created, count = task.write_graph(request)
        return WriteReceipt(generation(), time.monotonic() - started, what, created, count)

    def try_out(self, request: UpdateRequest | GraphWrite) -> tuple[dict[str, object], IO[bytes]]:
        directory = self._ledger.directory
        message, data = describe_write(request, directory)
        given = data if data is not None else spool(directory)
        with given:
            return try_out(
                message, given, directory, self._settings.query_memory << 20, self._settings.update_timeout
            )

    def send(self, text: str) -> None:
        send_update(self._address, self._transport, text, self._settings.update_timeout)

    def exists(self, graph: str) -> bool:
        return exists(self._address, self._transport, graph)

    def select(self, text: str, base: str | None, dataset: Dataset) -> list[list[str | None]]:
        request = QueryRequest(text, "solutions", JSON, base)
        none = Generation("", 0, is_immutable=False)
        return read_rows(ask(self._address, self._transport, request, dataset, none, Cancellation()))

    def list_written(self, graphs: Sequence[str]) -> None:
        """Tell every server of the folder that `graphs` are the endpoint's."""
        if graphs:
            self.send(add_written(self._space, graphs))

    def strike_written(self, graphs: Sequence[str]) -> None:
        if graphs:
            self.send(remove_written(self._space, graphs))

    @property
    def own_graph(self) -> str:
        return holdings_graph(self._space)

    @property
    def has_graph_store(self) -> bool:
        return self._address.graph_store is not None

    def send_graph(self, write: GraphWrite, triples: Iterable[pyoxigraph.Triple]) -> None:
        """Send a graph whole by the Graph Store Protocol."""
        send = put_graph if write.action == "put" else post_graph
        with spool(self._ledger.directory) as file:
            pyoxigraph.serialize(triples, file, pyoxigraph.RdfFormat.N_TRIPLES)
            file.flush()
            size = file.tell()
            file.seek(0)
            send(self._address, self._transport, write.graph, file, size, self._settings.update_timeout)


class _Task:
    """One write over the graphs that are ours when its turn comes."""

    def __init__(self, writer: RemoteWriter, held: Holdings, condition: WriteCondition) -> None:
        self._writer, self._held, self._condition = writer, held, condition
        self._ownership = Ownership(
            frozenset(held.files), {iri: file for iri, file in held.files.items() if file}
        )

    # -- updates -------------------------------------------------------------------------------

    def update(self, request: UpdateRequest) -> tuple[str, bool, int]:
        if request.within == "":
            raise UnsupportedError(_UNNAMED)
        self._check_condition(request.within)
        tried, file = self._writer.try_out(request)
        with file:
            document: dict[str, Any] = json.loads(file.read())
        planned = PlannedUpdate.read(document)
        written: set[str] = set()
        dropped: set[str] = set()
        parts: list[tuple[str, str]] = []
        for operation, graphs, entry in zip(
            planned.operations, planned.graphs, document["operations"], strict=True
        ):
            if entry["writes_default"] and operation.target not in ("default", "all"):
                raise UnsupportedError(_UNNAMED)
            self._refuse(graphs)
            written.update(graphs)
            said, gone = self._texts_of(operation, graphs, request, written)
            # What is written after it was dropped is there.
            dropped = (dropped - set(graphs)) | set(gone)
            parts += said
        new = sorted(iri for iri in written if iri not in self._held.written)
        self._writer.list_written(new)
        if parts:
            self._writer.send(based(_join(parts), request.base_iri))
        self._writer.strike_written(sorted(dropped))
        self._merge({*self._held.written, *written} - dropped)
        return str(tried.get("summary", "")), False, 0

    def _texts_of(
        self,
        operation: UpdateOperation,
        graphs: Sequence[str],
        request: UpdateRequest,
        written: set[str],
    ) -> tuple[list[tuple[str, str]], Sequence[str]]:
        """Prologue and body as the remote gets them, the dataset of WHERE spelt out; and what is dropped."""
        base = request.base_iri
        if operation.kind in ("add", "copy", "move"):
            self._check_transfer(operation, base)
        elif operation.target in ("named", "all"):
            word, meant = operation.kind.upper(), sorted({*self._held.written, *written})
            texts = [("", f"{word} SILENT GRAPH <{iri}>") for iri in meant]
            return texts, meant if operation.kind == "drop" else ()
        elif operation.target == "default":
            return [], ()  # nobody can write there, so it is empty
        elif operation.kind in ("drop", "clear") and self._writer.exists(graphs[0]):
            # Virtuoso drops a graph that nobody created by CREATE only where it may be silent.
            text = f"{operation.kind.upper()} SILENT GRAPH <{graphs[0]}>"
            return [("", text)], graphs if operation.kind == "drop" else ()
        if not operation.pattern:
            return [(operation.prologue, operation.text)], graphs if operation.kind == "drop" else ()
        default, named = self._seen_by(operation, request, written)
        self._refuse_unseen((*default, *named, *self._graphs_in(operation, base)))
        if self._held.merged and len(default) > 1:
            raise UnsupportedError(SEVERAL_GRAPHS)
        if operation.variables:
            dataset = Dataset(tuple(default) or (NOTHING,), tuple(named) or (NOTHING,))
            rows = self._writer.select(operation.ask_names(), base, dataset)
            found = [iri for row in rows for iri in row if iri]
            self._refuse(found)
            written.update(found)
        forbidden = [*self._held.files, *self._held.shown, self._writer.own_graph, self._held.merged]
        using = [] if operation.has_using else using_clauses(default, named)
        return [(operation.prologue, operation.body(using, [iri for iri in forbidden if iri]))], ()

    def _graphs_in(self, operation: UpdateOperation, base: str | None) -> list[str]:
        """The graphs that a WHERE names by GRAPH."""
        tokens = [token for token in tokenize(operation.pattern) if token.kind != "error"]
        names = [
            name.text
            for keyword, name in pairwise(tokens)
            if keyword.kind == "word" and keyword.upper == "GRAPH" and name.kind in _NAMES
        ]
        return resolve_names(operation.prologue, names, base)

    def _seen_by(
        self, operation: UpdateOperation, request: UpdateRequest, written: set[str]
    ) -> tuple[Sequence[str], Sequence[str]]:
        """Default graph and named graphs of a WHERE; what earlier operations have `written` is there."""
        named = tuple(dict.fromkeys((*self._held.named, *sorted(written))))
        if request.using or request.using_named:
            return request.using, request.using_named
        if operation.has_using:
            names = [t.text for t in tokenize(operation.using) if t.kind in _NAMES]
            return resolve_names(operation.prologue, names, request.base_iri), ()
        if operation.with_graph:
            return resolve_names(operation.prologue, [operation.with_graph], request.base_iri), named
        return (), named

    def _check_transfer(self, operation: UpdateOperation, base: str | None) -> None:
        tokens = list(tokenize(operation.text))
        if any(token.kind == "word" and token.upper == "DEFAULT" for token in tokens):
            raise UnsupportedError(_UNNAMED)
        names = [token.text for token in tokens if token.kind in _NAMES]
        self._refuse_unseen(resolve_names(operation.prologue, names, base))

    # -- whole graphs --------------------------------------------------------------------------

    def write_graph(self, write: GraphWrite) -> tuple[str, bool, int]:
        if not write.graph:
            raise UnsupportedError(_UNNAMED)
        self._refuse([write.graph])
        was_there = self._check_condition(write.graph)
        if write.action == "delete":
            if not was_there:
                raise NotFoundError(f"There is no graph <{write.graph}>.")
            self._writer.send(f"DROP SILENT GRAPH <{write.graph}>")
            self._writer.strike_written([write.graph])
            self._merge({*self._held.written} - {write.graph})
            return f"DELETE <{write.graph}>", False, 0
        tried, file = self._writer.try_out(write)
        count = int(str(tried["count"]))
        if write.graph not in self._held.written:
            self._writer.list_written([write.graph])
        with file:
            triples = (quad.triple for quad in pyoxigraph.parse(file, pyoxigraph.RdfFormat.N_QUADS))
            if self._writer.has_graph_store or count > _MOST_IN_ONE_UPDATE:
                self._writer.send_graph(write, triples)
            else:
                texts = [f"DROP SILENT GRAPH <{write.graph}>"] if write.action == "put" else []
                texts += insert_texts(write.graph, triples, _MOST_IN_ONE_UPDATE)
                if texts:
                    self._writer.send(" ;\n".join(texts))
        self._merge({*self._held.written, write.graph})
        return f"{write.action.upper()} <{write.graph}>", not was_there, count

    def _merge(self, written: set[str]) -> None:
        """Make the copy of the union anew, on a server that needs one."""
        if self._held.merged:
            self._writer.send(" ;\n".join(merge_again(replace(self._held, written=tuple(sorted(written))))))

    # -- what may be written -------------------------------------------------------------------

    def _check_condition(self, graph: str | None) -> bool:
        """Whether `graph` is there. Raises PreconditionError."""
        if self._condition.generation is not None:
            raise PreconditionError(
                "The engine elsewhere keeps no generations, so no ETag of it can be matched. Leave "
                "If-Match out."
            )
        there = graph is not None and self._writer.exists(graph)
        if self._condition.exists is not None and self._condition.exists != there:
            raise PreconditionError(f"The graph <{graph}> is {'there' if there else 'not there'}.")
        return there

    def _refuse(self, graphs: Sequence[str]) -> None:
        """Raises FolderGraphError and RefusedError for a graph that is not the endpoint's to write."""
        self._ownership.refuse(graphs)
        for iri in graphs:
            if iri in self._held.written:
                continue
            is_kept = iri in (*self._held.shown, self._writer.own_graph, self._held.merged, NOTHING)
            if is_kept or self._writer.exists(iri):
                raise RefusedError(
                    f"The graph <{iri}> of the engine is not one that was written through this "
                    "server, so it is "
                    "not written here. Take another name."
                )

    def _refuse_unseen(self, graphs: Sequence[str]) -> None:
        """Raises RefusedError for a graph at the remote that is not shown here."""
        for iri in graphs:
            if iri not in self._held.named and self._writer.exists(iri):
                raise RefusedError(f"The graph <{iri}> is not one that this server shows.")


def _join(parts: Sequence[tuple[str, str]]) -> str:
    """One request: a prologue stands where it differs from the one before.

    >>> _join([("PREFIX a: <urn:a>", "CLEAR GRAPH a:1"), ("PREFIX a: <urn:a>", "DROP GRAPH a:2")])
    'PREFIX a: <urn:a>\\nCLEAR GRAPH a:1 ;\\nDROP GRAPH a:2'
    """
    before, texts = "", []
    for prologue, body in parts:
        texts.append(f"{prologue}\n{body}" if prologue and prologue != before else body)
        before = prologue or before
    return " ;\n".join(texts)
