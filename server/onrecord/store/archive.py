"""Dump, backup and restore: from a published generation, while others serve and write.

A backup is a directory::

    BACKUP/                  mode 0700
      backup.json            the SHA-256 of every other file; written last
      generation/            the files of one generation
      generation.json        its record: number, folder graphs and their files, the folder's digest
      identity/, audit/      tokens (as hashes) and the audit log, as they were
      pins/                    pinned generations: the quads of each (N-Quads, zstd) and its record
      saved/                   the team's queries with all their versions, and permalinks

`generation/` is a store that any Oxigraph opens.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO

import pyoxigraph

from onrecord.errors import NotFoundError, StoreDamagedError, StoreError
from onrecord.formats import Format
from onrecord.store.pins import DATA, GRAPHS, Pins
from onrecord.store.records import GenerationRecord, Manifest
from onrecord.store.resting import write_data
from onrecord.store.state import StateDirectory

LAYOUT = 1
_BESIDE = ("identity/tokens.json", "audit")
"""What is kept beside the generation. Sessions are not: whoever comes back signs in again."""
_SAVED = "saved/queries.sqlite"
_PIECE = 1 << 20

Tell = Callable[[str], None]


def dump(store: Path, number: int | None, out: IO[bytes], format: Format, graph: str | None) -> int:
    """Write generation `number` (None: the newest) of `store` to `out`; returns its number.

    `graph` is the IRI of the one graph to write, empty for the unnamed one; None
    for all, which `format` must be able to name. Raises NotFoundError and StoreError.
    """
    state = StateDirectory(store)
    serializer = getattr(pyoxigraph.RdfFormat, format.serializer)
    with _leased(state, number) as record:
        opened = pyoxigraph.Store.read_only(str(state.generation_path(record.number)))
        if graph is None:
            opened.dump(out, serializer)
        elif not graph:
            opened.dump(out, serializer, from_graph=pyoxigraph.DefaultGraph())
        else:
            name = pyoxigraph.NamedNode(graph)
            if not opened.contains_named_graph(name):
                raise NotFoundError(f"Generation {record.number} has no graph <{graph}>.")
            opened.dump(out, serializer, from_graph=name)
        return record.number


def back_up(store: Path, target: Path, tell: Tell) -> GenerationRecord:
    """Copy the newest generation of `store`, its tokens and audit log to the new directory `target`.

    On disk when this returns. Raises StoreError, also when `target` is there already.
    """
    if target.exists():
        raise StoreError(f"{target} is there already. Name a directory that is not.")
    state = StateDirectory(store)
    unfinished = target.with_name(target.name + ".tmp")
    with _leased(state, None) as record:
        try:
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o700, parents=True)
            tell(f"copying generation {record.number}")
            hashes = _copy(state.generation_path(record.number), unfinished, "generation")
            tell("copying tokens and audit log")
            for name in _BESIDE:
                hashes |= _copy(store / name, unfinished, name)
            tell("copying saved queries")
            hashes |= _snapshot(store / _SAVED, unfinished, _SAVED)
            tell("copying pinned generations")
            hashes |= _copy_pins(state, Pins(store), unfinished)
            hashes["generation.json"] = _write(unfinished / "generation.json", asdict(record))
            _write(unfinished / "backup.json", {"layout": LAYOUT, "sha256": hashes})
            os.rename(unfinished, target)
            _sync(target.parent)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise StoreError(f"{target} cannot be written: {error.strerror or error}.") from error
    return record


def restore(backup: Path, store: Path, tell: Tell) -> GenerationRecord:
    """Make `store`, where no generation may be, what `backup` was made from.

    Every file is compared with its hash first. The store gets an identity of
    its own: what is written from now on is another history than the one that
    went on elsewhere. Raises StoreError, StoreDamagedError, StoreLockedError.
    """
    hashes = _read_hashes(backup)
    tell("comparing the backup with its hashes")
    for name, expected in hashes.items():
        if _digest(backup / name) != expected:
            raise StoreDamagedError(f"{backup / name} is not what was backed up. Nothing was restored.")
    state = StateDirectory(store)
    state.lock()
    if state.newest() is not None:
        raise StoreError(
            f"The store {store} holds generations already. Move it away, or name another with --store."
        )
    record = _read_record(backup / "generation.json")
    record = replace(record, uuid=uuid.uuid4().hex)
    if any(name.startswith(f"pins/{record.number:06d}/") for name in hashes):
        # That number goes on to be the pinned generation's.
        record = replace(record, number=record.number + 1)
    try:
        tell(f"copying generation {record.number}")
        for name in (*_BESIDE, _SAVED, "pins"):
            _copy(backup / name, store, name)
        copy = state.generation_path(record.number).with_suffix(".tmp")
        shutil.rmtree(copy, ignore_errors=True)
        _copy(backup / "generation", copy.parent, copy.name)
        state.make_live(Manifest(record.uuid, 1, record.number))
        state.publish(record, copy)
    except OSError as error:
        raise StoreError(f"The store {store} cannot be written: {error.strerror or error}.") from error
    return record


@contextmanager
def _leased(state: StateDirectory, number: int | None) -> Iterator[GenerationRecord]:
    """The record of a generation that stays as long as the block. Raises NotFoundError."""
    record = state.newest() if number is None else state.record(number)
    if record is None and number is None:
        raise NotFoundError(f"The store {state.path} has no generation. Start: onrecord serve")
    if record is None:
        known = ", ".join(str(r.number) for r in state.records()) or "none"
        raise NotFoundError(f"The store {state.path} has no generation {number}; known: {known}.")
    lease = state.lease(record.number)
    try:
        yield record
    finally:
        os.close(lease)


def _copy(source: Path, parent: Path, name: str) -> dict[str, str]:
    """Copy a file or directory to `parent / name`, synced; returns the SHA-256 of each file by its name.

    Nothing when there is no `source`. An open audit log may grow meanwhile: what is copied is hashed.
    """
    hashes: dict[str, str] = {}
    target = parent / name
    if source.is_dir():
        target.mkdir(mode=0o700, parents=True)
        for path in sorted(p for p in source.iterdir() if p.name != "lock"):
            hashes |= _copy(path, parent, f"{name}/{path.name}")
        _sync(target)
    elif source.is_file():
        target.parent.mkdir(mode=0o700, exist_ok=True)
        total = hashlib.sha256()
        with source.open("rb") as given, open(os.open(target, _NEW, 0o600), "wb") as taken:
            while piece := given.read(_PIECE):
                total.update(piece)
                taken.write(piece)
            taken.flush()
            os.fsync(taken.fileno())
        hashes[name] = total.hexdigest()
    return hashes


def _copy_pins(state: StateDirectory, pins: Pins, parent: Path) -> dict[str, str]:
    """Copy what is kept of each pin; as `_copy` otherwise."""
    hashes: dict[str, str] = {}
    for number in pins.numbers():
        directory = f"pins/{number:06d}"
        hashes |= _copy(state.path / directory, parent, directory)
        if f"{directory}/{DATA}" not in hashes:
            write_data(state, number, parent / directory / DATA, parent / directory / GRAPHS)
            for name in (DATA, GRAPHS):
                hashes[f"{directory}/{name}"] = _digest(parent / directory / name) or ""
            _sync(parent / directory)
    return hashes


def _snapshot(source: Path, parent: Path, name: str) -> dict[str, str]:
    """Copy a SQLite database as of one moment, while others write it; as `_copy` otherwise."""
    if not source.is_file():
        return {}
    target = parent / name
    target.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with closing(sqlite3.connect(source)) as given, closing(sqlite3.connect(target)) as taken:
            given.backup(taken)
            # One file, without a log beside it.
            taken.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be copied: {error}.") from error
    target.chmod(0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    _sync(target.parent)
    digest = _digest(target)
    assert digest is not None
    return {name: digest}


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def _write(path: Path, document: dict[str, object]) -> str:
    data = json.dumps(document, indent=1).encode()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)
    return hashlib.sha256(data).hexdigest()


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _digest(path: Path) -> str | None:
    """The SHA-256 of a file, None when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _read_hashes(backup: Path) -> dict[str, str]:
    try:
        document = json.loads((backup / "backup.json").read_text(encoding="utf-8"))
        hashes, layout = document["sha256"], document["layout"]
    except (OSError, ValueError, TypeError, KeyError):
        raise StoreError(f"{backup} is no backup: it has no backup.json that can be read.") from None
    if layout != LAYOUT or not isinstance(hashes, dict) or not all(map(_is_inside, hashes)):
        raise StoreError(f"{backup} is no backup that this version reads.")
    return hashes


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in name.split("/")


def _read_record(path: Path) -> GenerationRecord:
    try:
        record = GenerationRecord.read(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreDamagedError(f"{path} cannot be read: {error!r}.") from None
    if not record.is_sound():
        raise StoreDamagedError(f"{path} is no record of a generation.")
    return record
