"""The writer: the only process that holds the live store.

It builds the folder into a private copy, applies what others write, one write
at a time, and publishes each state as an immutable generation. The live store
never counts for more than the newest generation: whatever was not published
is undone when a writer starts, so that a write is either acknowledged and on
disk, or has left nothing.

Events go to the supervisor as messages: `progress`, `note`, `published` (with
the generation's number), `failed`, `damaged` (a generation, and why), and for writes `applying` (`loading` of
files, with its progress), `refused`, `publishing` and `written`.
"""

from __future__ import annotations

import json
import os
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyoxigraph

from onrecord.errors import (
    GenerationDamagedError,
    OnrecordError,
    PreconditionError,
    StoreError,
    WriteFailedError,
    encode_error,
    is_disk_full,
    name_failure,
)
from onrecord.store.applying import PlannedUpdate, delete_graph, has_graph, post_graph, put_graph
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.store.live import ListQueries, LiveStore, LiveTask
from onrecord.store.loading import LoadProgress, Source, load_live
from onrecord.store.names import WriteIndex
from onrecord.store.process import deepen_stack, give_back_memory, lift_memory_limit, limit_memory
from onrecord.store.records import Change
from onrecord.store.soundness import tells_damage
from onrecord.store.touched import Touched, touched_by_data, touched_by_graph, touched_by_update
from onrecord.store.worker import STACK_BYTES

_ALONE = ("rebuild", "load", "mend")
"""What is not done in a group with other writes."""
LOAD_MEMORY = 8 << 30
"""Bytes that a load may take beyond the open store: ten million triples take 1.6 GB."""
GROUP_SECONDS = 0.05
"""Writes that wait within this time share one publication."""

_ENGINE_BYTES = 1 << 30
"""What the threads of a store that is written map for themselves (stacks, arenas), seldom using it."""


@dataclass(frozen=True)
class WriterTask:
    """What the writer needs to know before it is forked.

    `folder` is None for a store without folder. With `read_only` a store that
    another process holds is no error: its newest generation is used. With
    `keeps_folder` the graphs of a folder stay as they are, `folder` is not looked at. `memory`
    are the bytes that an update may take beyond the open store.
    """

    store: Path
    folder: Path | None
    read_only: bool = False
    memory: int = 1 << 30
    keep: int = 3
    """Generations that are kept at least, and all of the last `keep_seconds`."""
    keep_seconds: float = 0.0
    keeps_folder: bool = False
    union: bool = True
    """Whether the default graph is the union of all graphs."""
    list_queries: ListQueries | None = None
    """Tells what the graphs of saved queries hold, where there are any."""
    patience: float = 0.0
    """Seconds to wait for the store's lock."""
    write_index: WriteIndex | None = None
    """Writes the index of names, where somebody is going to search."""


def run_writer(task: WriterTask, control: Channel) -> None:
    """Build if needed, publish, then obey the supervisor until it closes `control`."""
    deepen_stack(STACK_BYTES)

    def tell(event: str, **values: object) -> None:
        control.send_message({"event": event, **values})

    live = LiveStore(
        LiveTask(
            task.store,
            task.folder,
            task.read_only,
            task.keeps_folder,
            task.keep,
            task.keep_seconds,
            task.union,
            task.list_queries,
            task.patience,
            task.write_index,
        ),
        lambda text: tell("progress", text=text),
        lambda text: tell("note", text=text),
    )
    writes = _Writes(live, control, task.memory, tell)
    try:
        _report(tell, live, live.start)
        give_back_memory()
        while True:
            following: tuple[_Message, int | None] | None = control.receive_message()
            while following is not None and following[0].get("op") not in _ALONE:
                following = writes.group(*following)
                # All of it is published and told, or undone.
                live.tidy()
            if following is not None and following[0]["op"] == "rebuild":
                _report(tell, live, live.rebuild)
                give_back_memory()
            elif following is not None and following[0]["op"] == "mend":
                writes.mend(int(following[0]["number"]))
            elif following is not None:
                writes.load(following[0])
                give_back_memory()
    except ChannelClosedError:
        live.close()


def _report(tell: Callable[..., None], live: LiveStore, act: Callable[[], int]) -> None:
    try:
        number = act()
    except OnrecordError as error:
        tell("failed", error=encode_error(error))
    except OSError as error:
        tell("failed", error=encode_error(name_failure(live.path, error)))
    except Exception as error:
        # Whatever else goes wrong must be told too; the writer itself stays usable.
        traceback.print_exc()
        tell("failed", error=encode_error(StoreError(f"The store could not be built: {error!r}.")))
    else:
        tell("published", number=number)


_Message = dict[str, Any]


