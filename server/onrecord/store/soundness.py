"""Whether the files of a generation are as the engine wrote them.

The engine checks every block that it reads, and a pattern that meets a spoiled
one fails. An expression does not: a text that cannot be read is an error of
that FILTER or BIND, and its row is left out in silence (pyoxigraph 0.5.13,
tried). So the files are looked at apart from the engine as well. Their marks
(inode, size, time of the last change) cost a microsecond each and are compared
after each query that has an expression; their sums (SHA-256) are taken once,
after publication, and compared when a writer starts, when something was found
spoiled, and each hour.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from onrecord.errors import StoreDamagedError
from onrecord.store.durable import removed_on_failure
from onrecord.store.state import StateDirectory

Mark = tuple[int, int, int]
"""Inode, size and the time of the last change in nanoseconds."""
Marks = Mapping[Path, Mark]

_MERGE = "union/"
_ENGINE_SIGNS = ("Corruption", "IO error", "truncated")
_OPENING_SIGNS = (*_ENGINE_SIGNS, "orruption", "No such file", "CURRENT", "not found")
"""What RocksDB says of missing or spoiled files, as against a full disk or too many open files."""


def tells_damage(error: Exception, *, opening: bool = False) -> bool:
    """Whether the engine's `error` is about spoiled or missing files, as against the query or a full disk.

    >>> tells_damage(RuntimeError("Corruption: block checksum mismatch")), tells_damage(ValueError("no"))
    (True, False)
    """
    if opening and isinstance(error, RuntimeError):
        return True
    text = str(error)
    if "No space left" in text or "Too many open files" in text:
        return False
    return any(sign in text for sign in (_OPENING_SIGNS if opening else _ENGINE_SIGNS))


def mark_files(*directories: Path) -> dict[Path, Mark]:
    """The marks of all files of the engine in `directories`."""
    return {path: _mark(path) for directory in directories for path in _files(directory)}


def find_spoiled(marks: Marks) -> str:
    """The first file that is gone or not as it was marked, told in words; empty when there is none."""
    for path, mark in marks.items():
        try:
            now = _mark(path)
        except OSError:
            return f"{path.name} has gone"
        if now != mark:
            return f"{path.name} was changed from outside"
    return ""


def find_changed(directory: Path, marks: Marks) -> str:
    """As `find_spoiled`, for those files of `directory` that are the very files that were marked."""
    known = {(path.name, mark[0]): mark for path, mark in marks.items()}
    for path in _files(directory):
        try:
            now = _mark(path)
        except FileNotFoundError:
            # The engine removes its own files when it has put what they hold elsewhere.
            continue
        if known.get((path.name, now[0]), now) != now:
            return f"{path.name} was changed from outside"
    return ""


def refuse_marked(state: StateDirectory, number: int) -> dict[Path, Mark]:
    """The marks of generation `number`. Raises StoreDamagedError when a file is not what was summed up."""
    paths = _generation_files(state, number)
    marks = {path: _mark(path) for path in paths.values()}
    for name, (mark, digest) in _read_sums(state, number).items():
        # A store that was copied has other inodes, and the same sums.
        if name not in paths or (marks[paths[name]] != mark and _digest(paths[name]) != digest):
            raise StoreDamagedError(_told(number, name))
    return marks


def renew_marks(state: StateDirectory, number: int, marks: Marks) -> Marks | None:
    """The marks as they are now of those files of generation `number`, of which some are not as marked.

    None where one of these is not what was summed up, or nobody took its sum.
    """
    sums = _read_sums(state, number)
    try:
        known = {
            path: sums[name][1] for name, path in _generation_files(state, number).items() if name in sums
        }
        now = {path: _mark(path) for path in marks}
        changed = [path for path, mark in marks.items() if now[path] != mark]
        return now if all(path in known and _digest(path) == known[path] for path in changed) else None
    except OSError:
        return None


def keep_sums(state: StateDirectory, number: int) -> None:
    """Write down the sums of generation `number`, unless they are; files of earlier ones are not read again.

    Raises StoreDamagedError when such a file is not what it was.
    """
    path = state.sums_path(number)
    if path.exists():
        return
    known = _known_files(state)
    sums: dict[str, tuple[Mark, str]] = {}
    for name, file in _generation_files(state, number).items():
        mark = _mark(file)
        former = known.get((file.name, mark[0]))
        if former is not None and former[0] == mark:
            sums[name] = former
            continue
        digest = _digest(file)
        if former is not None and former[1] != digest:
            raise StoreDamagedError(_told(number, name))
        sums[name] = mark, digest
    _write_sums(path, sums)


def verify(state: StateDirectory, number: int) -> bool:
    """Read all files of generation `number`; False when nobody has taken their sums.

    Raises StoreDamagedError naming the first that is not what it was.
    """
    sums, files = _read_sums(state, number), _generation_files(state, number)
    seen: dict[str, tuple[Mark, str]] = {}
    for name, (_, digest) in sums.items():
        if name not in files:
            raise StoreDamagedError(_told(number, name))
        seen[name] = _mark(files[name]), digest
        if _digest(files[name]) != digest:
            raise StoreDamagedError(_told(number, name))
    if not sums:
        verify_shared(state, state.generation_path(number))
    elif seen != sums:
        # It was copied here: from now on its marks are as good as its sums again.
        _write_sums(state.sums_path(number), seen)
    return bool(sums)


def verify_shared(state: StateDirectory, directory: Path) -> None:
    """Read the files of `directory` that a generation shares. Raises StoreDamagedError, as `verify` does."""
    known = _known_files(state)
    for path in _files(directory):
        former = known.get((path.name, _mark(path)[0]))
        if former is not None and _digest(path) != former[1]:
            raise StoreDamagedError(f"{path} is not what it was.")


def _write_sums(path: Path, sums: Mapping[str, tuple[Mark, str]]) -> None:
    temporary = path.with_suffix(".sums.tmp")
    with removed_on_failure(temporary):
        temporary.write_text(json.dumps(sums))
        os.rename(temporary, path)


def _told(number: int, name: str) -> str:
    return f"Generation {number} is damaged: {name} is not what it was."


def _known_files(state: StateDirectory) -> dict[tuple[str, int], tuple[Mark, str]]:
    """The sums of all generations that are kept, by the names and inodes of their files."""
    known: dict[tuple[str, int], tuple[Mark, str]] = {}
    for record in state.records():
        sums = _read_sums(state, record.number)
        try:
            marks = {name: _mark(path) for name, path in _generation_files(state, record.number).items()}
        except FileNotFoundError:
            # It is being removed, being too old.
            continue
        for name, (mark, digest) in sums.items():
            # An inode that was freed may have come to another file.
            if name in marks and marks[name][0] == mark[0]:
                known[name.removeprefix(_MERGE), mark[0]] = mark, digest
    return known


def _read_sums(state: StateDirectory, number: int) -> dict[str, tuple[Mark, str]]:
    try:
        document = json.loads(state.sums_path(number).read_text())
        return {
            str(name): ((int(mark[0]), int(mark[1]), int(mark[2])), str(digest))
            for name, (mark, digest) in document.items()
        }
    except (OSError, ValueError, TypeError, IndexError, AttributeError):
        # Without sums the engine's own checks are what there is.
        return {}


def _generation_files(state: StateDirectory, number: int) -> dict[str, Path]:
    own = {path.name: path for path in _files(state.generation_path(number))}
    return own | {_MERGE + path.name: path for path in _files(state.merge_path(number))}


def _files(directory: Path) -> Iterator[Path]:
    """The files of a store; the engine's journal of what it does is none."""
    if directory.is_dir():
        yield from (p for p in sorted(directory.iterdir()) if p.is_file() and not p.name.startswith("LO"))


def _mark(path: Path) -> Mark:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
