"""The live store, and how a state of it becomes a generation."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph

from onrecord.building.build import BuildReport, build
from onrecord.errors import (
    FolderError,
    GenerationDamagedError,
    StoreDamagedError,
    StoreError,
    StoreLockedError,
    WriteFailedError,
)
from onrecord.folder import Folder
from onrecord.store.applying import Ownership
from onrecord.store.deriving import derive_counts
from onrecord.store.journal import has_grown, open_anew
from onrecord.store.members import can_read, write_members
from onrecord.store.merging import UnionMerge
from onrecord.store.names import NameIndexes, WriteIndex
from onrecord.store.records import Change, Derived, GenerationRecord, Manifest
from onrecord.store.soundness import (
    Marks,
    find_changed,
    mark_files,
    refuse_marked,
    tells_damage,
    verify,
    verify_shared,
)
from onrecord.store.state import StateDirectory
from onrecord.store.touched import Touched, touched_by_graph

_AGAIN = "published again from the live store"

ListQueries = Callable[[Folder, Path], Mapping[str, Sequence[pyoxigraph.Triple]]]
"""Given the folder and the store's directory: the graphs of saved queries, each with its triples."""


@dataclass(frozen=True)
class LiveTask:
    """Where the store is and what folder it serves; see `writer.WriterTask`."""

    store: Path
    folder: Path | None
    read_only: bool
    keeps_folder: bool = False
    keep: int = 3
    keep_seconds: float = 0.0
    union: bool = True
    """Whether the default graph is a union, in which each triple counts once."""
    list_queries: ListQueries | None = None
    patience: float = 0.0
    """Seconds to wait for the lock."""
    write_index: WriteIndex | None = None


