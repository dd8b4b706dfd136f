"""An engine elsewhere: `onrecord push` puts the folder there, `onrecord serve --engine` answers from it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from onrecord.cli.elsewhere import ADDRESS, compare_holdings
from onrecord.cli.options import choose_folder, settings_options
from onrecord.config import Settings, read_settings
from onrecord.errors import EngineFaultError, SettingError, UnavailableError
from onrecord.folder import Folder
from onrecord.saved import Catalogue
from onrecord.store.remote.pushing import Push
from onrecord.supervision.launch import runtime_directory
from onrecord.supervision.remote_host import RemoteHost
from onrecord.supervision.supervisor import Plan
from onrecord.web.front import write_plan


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would be replaced, and do nothing.")
@settings_options(*ADDRESS, "query_timeout", "update_timeout")
def push(folder: Path | None, dry_run: bool, **given: object) -> None:
    """Build FOLDER and put its graphs into the engine that --engine names, in the place of those it has.

    Only graphs of the folder are touched: those in its IRI space, and those that an earlier push put there.
    """
    settings = read_settings(given)
    if not settings.engine:
        raise SettingError("--engine is missing: name the query endpoint of the server to push to.")
    chosen = choose_folder(folder, settings)
    assert chosen is not None
    with tempfile.TemporaryDirectory(prefix="onrecord-push-", ignore_cleanup_errors=True) as directory:
        work = Push(chosen, settings, Path(directory), lambda text: print(f"  {text}", file=sys.stderr))
        plan = work.plan()
        for warning in plan.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        for word, graphs in (("replaced", plan.replaced), ("new", plan.added), ("dropped", plan.dropped)):
            for iri in graphs:
                click.echo(f"{word}\t{plan.sizes.get(iri, 0)}\t{iri}")
        if dry_run:
            return
        work.run(plan, lambda text: print(f"  {text}", file=sys.stderr))
        work.close()
    sent = len(plan.replaced) + len(plan.added)
    click.echo(f"{settings.engine} now holds {sent} graphs, {sum(plan.sizes.values())} triples.")


def serve_remote(folder: Folder, settings: Settings, store: Path) -> None:
    """Serve `folder` from the engine that `settings` name, until a signal ends it.

    Raises SettingError when that engine answers and does not hold the folder.
    """
    try:
        warnings = compare_holdings(folder, settings)
    except (UnavailableError, EngineFaultError) as error:
        warnings = [f"{error.detail} Pages answer as soon as it does."]
    with runtime_directory() as runtime:
        plan = Plan(settings, store, folder.path, runtime)
        plan = Plan(settings, store, folder.path, runtime, write_plan(plan))

        def announce() -> None:
            url = address_of(settings)
            lines = [folder.description.title, f"  {url}/", f"  answered by {settings.engine}"]
            lines += tell_first_steps(folder, url)
            lines += [f"  warning: {warning}" for warning in warnings]
            print("\n".join([*lines, "Stop with Control-C."]), flush=True)

        RemoteHost(plan, announce).run()


def address_of(settings: Settings) -> str:
    """Where readers reach the server."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url.rstrip("/") or f"http://{host}:{settings.port}"


def tell_first_steps(folder: Folder | None, url: str) -> list[str]:
    """Lines that show the featured query."""
    lines = []
    for first in Catalogue.read(folder.queries).featured(1) if folder else ():
        lines += [
            "Try first:",
            f"  {url}/queries/{first.name}    {first.header.summary}",
            f"  curl {url}/queries/{first.name}.csv",
            f"  curl {url}/sparql --data-urlencode 'query=SELECT * {{ ?s ?p ?o }} LIMIT 5'",
        ]
    return lines
