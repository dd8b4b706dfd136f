"""Disks that are full, as the kernel, the engine and SQLite tell of them."""

from __future__ import annotations

import errno
from pathlib import Path

from onrecord.errors.serving import DiskFullError, StoreError

_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
_SIGNS = ("No space left", "quota exceeded", "disk is full")


def is_disk_full(error: BaseException) -> bool:
    """Whether `error` is about a disk without room.

    >>> is_disk_full(OSError(28, "No space left on device")), is_disk_full(OSError(13, "Permission denied"))
    (True, False)
    >>> is_disk_full(OSError("IO error: No space left on device: While appending to file"))
    True
    """
    if isinstance(error, OSError) and error.errno in _NUMBERS:
        return True
    return any(sign in str(error) for sign in _SIGNS)


def name_failure(path: Path, error: BaseException) -> StoreError:
    """What to raise where `path` could not be written because of `error`.

    >>> from pathlib import Path
    >>> name_failure(Path("/store/pins"), OSError(13, "Permission denied")).detail
    '/store/pins cannot be written: Permission denied.'
    >>> full = name_failure(Path("/store/pins"), OSError(28, "No space left on device"))
    >>> full.status, full.detail.partition(". ")[0]
    (507, 'The disk that holds /store/pins is full: No space left on device')
    """
    if is_disk_full(error):
        return DiskFullError(
            f"The disk that holds {path} is full: {_reason(error)}. Nothing was changed. "
            "Free space there and try again; nothing has to be started anew."
        )
    return StoreError(f"{path} cannot be written: {_reason(error)}.")


def _reason(error: BaseException) -> str:
    """In the kernel's words."""
    told = getattr(error, "strerror", None)
    if told:
        return str(told)
    return "No space left on device" if is_disk_full(error) else str(error).rstrip(".")