class _Writes:
    """Applies writes in groups: each group becomes one generation, and only then is acknowledged."""

    def __init__(self, live: LiveStore, control: Channel, memory: int, tell: Callable[..., None]) -> None:
        self._live = live
        self._control = control
        self._memory = memory
        self._tell = tell
        self._is_ahead = False
        """Whether the live store holds more than the newest generation."""

    def group(self, message: _Message, fd: int | None) -> tuple[_Message, int | None] | None:
        """Apply this write and those that wait, and publish; a message of another kind is returned."""
        end = time.monotonic() + GROUP_SECONDS
        done: list[tuple[Change, dict[str, object]]] = []
        self._is_ahead = False
        following: tuple[_Message, int | None] | None = None
        try:
            while True:
                self._add(message, fd, done)
                if time.monotonic() >= end or not self._control.has_more():
                    break
                message, fd = self._control.receive_message()
                if message.get("op") in _ALONE:
                    following = message, fd
                    break
            if done:
                self._tell("publishing")
                number = self._live.publish([change for change, _ in done])
                self._tell("written", number=number, results=[result for _, result in done])
        except ChannelClosedError:
            raise
        except Exception as error:
            if not isinstance(error, (OSError, OnrecordError)):
                traceback.print_exc()
            self._fail([str(result["id"]) for _, result in done], error)
        return following

    def load(self, message: _Message) -> None:
        """Load files, publish, and tell; nothing else is written meanwhile."""
        identifier = str(message["id"])

        def show(progress: LoadProgress) -> None:
            self._tell("loading", id=identifier, progress=asdict(progress))

        self._tell("loading", id=identifier)
        limit_memory(LOAD_MEMORY)
        try:
            sources = [Source.read(document) for document in message["sources"]]
            done = load_live(self._live, sources, show)
            number = self._live.publish([Change(identifier, str(message["by"]), str(message["what"]))])
        except ChannelClosedError:
            raise
        except Exception as error:
            if not isinstance(error, (OSError, OnrecordError)):
                traceback.print_exc()
            self._fail([identifier], error)
        else:
            self._tell("written", number=number, results=[{"id": identifier, "count": done}])
        finally:
            lift_memory_limit()

    def mend(self, number: int) -> None:
        """Publish again what a generation held that was found damaged, as far as it can be had."""
        try:
            published = self._live.mend(number)
        except Exception as error:
            if not isinstance(error, (OSError, OnrecordError)):
                traceback.print_exc()
            self._live.undo()
            self._tell("note", text=f"Generation {number} is damaged and could not be mended: {error}")
        else:
            if published is not None:
                self._tell("written", number=published, results=[])

    def _add(self, message: _Message, fd: int | None, done: list[tuple[Change, dict[str, object]]]) -> None:
        """Apply one write; a refusal is told at once, since it changes nothing."""
        identifier = str(message["id"])
        self._tell("applying", id=identifier)
        change = Change(identifier, str(message["by"]), str(message["what"]))
        result: dict[str, object] = {"id": identifier}
        # It is in the list before it is tried: what breaks off half-way has failed with the rest.
        done.append((change, result))
        try:
            watched = self._live.watched
            result["created"] = self._apply(message, fd)
            if self._live.watched == watched:
                self._live.lose_sight()
            self._is_ahead = True
        except OnrecordError as error:
            if isinstance(error, WriteFailedError):
                raise
            done.pop()
            self._tell("refused", id=identifier, error=encode_error(error))
        finally:
            if fd is not None:
                os.close(fd)

    def _apply(self, message: _Message, fd: int | None) -> bool:
        op, live = message["op"], self._live
        self._check(message)
        if op == "update":
            assert fd is not None
            with open(fd, "rb", closefd=False) as file:
                file.seek(0)
                self._update(PlannedUpdate.read(json.load(file)))
            return False
        if op == "list-queries":
            live.list_queries()
            return False
        graph = str(message["graph"])
        live.ownership.refuse([graph])
        store, count = live.open(), int(message["count"])
        if op == "delete":
            with live.watch(touched_by_graph(store, graph)):
                delete_graph(store, graph)
            return False
        assert fd is not None
        with open(fd, "rb", closefd=False) as file:
            file.seek(0)
            removed = touched_by_graph(store, graph) if op == "put" else set()
            added = touched_by_data(file, count)
            file.seek(0)
            write = put_graph if op == "put" else post_graph
            with live.watch(None if removed is None or added is None else removed | added):
                return write(store, graph, file, count)

    def _check(self, message: _Message) -> None:
        """Raises PreconditionError unless the condition of a write holds now."""
        condition = message.get("condition") or {}
        seen, exists = condition.get("generation"), condition.get("exists")
        if seen is not None and (seen != self._live.number or self._is_ahead):
            raise PreconditionError(
                f"The data has changed since generation {seen}, which If-Match names. Get it again."
            )
        if exists is not None and has_graph(self._live.open(), str(message["graph"])) != exists:
            told = "There is no such graph, and If-Match asks for one."
            raise PreconditionError(
                told if exists else "There is such a graph already, and If-None-Match asks for none."
            )

    def _update(self, planned: PlannedUpdate) -> None:
        ownership = self._live.ownership
        planned.refuse_named(ownership)
        if planned.takes_steps(ownership):
            self._live.replace(
                lambda private: self._within_memory(lambda: planned.apply_stepwise(private, ownership))
            )
        else:
            store = self._live.open()
            self._within_memory(lambda: self._apply_watched(store, planned))

    def _apply_watched(self, store: pyoxigraph.Store, planned: PlannedUpdate) -> None:
        touched: Touched = None
        if self._live.counts_once:
            touched = touched_by_update(store, planned.operations, planned.base_iri, planned.dataset)
        with self._live.watch(touched):
            planned.apply(store)

    def _within_memory(self, run: Callable[[], None]) -> None:
        """Run an update; the limit is set when all stores are open, whose caches are mapped up front."""
        limit_memory(self._memory + _ENGINE_BYTES)
        try:
            run()
        finally:
            lift_memory_limit()

    def _fail(self, identifiers: list[str], error: Exception) -> None:
        """Undo what was not published, and tell those who wrote it."""
        if isinstance(error, OnrecordError):
            failure: OnrecordError = error
        elif is_disk_full(error):
            failure = name_failure(self._live.path, error)
        else:
            reason = error.strerror or str(error) if isinstance(error, OSError) else repr(error)
            failure = WriteFailedError(f"The store cannot be written: {reason}. Nothing was changed.")
        self._live.undo()
        if isinstance(error, GenerationDamagedError) or tells_damage(error):
            self._tell("damaged", number=self._live.number, reason=str(error))
        for identifier in identifiers:
            self._tell("refused", id=identifier, error=encode_error(failure))
