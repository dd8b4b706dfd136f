"""Loading files through the server that runs on a store, or in a writer of our own when none does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from onrecord.engine import Generation, WriteReceipt
from onrecord.errors import OnrecordError, StoreError, WriteFailedError, decode_error
from onrecord.store.channel import Channel, ChannelClosedError, channel_pair
from onrecord.store.loading import LoadProgress, Source, Tell
from onrecord.store.process import fork_child
from onrecord.store.state import StateDirectory
from onrecord.store.write_messages import describe_load
from onrecord.store.writer import LOAD_MEMORY, WriterTask, run_writer
from onrecord.supervision.launch import running_engine


def load(store: Path, sources: Sequence[Source], by: str, tell: Tell) -> WriteReceipt:
    """Load `sources` into `store`, all of them or nothing; `count` of the receipt is in bytes.

    Raises LoadError, FolderGraphError, StoreLockedError and other StoreErrors.
    """
    try:
        engine, _ = running_engine(store)
    except StoreError:
        return _load_alone(store, sources, by, tell)
    try:
        return engine.load(sources, by, tell)
    finally:
        engine.close()


def _load_alone(store: Path, sources: Sequence[Source], by: str, tell: Tell) -> WriteReceipt:
    started = time.monotonic()
    ours, theirs = channel_pair()
    task = WriterTask(store, None, keeps_folder=True)
    pid = fork_child(frozenset({theirs.fileno()}), lambda: run_writer(task, theirs))
    theirs.close()
    try:
        written = _drive(ours, {**describe_load(sources, by), "id": f"load {pid}"}, tell)
    except ChannelClosedError:
        raise WriteFailedError(
            "The writer ended while it loaded; nothing was changed. The data takes more than the "
            f"{LOAD_MEMORY >> 30} GB of memory that it may take, or more than there is, probably."
        ) from None
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        ours.close()
        os.waitpid(pid, 0)
    number = int(written["number"])
    generation = Generation(StateDirectory(store).manifest().uuid, number)
    count = int(written["results"][0]["count"])
    return WriteReceipt(generation, time.monotonic() - started, "load", count=count)


def _drive(writer: Channel, message: dict[str, object], tell: Tell) -> dict[str, Any]:
    """Have the writer load when it is ready; returns what it tells of the end."""
    while True:
        told, _ = writer.receive_message()
        event = told["event"]
        if event == "published":
            writer.send_message(message)
        elif event == "loading" and "progress" in told:
            tell(LoadProgress(**cast(Any, told["progress"])))
        elif event in ("failed", "refused"):
            raise _error_of(told)
        elif event == "written":
            return told


def _error_of(told: dict[str, object]) -> OnrecordError:
    document = told["error"]
    assert isinstance(document, dict)
    return decode_error(document)
