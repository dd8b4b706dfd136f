"""What became of the SERVICE clauses of a query."""

from __future__ import annotations

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


@dataclass(frozen=True)
class FederatedQuery:
    """A query without SERVICE, and where its inline data comes from."""

    text: str
    clauses: tuple[Clause, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every endpoint answered everything."""
        return all(clause.is_complete for clause in self.clauses)
