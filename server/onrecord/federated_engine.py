"""The engine for queries with SERVICE: other endpoints are asked here, before the engine is.

It runs in the thread that asks, beside the engine's client: what processes
must share (one request at a time for each host, pauses, the cache) lies in
files that the federation client locks, so that no further process is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from onrecord.engine import (
    Answer,
    Engine,
    EngineStatus,
    Generation,
    GraphWrite,
    OnLeave,
    QueryRequest,
    QueryUnderWay,
    UpdateRequest,
    WriteReceipt,
)
from onrecord.errors import GenerationMovedError
from onrecord.federation.client import Federation
from onrecord.federation.plan import federate
from onrecord.federation.remote import Remote
from onrecord.federation.solutions import Solutions, read_solutions
from onrecord.formats import JSON, NTRIPLES

_ATTEMPTS = 3


class FederatingEngine:
    """An `Engine` that answers SERVICE for the requests whose `federating` allows it."""

    def __init__(
        self,
        engine: Engine,
        federation: Federation,
        arrange: Callable[[Remote], Remote] = lambda remote: remote,
    ) -> None:
        """`arrange` puts something before the endpoints of each query: frozen answers, a recorder."""
        self._engine = engine
        self._federation = federation
        self._arrange = arrange

    def generation(self) -> Generation:
        return self._engine.generation()

    def status(self) -> EngineStatus:
        return self._engine.status()

    def queries(self) -> tuple[QueryUnderWay, ...]:
        return self._engine.queries()

    def end_query(self, number: int) -> None:
        self._engine.end_query(number)

    def write(self, request: UpdateRequest | GraphWrite) -> WriteReceipt:
        return self._engine.write(request)

    def query(self, request: QueryRequest, on_leave: OnLeave | None = None) -> Answer:
        """As `Engine.query`; raises the errors of `federate` besides.

        All local parts of an answer see one generation: when another is
        published meanwhile, it starts again, with the cache at hand.
        """
        if request.federating is None:
            return self._engine.query(request, on_leave)
        for _ in range(_ATTEMPTS):
            answer = self._attempt(request, on_leave)
            if answer is not None:
                return answer
        raise GenerationMovedError("The data changed while other endpoints were asked. Try again.")

    def _attempt(self, request: QueryRequest, on_leave: OnLeave | None) -> Answer | None:
        assert request.federating is not None
        federating = request.federating
        remote = self._arrange(
            self._federation.asking(federating.client, "offline" if federating.offline else "online")
        )
        unregister: Callable[[], None] | None = on_leave(remote.cancel) if on_leave is not None else None
        local = _LocalParts(self._engine, request, on_leave)
        try:
            made = federate(request.text, local, remote, base_iri=request.base_iri)
        finally:
            if unregister is not None:
                unregister()
        answer = self._engine.query(replace(request, text=made.text, federating=None), on_leave)
        local.seen.add(answer.head.generation)
        if len(local.seen) > 1:
            answer.close()
            return None
        answer.head = replace(answer.head, services=made.clauses)
        return answer


@dataclass
class _LocalParts:
    """A `Local`: what is asked here has the dataset of the whole query."""

    engine: Engine
    request: QueryRequest
    on_leave: OnLeave | None
    seen: set[Generation] = field(default_factory=set)

    def check(self, query: str) -> None:
        """As `Local.check`: evaluated over an empty dataset."""
        kind = self.request.kind
        asked = replace(
            self.request,
            text=query,
            format=NTRIPLES if kind == "graph" else JSON,
            default_graphs=(),
            named_graphs=(),
            row_limit=1 if kind == "solutions" else None,
            federating=None,
        )
        self._read(asked)

    def select(self, query: str, most_rows: int) -> Solutions:
        """As `Local.select`."""
        asked = replace(
            self.request, text=query, kind="solutions", format=JSON, row_limit=most_rows, federating=None
        )
        return read_solutions(self._read(asked))

    def _read(self, asked: QueryRequest) -> bytes:
        answer = self.engine.query(asked, self.on_leave)
        try:
            self.seen.add(answer.head.generation)
            return b"".join(answer)
        finally:
            answer.close()
