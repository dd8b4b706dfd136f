"""Counting wrong tokens for each address, in constant memory.

A right token is let in whatever its address has done before: 256 bits are
not guessed, and a limit that locked people out would let a stranger behind
the same proxy do so. The limit keeps failures cheap and the audit log short.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_FAILURES = 10
"""Failures of one address in a window that are told apart."""
WINDOW = 60.0
"""Seconds."""
MOST_ADDRESSES = 4096
"""Addresses that are remembered; the one that was silent longest is forgotten."""


class FailureCounter:
    """Failures of each address in this process. Safe to use from any number of threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, address: str) -> int:
        """Count a failure; returns how many there were in this address's window, this one included."""
        key = network_of(address)
        now = self._clock()
        with self._lock:
            begun, failures = self._windows.pop(key, (now, 0))
            if now - begun >= WINDOW:
                begun, failures = now, 0
            self._windows[key] = begun, failures + 1
            if len(self._windows) > MOST_ADDRESSES:
                self._windows.popitem(last=False)
            return failures + 1

    def seconds_left(self, address: str) -> int:
        """Whole seconds until the window of `address` ends, at least 1."""
        with self._lock:
            begun, _ = self._windows.get(network_of(address), (self._clock(), 0))
            return max(1, int(begun + WINDOW - self._clock()) + 1)

    def __len__(self) -> int:
        return len(self._windows)


def network_of(address: str) -> str:
    """Who counts as one sender: an IPv4 address, the /64 of an IPv6 address.

    >>> network_of("2001:db8::1:2"), network_of("::ffff:192.0.2.1"), network_of("")
    ('2001:db8::/64', '192.0.2.1', 'unknown')
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
