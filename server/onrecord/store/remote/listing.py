"""The list of our graphs at the remote, as this process last read it."""

from __future__ import annotations

import threading
import time

from onrecord.store.remote.address import EngineAddress
from onrecord.store.remote.asking import ask_rows
from onrecord.store.remote.holdings import Holdings, ask_holdings, holdings_graph, read_holdings
from onrecord.store.remote.ledger import Ledger
from onrecord.store.remote.transport import Transport
from onrecord.terms import IriSpace

FRESH_SECONDS = 5.0
"""For so long a push, or a write through a server of another machine, may go unnoticed."""


class Listing:
    """Reads the list when it may have changed."""

    def __init__(
        self,
        address: EngineAddress,
        transport: Transport,
        space: IriSpace,
        shown: tuple[str, ...],
        ledger: Ledger,
    ) -> None:
        self._address, self._transport, self._space = address, transport, space
        self._shown, self._ledger = shown, ledger
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._known = Holdings(shown=shown)
        self._writes = -1
        self._read_at = float("-inf")

    def known(self) -> Holdings:
        """What was read last; before that nothing but what the settings tell."""
        return self._known

    def current(self) -> Holdings:
        """The list as it is now, or was a moment ago. Raises what a query raises."""
        if not self._is_fresh():
            with self._reading:
                if not self._is_fresh():  # another thread has just read it
                    self.read()
        return self._known

    def read(self) -> Holdings:
        """The list, asked now. Raises what a query raises."""
        writes, asked = self._ledger.count(), time.monotonic()
        rows = ask_rows(
            self._address, self._transport, ask_holdings(self._space), [holdings_graph(self._space)]
        )
        found = read_holdings(((s or "", p or "", o or "") for s, p, o in rows), self._shown)
        with self._lock:
            self._known, self._writes, self._read_at = found, writes, asked
        return found

    def _is_fresh(self) -> bool:
        with self._lock:
            is_new = time.monotonic() - self._read_at < FRESH_SECONDS
            return is_new and self._writes == self._ledger.count()
