"""Counting what should be rare."""

from __future__ import annotations

import time
from collections import deque

_MOST_A_MINUTE = 10


class Recent:
    """Counts the ends of a process, over the last minute."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=_MOST_A_MINUTE)

    def too_many(self) -> bool:
        """Count one more; whether that makes more than are borne."""
        now = time.monotonic()
        full = len(self._times) == _MOST_A_MINUTE and now - self._times[0] < 60
        self._times.append(now)
        return full
