"""Files without a name, which processes hand to each other by their descriptor."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from onrecord.errors import name_failure


def spool(directory: Path, data: bytes = b"") -> IO[bytes]:
    """A file on the disk of `directory` that holds `data`; it goes when its last descriptor is closed.

    Raises StoreError, DiskFullError for a full disk.
    """
    with naming_disk(directory):
        file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115, whoever gets it closes it
        try:
            file.write(data)
            file.flush()
        except OSError:
            discard(file)
            raise
    return file


@contextmanager
def naming_disk(directory: Path) -> Iterator[None]:
    """Have what cannot be written to `directory` in the block raise a StoreError that names it."""
    try:
        yield
    except OSError as error:
        raise name_failure(directory, error) from error


def discard(file: IO[bytes]) -> None:
    """Close a file that could not be written; what it still holds back is lost with it."""
    with suppress(OSError):
        file.close()
