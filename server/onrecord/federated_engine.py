"""The engine for queries with SERVICE: other endpoints are asked here, before the engine is.

It runs in the thread that asks, beside the engine's client: what processes
must share (one request at a time for each host, pauses, the cache) lies in
files that the federation client locks, so that no further process is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from onrecord.engine import (
    Answer,
    Engine,
    EngineStatus,
    Generation,
    History,
    OnLeave,
    QueryRequest,
    QueryUnderWay,
    Write,
    WriteReceipt,
    read_document,
)
from onrecord.errors import (
    FederationOfflineError,
    GenerationGoneError,
    GenerationMovedError,
    RemoteAnswerError,
    UnsupportedError,
)
from onrecord.federation.clause import FederatedQuery
from onrecord.federation.client import Federation
from onrecord.federation.frozen import Frozen, Recording, Replaying
from onrecord.federation.plan import federate
from onrecord.federation.remote import Remote
from onrecord.federation.solutions import Solutions, read_solutions
from onrecord.formats import JSON, NTRIPLES

_MOVED = "The data changed while other endpoints were asked. Try again."


class AnswersKept(Protocol):
    """What other endpoints gave to queries of pinned generations."""

    def find(self, request: QueryRequest) -> Frozen | None:
        """What is kept for the query of `request`; None where nothing is."""
        ...

    def require(self, request: QueryRequest) -> None:
        """Return nothing where something could be kept; otherwise raise ConflictError."""
        ...

    def keep(self, request: QueryRequest, frozen: Frozen) -> None:
        """Keep it for as long as the pin. Raises ConflictError and ResultTooLargeError."""
        ...


class FederatingEngine:
    """An `Engine` that answers SERVICE for the requests whose `federating` allows it."""

    def __init__(
        self,
        engine: Engine,
        federation: Federation,
        arrange: Callable[[Remote], Remote] = lambda remote: remote,
        kept: AnswersKept | None = None,
    ) -> None:
        """`arrange` puts something before the endpoints of each query: frozen answers, a recorder.

        Where `kept` has the answers to a query, nothing else is asked: neither the endpoints nor the cache.
        """
        self._kept = kept
        self._engine = engine
        self._federation = federation
        self._arrange = arrange

    def generation(self) -> Generation:
        return self._engine.generation()

    def status(self) -> EngineStatus:
        return self._engine.status()

    def history(self) -> History:
        return self._engine.history()

    def queries(self) -> tuple[QueryUnderWay, ...]:
        return self._engine.queries()

    def end_query(self, number: int) -> None:
        self._engine.end_query(number)

    def write(self, request: Write) -> WriteReceipt:
        return self._engine.write(request)

    def query(self, request: QueryRequest, on_leave: OnLeave | None = None) -> Answer:
        """As `Engine.query`; raises the errors of `federate` besides.

        All local parts of an answer are asked of one generation, that of the
        first. Raises GenerationMovedError where it went meanwhile, or where
        the engine keeps none and the data changed.
        """
        federating = request.federating
        if federating is None:
            return self._engine.query(request, on_leave)
        found = self._kept.find(request) if self._kept is not None else None
        if found is not None:
            return self._answer(request, Replaying(found), on_leave)[0]
        if federating.replay:
            raise FederationOfflineError(
                "What other endpoints gave to this query is not kept with the generation that is asked."
            )
        remote = self._arrange(
            self._federation.asking(federating.client, "offline" if federating.offline else "online")
        )
        if not federating.freeze:
            return self._answer(request, remote, on_leave)[0]
        if self._kept is None:
            raise UnsupportedError("No generation can be pinned here, so nothing is frozen with one.")
        self._kept.require(request)
        recording = Recording(remote)
        answer, made = self._answer(request, recording, on_leave)
        try:
            self._kept.keep(request, recording.frozen(_note(request, made)))
        except BaseException:
            answer.close()
            raise
        return answer

    def _answer(
        self, request: QueryRequest, remote: Remote, on_leave: OnLeave | None
    ) -> tuple[Answer, FederatedQuery]:
        """The answer with what `remote` gives. An incomplete one is refused where it is to be frozen."""
        unregister: Callable[[], None] | None = on_leave(remote.cancel) if on_leave is not None else None
        local = _LocalParts(self._engine, request, on_leave)
        try:
            made = federate(request.text, local, remote, base_iri=request.base_iri)
        finally:
            if unregister is not None:
                unregister()
        if request.federating is not None and request.federating.freeze and not made.is_complete:
            raise RemoteAnswerError("Not every other endpoint answered, so nothing is frozen. Try again.")
        answer = local.ask(replace(request, text=made.text))
        answer.head = replace(answer.head, services=made.clauses)
        return answer, made


def _note(request: QueryRequest, made: FederatedQuery) -> str:
    """What people must be told of the rows whenever they are replayed."""
    known = dict.fromkeys(p.note for clause in made.clauses for p in clause.provenance if p.note)
    return "; ".join([f"kept with generation {request.generation}", *known])


@dataclass
class _LocalParts:
    """A `Local`: what is asked here has the dataset of the whole query, and one generation."""

    engine: Engine
    request: QueryRequest
    on_leave: OnLeave | None
    seen: Generation | None = None

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
        )
        self._read(asked)

    def select(self, query: str, most_rows: int) -> Solutions:
        """As `Local.select`."""
        asked = replace(self.request, text=query, kind="solutions", format=JSON, row_limit=most_rows)
        return read_solutions(self._read(asked))

    def _read(self, asked: QueryRequest) -> bytes:
        return read_document(self.ask(asked))

    def ask(self, asked: QueryRequest) -> Answer:
        """The answer to one part, which holds no SERVICE any more, of the generation of those before it."""
        if self.seen is not None and self.seen.is_immutable:
            asked = replace(asked, generation=self.seen.number)
        try:
            answer = self.engine.query(replace(asked, federating=None), self.on_leave)
        except GenerationGoneError:
            if self.request.generation is not None:
                raise
            raise GenerationMovedError(_MOVED) from None
        if self.seen not in (None, answer.head.generation):
            answer.close()
            raise GenerationMovedError(_MOVED)
        self.seen = answer.head.generation
        return answer
