"""When a host is left alone: after it asked for a pause, and after it failed again and again.

Pure: times are seconds since 1970, given by the caller.
"""

from __future__ import annotations

import email.utils
from dataclasses import dataclass, replace

FAILURES_BORNE = 5
"""Failures in a row after which a host is left alone."""
FIRST_REST = 30.0
LONGEST_REST = 900.0
PAUSE_WITHOUT_WORD = 60.0
"""Seconds of pause after a 429 that tells no time."""
LONGEST_PAUSE = 86_400.0


@dataclass(frozen=True)
class HostState:
    """What is known of a host: it is not asked before `not_before`, for the reason `why`."""

    not_before: float = 0.0
    failures: int = 0
    why: str = ""

    def seconds_to_wait(self, now: float) -> float:
        """Seconds until the host may be asked; a clock that was set back costs at most a day."""
        return min(max(0.0, self.not_before - now), LONGEST_PAUSE)


def after_success() -> HostState:
    """A host that answers is welcome again."""
    return HostState()


def after_pause_asked(state: HostState, now: float, seconds: float | None) -> HostState:
    """The host said 429 (or 503 with a time): leave it alone as long as it says."""
    pause = PAUSE_WITHOUT_WORD if seconds is None else min(max(seconds, 1.0), LONGEST_PAUSE)
    return replace(state, not_before=now + pause, why="it asked for a pause")


def after_failure(state: HostState, now: float) -> HostState:
    """One more failure in a row; from the fifth on the host rests, each time twice as long.

    >>> state = HostState()
    >>> for _ in range(5):
    ...     state = after_failure(state, 100.0)
    >>> state.failures, state.seconds_to_wait(100.0), after_failure(state, 100.0).seconds_to_wait(100.0)
    (5, 30.0, 60.0)
    """
    failures = state.failures + 1
    if failures < FAILURES_BORNE:
        return replace(state, failures=failures)
    rest = min(FIRST_REST * 2.0 ** min(failures - FAILURES_BORNE, 10), LONGEST_REST)
    return HostState(max(state.not_before, now + rest), failures, f"it failed {failures} times in a row")


def read_retry_after(value: str | None, now: float) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110 10.2.3): a number or a date; None for neither.

    >>> read_retry_after("120", 0.0), read_retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 10.0)
    (120.0, 50.0)
    >>> read_retry_after("soon", 0.0)
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None
