"""The writer: the only process that holds the live store.

It builds the folder into a private copy, makes that copy live, and publishes
each state as an immutable generation. Events go to the supervisor as messages:
`progress`, `note`, `published` (with the generation's number) and `failed`.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph

from onrecord.building.build import BuildReport, build
from onrecord.errors import OnrecordError, StoreError, StoreLockedError, encode_error
from onrecord.folder import Folder
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.store.state import GenerationRecord, Manifest, StateDirectory
from onrecord.terms import RDF

KEPT_GENERATIONS = 3


@dataclass(frozen=True)
class WriterTask:
    """What the writer needs to know before it is forked.

    `folder` is None for a store without folder. With `read_only` a store that
    another process holds is no error: its newest generation is used.
    """

    store: Path
    folder: Path | None
    read_only: bool = False


def run_writer(task: WriterTask, control: Channel) -> None:
    """Build if needed, publish, then obey the supervisor until it closes `control`."""

    def tell(event: str, **values: object) -> None:
        control.send_message({"event": event, **values})

    writer = _Writer(task, lambda text: tell("progress", text=text), lambda text: tell("note", text=text))
    try:
        _report(tell, writer.start)
        while True:
            message, _ = control.receive_message()
            if message.get("op") == "rebuild":
                _report(tell, writer.rebuild)
    except ChannelClosedError:
        writer.close()


def _report(tell: Callable[..., None], act: Callable[[], GenerationRecord]) -> None:
    try:
        record = act()
    except OnrecordError as error:
        tell("failed", error=encode_error(error))
    except OSError as error:
        reason = error.strerror or str(error)
        tell("failed", error=encode_error(StoreError(f"The store cannot be written: {reason}.")))
    else:
        tell("published", number=record.number)


class _Writer:
    def __init__(
        self, task: WriterTask, progress: Callable[[str], None], note: Callable[[str], None]
    ) -> None:
        self._task = task
        self._state = StateDirectory(task.store)
        self._progress = progress
        self._note = note
        self._store: pyoxigraph.Store | None = None
        self._manifest: Manifest | None = None

    def start(self) -> GenerationRecord:
        """Take the lock, open or build the live store, and publish it."""
        try:
            self._state.lock()
        except StoreLockedError:
            newest = self._state.newest() if self._task.read_only else None
            if newest is None:
                raise
            if newest.digest != self._digest():
                self._note(
                    "The folder has changed since the running server built it; this is the server's state. "
                    "Have it build again with: onrecord reload"
                )
            return newest
        self._state.remove_unfinished()
        manifest = self._manifest = self._state.manifest()
        newest = self._state.newest()
        digest = self._digest()
        live = self._state.live_path(manifest.live)
        if newest is None or newest.digest != digest or newest.uuid != manifest.uuid or not live.is_dir():
            return self.rebuild()
        self._store = pyoxigraph.Store(str(live))
        return newest

    def rebuild(self) -> GenerationRecord:
        """Build the folder into a private copy of the live store; that copy becomes live.

        On any error the live store and its generations are as they were.
        """
        if self._manifest is None:
            raise StoreError(f"The store {self._task.store} is held by another process, which must do this.")
        previous = self._state.newest()
        copy = self._state.path / "live.tmp"
        self._copy_live(copy)
        digest = self._digest()
        private = pyoxigraph.Store(str(copy))
        report = BuildReport((), ())
        if self._task.folder is not None:
            owned = previous.folder_graphs if previous else []
            report = build(private, Folder(self._task.folder), owned, self._progress)
        private.flush()
        del private
        gc.collect()
        return self._adopt(copy, digest, report)

    def close(self) -> None:
        self._store = None
        gc.collect()

    def _copy_live(self, copy: Path) -> None:
        self._state.remove_unfinished()
        if self._store is None and self._manifest is not None:
            live = self._state.live_path(self._manifest.live)
            if live.is_dir():
                self._store = pyoxigraph.Store(str(live))
        if self._store is not None:
            self._store.backup(str(copy))

    def _adopt(self, copy: Path, digest: str, report: BuildReport) -> GenerationRecord:
        assert self._manifest is not None
        self.close()
        number = self._manifest.live + 1
        live = self._state.live_path(number)
        os.rename(copy, live)
        self._manifest = replace(self._manifest, live=number)
        self._state.make_live(self._manifest)
        self._state.remove_unfinished()
        self._store = pyoxigraph.Store(str(live))
        record = self._publish(digest, report)
        self._state.remove_old(KEPT_GENERATIONS)
        return record

    def _publish(self, digest: str, report: BuildReport) -> GenerationRecord:
        assert self._store is not None and self._manifest is not None
        newest = self._state.newest()
        record = GenerationRecord(
            uuid=self._manifest.uuid,
            number=(newest.number if newest else 0) + 1,
            published=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            digest=digest,
            graphs=_count_graphs(self._store),
            classes=_count_classes(self._store),
            folder_graphs=list(report.graphs),
            warnings=list(report.warnings),
        )
        copy = self._state.generation_path(record.number).with_suffix(".tmp")
        self._store.backup(str(copy))
        self._state.publish(record, copy)
        self._manifest = self._state.manifest()
        return record

    def _digest(self) -> str:
        return Folder(self._task.folder).digest() if self._task.folder is not None else "no folder"


def _count_graphs(store: pyoxigraph.Store) -> dict[str, int]:
    """Triples of each graph; the unnamed graph under the empty string."""
    counts = {"": sum(1 for _ in store.quads_for_pattern(None, None, None, pyoxigraph.DefaultGraph()))}
    for graph in store.named_graphs():
        if isinstance(graph, pyoxigraph.NamedNode):
            counts[graph.value] = sum(1 for _ in store.quads_for_pattern(None, None, None, graph))
    return counts


def _count_classes(store: pyoxigraph.Store) -> dict[str, int]:
    """Instances of each named class, each instance once in however many graphs it is typed."""
    instances: dict[str, set[pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Triple]] = {}
    for quad in store.quads_for_pattern(None, pyoxigraph.NamedNode(RDF + "type"), None, None):
        if isinstance(quad.object, pyoxigraph.NamedNode):
            instances.setdefault(quad.object.value, set()).add(quad.subject)
    return {iri: len(members) for iri, members in sorted(instances.items())}
