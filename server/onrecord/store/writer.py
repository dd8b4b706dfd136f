"""The writer: the only process that holds the live store.

It builds the folder into a private copy, makes that copy live, and publishes
each state as an immutable generation. Events go to the supervisor as messages:
`progress`, `note`, `published` (with the generation's number) and `failed`.
"""

from __future__ import annotations

import gc
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph

from onrecord.building.build import BuildReport, build
from onrecord.errors import OnrecordError, StoreDamagedError, StoreError, StoreLockedError, encode_error
from onrecord.folder import Folder
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.store.state import GenerationRecord, Manifest, StateDirectory
from onrecord.terms import RDF

KEPT_GENERATIONS = 3
_DAMAGE = ("orruption", "No such file", "CURRENT", "not found")
"""What RocksDB says of missing or spoiled files, as against a full disk or too many open files."""


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
    except Exception as error:
        # Whatever else goes wrong must be told too; the writer itself stays usable.
        traceback.print_exc()
        tell("failed", error=encode_error(StoreError(f"The store could not be built: {error!r}.")))
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
        try:
            return self._open_or_build()
        except StoreDamagedError as error:
            self._store = self._manifest = None
            aside = self._state.set_aside()
            self._note(f"{error.detail} What was there is kept in {aside}; the store is built again.")
            return self._open_or_build()

    def _open_or_build(self) -> GenerationRecord:
        manifest = self._manifest = self._state.manifest()
        self._state.remove_unfinished()
        newest = self._state.newest()
        live = self._state.live_path(manifest.live)
        if newest is None or newest.uuid != manifest.uuid or not live.is_dir():
            return self.rebuild()
        self._store = _open(live)
        if newest.digest != self._digest():
            return self.rebuild()
        if not _can_be_read(self._state.generation_path(newest.number)):
            self._note(f"Generation {newest.number} cannot be read and is published again.")
            return self._publish(
                newest.digest, BuildReport(tuple(newest.folder_graphs), tuple(newest.warnings))
            )
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
                self._store = _open(live)
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
        record = GenerationRecord(
            uuid=self._manifest.uuid,
            number=self._state.highest_number() + 1,
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


def _open(live: Path) -> pyoxigraph.Store:
    """The live store. Raises StoreDamagedError when its files are not those of a whole store."""
    try:
        return pyoxigraph.Store(str(live))
    except (OSError, RuntimeError) as error:
        if isinstance(error, RuntimeError) or any(sign in str(error) for sign in _DAMAGE):
            raise StoreDamagedError(f"The store in {live} cannot be opened: {error}.") from error
        raise


def _can_be_read(generation: Path) -> bool:
    try:
        store = pyoxigraph.Store.read_only(str(generation))
        next(iter(store.quads_for_pattern(None, None, None, None)), None)
    except (OSError, RuntimeError):
        return False
    return True


def _count_graphs(store: pyoxigraph.Store) -> dict[str, int]:
    """Triples of each graph; the unnamed graph under the empty string."""
    unnamed = 'SELECT ("" AS ?key) (COUNT(*) AS ?n) { ?s ?p ?o }'
    named = "SELECT (STR(?g) AS ?key) (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    return _counts(store, unnamed) | _counts(store, named)


def _count_classes(store: pyoxigraph.Store) -> dict[str, int]:
    """Instances of each named class, each instance once in however many graphs it is typed."""
    return _counts(
        store,
        "SELECT (STR(?c) AS ?key) (COUNT(DISTINCT ?s) AS ?n) "
        f"{{ GRAPH ?g {{ ?s <{RDF}type> ?c FILTER(isIRI(?c)) }} }} GROUP BY ?c ORDER BY ?key",
    )


def _counts(store: pyoxigraph.Store, query: str) -> dict[str, int]:
    solutions = store.query(query)
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    return {_text(row["key"]): int(_text(row["n"])) for row in solutions}


def _text(term: object) -> str:
    assert isinstance(term, pyoxigraph.Literal)
    return term.value
