"""`onrecord token`: who may do what on a server; works while it runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import cast, get_args

import click

from onrecord.cli.options import settings_options, store_of
from onrecord.config import read_settings
from onrecord.identity.roles import Role
from onrecord.identity.tokens import TokenBook, parse_lifetime


@click.group()
def token() -> None:
    """Make, list and revoke tokens. A running server knows of it at once."""


@token.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--role",
    type=click.Choice(get_args(Role)),
    default="editor",
    help="reader reads, editor also writes, admin also operates. [default: editor]",
)
@click.option("--name", help="Whose token it is; by default role and id.", metavar="NAME")
@click.option("--expires", help="How long it lives, as 12h, 30d or 8w; by default for ever.", metavar="TIME")
@settings_options("store", "empty")
def create(folder: Path | None, role: str, name: str | None, expires: str | None, **given: object) -> None:
    """Make a token for the server of FOLDER and print it, alone, on the last line."""
    lifetime = parse_lifetime(expires) if expires is not None else None
    made, secret = _book(folder, given).create(cast(Role, role), name, lifetime)
    until = f"until {_shown(made.expires)}" if made.expires is not None else "until it is revoked"
    click.echo(f'Token "{made.name}", {made.role}, {until}. It is shown once:', err=True)
    click.echo(secret)


@token.command("list")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@settings_options("store", "empty")
def list_tokens(folder: Path | None, **given: object) -> None:
    """List the tokens of the server of FOLDER, never their text."""
    book = _book(folder, given)
    click.echo("id\tname\trole\tcreated\texpires\tlast used")
    for each in book.tokens():
        times = (each.created, each.expires, book.last_use(each))
        click.echo("\t".join((each.id, each.name, each.role, *map(_shown, times))))


@token.command()
@click.argument("which", metavar="NAME-or-ID")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@settings_options("store", "empty")
def revoke(which: str, folder: Path | None, **given: object) -> None:
    """Take the token with that name or id back; from now on it opens nothing."""
    gone = _book(folder, given).revoke(which)
    click.echo(f'Token "{gone.name}" ({gone.id}) is revoked.')


def _book(folder: Path | None, given: dict[str, object]) -> TokenBook:
    return TokenBook(store_of(folder, read_settings(given)))


def _shown(moment: datetime | None) -> str:
    """A time to the minute, in UTC.

    >>> from datetime import timezone
    >>> _shown(datetime(2031, 6, 1, 9, 5, tzinfo=timezone.utc)), _shown(None)
    ('2031-06-01T09:05Z', '-')
    """
    return moment.strftime("%Y-%m-%dT%H:%MZ") if moment is not None else "-"
