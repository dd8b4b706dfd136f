"""Small private files that are whole on disk or not there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from onrecord.errors import StoreError, is_disk_full, name_failure


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text`, readable by its owner only, on disk when this returns.

    The writer holds `locked` of the directory. Raises StoreError naming the path,
    DiskFullError for a full disk; then the file is as it was.
    """
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.unlink(missing_ok=True)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, path)
        sync_directory(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise name_failure(path, error) from error


def sync_directory(path: Path) -> None:
    """Have the names in `path` on disk when this returns."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_private(path: Path) -> None:
    """Make the directory `path` and its parents if absent; its content is its owner's alone.

    The names of those that were made are on disk when this returns. Raises StoreError naming it.
    """
    if path.is_dir():
        return
    absent = [each for each in (path, *path.parents) if not each.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        for each in absent:
            sync_directory(each.parent)
    except OSError as error:
        if is_disk_full(error):
            raise name_failure(path, error) from error
        raise StoreError(f"{path} cannot be made: {error.strerror}. Name another with --store.") from error


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep every other writer of `directory` out until the block ends.

    Raises StoreError when the directory cannot be written.
    """
    try:
        fd = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise name_failure(directory, error) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
