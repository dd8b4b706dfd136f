"""`onrecord wikidata`: copy what Wikidata says of linked items, or check that they are the right ones."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from onrecord.cli.options import choose_folder, settings_options
from onrecord.config import Settings, read_settings
from onrecord.errors import RemoteError, SettingError
from onrecord.federation.configuration import open_federation
from onrecord.federation.remote import Remote
from onrecord.folder import Folder
from onrecord.supervision.launch import store_directory
from onrecord.wikidata import check_items, copy_items, read_linked, write_copy
from onrecord.wikidata.copying import PROPERTIES
from onrecord.wikidata.linked import ENTITY

_SETTINGS = (
    "store",
    "federation_contact",
    "federation_requests",
    "federation_megabytes",
    "federation_cache_hours",
)
_NO_LIMIT = 86_000.0


@click.group()
def wikidata() -> None:
    """Copy what Wikidata says of the items that a folder links to, or check that they are right."""


_endpoint = click.option(
    "--endpoint", default="", metavar="URL", help="Where to ask instead of Wikidata: a mirror, a copy."
)
_languages = click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    help="Language of labels; repeatable; by default those of the folder.",
)
_folder = click.argument("folder", required=False, type=click.Path(path_type=Path))


@wikidata.command()
@_folder
@_endpoint
@click.option(
    "--property",
    "properties",
    multiple=True,
    metavar="PID",
    help=f"Property to copy; repeatable; by default {', '.join(PROPERTIES)}.",
)
@_languages
@settings_options(*_SETTINGS)
def pull(
    folder: Path | None,
    endpoint: str,
    properties: tuple[str, ...],
    languages: tuple[str, ...],
    **given: object,
) -> None:
    """Copy facts on linked items into FOLDER/copies/wikidata-DATE.ttl, a graph of its own.

    A run that broke off goes on where it stopped when it is started again.
    """
    settings = read_settings(given)
    chosen = _choose(folder, settings)
    for name in properties:
        if not re.fullmatch("P[1-9][0-9]*", name):
            raise SettingError(f'--property "{name}" is no number of a property; write P131, for one.')
    items = {linked.item for linked in read_linked(chosen)}
    with _asking(settings, chosen, endpoint) as remote:
        copy = copy_items(
            remote, items, properties or PROPERTIES, languages or chosen.description.languages, _say
        )
    name = write_copy(chosen, copy)
    print(
        f"{name}: {len(copy.triples)} triples on {copy.items} of {len(items)} items, "
        f"{copy.requests} request{'' if copy.requests == 1 else 's'} to {copy.url}"
    )


@wikidata.command()
@_folder
@_endpoint
@_languages
@settings_options(*_SETTINGS)
def check(folder: Path | None, endpoint: str, languages: tuple[str, ...], **given: object) -> None:
    """Compare each linked item with what FOLDER says of its entity: label, kind, country, coordinates.

    Exit status 1 if an item is suspicious.
    """
    settings = read_settings(given)
    chosen = _choose(folder, settings)
    linked = read_linked(chosen)
    with _asking(settings, chosen, endpoint) as remote:
        found = check_items(remote, linked, languages or chosen.description.languages, _say)
    shorten = chosen.description.space.shorten
    for one in found:
        print(f"{shorten(one.entity)} {one.item.removeprefix(ENTITY)} {one.what}: {one.why}")
    suspicious = {(one.entity, one.item) for one in found}
    print(f"{len(linked) - len(suspicious)} of {len(linked)} items agree with the folder.")
    if found:
        sys.exit(1)


def _choose(folder: Path | None, settings: Settings) -> Folder:
    chosen = choose_folder(folder, settings)
    assert chosen is not None  # --empty is no option here
    return chosen


@contextmanager
def _asking(settings: Settings, folder: Folder, endpoint: str) -> Iterator[Remote]:
    """Wikidata, or the endpoint in its place: naming it on the command line is what allows it.

    An error on the way tells that what was answered is kept.
    """
    if not settings.federation_contact:
        raise SettingError(
            "Wikidata wants to know whom to write to before it bans a client. "
            "Add --federation-contact and a mail address or URL of yours."
        )
    allowed = (f"wikidata={endpoint}" if endpoint else "wikidata",)
    limits = replace(settings, federate=allowed, federation_timeout=_NO_LIMIT)
    remote = open_federation(limits, store_directory(settings, folder.path)).asking()
    try:
        yield remote
    except RemoteError as error:
        print("onrecord: What was answered is kept; start again to go on from there.", file=sys.stderr)
        raise error


def _say(text: str) -> None:
    print(f"  {text} ...", file=sys.stderr, flush=True)
