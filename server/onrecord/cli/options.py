"""What several commands share: options from the table of settings, the folder, progress."""

from __future__ import annotations

import getpass
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from onrecord.config import Settings, setting_rows
from onrecord.errors import SettingError
from onrecord.folder import Folder, shipped_folder
from onrecord.identity.roles import Identity
from onrecord.store.state import StateDirectory
from onrecord.supervision.launch import store_directory

_F = TypeVar("_F", bound=Callable[..., None])
PROGRESS_AFTER = 1.0
"""Seconds of work after which progress is shown."""


def settings_options(*names: str) -> Callable[[_F], _F]:
    """Click options for the named settings (all when none is named), from the one table."""

    def decorate(command: _F) -> _F:
        for row in reversed(setting_rows()):
            if names and row.name not in names:
                continue
            if row.type is bool:
                kind: dict[str, Any] = {"is_flag": True, "default": None}
            elif row.type is tuple:
                kind = {"multiple": True}
            elif row.choices:
                kind = {"type": click.Choice(row.choices)}
            else:
                kind = {"type": click.Path(path_type=Path) if row.type is Path else row.type}
            default = "" if row.default in (None, "", False, ()) else f" [default: {row.default}]"
            if row.metavar:
                kind["metavar"] = row.metavar
            option = click.option(row.option, row.name, help=f"{row.help}{default} [{row.variable}]", **kind)
            command = option(command)
        return command

    return decorate


def choose_folder(given: Path | None, settings: Settings) -> Folder | None:
    """The folder to work on: the one given, else the one that ships; None for an empty store.

    Raises SettingError when both a folder and an empty store are asked for, and FolderError.
    """
    if settings.empty:
        if given is not None:
            raise SettingError(f"--empty serves no folder, but {given} is named. Leave one of them out.")
        return None
    folder = Folder(given if given is not None else shipped_folder())
    folder.description  # noqa: B018  # read now, so that its errors come before any process is started
    return folder


def store_of(folder: Path | None, settings: Settings) -> Path:
    """The state directory that is meant: with --store no folder need be read.

    Raises FolderError, and StoreError for a directory that holds other things.
    """
    chosen = choose_folder(folder, settings) if settings.store is None or folder is not None else None
    store = store_directory(settings, chosen.path if chosen else None)
    StateDirectory(store).refuse_foreign()
    return store


def name_operator() -> Identity:
    """Who works at the command line, as logs and generations name them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as containers have
        name = f"user {os.getuid()}"
    return Identity(f"{name} (command line)", "admin")


def show_progress() -> Callable[[str], None]:
    """Progress lines on standard error, once the work has taken a second."""
    started = time.monotonic()

    def show(text: str) -> None:
        if time.monotonic() - started > PROGRESS_AFTER:
            print(f"  {text} ...", file=sys.stderr, flush=True)

    return show
