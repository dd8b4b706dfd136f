"""What the plan needs of the two sides that it joins: other endpoints, and the local store.

The client that talks HTTP implements `Remote`, the query door implements
`Local`. An object of either serves one query of one client: it carries that
query's time limit, budget and cancellation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from onrecord.federation.solutions import BindingsBatch, Solutions


@dataclass(frozen=True)
class RemoteQuery:
    """A SELECT query with one place where a VALUES block may stand.

    `template` is for keys and hashes: it is the same for every batch.
    """

    before: str
    after: str

    @property
    def template(self) -> str:
        """The text without any bindings."""
        return self.before + self.after

    def text(self, pushed: BindingsBatch | None) -> str:
        """The text to send: with the bindings, or without any.

        >>> RemoteQuery("SELECT * WHERE { ", "?s ?p ?o }").text(None)
        'SELECT * WHERE { ?s ?p ?o }'
        """
        return f"{self.before}{pushed.values} {self.after}" if pushed is not None else self.template


@dataclass(frozen=True)
class Provenance:
    """Where remote rows came from.

    `endpoint` is the IRI as the query writes it, `url` the address that was
    asked for it. `asked` is when the answer (the oldest part of it) left the
    endpoint, also when it comes from the cache. `query_hash` is the SHA-256
    of the query's template in hexadecimal. `status` is "ok" or the code of
    the error. `requests` and `size` (bytes of bodies received) count what was
    sent for this answer, so both are 0 for what the cache held.
    """

    endpoint: str
    url: str
    asked: datetime
    query_hash: str
    status: str
    cache_hits: int
    """Bindings (or 1 for a query without any) that the cache answered."""
    rows: int
    requests: int
    size: int
    note: str = ""
    """What people must be told of rows that do not come from the endpoint's own data: frozen ones."""


@dataclass(frozen=True)
class RemoteAnswer:
    """Rows of an endpoint with their origin.

    Blank node labels are unique to the response that they came in, also in
    what the cache hands out, so that those of two responses never meet.
    """

    solutions: Solutions
    provenance: Provenance


@dataclass(frozen=True)
class Recalled:
    """What the cache knows: the answer to the bindings that it has, and those that are left to ask.

    `answer` is None when it has nothing, `missing` when nothing is missing.
    """

    answer: RemoteAnswer | None
    missing: BindingsBatch | None


class Remote(Protocol):
    """Other endpoints, for one query.

    Everything may raise EndpointRefusedError, which is never silenced, and
    QueryCancelledError after `cancel`. Other failures are RemoteErrors.
    """

    def check(self, endpoint: str) -> None:
        """Return nothing when the IRI `endpoint` may be asked; otherwise raise EndpointRefusedError.

        Sends nothing.
        """
        ...

    def recall(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> Recalled:
        """What the cache holds; sends nothing. `pushed` may have any number of rows.

        A query without bindings is either answered whole or `missing` is
        None and so is `answer`. Raises RemoteError where only the cache may
        answer and it does not.
        """
        ...

    def select(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> RemoteAnswer:
        """The whole answer to one request, which is kept in the cache binding by binding.

        The caller has asked `recall` and sends what was missing, in batches
        whose size it chooses; it halves a batch when the error says that a
        smaller one may do (`RemoteError.smaller_may_help`), so this never
        splits a batch. Waiting for a place at the host, Retry-After and
        repeated attempts happen inside.
        """
        ...

    def cancel(self) -> None:
        """End what is under way, from any thread; all calls raise QueryCancelledError from now on."""
        ...


class Local(Protocol):
    """The local store at one generation, for one query."""

    def check(self, query: str) -> None:
        """Return nothing when the engine can read `query`, a text of any form without SERVICE.

        Raises QuerySyntaxError. Evaluates it over nothing at most.
        """
        ...

    def select(self, query: str, most_rows: int) -> Solutions:
        """The solutions of a SELECT query that has no SERVICE, `most_rows` of them at most."""
        ...
