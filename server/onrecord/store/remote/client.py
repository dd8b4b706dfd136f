"""The engine protocol over a SPARQL 1.1 server: queries as they come, updates one at a time."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from pathlib import Path

from onrecord.config import Settings
from onrecord.engine import (
    EngineStatus,
    Generation,
    History,
    OnLeave,
    QueriesWrite,
    QueryRequest,
    QueryUnderWay,
    Write,
    WriteReceipt,
)
from onrecord.errors import RefusedError, TooBusyError, UnsupportedError
from onrecord.federation.exchange import Cancellation
from onrecord.store.remote.address import read_engine_address
from onrecord.store.remote.answering import RemoteAnswer
from onrecord.store.remote.asking import ask, exists
from onrecord.store.remote.counting import Counts
from onrecord.store.remote.dataset import Dataset, choose_dataset
from onrecord.store.remote.holdings import Holdings
from onrecord.store.remote.ledger import Ledger
from onrecord.store.remote.listing import Listing
from onrecord.store.remote.rewording import without_open_slots
from onrecord.store.remote.transport import Transport
from onrecord.store.remote.writing import RemoteWriter
from onrecord.terms import IriSpace


class RemoteEngine:
    """An `Engine` at the address that `settings.engine` names, for the folder of `space`.

    `state` is the state directory, where the servers of one machine count
    what they write. Raises SettingError for an address that is none.
    """

    def __init__(self, settings: Settings, space: IriSpace, state: Path) -> None:
        self._address = read_engine_address(settings)
        self._transport = Transport(self._address.authorization, settings.query_timeout)
        self._places = threading.BoundedSemaphore(settings.workers)
        self._settings = settings
        self._ledger = Ledger(state)
        self._listing = Listing(self._address, self._transport, space, settings.engine_graph, self._ledger)
        self._counts = Counts(self._address, self._transport)
        self._writer = RemoteWriter(
            self._address, self._transport, self._listing, self._ledger, settings, space
        )

    def generation(self) -> Generation:
        """Changes with every write through this machine's servers and with every push; no round trip."""
        known = self._listing.known()
        digest = hashlib.sha256(f"{self._address.query.url}\n{known.digest}".encode()).hexdigest()
        return Generation(digest[:32], self._ledger.count(), is_immutable=False)

    def query(self, request: QueryRequest, on_leave: OnLeave | None = None) -> RemoteAnswer:
        """As `Engine.query`. Raises RefusedError for a graph of the remote that is not ours."""
        assert request.federating is None, "SERVICE is answered before the engine is asked"
        if request.generation is not None:
            raise UnsupportedError(
                f"Generation {request.generation} cannot be asked: the engine at {self._address.query.url} "
                "keeps none. Leave it out to ask the data as it is now."
            )
        held = self._listing.current()
        dataset = choose_dataset(request, held)
        if held.merged:
            request = replace(request, text=without_open_slots(request.text))
        self._refuse_foreign(dataset)
        if not self._places.acquire(timeout=self._settings.queue_timeout):
            raise TooBusyError(
                "All requests that may be sent to the engine are under way. Try again in a moment."
            )
        cancellation = Cancellation()
        unregister = on_leave(cancellation.cancel) if on_leave is not None else None

        def release() -> None:
            if unregister is not None:
                unregister()
            self._places.release()

        try:
            return ask(
                self._address,
                self._transport,
                request,
                dataset,
                self.generation(),
                cancellation,
                release,
                request.seconds,
            )
        except BaseException:
            release()
            raise

    def write(self, request: Write) -> WriteReceipt:
        """As `Engine.write`; whether it is applied whole or not at all is the remote's to keep."""
        if isinstance(request, QueriesWrite):
            raise UnsupportedError(
                "Graphs that tell of the saved queries are not written to a server elsewhere; /queries and "
                "/.well-known/sparql-examples list them."
            )
        return self._writer.write(request, self.generation)

    def status(self) -> EngineStatus:
        """What is known of the remote; counts lag by a minute, and may be missing."""
        held = self._listing.current()
        graphs, classes, counted = self._counts.current(held, self.generation())
        warnings = () if counted else ("The engine elsewhere has not been counted yet.",)
        return EngineStatus(
            generation=self.generation(),
            published="",
            triples=sum(graphs.values()),
            graphs={iri: graphs.get(iri, 0) for iri in held.named if graphs.get(iri) or iri in held.files},
            classes=classes,
            workers=self._settings.workers,
            busy=0,
            waiting=0,
            uptime=self._ledger.uptime,
            warnings=warnings,
        )

    def history(self) -> History:
        raise UnsupportedError(
            "The data lies on a server elsewhere, which keeps no generations: they cannot be listed, asked, "
            "pinned or compared."
        )

    def queries(self) -> tuple[QueryUnderWay, ...]:
        raise UnsupportedError(_ELSEWHERE)

    def end_query(self, number: int) -> None:
        raise UnsupportedError(_ELSEWHERE)

    def holdings(self) -> Holdings:
        """The graphs that are ours at the remote, asked now. Raises what `query` raises."""
        return self._listing.read()

    def _refuse_foreign(self, dataset: Dataset) -> None:
        for iri in dataset.unknown:
            if exists(self._address, self._transport, iri):
                raise RefusedError(
                    f"The graph <{iri}> is not one that this server shows. Its graphs stand at /graphs; who "
                    "runs it adds another of the engine's with --engine-graph."
                )


_ELSEWHERE = (
    "What runs is listed and ended where it runs: by the engine elsewhere. A query of yours ends when you "
    "close its connection."
)
