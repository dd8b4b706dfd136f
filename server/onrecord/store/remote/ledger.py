"""What the web processes of one machine share about a remote: the number of writes, and whose turn it is."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onrecord.errors import StoreError, TooBusyError

DIRECTORY = "engine"
"""In the state directory."""
_COUNT = struct.Struct("!Q")
_PAUSE = 0.02


class Ledger:
    """A counter in shared memory and a lock. Raises StoreError when they cannot be made."""

    def __init__(self, state: Path) -> None:
        self.directory = state / DIRECTORY
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._lock = self.directory / "writing"
            descriptor = os.open(self.directory / "writes", os.O_RDWR | os.O_CREAT, 0o600)
            if os.fstat(descriptor).st_size < mmap.PAGESIZE:
                os.truncate(descriptor, mmap.PAGESIZE)
        except OSError as error:
            raise StoreError(f"The store {state} cannot be written: {error.strerror}.") from None
        self._page = mmap.mmap(descriptor, mmap.PAGESIZE)
        os.close(descriptor)
        self._started = time.monotonic()

    def count(self) -> int:
        """How many writes went through this machine's servers."""
        return int(_COUNT.unpack_from(self._page)[0])

    @property
    def uptime(self) -> float:
        """Seconds since this process began."""
        return time.monotonic() - self._started

    @contextmanager
    def turn(self, seconds: float) -> Iterator[None]:
        """The turn to write; nobody else has it meanwhile. Counts one write at its end.

        Raises TooBusyError when it is not ours within `seconds`.
        """
        end = time.monotonic() + seconds
        with self._lock.open("wb") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > end:
                        raise TooBusyError("Other writes are under way. Try again in a moment.") from None
                    time.sleep(_PAUSE)
            try:
                yield
            finally:
                _COUNT.pack_into(self._page, 0, self.count() + 1)
