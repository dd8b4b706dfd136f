"""A write as an engine gets it, and its receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Literal

from onrecord.engine.generations import Generation
from onrecord.formats import Format


@dataclass(frozen=True)
class WriteCondition:
    """What must hold when a write is applied, else PreconditionError.

    `generation` is the number of the generation that the sender saw. `exists`
    tells whether the graph written must be there, or must not.
    """

    generation: int | None = None
    exists: bool | None = None


@dataclass(frozen=True)
class UpdateRequest:
    """A SPARQL update, already bounded and free of SERVICE and LOAD, and who sends it.

    `using` and `using_named` are the protocol's dataset for WHERE (SPARQL 1.1
    Protocol 2.2.3), empty when the request names none.
    """

    text: str
    by: str
    base_iri: str | None = None
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    within: str | None = None
    """The IRI of the one graph that the text's unnamed graph stands for (a PATCH), if there is such."""
    condition: WriteCondition = WriteCondition()


@dataclass(frozen=True)
class GraphPart:
    """RDF in the syntax that `format` names, of `size` bytes from where `data` stands."""

    data: IO[bytes]
    format: Format
    size: int


@dataclass(frozen=True)
class GraphWrite:
    """A write to one graph as a whole; `graph` is its IRI, empty for the unnamed graph.

    All `parts` together are what is put or posted; a deletion has none.
    """

    action: Literal["put", "post", "delete"]
    graph: str
    by: str
    parts: tuple[GraphPart, ...] = ()
    base_iri: str | None = None
    condition: WriteCondition = WriteCondition()


@dataclass(frozen=True)
class QueriesWrite:
    """Has the graphs that tell of the saved queries made anew from what is saved."""

    by: str


Write = UpdateRequest | GraphWrite | QueriesWrite


@dataclass(frozen=True)
class WriteReceipt:
    """A write that is on disk and served.

    `created` tells that the graph written did not exist before, `count` how
    many triples were sent.
    """

    generation: Generation
    seconds: float
    what: str
    created: bool = False
    count: int = 0
