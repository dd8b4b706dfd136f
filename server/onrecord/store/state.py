"""The state directory: the live store, its generations and who holds it.

::

    STORE/
      identity/, audit/        tokens, sessions and the audit log (onrecord.identity)
      standings.json           whether the saved queries still hold (onrecord.saved.standing)
      pins/                    generations that are kept for good (onrecord.store.pins)
      saved/                   saved queries of a team, versions, permalinks (onrecord.saved.team)
      federation/              answers of other endpoints, and whose turn it is (onrecord.federation)
      engine/                  writes to an engine elsewhere, counted (onrecord.store.remote)
      lock                     held by the writer; names its process
      store.json               UUID, number of the live directory, newest generation
      live-3/                  the writer's store; no one else opens it
      generations/000017/      a read-only copy (hard links), 000017.json beside it; 000017.derived
                               holds what is computed of it, 000017.sums the sums of its files
                               (soundness), 000017.union its default graph (merging),
                               000017.names the index of its names (names)
      *.tmp                    unfinished; removed by the next writer

`store.json` marks a directory as ours: one that has other things in it and no such
file is refused, and nothing is ever removed but what bears one of these names.

A generation exists when its JSON file does: the directory is renamed into
place first, the JSON file after it. Readers hold a shared lock on the JSON
file, so that the writer removes only generations that nobody reads.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from onrecord.errors import StoreDamagedError, StoreError, StoreLockedError, is_disk_full, name_failure
from onrecord.store.durable import removed_on_failure, sync_directory, write_durably
from onrecord.store.locks import held_exclusively, take_lock
from onrecord.store.records import LAYOUT, Derived, GenerationRecord, Manifest

_GENERATION = re.compile(r"[0-9]{6,12}")
_UNFINISHED_GENERATION = re.compile(
    r"[0-9]{6,12}(\.json|\.derived|\.sums|\.union|\.union-live|\.names|\.plain-names)?\.tmp|hash-.*\.tmp"
)
_INDEXES = (".names", ".plain-names")
_LEFT_BEHIND = re.compile(r"live-[0-9]+|live\.tmp|union\.tmp|store\.json\.tmp")
_OURS = re.compile(
    r"lock|store\.json|server\.json|identity|audit|standings\.(json|lock|tmp)|federation|saved|engine|"
    r"pins|"
    r"generations|damaged-[0-9a-f]{8}|" + _LEFT_BEHIND.pattern
)


class StateDirectory:
    """A state directory. Raises StoreError when it cannot be used, naming it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.generations = path / "generations"
        self._manifest = path / "store.json"
        self._lock_fd: int | None = None

    def lock(self, patience: float = 0.0) -> None:
        """Take the writer's lock for the life of this process, within `patience` seconds.

        Raises StoreLockedError naming the process that holds it, and
        StoreError for a directory that holds other people's files.
        """
        self.refuse_foreign()
        try:
            self.generations.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            if is_disk_full(error):
                raise name_failure(self.path, error) from error
            raise StoreError(
                f"The store {self.path} cannot be written: {error.strerror}. Name another with --store."
            ) from error
        if not take_lock(fd, patience):
            holder = os.read(fd, 100).decode(errors="replace").strip() or "unknown"
            os.close(fd)
            raise StoreLockedError(
                f"The store {self.path} is in use by process {holder}. "
                "Stop it, or name another store with --store."
            )
        os.ftruncate(fd, 0)
        os.write(fd, f"{os.getpid()}\n".encode())
        self._lock_fd = fd

    def remove_unfinished(self) -> None:
        """Remove what a writer that was cut off left behind, and live directories that are not live."""
        keep = self.live_path(self.manifest().live)
        for path in self.path.iterdir():
            if _LEFT_BEHIND.fullmatch(path.name) and path != keep:
                _remove(path)
        for path in self.generations.iterdir():
            if _UNFINISHED_GENERATION.fullmatch(path.name):
                _remove(path)
            elif path.suffix in _INDEXES:
                continue  # The newest one answers until there is a newer one.
            elif _GENERATION.fullmatch(path.stem) and self.record(int(path.stem)) is None:
                # Without a record that can be read, nobody can serve it.
                _remove(path)

    def highest_number(self) -> int:
        """The highest generation number that any name in the directory bears; 0 when none does."""
        # The number of one that was set aside is never given to another: addresses name it.
        aside = self.path.glob("damaged-*/*.json")
        stems = [path.stem for path in (*self.generations.iterdir(), *aside)]
        # A pin may be of a generation that lies nowhere else.
        return max([*(int(stem) for stem in stems if _GENERATION.fullmatch(stem)), *self.pinned()], default=0)

    def pinned(self) -> list[int]:
        """The numbers of the generations that are pinned, in order."""
        found = (self.path / "pins").glob("*/pin.json")
        return sorted(int(p.parent.name) for p in found if _GENERATION.fullmatch(p.parent.name))

    def set_aside(self) -> Path:
        """Move a damaged live store and all generations out of the way; returns where to."""
        target = self.path / f"damaged-{uuid.uuid4().hex[:8]}"
        target.mkdir()
        for path in (*self.path.glob("live-*"), *self.generations.iterdir(), self._manifest):
            if path.exists():
                os.rename(path, target / path.name)
        return target

    def set_generation_aside(self, number: int) -> Path:
        """Move a damaged generation out of the way, for whoever can save some of it; returns where to."""
        target = self.path / f"damaged-{uuid.uuid4().hex[:8]}"
        target.mkdir()
        parts = [self._record_path(f"{number:06d}"), self.generation_path(number), self.merge_path(number)]
        for path in (*parts, self.sums_path(number), self._derived_path(f"{number:06d}")):
            if path.exists():
                os.rename(path, target / path.name)
        return target

    def manifest(self) -> Manifest:
        """The manifest; a new one with a new UUID when the store does not exist yet.

        Raises StoreDamagedError, and StoreError for the layout of another version.
        """
        try:
            document = json.loads(self._manifest.read_text())
            manifest = Manifest(
                str(document["uuid"]), int(document["live"]), int(document["generation"]), document["layout"]
            )
        except FileNotFoundError:
            return Manifest(uuid.uuid4().hex, 0, 0)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreDamagedError(f"{self._manifest} cannot be read: {error!r}.") from error
        if manifest.layout != LAYOUT:
            raise StoreError(
                f"The store {self.path} has layout {manifest.layout}, this version reads {LAYOUT}. "
                "Name another store with --store."
            )
        return manifest

    def live_path(self, number: int) -> Path:
        return self.path / f"live-{number}"

    def make_live(self, manifest: Manifest) -> None:
        """Make `manifest` the truth, atomically and on disk when this returns."""
        _write_atomically(self._manifest, json.dumps(asdict(manifest), indent=1))

    def publish(self, record: GenerationRecord, copied: Path, merged: Path | None = None) -> None:
        """Make the copy at `copied` (a `.tmp` directory of `generations`) the newest generation.

        `merged` is that of its default graph, where triples are repeated. On
        disk when this returns: the engine syncs the copies, and the record's
        own sync covers the names of all. On any error no such generation is
        there: whoever wrote it hears that nothing was changed.
        """
        target = self.generation_path(record.number)
        try:
            if merged is not None:
                os.rename(merged, self.merge_path(record.number))
            os.rename(copied, target)
            _write_atomically(self._record_path(target.name), json.dumps(asdict(record)))
        except BaseException:
            self._withdraw(record.number)
            raise

    def sync_names(self) -> None:
        """Have the names of all generations on disk: a writer may have ended between naming one and this."""
        sync_directory(self.generations)

    def _withdraw(self, number: int) -> None:
        """Remove what was not published to its end; its record first, without which it is nothing."""
        self._record_path(f"{number:06d}").unlink(missing_ok=True)
        for path in (self.generation_path(number), self.merge_path(number)):
            shutil.rmtree(path, ignore_errors=True)

    def generation_path(self, number: int) -> Path:
        return self.generations / f"{number:06d}"

    def merge_path(self, number: int) -> Path:
        """Where the merge of a generation's default graph lies, or its copy without graphs apart, if any."""
        return self.generations / f"{number:06d}.union"

    def sums_path(self, number: int) -> Path:
        """Where the sums of a generation's files are written down."""
        return self.generations / f"{number:06d}.sums"

    @property
    def merge_copy(self) -> Path:
        """Where the writer keeps the merge of the live store."""
        return self.path / "union.tmp"

    def newest(self) -> GenerationRecord | None:
        """The newest generation that is whole, or None."""
        for path in reversed(self._record_paths()):
            record = self.record(int(path.stem))
            if record is not None and self.generation_path(record.number).is_dir():
                return record
        return None

    def damaged_record(self) -> int | None:
        """The highest number of a generation whose record is there and cannot be read, or None."""
        numbers = (int(path.stem) for path in reversed(self._record_paths()))
        return next((number for number in numbers if self.record(number) is None), None)

    def highest_live(self) -> Path | None:
        """The live directory of the writer before this one, if it left any."""
        numbers = (p.name.removeprefix("live-") for p in self.path.glob("live-*"))
        found = max((int(n) for n in numbers if n.isdigit()), default=None)
        return self.live_path(found) if found is not None else None

    def record(self, number: int) -> GenerationRecord | None:
        """What was written down of a generation; None when it is absent or cannot be read."""
        try:
            record = GenerationRecord.read(json.loads(self._record_path(f"{number:06d}").read_text()))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return record if record.is_sound() and record.number == number else None

    def records(self) -> list[GenerationRecord]:
        """The records of all generations that can be read, the newest first."""
        found = (self.record(int(path.stem)) for path in reversed(self._record_paths()))
        return [r for r in found if r is not None and self.generation_path(r.number).is_dir()]

    def derived_of(self, number: int) -> Derived | None:
        """What was derived from that generation, or None."""
        found = self.derived(number)
        return found if found is not None and found.number == number else None

    def keep_derived(self, derived: Derived) -> None:
        """Write down what was derived from a generation; nothing is lost when that fails later."""
        path = self._derived_path(f"{derived.number:06d}")
        temporary = path.with_suffix(".derived.tmp")
        with removed_on_failure(temporary):
            temporary.write_text(json.dumps(asdict(derived)))
            os.rename(temporary, path)

    def derived(self, most: int) -> Derived | None:
        """What was derived from the newest generation up to number `most`, or None."""
        paths = (p for p in self.generations.glob("*.derived") if _GENERATION.fullmatch(p.stem))
        for path in sorted(paths, reverse=True):
            if int(path.stem) <= most:
                try:
                    return Derived(**json.loads(path.read_text()))
                except (OSError, ValueError, TypeError):
                    continue
        return None

    def lease(self, number: int) -> int:
        """A shared lock on a generation, as a descriptor to close when done.

        Raises StoreError when the generation has gone.
        """
        try:
            fd = os.open(self._record_path(f"{number:06d}"), os.O_RDONLY)
        except FileNotFoundError:
            raise StoreError(f"Generation {number} of {self.path} does not exist any more.") from None
        fcntl.flock(fd, fcntl.LOCK_SH)
        return fd

    def remove_old(self, keep: int, seconds: float = 0.0) -> None:
        """Remove what is neither among the newest `keep` generations nor younger than `seconds`.

        What somebody reads stays in any case.
        """
        before = time.time() - seconds
        for record_path in self._record_paths()[:-keep]:
            # One that was woken lately is young again, one that has gone was laid to rest meanwhile.
            with suppress(FileNotFoundError):
                if record_path.stat().st_mtime <= before:
                    self._remove(record_path, is_kept=self._is_pinned)

    def remove_generation(self, number: int) -> bool:
        """Remove a generation, pinned or not; False, and nothing happens, while somebody reads it."""
        return self._remove(self._record_path(f"{number:06d}"), is_kept=lambda number: False)

    def _is_pinned(self, number: int) -> bool:
        return (self.path / "pins" / f"{number:06d}" / "pin.json").exists()

    def _remove(self, record_path: Path, is_kept: Callable[[int], bool]) -> bool:
        number = int(record_path.stem)
        with held_exclusively(record_path) as free:
            # Asked under the lock: whoever pins it holds a lease meanwhile.
            if not free or is_kept(number):
                return False
            record_path.unlink()
            self._derived_path(record_path.stem).unlink(missing_ok=True)
            self.sums_path(number).unlink(missing_ok=True)
            _remove(self.merge_path(number))
            _remove(self.generations / record_path.stem)
        return True

    def _record_paths(self) -> list[Path]:
        """The JSON files of the generations, oldest first."""
        return sorted(p for p in self.generations.glob("*.json") if _GENERATION.fullmatch(p.stem))

    def refuse_foreign(self) -> None:
        """Raises StoreError for a directory that holds other people's files, or cannot be read."""
        try:
            names = [path.name for path in self.path.iterdir()]
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(
                f"The store {self.path} cannot be read: {error.strerror}. Name another with --store."
            ) from error
        foreign = [name for name in names if not _OURS.fullmatch(name)]
        if foreign and self._manifest.name not in names:
            raise StoreError(
                f"{self.path} holds other files ({sorted(foreign)[0]}, for one) and is no store of Onrecord. "
                "Name a directory of its own with --store."
            )

    def _record_path(self, name: str) -> Path:
        return self.generations / f"{name}.json"

    def _derived_path(self, name: str) -> Path:
        return self.generations / f"{name}.derived"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _write_atomically(path: Path, text: str) -> None:
    write_durably(path, text.encode(), path.with_suffix(".json.tmp"))
