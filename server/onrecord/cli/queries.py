"""`onrecord queries`: saved queries and running ones, from the command line."""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from pathlib import Path

import click

from onrecord.cli.elsewhere import ADDRESS, asked_engine
from onrecord.cli.options import choose_folder, settings_options
from onrecord.cli.running import kill, running
from onrecord.config import Settings, read_settings
from onrecord.errors import RequestError, StoreError
from onrecord.federated_engine import FederatingEngine
from onrecord.federation.configuration import open_federation
from onrecord.federation.frozen import read_frozen_answers
from onrecord.federation.frozen_fallback import FrozenFallback
from onrecord.saved import Catalogue
from onrecord.saved.grlc import Imported, import_collection, judge_imported, write_converted
from onrecord.saved.standing import Verdict, judge_all
from onrecord.saved.team import QueryShelf
from onrecord.saved.team.export import export_queries
from onrecord.store.state import StateDirectory
from onrecord.supervision.launch import local_engine, store_directory


@click.group()
def queries() -> None:
    """Saved queries and running ones."""


queries.add_command(running)
queries.add_command(kill)


@queries.command()
@click.argument("directory", metavar="DEST", type=click.Path(path_type=Path))
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Folder whose store is meant; by default the one that ships.",
)
@click.option("--private", is_flag=True, help="Write private queries, too.")
@click.option("--replace", is_flag=True, help="Replace files of DEST that have other texts.")
@settings_options("store", "empty")
def export(directory: Path, folder: Path | None, private: bool, replace: bool, **given: object) -> None:
    """Write the queries that a team saved as NAME.rq into the directory DEST, for git.

    Archived ones are left out, and private ones without --private.
    """
    settings = read_settings(given)
    chosen = choose_folder(folder, settings) if settings.store is None or folder is not None else None
    state = store_directory(settings, chosen.path if chosen else None)
    if not state.is_dir():
        raise StoreError(f"There is no store {state}, so there is nothing to export. Name one with --store.")
    StateDirectory(state).refuse_foreign()
    done = export_queries(QueryShelf(state), directory, private=private, replace=replace)
    for name, reason in done.left_out:
        click.echo(f"left out: {name} ({reason})")
    unchanged = f", {len(done.same)} unchanged" if done.same else ""
    click.echo(f"{len(done.written)} written to {directory}{unchanged}")


@queries.command("import-grlc")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("directory", metavar="DEST", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace files of DEST that have other texts.")
@settings_options("query_timeout", "query_memory", "query_bytes")
def import_grlc(source: Path, directory: Path, replace: bool, **given: object) -> None:
    """Write the grlc queries of SOURCE (a directory, a .rq file or a .yml list) as saved queries into DEST.

    What cannot be converted is named; then the exit status is 1.
    """
    settings = read_settings(given)
    imported = import_collection(source)
    with tempfile.TemporaryDirectory(prefix="onrecord-import-") as store:
        nothing = dataclasses.replace(settings, store=Path(store) / "store", empty=True)
        imported = _judge(nothing, imported)
    written = write_converted(imported, directory, replaces=replace)
    for shown, made in imported.conversions:
        for note in made.notes:
            click.echo(f"{shown}: {note}")
        for reason in made.lost:
            click.echo(f"{shown}: {'not converted in full' if made.text else 'not converted'}: {reason}")
    for shown, reason in imported.refused:
        click.echo(f"{shown}: not converted: {reason}")
    click.echo(f"{len(written)} written to {directory}, {imported.failures} not converted")
    if not imported.is_whole:
        sys.exit(1)


def _judge(settings: Settings, imported: Imported) -> Imported:
    """What of the collection the engine understands, over no data."""
    with local_engine(settings, None) as engine:
        return judge_imported(engine, imported, settings.query_bytes)


@queries.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@settings_options(
    "store", *ADDRESS, "engine_graph", "default_graph", "query_timeout", "query_memory", "query_bytes"
)
def check(folder: Path | None, format_name: str, **given: object) -> None:
    """Run the saved queries of FOLDER with the cases of their headers; exit status 1 if one is not met."""
    settings = read_settings(given)
    chosen = choose_folder(folder, settings)
    if chosen is None:
        raise RequestError("An empty store has no saved queries. Name a folder.")
    catalogue = Catalogue.read(chosen.queries)
    expecting = [query for query in catalogue if query.expectations]
    shown = format_name == "text"

    def tell(verdict: Verdict) -> None:
        if shown and not verdict.holds:
            click.echo(f"{verdict.name}: {verdict.finding}")

    federation = open_federation(settings, store_directory(settings, chosen.path))
    frozen = read_frozen_answers(chosen.queries)
    with asked_engine(settings, chosen) as (local, warnings):
        for warning in warnings:
            click.echo(f"onrecord: {warning}", err=True)
        engine = FederatingEngine(local, federation, lambda remote: FrozenFallback(remote, frozen))
        verdicts = judge_all(engine, expecting, chosen.description.space, settings.query_bytes, tell)
    unanswered = sorted({query.name for query in expecting} - {verdict.name for verdict in verdicts})
    broken = [verdict for verdict in verdicts if not verdict.holds]
    if shown:
        for finding in catalogue.findings:
            click.echo(str(finding))
        for name in unanswered:
            click.echo(
                f"{name}: no answer: it took longer than --query-timeout, "
                "or asks endpoints whose answers are not kept."
            )
        click.echo(f"{len(verdicts) - len(broken)} of {len(expecting)} saved queries hold.")
    else:
        document = {
            "verdicts": [{"name": v.name, "version": v.version, "finding": v.finding} for v in verdicts],
            "unanswered": unanswered,
            "findings": [str(finding) for finding in catalogue.findings],
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    if broken or unanswered or catalogue.findings:
        sys.exit(1)
