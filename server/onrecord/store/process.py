"""What a forked child does first: nothing of its parent may linger in it."""

from __future__ import annotations

import ctypes
import gc
import logging
import mmap
import os
import resource
import signal
import struct
import sys
import time
from collections.abc import Callable

from onrecord.logs import LOGGER

_PR_SET_PDEATHSIG = 1
_BLOCKED = struct.Struct("dd")


def settle_child(parent: int, keep: frozenset[int]) -> None:
    """Prepare a freshly forked child: signals, death with its parent, inherited descriptors.

    `keep` are the descriptors that it needs beside standard input, output and
    error. Exits at once when the parent has gone meanwhile.
    """
    # What the parent made is never garbage here: to look for it would copy every page that is shared.
    gc.freeze()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    # Control-C reaches the whole foreground group; the supervisor alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
    first = 3
    for fd in sorted(fd for fd in keep if fd >= first):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, _highest_descriptor() + 1)


def fork_child(keep: frozenset[int], work: Callable[[], None]) -> int:
    """Fork a child that settles and does `work`; returns its process number to the parent.

    The child never returns: its exit status is 0, or 1 after a traceback on standard error.
    """
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        settle_child(parent, keep)
        work()
        status = 0
    except BaseException:
        logging.getLogger(LOGGER).exception("A process ended unexpectedly.")
    finally:
        os._exit(status)


def is_alive(pid: int) -> bool:
    """Whether there is a process `pid`, whoever owns it.

    >>> import os
    >>> is_alive(os.getpid())
    True
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def limit_memory(budget: int) -> None:
    """Let this process take `budget` bytes more than it maps now, and leave no core file.

    Called after the store is open: RocksDB maps its cache up front.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_mapped_bytes() + budget, hard))


def lift_memory_limit() -> None:
    """Undo `limit_memory`, as far as the hard limit allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def give_back_memory() -> None:
    """Give the system what was freed when large work ended; the allocator would keep it (glibc)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def deepen_stack(size: int) -> None:
    """Let the main thread's stack grow to `size` bytes, as far as the hard limit allows.

    The engine's parser and optimiser recurse; what `sparql.bounds` lets
    through must not overflow them.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = size if hard == resource.RLIM_INFINITY else min(size, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))


def cpu_seconds(pid: int) -> float | None:
    """Seconds of processor time that process `pid` has used; None where the system does not tell.

    >>> import os
    >>> cpu_seconds(os.getpid()) != 0
    True
    """
    if sys.platform != "linux":
        return None
    try:
        # The processor clock of another process, as clock_getcpuclockid(3) composes its number.
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return None


def resident_bytes(pid: int) -> int:
    """Bytes of memory that process `pid` holds; 0 where the system does not tell."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * mmap.PAGESIZE
    except (OSError, ValueError, IndexError):
        return 0


class Stopwatch:
    """How long a worker has been waiting for its client, in memory shared with the supervisor.

    A query's limit counts the time that the worker works. Made before the
    fork; one writer (the worker), one reader (the supervisor).
    """

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)

    def block(self) -> None:
        """The worker starts to wait."""
        total, _ = _BLOCKED.unpack_from(self._page)
        _BLOCKED.pack_into(self._page, 0, total, time.monotonic())

    def unblock(self) -> None:
        """The worker works again."""
        total, since = _BLOCKED.unpack_from(self._page)
        _BLOCKED.pack_into(self._page, 0, total + (time.monotonic() - since), 0.0)

    def reset(self) -> None:
        _BLOCKED.pack_into(self._page, 0, 0.0, 0.0)

    def read(self, now: float) -> tuple[float, float]:
        """Seconds waited in all, and in the wait that is under way (0 when none is)."""
        total, since = _BLOCKED.unpack_from(self._page)
        current = now - since if since else 0.0
        return total + current, current

    def close(self) -> None:
        self._page.close()


def _mapped_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * mmap.PAGESIZE


def _highest_descriptor() -> int:
    try:
        return max(int(name) for name in os.listdir("/dev/fd"))
    except (OSError, ValueError):
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
