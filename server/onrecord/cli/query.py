"""`onrecord query`: ask without a server."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from onrecord.answers import answer_text
from onrecord.cli.elsewhere import ADDRESS, asked_engine
from onrecord.cli.options import choose_folder, settings_options
from onrecord.config import read_settings
from onrecord.errors import ParameterError, RequestError
from onrecord.federated_engine import FederatingEngine
from onrecord.federation.configuration import open_federation
from onrecord.federation.frozen import Frozen, Recording, read_frozen_answers, write_frozen
from onrecord.federation.frozen_fallback import FrozenFallback
from onrecord.federation.remote import Remote
from onrecord.federation.report import ServiceUse
from onrecord.folder import Folder
from onrecord.saved import Catalogue, SavedQuery, refuse_unlisted
from onrecord.saved.unknown_values import find_unknown_values
from onrecord.solutions import Reader
from onrecord.supervision.launch import store_directory


@click.command()
@click.argument("query")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Folder to ask; by default the one that ships."
)
@click.option(
    "-p", "--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Parameter; repeatable."
)
@click.option(
    "--format",
    "format_name",
    default="table",
    show_default=True,
    metavar="FORMAT",
    help="table, json, xml, csv or tsv; turtle, ntriples, jsonld, rdfxml, nquads or trig for graphs.",
)
@click.option("--offline", is_flag=True, help="Answer SERVICE from what is kept of other endpoints' answers.")
@click.option(
    "--freeze",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what endpoints answered to FILE, to be replayed where none may be asked.",
)
@click.option(
    "--freeze-note", default="", metavar="TEXT", help="What readers are told of the frozen answers."
)
@settings_options(
    "store",
    *ADDRESS,
    "engine_graph",
    "default_graph",
    "query_timeout",
    "query_memory",
    "query_bytes",
    "empty",
    "federate",
    "federation_contact",
    "federation_timeout",
    "federation_requests",
    "federation_megabytes",
)
def query(
    query: str,
    folder: Path | None,
    parameters: tuple[str, ...],
    format_name: str,
    offline: bool,
    freeze: Path | None,
    freeze_note: str,
    **given: object,
) -> None:
    """Ask without a server: a store of this machine, or the engine that --engine names.

    QUERY is a saved query's name, a file ending in .rq, SPARQL text, or - for standard input.
    """
    settings = read_settings(given)
    chosen = choose_folder(folder, settings)
    raw = _raw_parameters(parameters)
    text = _query_text(query, chosen, raw)
    path = chosen.path if chosen else None
    federation = open_federation(settings, store_directory(settings, path))
    frozen = read_frozen_answers(chosen.queries) if chosen else Frozen(())
    recordings: list[Recording] = []

    def arrange(remote: Remote) -> Remote:
        if freeze is None:
            return FrozenFallback(remote, frozen)
        recordings.append(Recording(remote))
        return recordings[-1]

    with asked_engine(settings, chosen) as (engine, warnings):
        for warning in warnings:
            click.echo(f"onrecord: {warning}", err=True)
        if raw and chosen is not None:
            catalogue = Catalogue.read(chosen.queries)
            served = {saved.name: saved for saved in catalogue}
            space = chosen.description.space
            refuse_unlisted(engine, served[query], raw, served.get, space, settings.query_bytes)
            for sentence in find_unknown_values(Reader(engine), served[query], raw, space):
                click.echo(sentence, err=True)
        for piece in answer_text(
            FederatingEngine(engine, federation, arrange),
            text,
            format_name,
            chosen,
            settings.query_bytes,
            offline=offline,
            tell_services=_tell_services,
        ):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    if freeze is not None and recordings:
        _write_frozen(freeze, recordings[-1].frozen(freeze_note))


def _write_frozen(file: Path, frozen: Frozen) -> None:
    try:
        file.write_text(write_frozen(frozen), encoding="utf-8")
    except OSError as error:
        raise RequestError(f"{file} cannot be written: {error.strerror}. Name another file.") from None


def _tell_services(uses: Sequence[ServiceUse]) -> None:
    """Tell on standard error what other endpoints gave, so that standard output is the answer alone."""
    for use in uses:
        click.echo(f"SERVICE at line {use.line}: {use.sentence}", err=True)
    if any(use.failures for use in uses):
        click.echo("The answer is not complete: not every endpoint answered.", err=True)


def _raw_parameters(given: tuple[str, ...]) -> dict[str, list[str]]:
    raw: dict[str, list[str]] = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise ParameterError(f'--parameter "{item}" has no "="; write --parameter NAME=VALUE.')
        raw.setdefault(name, []).append(value)
    return raw


def _query_text(query: str, folder: Folder | None, raw: dict[str, list[str]]) -> str:
    """The SPARQL text to run. Raises RequestError for a file or parameter that is wrong."""
    if re.fullmatch(r"[a-z0-9-]+", query) and query != "-":
        if folder is None:
            raise RequestError(f'"{query}" would be a saved query, but an empty store has none.')
        saved: SavedQuery = Catalogue.read(folder.queries).get(query)
        return saved.bind(saved.read(raw, folder.description.space))
    if raw:
        raise ParameterError("--parameter goes with a saved query's name only.")
    if query == "-":
        return sys.stdin.read()
    if query.endswith(".rq"):
        try:
            return Path(query).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RequestError(f"{query} cannot be read: {error}.") from None
    return query