class LiveStore:
    """The live store of a state directory; only the writer's process has one."""

    def __init__(self, task: LiveTask, progress: Callable[[str], None], note: Callable[[str], None]) -> None:
        self._task = task
        self._state = StateDirectory(task.store)
        self._progress = progress
        self._note = note
        self._store: pyoxigraph.Store | None = None
        self._manifest: Manifest | None = None
        self._record: GenerationRecord | None = None
        self.ownership = Ownership()
        self._merge = UnionMerge(self._state.merge_copy)
        self._indexes = NameIndexes(self._state.generations, task.union)
        self._marks: Marks = {}
        """Of the files of the generation that was published last, which the live store shares."""
        self.watched = 0
        """How many writes were watched: after one that was not, `lose_sight`."""

    def start(self) -> int:
        """Take the lock, open or build the live store; returns the number of its generation."""
        try:
            self._state.lock(self._task.patience)
        except StoreLockedError:
            newest = self._state.newest() if self._task.read_only else None
            if newest is None:
                raise
            if newest.digest != self._digest():
                self._note(
                    "The folder has changed since the running server built it; this is the server's state. "
                    "Have it build again with: onrecord reload"
                )
            return newest.number
        try:
            number = self._open_or_build()
        except StoreDamagedError as error:
            self._store = self._manifest = self._record = None
            aside = self._state.set_aside()
            self._note(f"{error.detail} What was there is kept in {aside}; the store is built again.")
            number = self._open_or_build()
        return self._settle_union(number)

    @property
    def path(self) -> Path:
        """The state directory."""
        return self._task.store

    @property
    def number(self) -> int:
        """The number of the generation that was published last; 0 before the first."""
        return self._record.number if self._record is not None else 0

    def open(self) -> pyoxigraph.Store:
        """The open store. Raises WriteFailedError or OSError when it cannot be opened now."""
        if self._store is None:
            if self._record is None:
                raise WriteFailedError(f"The store {self._task.store} is held by another process.")
            # This process has read or written its files: those with the same marks are not read again.
            self._copy_generation(self._record.number, reads_all=False)
        assert self._store is not None
        return self._store

    @property
    def counts_once(self) -> bool:
        """Whether a triple that several graphs hold must count once in the default graph."""
        return self._task.union

    @contextmanager
    def watch(self, touched: Touched) -> Iterator[None]:
        """Around a write to the open store that touches at most `touched` (None: nobody knows)."""
        self.watched += 1
        if not self._task.union:
            yield
            return
        with self._merge.watch(self.open(), touched, self._record.apart if self._record else ()):
            yield

    def lose_sight(self) -> None:
        """Something was written that nobody watched: all is looked at before it is published."""
        self._merge.lose_sight()

    def replace(self, change: Callable[[pyoxigraph.Store], None]) -> None:
        """Have `change` work on a private copy, which then becomes the live store.

        On any error the live store is as it was.
        """
        self._merge.lose_sight()
        copy = self._copy_path
        _remove_directory(copy)
        self.open().backup(str(copy))
        private = pyoxigraph.Store(str(copy))
        try:
            change(private)
            private.flush()
        finally:
            del private
            gc.collect()
        self._move_in(copy)

    def mend(self, number: int) -> int | None:
        """Publish again what generation `number` was, which was found damaged; None when it is sound.

        From the live store where its files are sound, else from the generation
        before, which says so. The damaged one is set aside. Raises StoreDamagedError
        when no generation can be read.
        """
        newest = self._record
        assert self._manifest is not None and newest is not None
        if number > newest.number:
            return None
        try:
            self._read_generation(newest.number)
        except StoreDamagedError as error:
            self._note(error.detail)
        else:
            return None
        self.close()
        live = self._state.live_path(self._manifest.live)
        # What was mended from the live store before, and is damaged again, is not there any more.
        again = any(_AGAIN in change.what for change in newest.changes)
        return self._recover(newest, None if again else live, newest.number)

    def undo(self) -> None:
        """Throw away what was not published; the store opens again at the next write."""
        self.close()
        # What a full disk cut off is what fills it.
        shutil.rmtree(self._copy_path, ignore_errors=True)
        self._merge.restart(self._known_repeats())

    def publish(self, changes: Sequence[Change]) -> int:
        """Make the live store's state a generation, on disk when this returns its number."""
        record = self._record
        assert record is not None
        return self._publish(replace(record, number=0, changes=list(changes)))

    def tidy(self) -> None:
        """Open the store anew where the engine's journal of its files has grown.

        To be called when all that was written is published, and nobody waits: nothing is lost when it fails.
        """
        try:
            self._merge.tidy()
            if self._store is not None and self._manifest is not None:
                live = self._state.live_path(self._manifest.live)
                if has_grown(live):
                    self.close()
                    self._store = open_anew(live)
        except (OSError, RuntimeError) as error:
            # The next write opens a copy of the generation.
            self.close()
            self._note(f"The store could not be opened anew: {error}")

    def rebuild(self) -> int:
        """Build the folder into a private copy of the live store; that copy becomes live.

        On any error the live store and its generations are as they were.
        """
        if self._manifest is None:
            raise StoreError(f"The store {self._task.store} is held by another process, which must do this.")
        copy = self._copy_path
        _remove_directory(copy)
        digest, number = self._digest(), self._next_number()
        try:
            if self._record is not None:
                self.open().backup(str(copy))
            report, derived = self._build_in(copy, number)
        except BaseException:
            shutil.rmtree(copy, ignore_errors=True)
            self._indexes.remove(number)
            raise
        self._move_in(copy)
        self._merge.lose_sight()
        what = "Build of the folder" if self._task.folder is not None else "A new store"
        record = GenerationRecord(
            uuid=self._manifest.uuid,
            number=number,
            published="",
            digest=digest,
            folder_graphs=list(report.graphs),
            files=dict(report.files),
            warnings=list(report.warnings),
            changes=[Change("", "the folder", what)],
            apart=list(report.apart),
        )
        try:
            self._state.keep_derived(derived)
            return self._publish(record, is_build=True)
        except BaseException:
            self._indexes.remove(number)
            self.undo()
            raise

    def _build_in(self, copy: Path, number: int) -> tuple[BuildReport, Derived]:
        """Build the folder into the store at `copy`, which is closed and on disk when this returns."""
        private = pyoxigraph.Store(str(copy))
        try:
            report = BuildReport((), ())
            if self._task.folder is not None:
                owned = self._record.folder_graphs if self._record else []
                report = build(private, Folder(self._task.folder), owned, self._progress)
                listed = self._list_queries_in(private)
                for graph in listed:
                    if graph in report.graphs:
                        name = report.files.get(graph, "A file")
                        raise FolderError(
                            f"{name} writes <{graph}>, which tells of the saved queries. Rename it."
                        )
                graphs, apart = (*report.graphs, *listed), (*report.apart, *listed)
                report = replace(report, graphs=graphs, apart=apart)
            private.flush()
            self._index_names(private, number, report.apart)
            return report, derive_counts(private, number)
        finally:
            del private
            gc.collect()

    def _index_names(self, private: pyoxigraph.Store, number: int, apart: Sequence[str]) -> None:
        """Where there are few names: so a search answers from the first moment."""
        if self._task.write_index is None or not self._indexes.has_few(private, apart):
            return
        try:
            self._indexes.make(private, number, apart, self._task.write_index)
        except OSError as error:
            self._note(f"{error} Search begins when it could be written after all.")

    def list_queries(self) -> None:
        """Tell of the saved queries anew, in the open store; all else stays as it is.

        Raises FolderError.
        """
        store, listed = self.open(), self._listed_queries()
        touched: Touched = {triple for triples in listed.values() for triple in triples}
        for graph in listed:
            former = touched_by_graph(store, graph)
            touched = None if touched is None or former is None else touched | former
        with self.watch(touched):
            _write_listed(store, listed)

    def _list_queries_in(self, store: pyoxigraph.Store) -> list[str]:
        listed = self._listed_queries()
        _write_listed(store, listed)
        return list(listed)

    def _listed_queries(self) -> Mapping[str, Sequence[pyoxigraph.Triple]]:
        if self._task.list_queries is None or self._task.folder is None:
            return {}
        return self._task.list_queries(Folder(self._task.folder), self._task.store)

    def close(self) -> None:
        self._store = None
        gc.collect()

    # -- opening -------------------------------------------------------------------------------

    def _open_or_build(self) -> int:
        manifest = self._manifest = self._state.manifest()
        left_behind = self._state.highest_live()
        newest = self._state.newest()
        damaged = self._state.damaged_record()
        if newest is None or newest.uuid != manifest.uuid:
            if damaged is not None or (newest is not None and left_behind is not None):
                raise StoreDamagedError(f"The generations of {self._task.store} cannot be read.")
            self._state.remove_unfinished()
            self._state.make_live(manifest)
            return self.rebuild()
        self._take(newest)
        self._merge.restart(self._known_repeats())
        self._merge.remember(newest.beside)
        lost = damaged if damaged is not None and damaged > newest.number else None
        number = self._recover(newest, left_behind, lost)
        self._merge.close()
        self._state.remove_unfinished()
        if newest.digest != self._digest() and not self._task.keeps_folder:
            return self.rebuild()
        return number

    def _recover(self, newest: GenerationRecord, left_behind: Path | None, lost: int | None) -> int:
        """Open the newest state that can be read; returns the number of its generation.

        `lost` is the number of a newer generation without a readable record.
        Raises StoreDamagedError when no generation can be read.
        """
        if lost is None:
            try:
                self._copy_generation(newest.number)
            except StoreDamagedError as error:
                self._note(error.detail)
                lost = newest.number
            except OSError as error:
                # Readers are served meanwhile; the next write tries again.
                self._note(f"Nothing can be written now: {error.strerror or error}.")
                return newest.number
            else:
                return newest.number
        told = f"Generation {lost} cannot be read"
        if left_behind is not None and self._open_left_behind(left_behind):
            self._merge.lose_sight()
            self._set_aside(lost, f"{told} and is published again.")
            return self.publish([Change("", "the server", f"{told}; {_AGAIN}")])
        for older in self._state.records():
            if older.number == lost:
                continue
            try:
                self._copy_generation(older.number)
            except StoreDamagedError:
                continue
            self._take(older)
            self._merge.lose_sight()
            told = f"{told}; generation {older.number} serves in its place"
            self._set_aside(lost, f"{told}.")
            self._record = replace(older, warnings=[*older.warnings, f"{told}."])
            return self.publish([Change("", "the server", told)])
        raise StoreDamagedError(f"No generation of {self._task.store} can be read.")

    def _set_aside(self, number: int, told: str) -> None:
        """Move the damaged generation `number` out of the way, and tell."""
        if number in self._state.pinned() or self._state.record(number) is None:
            self._note(told)
            return
        try:
            self._note(f"{told} What was there is kept in {self._state.set_generation_aside(number)}.")
        except OSError as error:
            self._note(f"{told} It stays where it is: {error.strerror or error}.")

    def _open_left_behind(self, live: Path) -> bool:
        try:
            verify_shared(self._state, live)
            self._store = pyoxigraph.Store(str(live))
            for _ in self._store:
                pass
        except (OSError, RuntimeError, StoreDamagedError):
            self._store = None
            gc.collect()
            return False
        assert self._manifest is not None
        self._manifest = replace(self._manifest, live=int(live.name.removeprefix("live-")))
        self._state.make_live(self._manifest)
        return True

    def _copy_generation(self, number: int, *, reads_all: bool = True) -> None:
        """Make the live store a copy (hard links) of generation `number`, and open it.

        With `reads_all` every file is read first and compared with its sum. Raises
        StoreDamagedError when the generation cannot be read.
        """
        copy = self._copy_path
        _remove_directory(copy)
        published = self._read_generation(number, reads_all=reads_all)
        try:
            published.backup(str(copy))
            del published
            gc.collect()
            self._move_in(copy)
        except (OSError, RuntimeError) as error:
            _refuse_damage(number, error)
            raise
        self._marks = mark_files(self._state.generation_path(number))

    def _read_generation(self, number: int, *, reads_all: bool = True) -> pyoxigraph.Store:
        """Generation `number`, whose files are sound. Raises StoreDamagedError, OSError for a full disk."""
        try:
            if reads_all:
                verify(self._state, number)
            else:
                refuse_marked(self._state, number)
            published = pyoxigraph.Store.read_only(str(self._state.generation_path(number)))
            _read_something(published)
        except (OSError, RuntimeError) as error:
            _refuse_damage(number, error)
            raise
        return published

    def _move_in(self, copy: Path) -> None:
        """Make the directory `copy` the live store."""
        assert self._manifest is not None
        self.close()
        live = self._state.live_path(self._manifest.live)
        _remove_directory(live)
        os.rename(copy, live)
        self._store = pyoxigraph.Store(str(live))

    @property
    def _copy_path(self) -> Path:
        return self._state.path / "live.tmp"

    # -- publishing ----------------------------------------------------------------------------

    def _publish(self, record: GenerationRecord, *, is_build: bool = False) -> int:
        published = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = replace(record, number=record.number or self._next_number(), published=published)
        copy = self._state.generation_path(record.number).with_suffix(".tmp")
        _remove_directory(copy)
        store = self.open()
        assert self._manifest is not None
        if changed := find_changed(self._state.live_path(self._manifest.live), self._marks):
            raise GenerationDamagedError(f"The store's file {changed}. Nothing was changed by this.")
        merged = None
        try:
            store.backup(str(copy))
            if self._task.union:
                record, merged = self._write_merge(record)
                if merged is None and is_build:
                    merged = self._write_members(record)
            else:
                record = replace(record, repeated=-1, beside=[], changed=None)
            self._state.publish(record, copy, merged)
        except BaseException:
            for path in (copy, self._state.merge_path(record.number).with_suffix(".union.tmp")):
                shutil.rmtree(path, ignore_errors=True)
            raise
        # It is published: nothing from here on may tell its writers that it failed.
        self._take(record)
        try:
            self._merge.published()
            self._marks = mark_files(self._state.generation_path(record.number))
            self._state.remove_old(self._task.keep, self._task.keep_seconds)
        except OSError as error:
            self._note(f"Generations that are old could not be removed: {error.strerror or error}.")
        return record.number

    def _write_merge(self, record: GenerationRecord) -> tuple[GenerationRecord, Path | None]:
        """The record with the number of repeated triples, and the merge that they need, if there are any."""
        store = self.open()
        record = replace(record, changed=self._merge.changed)
        repeated = self._merge.settle(store, record.apart)
        if not repeated:
            return replace(record, repeated=0, beside=[]), None
        target = self._state.merge_path(record.number).with_suffix(".union.tmp")
        _remove_directory(target)
        former = self._state.merge_path(self.number)
        # Files that repeat each other's triples are warned of; then none of them stands for itself.
        folder = [] if record.warnings else record.folder_graphs
        beside = self._merge.write(store, folder, record.apart, former if former.is_dir() else None, target)
        return replace(record, repeated=repeated, beside=list(beside)), target

    def _write_members(self, record: GenerationRecord) -> Path | None:
        """The generation without what its union leaves out. Not of each write, which it would make slower."""
        target = self._state.merge_path(record.number).with_suffix(".union.tmp")
        _remove_directory(target)
        return target if write_members(self.open(), record.apart, target) else None

    def _settle_union(self, number: int) -> int:
        """Publish again where nobody counted repeated triples, or their merge cannot be read."""
        record = self._record
        assert record is not None
        if self._task.union and record.number == number:
            lacks = record.repeated > 0 and not can_read(self._state.merge_path(number))
            if record.repeated < 0 or lacks:
                self._merge.lose_sight()
                told = "Counted again which triples stand in several graphs"
                return self.publish([Change("", "the server", told)])
        return number

    def _known_repeats(self) -> int | None:
        record = self._record
        return record.repeated if record is not None and record.repeated >= 0 else None

    def _next_number(self) -> int:
        known = self._record.number if self._record is not None else 0
        return max(known, self._state.highest_number()) + 1

    def _take(self, record: GenerationRecord) -> None:
        self._record = record
        self.ownership = Ownership(frozenset(record.folder_graphs), record.files)

    def _digest(self) -> str:
        return Folder(self._task.folder).digest() if self._task.folder is not None else "no folder"


def _write_listed(store: pyoxigraph.Store, listed: Mapping[str, Sequence[pyoxigraph.Triple]]) -> None:
    for graph, triples in listed.items():
        name = pyoxigraph.NamedNode(graph)
        store.remove_graph(name)
        store.extend(pyoxigraph.Quad(t.subject, t.predicate, t.object, name) for t in triples)


def _refuse_damage(number: int, error: OSError | RuntimeError) -> None:
    if tells_damage(error, opening=True):
        raise StoreDamagedError(f"Generation {number} cannot be opened: {error}.") from error


def _read_something(store: pyoxigraph.Store) -> None:
    next(iter(store.quads_for_pattern(None, None, None, None)), None)


def _remove_directory(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
