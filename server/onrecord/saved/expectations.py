"""What a saved query is expected to return, compared with what it returned."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from onrecord.terms import IriSpace

ResultTerm = NamedNode | Literal | BlankNode | Triple
Row = Mapping[str, ResultTerm]
"""One solution; an unbound variable has no entry."""


@dataclass(frozen=True)
class Expectation:
    """One case: with these parameter values, so many rows, these among them and those not.

    The values in partial rows are IRIs (absolute, or relative to the folder's
    IRI space) or the text of literals, with `@language` where that matters; an
    empty text means unbound. `hash` starts the result's SHA-256 (`hash_rows`).
    """

    values: Mapping[str, tuple[str, ...]]
    rows: int | None = None
    contains: tuple[Mapping[str, str], ...] = ()
    lacks: tuple[Mapping[str, str], ...] = ()
    hash: str | None = None
    line: int = 0


def compare(expectation: Expectation, rows: Sequence[Row], space: IriSpace) -> str | None:
    """None when `rows` are as expected, otherwise a sentence that says what is different.

    For ASK, pass one empty row for true and no row for false.

    >>> rows = [{"who": NamedNode("https://example.org/id/ada")}]
    >>> compare(Expectation({}, contains=({"who": "id/ada"},)), rows, IriSpace("https://example.org/"))
    >>> compare(Expectation({}, rows=2), rows, IriSpace("https://example.org/"))
    'Expected 2 rows, got 1.'
    """
    if expectation.rows is not None and len(rows) != expectation.rows:
        wanted = f"{expectation.rows} row{'' if expectation.rows == 1 else 's'}"
        return f"Expected {wanted}, got {len(rows)}."
    for partial in expectation.contains:
        if not any(_agrees(partial, row, space) for row in rows):
            return f"No row has {_show(partial)}.{_nearest(partial, rows, space)}"
    for partial in expectation.lacks:
        if any(_agrees(partial, row, space) for row in rows):
            return f"A row has {_show(partial)}, and none should."
    if expectation.hash is not None and not hash_rows(rows).startswith(expectation.hash):
        return f"The result has the hash {hash_rows(rows)[:16]}, expected {expectation.hash}."
    return None


def hash_rows(rows: Sequence[Row]) -> str:
    """SHA-256 of the rows in their order, in hexadecimal digits; of use only for a total order.

    >>> hash_rows([])[:16]
    'e3b0c44298fc1c14'
    """
    digest = hashlib.sha256()
    for row in rows:
        # A term in N-Triples has no line feed and no tab, so no two rows look alike.
        digest.update("\t".join(f"{name}={row[name]}" for name in sorted(row)).encode() + b"\n")
    return digest.hexdigest()


def _agrees(partial: Mapping[str, str], row: Row, space: IriSpace) -> bool:
    return all(_matches(value, row.get(name), space) for name, value in partial.items())


def _matches(value: str, term: ResultTerm | None, space: IriSpace) -> bool:
    if term is None:
        return value == ""
    if isinstance(term, NamedNode):
        return term.value in (value, space.base + value) and value != ""
    if isinstance(term, Literal):
        return value == term.value or (term.language is not None and value == f"{term.value}@{term.language}")
    return False


def _nearest(partial: Mapping[str, str], rows: Sequence[Row], space: IriSpace) -> str:
    """What the row that agrees most says instead."""
    if not rows:
        return " There are no rows."
    best = max(rows, key=lambda row: sum(_matches(v, row.get(n), space) for n, v in partial.items()))
    others = {
        n: _shorten(best.get(n), space) for n, v in partial.items() if not _matches(v, best.get(n), space)
    }
    return f" The nearest has {_show(others)}."


def _shorten(term: ResultTerm | None, space: IriSpace) -> str:
    if term is None:
        return "(unbound)"
    if isinstance(term, NamedNode):
        return space.shorten(term.value)
    return term.value if isinstance(term, Literal) else str(term)


def _show(partial: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value or '(unbound)'}" for name, value in partial.items())
