"""The audit log: one JSON line for every write and every refusal, on disk before the sender is answered.

::

    STORE/audit/             mode 0700
      000001.jsonl           mode 0600; only ever appended to, and never removed by us
      000002.jsonl           begun when the one before has reached its size
      lock                   held while a line is added

A line holds `time` (UTC), `who` (the token's name), `token` (its id), `role`,
`action`, `method`, `path`, `outcome` (the HTTP status), and where they are
known `code` (of the problem), `generation`, `bytes` and `sha256` of the text
that was sent. No text, no query string and no client address: the senders
are journalists.

The web calls `record` once for each such request, after the writer has
committed and before the sender is told. A write that was committed while the
power failed before its line was written was never acknowledged; the
generation's own record names it. A line that finds the disk full is owed: it is
added, in its place, with the first one that finds room.
"""

from __future__ import annotations

import errno
import json
import os
import re
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from onrecord.errors import DiskFullError, RequestError, StoreError, name_failure
from onrecord.identity.files import locked, make_private, sync_directory
from onrecord.identity.roles import Identity

DIRECTORY = "audit"
FILE_BYTES = 16 << 20
"""A file that has this size is followed by another."""

_FILE = re.compile(r"([0-9]{6,12})\.jsonl")
_CURSOR = re.compile(r"([0-9]{1,12})-([0-9]{1,15})")
_BLOCK = 65_536
_LONGEST_PATH = 1000
_MOST_OWED = 10_000
"""Lines that one process keeps for a full disk; most writes are refused then, and leave nothing else."""

Entry = dict[str, str | int]


@dataclass(frozen=True)
class AuditPage:
    """Entries, newest first; `older` is the cursor of those before them, empty at the end.

    `unreadable` counts lines that a power failure or somebody's editor has spoilt.
    """

    entries: tuple[Entry, ...]
    older: str
    unreadable: int


class AuditLog:
    """The audit log of a state directory. Safe to use from any number of threads and processes."""

    def __init__(self, state: Path) -> None:
        self._directory = state / DIRECTORY
        self._lock = threading.Lock()
        self._owed: deque[bytes] = deque(maxlen=_MOST_OWED)

    def record(
        self,
        who: Identity,
        action: str,
        outcome: int,
        *,
        method: str = "",
        path: str = "",
        code: str = "",
        generation: str = "",
        size: int | None = None,
        sha256: str = "",
    ) -> None:
        """Add a line; it is on disk when this returns.

        Raises StoreError, DiskFullError for a full disk: then the line is owed.
        """
        entry: dict[str, str | int | None] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "who": who.name,
            "token": who.token_id,
            "role": who.role,
            "action": action,
            "method": method,
            "path": path[:_LONGEST_PATH],
            "outcome": outcome,
            "code": code,
            "generation": generation,
            "bytes": size,
            "sha256": sha256,
        }
        known = {name: value for name, value in entry.items() if value not in ("", None)}
        with self._lock:
            self._owed.append(json.dumps(known).encode() + b"\n")
            try:
                self._append(b"".join(self._owed))
            except DiskFullError:
                raise
            except StoreError:
                self._owed.pop()
                raise
            self._owed.clear()

    def page(self, most: int, cursor: str = "") -> AuditPage:
        """The `most` newest entries before `cursor` (the newest of all without one).

        Raises RequestError for a cursor that no page gave, and StoreError.
        """
        number, end = _read_cursor(cursor)
        entries: list[Entry] = []
        unreadable = 0
        try:
            for file_number in sorted(self._numbers(), reverse=True):
                if number is not None and file_number > number:
                    continue
                limit = end if file_number == number else None
                for start, line in _lines_backwards(self._path(file_number), limit):
                    if len(entries) == most:
                        return AuditPage(tuple(entries), f"{file_number}-{start + len(line)}", unreadable)
                    entry = _parse(line)
                    if entry is None:
                        unreadable += 1
                    else:
                        entries.append(entry)
        except OSError as error:
            raise StoreError(f"{self._directory} cannot be read: {error.strerror}.") from error
        return AuditPage(tuple(entries), "", unreadable)

    def _append(self, lines: bytes) -> None:
        make_private(self._directory)
        with locked(self._directory):
            path = self._path(max(self._numbers(), default=1))
            try:
                if path.exists() and path.stat().st_size >= FILE_BYTES:
                    path = self._path(int(path.stem) + 1)
                is_new = not path.exists()
                fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
                try:
                    _add(fd, lines)
                finally:
                    os.close(fd)
                if is_new:
                    sync_directory(self._directory)
            except OSError as error:
                raise name_failure(path, error) from error

    def _numbers(self) -> list[int]:
        try:
            names = os.listdir(self._directory)
        except FileNotFoundError:
            return []
        return [int(match[1]) for name in names if (match := _FILE.fullmatch(name))]

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:06d}.jsonl"


def _add(fd: int, lines: bytes) -> None:
    """Append `lines` whole or not at all, on disk when this returns."""
    size = os.fstat(fd).st_size
    if size and os.pread(fd, 1, size - 1) != b"\n":
        lines = b"\n" + lines  # the line before was cut off by a power failure
    try:
        if os.write(fd, lines) != len(lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(fd)
    except OSError:
        os.ftruncate(fd, size)
        raise


def _lines_backwards(path: Path, end: int | None) -> Iterator[tuple[int, bytes]]:
    """(offset, line with its newline) of a file up to the offset `end`, the last line first."""
    with path.open("rb") as file:
        place = os.fstat(file.fileno()).st_size
        if end is not None:
            place = min(place, end)
        rest = b""
        while place > 0:
            start = max(0, place - _BLOCK)
            file.seek(start)
            rest = file.read(place - start) + rest
            place = start
            lines = rest.splitlines(keepends=True)
            # The first piece may be the end of a line that begins in the block before.
            first = 1 if place > 0 else 0
            offset = place + len(rest)
            for line in reversed(lines[first:]):
                offset -= len(line)
                yield offset, line
            rest = lines[0] if first else b""


def _parse(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _read_cursor(cursor: str) -> tuple[int | None, int | None]:
    if not cursor:
        return None, None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise RequestError(f'The place "{cursor}" in the audit log is none that a page of it named.')
    return int(match[1]), int(match[2])
