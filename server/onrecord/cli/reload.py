"""`onrecord reload`: have a running server build its folder again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from onrecord.cli.elsewhere import only_here
from onrecord.cli.options import choose_folder, settings_options
from onrecord.config import read_settings
from onrecord.supervision.launch import running_engine, store_directory


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@settings_options("store", "empty")
@only_here(
    "reload",
    "send the folder again by onrecord push",
)
def reload(folder: Path | None, **given: object) -> None:
    """Have the running server of FOLDER build it again and publish the result."""
    settings = read_settings(given)
    chosen = choose_folder(folder, settings)
    path = chosen.path if chosen else None
    engine, url = running_engine(store_directory(settings, path), path)
    try:
        number, warnings = engine.rebuild()
    finally:
        engine.close()
    for warning in warnings:
        print(f"onrecord: {warning}", file=sys.stderr)
    print(f"{url} now serves generation {number}.")
