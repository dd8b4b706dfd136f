"""Ending children, and waiting until they have ended."""

from __future__ import annotations

import os
import signal
import time


def kill_child(pid: int) -> None:
    """End a child, which may have ended and been reaped already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def wait_for_child(pid: int, seconds: float) -> bool:
    """Whether the child `pid` ended, or had ended, within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return True
        except ChildProcessError:
            return True
        time.sleep(0.01)
    return False
