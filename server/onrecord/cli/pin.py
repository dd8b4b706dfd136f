"""`onrecord pin` and `release`: generations that are kept for good."""

from __future__ import annotations

from pathlib import Path

import click

from onrecord.cli.elsewhere import only_here
from onrecord.cli.options import name_operator, settings_options, store_of
from onrecord.config import Settings, read_settings
from onrecord.engine import Generation
from onrecord.errors import NotFoundError
from onrecord.store.history import StoreHistory
from onrecord.store.state import StateDirectory

_FOLDER = click.option(
    "--folder", help="The folder whose store is meant.", type=click.Path(path_type=Path), metavar="FOLDER"
)


@click.command()
@click.argument("number", type=int)
@_FOLDER
@settings_options("store", "empty", "most_pins")
@only_here(
    "pin",
    "it keeps no generations, so cite the time and keep an export of its own",
)
def pin(number: int, folder: Path | None, **given: object) -> None:
    """Keep generation NUMBER until it is released. A server may run meanwhile."""
    settings = read_settings(given)
    kept = _history(folder, settings).pin(number, name_operator().name, settings.most_pins)
    click.echo(f"Generation {number} of {kept.published} is pinned: _generation={kept.generation.label}")


@click.command()
@click.argument("number", type=int)
@_FOLDER
@settings_options("store", "empty")
@only_here(
    "release",
    "it keeps no generations",
)
def release(number: int, folder: Path | None, **given: object) -> None:
    """Take the pin of generation NUMBER away, which then goes as others do."""
    _history(folder, read_settings(given)).release(number)
    click.echo(f"Generation {number} is pinned no longer.")


def _history(folder: Path | None, settings: Settings) -> StoreHistory:
    store = store_of(folder, settings)
    newest = StateDirectory(store).newest()
    if newest is None:
        raise NotFoundError(f"The store {store} has no generation. Start: onrecord serve")
    generation: Generation = newest.generation
    # Nothing is asked here, so nothing is woken; the server derives what is missing.
    return StoreHistory(store, lambda: generation, lambda number: None, lambda: None)
