"""What became of the SERVICE clauses of a query."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.errors import Position
from onrecord.federation.remote import Provenance
from onrecord.federation.solutions import Solutions


@dataclass(frozen=True)
class Clause:
    """One SERVICE clause and what stands in its place.

    `pushed` names the variables whose bindings were sent, `bindings` counts
    them. `is_complete` is false where SILENT hides a failure.
    """

    position: Position
    endpoint: str
    is_silent: bool
    pushed: tuple[str, ...]
    bindings: int
    rows: Solutions
    provenance: tuple[Provenance, ...]
    is_complete: bool = True


def digest_of(clauses: Iterable[Clause]) -> str:
    """SHA-256, in hexadecimal, of what stands in the place of each clause: the same rows, the same digest.

    Neither when and where they were asked counts, nor whether the cache had them.
    """
    digest = hashlib.sha256()
    for clause in clauses:
        for row in (clause.rows.variables, *clause.rows.rows):
            # No term begins with a control character.
            digest.update("\0".join("" if term is None else term for term in row).encode() + b"\1")
        digest.update(b"\2")
    return digest.hexdigest()


@dataclass(frozen=True)
class FederatedQuery:
    """A query without SERVICE, and where its inline data comes from."""

    text: str
    clauses: tuple[Clause, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every endpoint answered everything."""
        return all(clause.is_complete for clause in self.clauses)
