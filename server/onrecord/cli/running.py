"""`onrecord queries running` and `kill`: what a server works at, and ending it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from onrecord.cli.elsewhere import only_here
from onrecord.cli.options import choose_folder, settings_options
from onrecord.config import read_settings
from onrecord.supervision.client import SupervisedEngine
from onrecord.supervision.launch import running_engine, store_directory

_SHOWN = 60


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@settings_options("store", "empty")
@only_here(
    "queries running",
    "ask its own list of queries",
)
def running(folder: Path | None, **given: object) -> None:
    """List what runs and waits on the server of FOLDER, the oldest first."""
    with _engine(folder, given) as engine:
        for query in engine.queries():
            text = " ".join(_printable(query.excerpt).split())
            shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
            click.echo(
                f"{query.number}\t{query.state}\t{query.lane}\t{query.age:.1f} s\t"
                f"{query.processor:.1f} s CPU\t{query.sender or '-'}\t{shown}"
            )


@click.command()
@click.argument("number", type=int)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@settings_options("store", "empty")
@only_here(
    "queries kill",
    "end the query with its own tools",
)
def kill(number: int, folder: Path | None, **given: object) -> None:
    """End query NUMBER on the server of FOLDER; its sender is told."""
    with _engine(folder, given) as engine:
        engine.end_query(number)
    click.echo(f"Query {number} was ended.")


@contextmanager
def _engine(folder: Path | None, given: dict[str, object]) -> Iterator[SupervisedEngine]:
    settings = read_settings(given)
    chosen = choose_folder(folder, settings)
    path = chosen.path if chosen else None
    engine, _ = running_engine(store_directory(settings, path), path)
    try:
        yield engine
    finally:
        engine.close()


def _printable(text: str) -> str:
    # Control characters of somebody else's query must not reach a terminal.
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf") else " " for c in text)
