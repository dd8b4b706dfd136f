"""How much the remote holds of ours: counted beside the requests, since it may take long there."""

from __future__ import annotations

import threading
import time

from onrecord.engine import Generation, QueryRequest
from onrecord.errors import OnrecordError
from onrecord.federation.exchange import Cancellation
from onrecord.formats import JSON
from onrecord.store.remote.address import EngineAddress
from onrecord.store.remote.asking import ask, ask_rows, graphs_or_nothing, read_rows
from onrecord.store.remote.dataset import Dataset
from onrecord.store.remote.holdings import Holdings
from onrecord.store.remote.transport import Transport
from onrecord.terms import RDF

FRESH_SECONDS = 60.0
_PATIENCE = 3.0
"""Seconds that a request waits for counts, when there are none yet."""
_GRAPHS = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
_CLASSES = f"SELECT ?c (COUNT(DISTINCT ?s) AS ?n) {{ ?s <{RDF}type> ?c }} GROUP BY ?c"

Numbers = dict[str, int]


class Counts:
    """Triples of each graph and instances of each class, as they were counted last."""

    def __init__(self, address: EngineAddress, transport: Transport) -> None:
        self._address, self._transport = address, transport
        self._lock = threading.Lock()
        self._graphs: Numbers = {}
        self._classes: Numbers = {}
        self._of: Generation | None = None
        self._at = float("-inf")
        self._counting: threading.Thread | None = None

    def current(self, held: Holdings, generation: Generation) -> tuple[Numbers, Numbers, bool]:
        """Graph to triples, class to instances, and whether they were ever counted."""
        with self._lock:
            stale = self._of != generation or time.monotonic() - self._at > FRESH_SECONDS
            if stale and (self._counting is None or not self._counting.is_alive()):
                self._counting = threading.Thread(
                    target=self._count, args=(held, generation), name="remote-counts", daemon=True
                )
                self._counting.start()
            counting = self._counting
        if stale and counting is not None:
            counting.join(_PATIENCE)
        with self._lock:
            return self._graphs, self._classes, self._of is not None

    def _count(self, held: Holdings, generation: Generation) -> None:
        try:
            rows = ask_rows(self._address, self._transport, _GRAPHS, graphs_or_nothing(held.named))
            graphs = {iri: int(number or 0) for iri, number in rows if iri}
            dataset = Dataset(
                (held.merged,) if held.merged else graphs_or_nothing(held.union), graphs_or_nothing(())
            )
            answer = ask(
                self._address,
                self._transport,
                QueryRequest(_CLASSES, "solutions", JSON),
                dataset,
                generation,
                Cancellation(),
            )
            classes = {iri: int(number or 0) for iri, number in read_rows(answer) if iri}
        except OnrecordError:
            return  # asked again with the next request
        with self._lock:
            self._graphs, self._classes = graphs, classes
            self._of, self._at = generation, time.monotonic()
