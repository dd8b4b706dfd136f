"""`onrecord dump`, `backup` and `restore`: the data out of a store and back, while a server runs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from onrecord.cli.elsewhere import only_here
from onrecord.cli.options import settings_options, show_progress, store_of
from onrecord.config import read_settings
from onrecord.errors import SettingError
from onrecord.formats import NQUADS, NTRIPLES, RDF_FORMATS, TRIG, Format, rdf_format
from onrecord.store.archive import back_up
from onrecord.store.archive import dump as dump_generation
from onrecord.store.archive import restore as restore_backup

_FOLDER = click.option(
    "--folder", help="The folder whose store is meant.", type=click.Path(path_type=Path), metavar="FOLDER"
)


@click.command()
@click.option("--generation", type=int, help="Which generation; by default the newest.", metavar="N")
@click.option("--format", "format_name", help="By default nquads, with --graph ntriples.", metavar="FORMAT")
@click.option("--graph", help="Only this graph; '' is the unnamed one.", metavar="IRI")
@_FOLDER
@settings_options("store", "empty")
@only_here(
    "dump",
    "GET /graphs?graph=IRI of a server that runs with it, or use its own export",
)
def dump(
    generation: int | None, format_name: str | None, graph: str | None, folder: Path | None, **given: object
) -> None:
    """Write a generation to standard output as RDF. A server may run meanwhile."""
    format = _choose_format(format_name, graph)
    dump_generation(store_of(folder, read_settings(given)), generation, sys.stdout.buffer, format, graph)


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@_FOLDER
@settings_options("store", "empty")
@only_here(
    "backup",
    "back it up with its own tools",
)
def backup(directory: Path, folder: Path | None, **given: object) -> None:
    """Copy the newest generation, the tokens and the audit log to the new DIRECTORY.

    A server may run and write meanwhile.
    """
    record = back_up(store_of(folder, read_settings(given)), directory.absolute(), show_progress())
    click.echo(f"Generation {record.number} of {record.published} is backed up in {directory}.")


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@_FOLDER
@settings_options("store", "empty")
@only_here(
    "restore",
    "restore it with its own tools and send the folder by onrecord push",
)
def restore(directory: Path, folder: Path | None, **given: object) -> None:
    """Make a store of the backup in DIRECTORY, where none is yet."""
    store = store_of(folder, read_settings(given))
    record = restore_backup(directory.absolute(), store, show_progress())
    click.echo(f"Generation {record.number} of {record.published} is restored in {store}.")


def _choose_format(name: str | None, graph: str | None) -> Format:
    """The format to write. Raises SettingError for one that cannot say what is asked."""
    default = NQUADS if graph is None else NTRIPLES
    writable = [f for f in RDF_FORMATS if f.kinds]
    found = rdf_format(name) if name is not None else default
    if found not in writable:
        known = ", ".join(f.name for f in writable)
        raise SettingError(f'--format "{name}" is not known; known: {known}.')
    if graph is None and found not in (NQUADS, TRIG):
        raise SettingError(f"{found.name} has no names for graphs. Add --graph IRI, or use nquads or trig.")
    return found
