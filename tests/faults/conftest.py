"""The small folder of the tests of writing, and a disk that is small enough to be filled."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from tests.writing.conftest import numbers, write

__all__ = ["filled", "numbers", "small_disk", "write"]

_MEGABYTES = 64


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of its own, small enough to be filled: a tmpfs, which takes root and the right to mount.

    Where mounting is refused, as in many containers, `/dev/shm` serves if it is as small as
    containers have it.
    """
    point = tmp_path_factory.mktemp("disk")
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "onrecord-test", str(point)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode == 0:
        try:
            yield point
        finally:
            subprocess.run(["umount", "--lazy", str(point)], check=True)
        return
    shared = Path("/dev/shm")
    status = os.statvfs(shared) if shared.is_dir() else None
    if status is None or status.f_blocks * status.f_frsize > 256 << 20:
        pytest.skip("no small file system can be had here: mounting one takes root and the right to mount")
    point = shared / f"onrecord-{os.getpid()}"
    with (shared / "onrecord.lock").open("w") as lock:
        # Two processes of the suite must not fill it at once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        point.mkdir()
        try:
            yield point
        finally:
            subprocess.run(["rm", "-rf", str(point)], check=True)


def _write_for_ever(file: IO[bytes], size: int) -> None:
    while True:
        file.write(b"\0" * size)


@contextmanager
def filled(disk: Path, leaving: int = 0) -> Iterator[None]:
    """Inside the block no byte, or no more than `leaving` bytes, can be written to `disk`."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with pytest.raises(OSError, match="No space left"):
                _write_for_ever(file, size)
        file.truncate(os.fstat(file.fileno()).st_size - leaving)
    try:
        yield
    finally:
        ballast.unlink()
