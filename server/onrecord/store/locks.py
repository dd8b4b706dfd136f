"""Locks of files, which the kernel gives back when their holder ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK_TICK = 0.02


def take_lock(fd: int, patience: float) -> bool:
    """Lock `fd` exclusively; False when another process holds it for longer than `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOCK_TICK)
        else:
            return True


@contextmanager
def held_exclusively(path: Path) -> Iterator[bool]:
    """Hold the lock of the file `path` in the block; False where somebody else holds it."""
    fd = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(fd)
