"""Files that are whole on disk, or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


def sync_file(file: IO[bytes]) -> None:
    """Have what was written to `file` on disk."""
    file.flush()
    os.fsync(file.fileno())


def write_durably(path: Path, data: bytes, temporary: Path | None = None) -> None:
    """Write a file whole or not at all, on disk when this returns. Raises OSError."""
    temporary = temporary or path.with_name(path.name + ".tmp")
    with removed_on_failure(temporary):
        with temporary.open("wb") as file:
            file.write(data)
            sync_file(file)
        os.rename(temporary, path)
    sync_directory(path.parent)


@contextmanager
def removed_on_failure(temporary: Path) -> Iterator[None]:
    """Have the unfinished file `temporary` removed where the block cannot write it whole."""
    try:
        yield
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def sync_directory(path: Path) -> None:
    """Have the names in `path` on disk. Raises OSError."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
