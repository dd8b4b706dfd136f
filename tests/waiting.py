"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(
    condition: Callable[[], object], seconds: float = 60, told: Callable[[], str] = lambda: ""
) -> None:
    """Ask until `condition` holds. Raises AssertionError after `seconds`, which are long for any machine.

    `told` is what the error says beside, such as the complaints of a server.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not come to pass {told()}"
        time.sleep(0.02)
