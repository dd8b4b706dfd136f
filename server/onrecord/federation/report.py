"""The provenance of a federated answer, for people and for machines."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from onrecord.federation.clause import Clause

_MOST_REPORTS = 2_000


@dataclass(frozen=True)
class ServiceUse:
    """What one SERVICE clause got from one address, added up.

    `asked` is when the oldest part of it left the endpoint; None when nothing
    was asked, because nothing here joins with it.
    """

    line: int
    endpoint: str
    url: str
    asked: datetime | None
    cached: int
    """Bindings (or bodies sent as they stand) that the cache answered."""
    rows: int
    requests: int
    size: int
    failures: tuple[str, ...]
    """Codes of the errors that SILENT passed over."""
    note: str = ""

    @property
    def sentence(self) -> str:
        """All of it for a reader."""
        where = self.url if self.url == self.endpoint else f"{self.url} (for {self.endpoint})"
        if self.asked is None:
            return f"{where}: not asked, since nothing here joins with it"
        told = [f"{self.rows:,} row{'' if self.rows == 1 else 's'}"]
        told.append(f"{self.requests:,} request{'' if self.requests == 1 else 's'}, {self.size:,} bytes")
        if self.cached:
            told.append(
                "all from the cache" if not self.requests else f"{self.cached:,} answers from the cache"
            )
        told.append(f"as of {self.asked.strftime('%Y-%m-%d %H:%M')} UTC")
        if self.failures:
            told.append(f"did not answer everything ({', '.join(self.failures)})")
        if self.note:
            told.append(self.note)
        return f"{where}: {'; '.join(told)}"


def summarize(clauses: Iterable[Clause]) -> tuple[ServiceUse, ...]:
    """What each clause got from each address, in the order of the text."""
    found = []
    for clause in clauses:
        addresses = dict.fromkeys((p.endpoint, p.url) for p in clause.provenance)
        for endpoint, url in addresses or {(clause.endpoint, clause.endpoint): None}:
            parts = [p for p in clause.provenance if (p.endpoint, p.url) == (endpoint, url)]
            found.append(
                ServiceUse(
                    clause.position.line,
                    endpoint,
                    url,
                    min((p.asked for p in parts), default=None),
                    sum(p.cache_hits for p in parts),
                    sum(p.rows for p in parts),
                    sum(p.requests for p in parts),
                    sum(p.size for p in parts),
                    tuple(dict.fromkeys(p.status for p in parts if p.status != "ok")),
                    "; ".join(dict.fromkeys(p.note for p in parts if p.note)),
                )
            )
    return tuple(found)


def write_report(clauses: Sequence[Clause]) -> bytes:
    """All provenance as a JSON document; it holds no text of the query and no binding."""
    document = {
        "complete": all(clause.is_complete for clause in clauses),
        "services": [
            {
                "line": clause.position.line,
                "column": clause.position.column,
                "endpoint": clause.endpoint,
                "silent": clause.is_silent,
                "complete": clause.is_complete,
                "pushedVariables": list(clause.pushed),
                "bindings": clause.bindings,
                "rows": len(clause.rows.rows),
                "exchanges": [
                    {
                        "endpoint": p.endpoint,
                        "url": p.url,
                        "asked": p.asked.isoformat(),
                        "queryHash": p.query_hash,
                        "status": p.status,
                        "cacheHits": p.cache_hits,
                        "rows": p.rows,
                        "requests": p.requests,
                        "bytes": p.size,
                        "note": p.note,
                    }
                    for p in clause.provenance
                ],
            }
            for clause in clauses
        ],
    }
    return json.dumps(document, indent=2).encode() + b"\n"


class ReportStore:
    """Reports as files, named after their content; the oldest go when there are many."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, report: bytes) -> str:
        """Keep `report`; returns its name."""
        name = hashlib.sha256(report).hexdigest()[:32]
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{name}.json"
        if not path.exists():
            unfinished = path.with_suffix(f".{os.getpid()}.tmp")
            unfinished.write_bytes(report)
            unfinished.replace(path)
            self._drop_oldest()
        return name

    def read(self, name: str) -> bytes | None:
        """The report of that name (32 hexadecimal digits); None when it is not kept."""
        if len(name) != 32 or not set(name) <= set("0123456789abcdef"):
            return None
        try:
            return (self._directory / f"{name}.json").read_bytes()
        except OSError:
            return None

    def _drop_oldest(self) -> None:
        kept = [entry for entry in os.scandir(self._directory) if entry.name.endswith(".json")]
        if len(kept) <= _MOST_REPORTS:
            return
        for entry in sorted(kept, key=lambda e: e.stat().st_mtime)[: len(kept) - _MOST_REPORTS]:
            Path(entry.path).unlink(missing_ok=True)
