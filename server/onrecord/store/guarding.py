"""What reads a whole generation for long is ended when its files are spoiled meanwhile.

An aggregate that meets a spoiled block goes on for ever, and takes more memory
with each turn (pyoxigraph 0.5.13, tried: a gigabyte in 1.4 s). Nothing stops it
but the end of its process; a query worker has limits of its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onrecord.store.process import lift_memory_limit, limit_memory
from onrecord.store.soundness import Marks, find_spoiled, renew_marks
from onrecord.store.state import StateDirectory

_LOOK_SECONDS = 0.2
_MOST_MEMORY = 4 << 30


def _end() -> None:
    os._exit(1)


@contextmanager
def guarded(
    state: StateDirectory,
    number: int,
    marks: Marks,
    tell: Callable[[str], None],
    end: Callable[[], None] = _end,
) -> Iterator[None]:
    """In the block, `tell` is told which file of generation `number` was spoiled, and this process ended.

    So it is, by the system, when it takes more memory than half of what the machine has, 4 GB at most:
    a file that was spoiled before looks the same all the time.
    """
    done = threading.Event()

    def look() -> None:
        known = marks
        while not done.wait(_LOOK_SECONDS):
            if spoiled := find_spoiled(known):
                retaken = renew_marks(state, number, known)
                if retaken is None:
                    tell(f"Generation {number} is damaged: {spoiled}.")
                    end()
                    return
                known = retaken

    looking = threading.Thread(target=look, daemon=True)
    limit_memory(min(_MOST_MEMORY, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2))
    looking.start()
    try:
        yield
    finally:
        done.set()
        looking.join()
        lift_memory_limit()
