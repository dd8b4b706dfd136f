"""Errors of whoever serves: settings, the folder, the state directory."""

from __future__ import annotations

from onrecord.errors.base import OnrecordError, Position


class SettingError(OnrecordError):
    title = "Wrong setting"
    code = "setting"


class FolderError(OnrecordError):
    title = "The folder cannot be served"
    code = "folder"


class FolderSyntaxError(FolderError):
    """A file of the folder does not parse; `detail` starts with file, line and column."""

    title = "Syntax error in the folder"
    code = "folder-syntax"

    def __init__(self, path: str, position: Position | None, reason: str, remedy: str) -> None:
        where = f"{path}:{position.line}:{position.column}" if position else path
        super().__init__(f"{where}: {reason} {remedy}")
        self.path = path
        self.position = position


class StoreError(OnrecordError):
    title = "The store cannot be used"
    code = "store"


class StoreLockedError(StoreError):
    status = 503
    title = "The store is in use"
    code = "store-locked"


class DiskFullError(StoreError):
    """The disk has no room for what had to be written; what was there before is as it was."""

    status = 507
    title = "The disk is full, nothing changed"
    code = "disk-full"
    retry_after = 60


class StoreDamagedError(StoreError):
    title = "The store is damaged"
    code = "store-damaged"
