"""What operators see of an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from onrecord.engine.generations import Generation


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
    named: int | None = None
    """The generation whose names a search finds; None where there is no index yet, or none is told."""
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
