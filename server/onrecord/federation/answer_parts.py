"""An answer taken apart by the bindings that it is to, and put together again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from onrecord.federation.cache import Kept
from onrecord.federation.remote import Provenance, RemoteAnswer, RemoteQuery
from onrecord.federation.solutions import BindingsBatch, Row, Solutions, Term


def hash_query(query: RemoteQuery) -> str:
    """SHA-256 of the query without its bindings, in hexadecimal."""
    return hashlib.sha256(query.template.encode()).hexdigest()


def split_by_binding(
    solutions: Solutions, pushed: BindingsBatch | None
) -> Mapping[tuple[Term, ...], Solutions] | None:
    """The part of `solutions` that answers each binding; under `()` all of it without bindings.

    None when a row belongs to no binding that was sent (an endpoint may write
    a term differently): then nobody can tell which part answers which.

    >>> batch = BindingsBatch(("x",), ((Term("<urn:a>"),), (Term("<urn:b>"),)))
    >>> parts = split_by_binding(Solutions(("x",), ((Term("<urn:a>"),),)), batch)
    >>> {row[0]: len(part.rows) for row, part in parts.items()}
    {'<urn:a>': 1, '<urn:b>': 0}
    """
    if pushed is None:
        return {(): solutions}
    try:
        columns = [solutions.variables.index(name) for name in pushed.variables]
    except ValueError:
        return None
    parts: dict[tuple[Term | None, ...], list[Row]] = {row: [] for row in pushed.rows}
    for row in solutions.rows:
        part = parts.get(tuple(row[column] for column in columns))
        if part is None:
            return None
        part.append(row)
    return {row: Solutions(solutions.variables, tuple(parts[row])) for row in pushed.rows}


def merge_kept(endpoint: str, query: RemoteQuery, kept: list[Kept]) -> RemoteAnswer | None:
    """The answers of the cache to several bindings as one; None for none."""
    if not kept:
        return None
    oldest = min(kept, key=lambda one: one.asked)
    variables = kept[0].solutions.variables
    rows: list[Row] = []
    for one in kept:
        rows += _reorder(one.solutions, variables)
    return RemoteAnswer(
        Solutions(variables, tuple(rows)),
        Provenance(
            endpoint=endpoint,
            url=oldest.url,
            asked=datetime.fromtimestamp(oldest.asked, UTC),
            query_hash=hash_query(query),
            status="ok",
            cache_hits=len(kept),
            rows=len(rows),
            requests=0,
            size=0,
        ),
    )


def _reorder(solutions: Solutions, variables: tuple[str, ...]) -> tuple[Row, ...]:
    if solutions.variables == variables:
        return solutions.rows
    columns = [solutions.variables.index(v) if v in solutions.variables else -1 for v in variables]
    return tuple(tuple(row[c] if c >= 0 else None for c in columns) for row in solutions.rows)
