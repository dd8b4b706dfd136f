"""Which engine answers: chosen here, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from onrecord.config import Settings
from onrecord.engine import Engine
from onrecord.errors import SettingError
from onrecord.folder import Folder
from onrecord.store.remote.client import RemoteEngine
from onrecord.supervision.client import SupervisedEngine


def open_engine(settings: Settings, folder: Folder | None, runtime: Path, state: Path) -> Engine:
    """The engine of one web process: the supervisor's, or the one that `settings.engine` names.

    Raises SettingError for an engine elsewhere without a folder, or at no address.
    """
    if not settings.engine:
        return SupervisedEngine(runtime)
    if folder is None:
        raise SettingError("--engine serves a folder from elsewhere, and none is named.")
    return RemoteEngine(settings, folder.description.space, state)
