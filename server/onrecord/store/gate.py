"""Whether a worker has begun to answer, agreed on with the supervisor in shared memory.

A query that overran its quantum is stopped and asked again elsewhere, which
is only right while nothing of its answer has left the worker. Both sides
first say what they are about to do and then look at the other: whichever
comes second gives way, so that never both go on.
"""

from __future__ import annotations

import mmap
import threading
import time

_RELEASED, _DOOMED = 0, 1
_RETRY_SECONDS = 0.001
_FENCE = threading.Lock()
"""Taking a lock orders memory: what was written before it is seen before what is read after it."""


class Gate:
    """Made before the fork; the worker releases, the supervisor dooms. Both reset it before a query.

    >>> gate = Gate()
    >>> gate.doom(), gate.released
    (True, False)
    >>> gate = Gate()
    >>> gate.release()
    >>> gate.doom(), gate.released
    (False, True)
    """

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)

    @property
    def released(self) -> bool:
        return self._page[_RELEASED] != 0

    def reset(self) -> None:
        """Before a query: nothing is released."""
        self._page[_RELEASED] = 0

    def release(self) -> None:
        """Before the first byte leaves the worker. Does not return in a worker that is doomed."""
        self._page[_RELEASED] = 1
        with _FENCE:
            pass
        while self._page[_DOOMED]:
            # The supervisor kills us now, or sees that we were first and takes it back.
            time.sleep(_RETRY_SECONDS)

    def doom(self) -> bool:
        """Whether the worker may be stopped: it has released nothing and now never will."""
        self._page[_DOOMED] = 1
        with _FENCE:
            pass
        if self.released:
            self._page[_DOOMED] = 0
            return False
        return True

    def close(self) -> None:
        self._page.close()
