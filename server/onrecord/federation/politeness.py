"""One request in flight for each host, among all processes that share a directory.

::

    DIRECTORY/<host>/
      counter            number of the last ticket; its lock is held for an instant
      ticket-000000017   locked by its holder for as long as it waits or is served
      state.json         when the host may be asked again, written by who is served

Tickets are served in order. A process that dies lets go of its ticket's lock,
so nobody waits for the dead.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from onrecord.errors import QueryCancelledError, RemoteBusyError
from onrecord.federation.breaker import HostState
from onrecord.federation.endpoints import Origin

_POLL_SECONDS = 0.01
_TICKET = re.compile(r"ticket-[0-9]{9,}")
_STATE = "state.json"


class Turn:
    """The right to ask a host now, and what is known of it."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _STATE

    @property
    def state(self) -> HostState:
        """What was last written; a file that cannot be read counts as nothing known."""
        try:
            document = json.loads(self._path.read_text())
            return HostState(float(document["not_before"]), int(document["failures"]), str(document["why"]))
        except (OSError, ValueError, TypeError, KeyError):
            return HostState()

    def write(self, state: HostState) -> None:
        """Make `state` known to all processes."""
        draft = self._path.with_suffix(".tmp")
        draft.write_text(json.dumps(asdict(state)))
        os.replace(draft, self._path)


class Politeness:
    """Turns, handed out in order by the files of `directory`. Safe for threads and processes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def turn(self, origin: Origin, seconds: float, is_cancelled: Callable[[], bool]) -> Iterator[Turn]:
        """Wait for the turn of `origin`, at most `seconds`.

        Raises RemoteBusyError when others were served all that time, and QueryCancelledError.
        """
        directory = self._directory / host_directory(origin)
        directory.mkdir(parents=True, exist_ok=True)
        path, fd = _draw(directory)
        try:
            deadline = time.monotonic() + seconds
            while not _is_first(directory, path):
                if is_cancelled():
                    raise QueryCancelledError("The query was stopped while it waited for its turn.")
                if time.monotonic() >= deadline:
                    raise RemoteBusyError(
                        f"{origin}: other queries were asking it for {seconds:.0f} s; one asks at a time. "
                        "Try again in a moment.",
                        str(origin),
                        retry_after=5,
                    )
                time.sleep(_POLL_SECONDS)
            yield Turn(directory)
        finally:
            path.unlink(missing_ok=True)
            os.close(fd)

    def state(self, origin: Origin) -> HostState:
        """What is known of `origin`, without waiting for a turn."""
        return Turn(self._directory / host_directory(origin)).state


def host_directory(origin: Origin) -> str:
    """A directory's name for a host: politeness is by host, whatever the path or the scheme.

    >>> host_directory(Origin("https", "example.org", 443)).startswith("example.org-")
    True
    """
    port = "" if origin.port in (80, 443) else f":{origin.port}"
    readable = re.sub(r"[^a-z0-9.-]", "_", origin.host)[:60]
    return f"{readable}-{hashlib.sha256((origin.host + port).encode()).hexdigest()[:8]}"


def _draw(directory: Path) -> tuple[Path, int]:
    """The next ticket, locked before anyone can see it unlocked."""
    with open(directory / "counter", "a+b") as counter:
        fcntl.flock(counter, fcntl.LOCK_EX)
        counter.seek(0)
        text = counter.read()
        number = 1 + max(int(text) if text.isdigit() else 0, *(_numbers(directory) or [0]), 0)
        path = directory / f"ticket-{number:09d}"
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX)
        counter.truncate(0)
        counter.write(str(number).encode())
        return path, fd


def _numbers(directory: Path) -> list[int]:
    return [int(n.removeprefix("ticket-")) for n in os.listdir(directory) if _TICKET.fullmatch(n)]


def _is_first(directory: Path, path: Path) -> bool:
    """Whether no ticket before `path` is held. Tickets of the dead are thrown away."""
    own = int(path.name.removeprefix("ticket-"))
    for number in sorted(_numbers(directory)):
        if number >= own:
            return True
        earlier = directory / f"ticket-{number:09d}"
        try:
            fd = os.open(earlier, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            earlier.unlink(missing_ok=True)
        finally:
            os.close(fd)
    return True
