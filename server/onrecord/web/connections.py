"""How many connections a front may hold, and for how long one that says nothing.

Idle connections are what a slow client, a browser and an attacker have in
common. More of them than a front takes would keep every other client out.
"""

from __future__ import annotations

import resource

IDLE_MILLISECONDS = 15_000
"""After so long without a whole head of a request a connection is closed."""
MOST_OPEN = 65_536
FEW_OPEN = 1024
"""With fewer descriptors than this a busy server keeps clients waiting."""


def most_open_files() -> int:
    """How many files this process may open, 65,536 at most. Importing granian raised the soft limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_OPEN if soft == resource.RLIM_INFINITY else min(soft, MOST_OPEN)


def most_connections(open_files: int) -> int:
    """How many clients may be connected at once: half of what may be open.

    A query takes descriptors besides: one to its worker and one to the supervisor.

    >>> most_connections(65_536), most_connections(256)
    (32768, 128)
    """
    return max(16, open_files // 2)
