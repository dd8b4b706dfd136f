"""What is set of other endpoints, for all queries of a process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from onrecord.federation.budget import Allowance
from onrecord.federation.endpoints import Endpoints
from onrecord.federation.exchange import Limits


@dataclass(frozen=True)
class FederationSettings:
    """What is set. `contact` is a mail address or URL; without it no request leaves."""

    directory: Path
    endpoints: Endpoints
    contact: str = ""
    limits: Limits = field(default_factory=Limits)
    allowance: Allowance = field(default_factory=Allowance)
    cache_seconds: float = 86_400.0
    cache_size: int = 256 << 20
