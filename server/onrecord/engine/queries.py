"""A query as an engine gets it, and its answer under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from onrecord.engine.generations import Generation
from onrecord.errors import ResultTooLargeError
from onrecord.federation.clause import Clause
from onrecord.formats import AnswerKind, Format


@dataclass(frozen=True)
class Federating:
    """That a query may ask other endpoints, for which client (an address or name), or the cache alone."""

    client: str = ""
    offline: bool = False
    freeze: bool = False
    """Whether what the endpoints give is to be kept with the pinned generation that is asked."""
    replay: bool = False
    """Whether nothing will do but what is kept with the pinned generation that is asked."""


@dataclass(frozen=True)
class QueryRequest:
    """A read-only query, already bounded; free of SERVICE unless `federating` allows it.

    `default_graphs` and `named_graphs` are the protocol's dataset (SPARQL 1.1
    Protocol 2.1.4): None when the request names none, which is not the same
    as an empty tuple. `has_dataset_clause` tells that the text itself has
    FROM, which then takes the place of the server's default graph.
    `row_limit` cuts a solution sequence after that many rows and says so in
    `AnswerTrailer.truncated`; it needs the JSON format.
    """

    text: str
    kind: AnswerKind
    format: Format
    base_iri: str | None = None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    has_dataset_clause: bool = False
    row_limit: int | None = None
    federating: Federating | None = None
    sender: str = ""
    """Who asks, as far as it is known: for fairness and for operators, never part of the answer."""
    generation: int | None = None
    """A kept generation to ask in place of the newest; GenerationGoneError when it is not kept."""
    seconds: float | None = None
    """Asks an engine elsewhere for no longer than this; here the settings' limits are close enough."""


@dataclass(frozen=True)
class AnswerHead:
    """What is known of an answer before its first byte."""

    generation: Generation
    variables: tuple[str, ...] = ()
    services: tuple[Clause, ...] = ()
    """What came from other endpoints, for each SERVICE."""


@dataclass
class AnswerTrailer:
    """What is known only after the last byte: seconds of work, bytes, whether rows were cut."""

    seconds: float = 0.0
    size: int = 0
    rows: int | None = None
    truncated: bool = False


class Answer(Protocol):
    """An answer under way. Iterate once; `close` in every case, also half-way.

    Raises an `OnrecordError` while iterating when the answer fails after its
    first byte; nothing that was yielded then is a whole answer.
    """

    head: AnswerHead
    trailer: AnswerTrailer

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


def read_document(answer: Answer, most: int | None = None, told: str = "") -> bytes:
    """The whole answer, which is closed in every case.

    Raises what the answer raises, and ResultTooLargeError with the sentence
    `told` as soon as there are more than `most` bytes.
    """
    document = bytearray()
    try:
        for piece in answer:
            document += piece
            if most is not None and len(document) > most:
                raise ResultTooLargeError(told)
    finally:
        answer.close()
    return bytes(document)


OnLeave = Callable[[Callable[[], None]], Callable[[], None]]
"""Registers a callback for 'the client left'; returns what unregisters it."""
