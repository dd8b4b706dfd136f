"""The one door to query answers: what the rest of Onrecord knows of an engine.

`Engine` is a protocol with two implementations behind it: the supervisor's
client (embedded Oxigraph in killable workers) and a remote SPARQL 1.1 server
or cluster. Nothing above this module knows processes or sockets.

A remote keeps no generations: `Generation.is_immutable` is false for what it
answers from, and whatever needs them raises UnsupportedError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Literal, Protocol

from onrecord.federation.clause import Clause
from onrecord.formats import AnswerKind, Format


@dataclass(frozen=True)
class Generation:
    """One immutable state of a store: (store UUID, number).

    Two stores, or a store rebuilt from nothing, never share a UUID; ETags
    carry both parts.
    """

    uuid: str
    number: int
    is_immutable: bool = True
    """Whether it is the same for ever. False where others may write unseen: it then tells no more than
    which writes went through this server, and neither an ETag nor an address may rest on it."""

    @property
    def label(self) -> str:
        """Short and unique enough for headers and ETags."""
        return f"{self.uuid[:8]}-{self.number}"

    @property
    def told(self) -> str:
        """The label where it names a state that can be asked again, empty where it cannot."""
        return self.label if self.is_immutable else ""


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


@dataclass(frozen=True)
class EngineWork:
    """What the queries and writes of an engine are at, and what has become of earlier ones."""

    running: Mapping[str, int]
    """Lane -> queries that run."""
    waiting: Mapping[str, int]
    """Lane -> queries that wait for a worker."""
    started: int
    """Queries that got a worker so far; one that moves to another lane counts again."""
    refused: int
    """Queries that were told to come back later."""
    ended: Mapping[str, int]
    """Reason -> workers that were ended, or ended by themselves."""
    writes: Mapping[str, int]
    """Outcome (`done`, `failed`) -> writes so far; `waiting` those under way."""
    fronts_replaced: int
    """How often the web server ended and was started again."""


@dataclass(frozen=True)
class EngineStatus:
    """What operators see: the generation, its size, and the workers by state."""

    generation: Generation
    published: str
    triples: int
    graphs: Mapping[str, int]
    """Named graph IRI -> number of triples; the unnamed graph is the empty string."""
    classes: Mapping[str, int]
    """Class IRI -> number of its instances."""
    workers: int
    busy: int
    waiting: int
    uptime: float
    warnings: tuple[str, ...] = field(default=())
    counted: int | None = None
    """The generation that graphs and classes were counted in; it lags for a moment after a write."""
    work: EngineWork | None = None
    """None where the engine does not tell."""
    properties: Mapping[str, int] = field(default_factory=dict)
    """Property IRI -> number of its triples."""
    links: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    """Predicate of links -> beginning of the IRIs they lead to -> links, and subjects that have one."""


@dataclass(frozen=True)
class QueryUnderWay:
    """A query that runs or waits, as operators see it; times in seconds."""

    number: int
    lane: str
    state: str
    """`running` or `waiting`."""
    age: float
    processor: float
    """Processor time used so far; what it took in an earlier lane is not counted."""
    sender: str
    excerpt: str
    """The beginning of its text."""


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


@dataclass(frozen=True)
class Written:
    """One write: by whom, and what in a few words."""

    by: str
    what: str


@dataclass(frozen=True)
class KeptGeneration:
    """A generation that can still be asked, and what is known of it.

    `published` is a UTC time (xsd:dateTime with milliseconds). `changed` maps
    each graph that its writes changed to the triples added and removed there;
    None where nobody counted them. `graphs` maps each graph to its triples (the
    unnamed graph is the empty string), None where nobody counted those.
    """

    generation: Generation
    published: str
    writes: tuple[Written, ...]
    changed: Mapping[str, tuple[int, int]] | None = None
    graphs: Mapping[str, int] | None = None
    content_hash: str = ""
    """SHA-256 over its quads (see `onrecord.store.hashing`); empty while it is not known."""
    hash_trouble: str = ""
    """Why it has none and will have none."""
    pin: Pin | None = None
    is_at_rest: bool = False
    """Whether it has to be opened again before it is asked, which takes a while."""


@dataclass(frozen=True)
class Pin:
    """That a generation is kept for good: by whom, since when (UTC)."""

    by: str
    since: str


class History(Protocol):
    """The generations that are kept."""

    def list(self) -> tuple[KeptGeneration, ...]:
        """All of them, the newest first."""
        ...

    def find(self, number: int) -> KeptGeneration:
        """The one of that number.

        Raises GenerationGoneError for one that was and is kept no longer, and
        NotFoundError for one that never was; both name those that are kept.
        """
        ...

    def open(self, number: int) -> None:
        """Have a kept generation ready to be asked; remembers that it was. Raises GenerationGoneError."""
        ...

    def pin(self, number: int, by: str, most: int) -> KeptGeneration:
        """Keep a generation until its pin is released.

        Raises ConflictError where `most` are pinned already, and as `find` does.
        """
        ...

    def release(self, number: int) -> None:
        """Take a pin away. Raises NotFoundError where there is none."""
        ...


OnLeave = Callable[[Callable[[], None]], Callable[[], None]]
"""Registers a callback for 'the client left'; returns what unregisters it."""


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
