"""Settings read from options and the environment, and how each is called there."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onrecord.config.table import Settings, option
from onrecord.errors import SettingError


@dataclass(frozen=True)
class SettingRow:
    """One row of the table: how a setting is called on each surface."""

    name: str
    option: str
    variable: str
    type: type
    default: object
    help: str
    metavar: str
    choices: tuple[str, ...]


def setting_rows() -> tuple[SettingRow, ...]:
    """The table of settings, in their order of declaration."""
    types = {
        "str": str,
        "int": int,
        "tuple[str, ...]": tuple,
        "float": float,
        "bool": bool,
        "Path | None": Path,
    }
    return tuple(
        SettingRow(
            f.name,
            option(f.name),
            "ONRECORD_" + f.name.upper(),
            types[str(f.type)],
            f.default,
            f.metadata["help"],
            f.metadata["metavar"],
            f.metadata["choices"],
        )
        for f in dataclasses.fields(Settings)
    )


def read_settings(given: Mapping[str, object], environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from options `given` (name -> value, None for 'not given') and the environment.

    Raises SettingError for a variable that does not convert or is out of range.
    """
    values: dict[str, Any] = {}
    for row in setting_rows():
        if given.get(row.name) not in (None, ()):
            values[row.name] = given[row.name]
        elif row.variable in environ:
            values[row.name] = _convert(row, environ[row.variable])
    if values.get("empty"):
        values["default_graph"] = "plain"
    return Settings(**values)


def _convert(row: SettingRow, text: str) -> object:
    if row.type is bool:
        lowered = text.strip().lower()
        if lowered in ("1", "true", "yes", "on"):
            return True
        if lowered in ("0", "false", "no", "off", ""):
            return False
        raise SettingError(f'{row.variable} "{text}" is neither true nor false.')
    if row.type is tuple:
        return tuple(text.split())
    try:
        return row.type(text)
    except ValueError:
        raise SettingError(f'{row.variable} "{text}" is not a {row.type.__name__}.') from None
