"""The one door to query answers: what the rest of Onrecord knows of an engine.

`Engine` is a protocol with two implementations behind it: the supervisor's
client (embedded Oxigraph in killable workers) and a remote SPARQL 1.1 server
or cluster. Nothing above this module knows processes or sockets.

A remote keeps no generations: `Generation.is_immutable` is false for what it
answers from, and whatever needs them raises UnsupportedError.
"""

from __future__ import annotations

from typing import Protocol

from onrecord.engine.generations import (
    Generation,
    History,
    KeptGeneration,
    Pin,
    Written,
)
from onrecord.engine.queries import (
    Answer,
    AnswerHead,
    AnswerTrailer,
    Federating,
    OnLeave,
    QueryRequest,
    read_document,
)
from onrecord.engine.status import (
    EngineStatus,
    EngineWork,
    QueryUnderWay,
)
from onrecord.engine.writes import (
    GraphPart,
    GraphWrite,
    QueriesWrite,
    UpdateRequest,
    Write,
    WriteCondition,
    WriteReceipt,
)

__all__ = [
    "Answer",
    "AnswerHead",
    "AnswerTrailer",
    "Engine",
    "EngineStatus",
    "EngineWork",
    "Federating",
    "Generation",
    "GraphPart",
    "GraphWrite",
    "History",
    "KeptGeneration",
    "OnLeave",
    "Pin",
    "QueriesWrite",
    "QueryRequest",
    "QueryUnderWay",
    "UpdateRequest",
    "Write",
    "WriteCondition",
    "WriteReceipt",
    "Written",
    "read_document",
]


class Engine(Protocol):
    def generation(self) -> Generation:
        """The generation that a query started now would see. Cheap: no round trip."""
        ...

    def query(self, request: QueryRequest, on_leave: OnLeave | None = None) -> Answer:
        """Run a query; returns when its outcome is known or its first part is.

        Raises `QuerySyntaxError`, `QueryEvaluationError`, `UnsupportedError`,
        `EngineFaultError` and the `UnavailableError`s, each before anything was yielded.
        """
        ...

    def write(self, request: Write) -> WriteReceipt:
        """Apply one write, whole or not at all; returns when it is on disk and queries see it.

        Raises `QuerySyntaxError`, `QueryEvaluationError`, `FolderGraphError`,
        `NotFoundError`, `PreconditionError`, `UpdateTimeoutError`, `WriteFailedError` and other
        `UnavailableError`s; after each of them nothing has been changed.
        """
        ...

    def history(self) -> History:
        """The generations that are kept. Raises UnsupportedError where none are."""
        ...

    def status(self) -> EngineStatus:
        """One round trip to the supervisor."""
        ...

    def queries(self) -> tuple[QueryUnderWay, ...]:
        """What runs and waits now, the oldest first. One round trip. Raises UnsupportedError."""
        ...

    def end_query(self, number: int) -> None:
        """End the query of that number; its sender is told.

        Raises NotFoundError when there is none, and UnsupportedError.
        """
        ...
