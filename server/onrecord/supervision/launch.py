"""Run a supervisor: in this process for a server, in a child for a single command."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import platformdirs

from onrecord.config import Settings
from onrecord.errors import OnrecordError, StoreError, decode_error, encode_error
from onrecord.store.channel import Channel, ChannelClosedError, channel_pair
from onrecord.store.process import fork_child, is_alive
from onrecord.supervision.client import SupervisedEngine
from onrecord.supervision.supervisor import Plan, Supervisor

_RUNTIME_PREFIX = "onrecord-"
_LONGEST_PARENT = 70


def store_directory(settings: Settings, folder: Path | None) -> Path:
    """Where the state of `folder` lives: `--store`, or a directory in the user's data directory."""
    if settings.store is not None:
        return settings.store.absolute()
    if folder is None:
        return platformdirs.user_data_path("onrecord") / "empty"
    mark = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return platformdirs.user_data_path("onrecord") / f"{folder.resolve().name}-{mark}"


@contextmanager
def runtime_directory() -> Iterator[Path]:
    """A private directory for sockets. Short, since a Unix socket's path is at most 107 bytes long."""
    path = Path(tempfile.mkdtemp(prefix=_RUNTIME_PREFIX, dir=_runtime_parent()))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def local_engine(settings: Settings, folder: Path | None) -> Iterator[SupervisedEngine]:
    """An engine for one command: a supervisor in a child process, without web server.

    A store that a running server holds is read at its newest generation.
    Raises the OnrecordError that made it impossible to start.
    """
    plan_settings = replace(settings, workers=1)
    with runtime_directory() as runtime:
        plan = Plan(plan_settings, store_directory(settings, folder), folder, runtime, read_only=True)
        ours, theirs = channel_pair()
        pid = fork_child(frozenset({theirs.fileno()}), lambda: _supervise(plan, theirs))
        theirs.close()
        try:
            message, _ = ours.receive_message()
            if "error" in message:
                document = message["error"]
                assert isinstance(document, dict)
                raise decode_error(document)
            engine = SupervisedEngine(runtime)
            try:
                yield engine
            finally:
                engine.close()
        except ChannelClosedError:
            raise StoreError("The engine ended while it started.") from None
        finally:
            ours.close()
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)


def write_server_note(store: Path, runtime: Path, url: str) -> None:
    """Leave word in the state directory of how to reach the server that holds it."""
    note = {"pid": os.getpid(), "runtime": str(runtime), "url": url}
    (store / "server.json").write_text(json.dumps(note))


def remove_stale_runtime(store: Path) -> None:
    """Remove the runtime directory of a server that was killed, if one is noted in `store`."""
    try:
        note = json.loads((store / "server.json").read_text())
        runtime, pid = Path(note["runtime"]), int(note["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return
    is_ours = runtime.parent == _runtime_parent() and runtime.name.startswith(_RUNTIME_PREFIX)
    if is_ours and not is_alive(pid):
        shutil.rmtree(runtime, ignore_errors=True)


def running_engine(store: Path, folder: Path | None = None) -> tuple[SupervisedEngine, str]:
    """The engine of the server that holds `store`, and its URL.

    Raises StoreError when no server runs on it, which names `folder` in the remedy.
    """
    try:
        note = json.loads((store / "server.json").read_text())
        return SupervisedEngine(Path(note["runtime"])), str(note["url"])
    except (OSError, ValueError, KeyError, TypeError):
        command = shlex.join(["onrecord", "serve", *([str(folder)] if folder else []), "--store", str(store)])
        raise StoreError(f"No server runs on the store {store}. Start one with: {command}") from None


def _runtime_parent() -> Path:
    usual = Path(tempfile.gettempdir())
    return usual if len(bytes(usual)) <= _LONGEST_PARENT else Path("/tmp")  # noqa: S108


def _supervise(plan: Plan, channel: Channel) -> None:
    """Run a supervisor; tell `channel` when it is ready, or why it cannot be."""
    try:
        Supervisor(plan, lambda record, _: channel.send_message({"ready": record.number})).run()
    except OnrecordError as error:
        channel.send_message({"error": encode_error(error)})
