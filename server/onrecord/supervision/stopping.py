"""The mark by which all processes of a server know that nothing new is to be begun."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

_NAME = "stopping"


def tell_patience(seconds: float) -> str:
    """What is told whoever asked for an end while something runs.

    >>> tell_patience(8.0)
    'Stopping: what runs is given 8 seconds to end. A second signal stops at once.'
    """
    return f"Stopping: what runs is given {seconds:g} seconds to end. A second signal stops at once."


class StoppingMark:
    """A byte of shared memory in the runtime directory; reading it takes no round trip."""

    def __init__(self, runtime: Path, *, create: bool = False) -> None:
        """With `create` it is made, not set; whoever serves does so before the fronts start."""
        path = runtime / _NAME
        if create:
            path.write_bytes(b"\0")
        fd = os.open(path, os.O_RDWR)
        self._page = mmap.mmap(fd, 1)
        os.close(fd)

    def set(self) -> None:
        self._page[0] = 1

    def is_set(self) -> bool:
        return self._page[0] != 0
