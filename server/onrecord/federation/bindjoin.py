"""Asking one endpoint for the rows that join with bindings, batch by batch."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from onrecord.errors import FederationError, RemoteError
from onrecord.federation.remote import Provenance, Remote, RemoteAnswer, RemoteQuery
from onrecord.federation.solutions import BindingsBatch


@dataclass(frozen=True)
class Limits:
    """How much one SERVICE clause may send and bring; requests, bytes and time are the client's budget."""

    first_batch: int = 50
    largest_batch: int = 500
    bindings: int = 20_000
    rows: int = 200_000
    unbound_rows: int = 10_000
    """Rows when no binding restricts them."""
    size: int = 64 << 20
    """Characters of the query's text with all inline data."""


LIMITS = Limits()


@dataclass
class Exchanged:
    """What an endpoint answered, and the bindings that it failed to answer."""

    answers: list[RemoteAnswer] = field(default_factory=list)
    failures: list[Provenance] = field(default_factory=list)
    failed: list[BindingsBatch | None] = field(default_factory=list)
    sent: int = 0
    rows: int = 0


def ask_in_batches(
    remote: Remote,
    endpoint: str,
    query: RemoteQuery,
    pushed: BindingsBatch | None,
    *,
    is_silent: bool,
    limits: Limits,
) -> Exchanged:
    """All rows of `query` at `endpoint` for the bindings `pushed`.

    The first batch has 50 bindings; each success doubles the next, up to 500,
    and a failure that a smaller batch may avoid halves it. Raises the
    RemoteError unless `is_silent`; then what failed is told in the result.
    """
    made = Exchanged(sent=len(pushed.rows) if pushed is not None else 0)
    most_rows = limits.unbound_rows if pushed is None else limits.rows
    try:
        recalled = remote.recall(endpoint, query, pushed)
    except RemoteError as error:
        _fail(made, endpoint, query, pushed, error, is_silent=is_silent)
        return made
    if recalled.answer is not None:
        _add(made, recalled.answer, endpoint, most_rows)
        if pushed is None:
            return made
    waiting: deque[BindingsBatch | None] = deque()
    if recalled.missing is not None or pushed is None:
        waiting.append(recalled.missing)
    size, largest = limits.first_batch, limits.largest_batch
    while waiting:
        batch = waiting.popleft()
        if batch is not None and len(batch.rows) > size:
            first, *_ = batch.split(size)
            waiting.appendleft(BindingsBatch(batch.variables, batch.rows[size:]))
            batch = first
        try:
            answer = remote.select(endpoint, query, batch)
        except RemoteError as error:
            if error.smaller_may_help and batch is not None and len(batch.rows) > 1:
                size = largest = max(1, len(batch.rows) // 2)
                waiting.appendleft(batch)
                continue
            _fail(made, endpoint, query, batch, error, is_silent=is_silent)
            if waiting and not error.smaller_may_help:
                # The endpoint does not answer: what is left is not sent.
                made.failed += waiting
                break
            continue
        _add(made, answer, endpoint, most_rows)
        size = min(size * 2, largest)
    return made


def _add(made: Exchanged, answer: RemoteAnswer, endpoint: str, most_rows: int) -> None:
    made.answers.append(answer)
    made.rows += len(answer.solutions.rows)
    if made.rows > most_rows:
        raise FederationError(
            f"<{endpoint}> has more than {most_rows:,} rows for this SERVICE, the most that are taken over. "
            "Bind one of its variables by a pattern outside it, or ask it for less."
        )


def _fail(
    made: Exchanged,
    endpoint: str,
    query: RemoteQuery,
    batch: BindingsBatch | None,
    error: RemoteError,
    *,
    is_silent: bool,
) -> None:
    if not is_silent:
        raise error
    made.failed.append(batch)
    made.failures.append(
        Provenance(
            endpoint=endpoint,
            url=endpoint,
            asked=datetime.now(UTC),
            query_hash=sha256(query.template.encode()).hexdigest(),
            status=error.code,
            cache_hits=0,
            rows=0,
            requests=error.requests,
            size=0,
        )
    )
