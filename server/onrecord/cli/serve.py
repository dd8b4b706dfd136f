"""`onrecord serve`: build a folder and serve it."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from onrecord.cli.options import choose_folder, settings_options, show_progress
from onrecord.cli.remote import address_of, serve_remote, tell_first_steps
from onrecord.config import Settings, read_settings
from onrecord.errors import SettingError
from onrecord.federation.configuration import read_endpoints
from onrecord.folder import Folder
from onrecord.logs import configure_logs
from onrecord.store.records import Derived, GenerationRecord
from onrecord.supervision.launch import (
    remove_stale_runtime,
    runtime_directory,
    store_directory,
    write_server_note,
)
from onrecord.supervision.supervisor import Plan, Supervisor
from onrecord.terms import REC
from onrecord.web.front import write_plan


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@settings_options()
def serve(folder: Path | None, **given: object) -> None:
    """Build FOLDER (the graph that ships with Onrecord, if none is named) and serve it."""
    settings = read_settings(given)
    configure_logs(settings.log_format)
    read_endpoints(settings)  # so that a wrong one is told before anything is started
    chosen = choose_folder(folder, settings)
    settings = _with_free_port(settings)
    store = store_directory(settings, chosen.path if chosen else None)
    if settings.engine:
        assert chosen is not None  # an engine elsewhere and --empty exclude each other
        serve_remote(chosen, settings, store)
        return
    remove_stale_runtime(store)
    with runtime_directory() as runtime:
        plan = Plan(settings, store, chosen.path if chosen else None, runtime)
        front = write_plan(plan)
        plan = Plan(settings, store, plan.folder, runtime, front)

        def announce(record: GenerationRecord, derived: Derived) -> None:
            url = address_of(settings)
            write_server_note(store, runtime, url)
            print(_banner(chosen, record, derived, url), flush=True)

        Supervisor(plan, announce, show_progress()).run()


def _with_free_port(settings: Settings) -> Settings:
    """`settings` with a port that can be listened on. Raises SettingError for one in use."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
            probe.listen(1)
        except OSError as error:
            if settings.port and error.errno != errno.EADDRNOTAVAIL:
                raise SettingError(
                    f"Cannot listen on {settings.host} port {settings.port}: "
                    f"{(error.strerror or '').lower()}. "
                    "Stop what uses it, or choose another with --port (0 takes a free one)."
                ) from None
            raise SettingError(
                f"Cannot listen on {settings.host}: {error.strerror}. Choose another --host."
            ) from None
        values: Mapping[str, Any] = {**settings.__dict__, "port": probe.getsockname()[1]}
    return Settings(**values)


def _banner(folder: Folder | None, record: GenerationRecord, derived: Derived, url: str) -> str:
    title = folder.description.title if folder else "An empty store"
    named = {"Statement": "statements", "Claim": "claims", "Agent": "agents", "Location": "places"}
    counted = [
        f"{derived.classes[REC + c]} {word}" for c, word in named.items() if derived.classes.get(REC + c)
    ]
    lines = [
        f"{title}",
        f"  {url}/",
        f"  {', '.join([*counted, f'{derived.triples} triples in {len(derived.graphs)} graphs'])}"
        f" (generation {record.number})",
    ]
    lines += tell_first_steps(folder, url)
    lines += [f"  warning: {warning}" for warning in record.warnings]
    lines.append("Stop with Control-C.")
    return "\n".join(lines)
