"""What a state directory knows of senders, in one object for the web."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from onrecord.identity.audit import AuditLog
from onrecord.identity.sessions import SessionShelf
from onrecord.identity.throttle import FailureCounter
from onrecord.identity.tokens import TokenBook, digest_of


@dataclass(frozen=True)
class Register:
    """Tokens, sessions and the audit log of one store, and this process's count of failures."""

    tokens: TokenBook
    sessions: SessionShelf
    audit: AuditLog
    cookie: str
    """Name of the session cookie: another for each store, since ports of one host share cookies."""
    failures: FailureCounter = field(default_factory=FailureCounter)

    @classmethod
    def of(cls, state: Path) -> Register:
        """The register in the state directory `state`, which need not exist yet."""
        cookie = f"onrecord-{digest_of(str(state.absolute()))[:10]}"
        return cls(TokenBook(state), SessionShelf(state), AuditLog(state), cookie)
