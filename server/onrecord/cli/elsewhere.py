"""Commands and an engine elsewhere: asked where a command can be, else refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TypeVar

import click

from onrecord.config import Settings, read_settings
from onrecord.engine import Engine
from onrecord.errors import SettingError
from onrecord.folder import Folder
from onrecord.store.remote.client import RemoteEngine
from onrecord.supervision.launch import local_engine, store_directory

ADDRESS = ("engine", "engine_update", "engine_graph_store", "engine_credentials")
"""The settings that say where an engine elsewhere is."""

_F = TypeVar("_F", bound=Callable[..., None])


@contextmanager
def asked_engine(settings: Settings, folder: Folder | None) -> Iterator[tuple[Engine, list[str]]]:
    """The engine of one command, and what is to be said of it: elsewhere if `settings` name one.

    Raises SettingError when the one elsewhere does not hold `folder`, and what
    `RemoteEngine` or `local_engine` raises.
    """
    if settings.engine:
        assert folder is not None  # an engine elsewhere and --empty exclude each other
        state = store_directory(settings, folder.path)
        yield RemoteEngine(settings, folder.description.space, state), compare_holdings(folder, settings)
        return
    with local_engine(settings, folder.path if folder is not None else None) as engine:
        yield engine, []


def compare_holdings(folder: Folder, settings: Settings) -> list[str]:
    """What is to be said of the folder that the engine elsewhere holds.

    Raises SettingError when it holds none, UnavailableError and EngineFaultError.
    """
    state = store_directory(settings, folder.path)
    held = RemoteEngine(settings, folder.description.space, state).holdings()
    remedy = f"onrecord push {folder.path} --engine {settings.engine}"
    if not held.digest:
        raise SettingError(
            f"The engine at {settings.engine} does not hold this folder, or a push broke off. "
            f"Put it there first: {remedy}"
        )
    if held.digest != folder.digest():
        return [
            f"the folder has changed since it was pushed; what was pushed is served. Send it by: {remedy}"
        ]
    return []


def only_here(name: str, remedy: str) -> Callable[[_F], _F]:
    """For a command `name` that works on a store of this machine: refuse it where an engine elsewhere is set.

    `remedy` is what does the like of it there.
    """

    def decorate(command: _F) -> _F:
        @click.option("--engine", "engine", hidden=True)
        @wraps(command)
        def refuse_or_run(*arguments: object, engine: str | None, **given: object) -> None:
            if address := read_settings({"engine": engine}).engine:
                raise SettingError(
                    f"onrecord {name} works on a store of this machine, and the engine is {address}: "
                    f"{remedy}, or leave --engine (ONRECORD_ENGINE) out."
                )
            command(*arguments, **given)

        return refuse_or_run  # type: ignore[return-value]

    return decorate
