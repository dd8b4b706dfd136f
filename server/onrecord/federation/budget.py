"""What one query, and one client in a minute, may ask of other endpoints."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from onrecord.errors import FederationBudgetError


@dataclass(frozen=True)
class Allowance:
    """Requests, bytes and seconds for a query; requests a minute for a client (0: any number)."""

    requests: int = 200
    size: int = 256 << 20
    seconds: float = 120.0
    client_requests: int = 600


class Budget:
    """What is left for one query. Safe for threads."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._deadline = time.monotonic() + allowance.seconds
        self._lock = threading.Lock()
        self._requests = 0
        self._size = 0

    @property
    def seconds_left(self) -> float:
        return self._deadline - time.monotonic()

    @property
    def bytes_left(self) -> int:
        return max(0, self._allowance.size - self._size)

    def take_request(self, url: str) -> None:
        """Count one more request. Raises FederationBudgetError when none is left, nor time or bytes."""
        with self._lock:
            if self._requests >= self._allowance.requests:
                spent = f"{self._allowance.requests} requests"
                option = "--federation-requests"
            elif self._size >= self._allowance.size:
                spent, option = f"{self._allowance.size} bytes", "--federation-megabytes"
            elif self.seconds_left <= 0:
                spent, option = f"{self._allowance.seconds:.0f} s", "--federation-timeout"
            else:
                self._requests += 1
                return
        raise FederationBudgetError(
            f"{url}: the query has used up its {spent} for other endpoints. Make its SERVICE groups more "
            f"selective; who runs this server may raise {option}.",
            url,
        )

    def take_bytes(self, size: int) -> None:
        with self._lock:
            self._size += size


class ClientLedger:
    """Requests of each client in the current minute, in a SQLite file that all processes share.

    A client is kept as a hash that is good for one minute, and nothing is kept longer.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._path = path
        self._most = most

    def take_request(self, client: str, url: str) -> None:
        """Count one more request of `client`. Raises FederationBudgetError past the limit.

        A ledger that cannot be written stops nobody.
        """
        if not client or not self._most:
            return
        minute = int(time.time() // 60)
        mark = hashlib.sha256(f"{minute}\0{client}".encode()).digest()[:16]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=2.0)) as database, database:
                database.execute(
                    "CREATE TABLE IF NOT EXISTS spent "
                    "(client BLOB PRIMARY KEY, minute INTEGER, requests INTEGER)"
                )
                database.execute("DELETE FROM spent WHERE minute < ?", (minute,))
                database.execute(
                    "INSERT INTO spent VALUES (?, ?, 1) "
                    "ON CONFLICT (client) DO UPDATE SET requests = requests + 1",
                    (mark, minute),
                )
                row = database.execute("SELECT requests FROM spent WHERE client = ?", (mark,)).fetchone()
        except (sqlite3.Error, OSError):
            return
        if row is not None and row[0] > self._most:
            raise FederationBudgetError(
                f"{url}: you have asked other endpoints {self._most} times in this minute, "
                "which is the limit. Go on in the next minute.",
                url,
                retry_after=60 - int(time.time() % 60),
            )
