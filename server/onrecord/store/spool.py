"""Files without a name, which processes hand to each other by their descriptor."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO


def spool(directory: Path, data: bytes = b"") -> IO[bytes]:
    """A file on the disk of `directory` that holds `data`; it goes when its last descriptor is closed."""
    file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115, whoever gets it closes it
    file.write(data)
    file.flush()
    return file
