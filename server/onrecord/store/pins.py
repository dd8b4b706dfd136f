"""Pins: generations that are kept for as long as somebody wants to cite them.

::

    STORE/pins/000017/
      pin.json      who pinned it and when, and the generation's record
      asked         its time is when the generation was asked last
      data.nq.zst   its quads, once it was laid to rest; graphs.json names its graphs
      NAME          what another module keeps with the pin: see `keep_file`

While `generations/000017/` lies beside, a pin costs the files that no newer
generation shares. Not asked for a week, it is laid to rest: the quads as
compressed N-Quads, the directory removed. It is woken when it is asked (see
`resting`). The number stays taken in any case.

**Another module adds a file** to a pin by `Pins(store).keep_file(number, name,
data)` and reads it by `read_file`: written whole, on disk when it returns, and
gone with the pin; in every backup. `NAME` is of small letters, digits, dots and
hyphens, and begins with the module's name (`services.json`).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from onrecord.errors import ConflictError, NotFoundError, StoreError, name_failure
from onrecord.store.durable import sync_directory, write_durably
from onrecord.store.records import GenerationRecord
from onrecord.store.state import StateDirectory

REST_SECONDS = 7 * 86_400.0
"""A pin that nobody asked for so long is laid to rest."""
DATA, GRAPHS = "data.nq.zst", "graphs.json"

_NUMBER = re.compile(r"[0-9]{6,12}")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_OWN = ("pin.json", "asked", DATA, GRAPHS)
_ASKED_EVERY = 3_600.0


@dataclass(frozen=True)
class PinRecord:
    """A pin: of which generation, by whom, and since when (UTC)."""

    by: str
    since: str
    record: GenerationRecord
    content_hash: str = ""


class Pins:
    """The pins of a store. Safe to use from any process beside the writer."""

    def __init__(self, store: Path) -> None:
        self._state = StateDirectory(store)
        self.path = store / "pins"

    def numbers(self) -> list[int]:
        """The numbers of the generations that are pinned, in order."""
        return self._state.pinned()

    def find(self, number: int) -> PinRecord | None:
        """The pin of a generation; None where it has none that can be read."""
        try:
            document: dict[str, Any] = json.loads((self._of(number) / "pin.json").read_text())
            record = GenerationRecord.read(document["record"])
            return PinRecord(document["by"], document["since"], record, document.get("content_hash", ""))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def add(self, number: int, by: str, most: int) -> PinRecord:
        """Pin a generation that is kept, on disk when this returns; one that is pinned stays as it is.

        Raises ConflictError where `most` are pinned already, and StoreError
        when the generation has gone meanwhile or the disk is full.
        """
        with self._alone():
            known = self.find(number)
            if known is not None:
                return known
            pinned = self.numbers()
            if len(pinned) >= most:
                raise ConflictError(
                    f"{len(pinned)} generations are pinned, the most that this server keeps: "
                    f"{', '.join(map(str, pinned[:20]))}{', ...' if len(pinned) > 20 else ''}. "
                    "Release one of them, or raise --most-pins."
                )
            # The lease keeps the writer from removing it in this moment.
            lease = self._state.lease(number)
            try:
                record = self._state.record(number)
                if record is None or not self._state.generation_path(number).is_dir():
                    raise StoreError(f"Generation {number} does not exist any more.")
                now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
                pin = PinRecord(by, now, record)
                self._write(number, pin)
            finally:
                os.close(lease)
        return pin

    def remove(self, number: int) -> None:
        """Release a pin; the generation goes with a later publication. Raises NotFoundError."""
        with self._alone():
            if self.find(number) is None:
                raise NotFoundError(f"Generation {number} is not pinned.")
            # Without this file it is no pin; what is left of the directory goes after it.
            (self._of(number) / "pin.json").unlink()
            sync_directory(self._of(number))
            shutil.rmtree(self._of(number), ignore_errors=True)

    def note_hash(self, number: int, content_hash: str) -> None:
        """Keep the content hash of a pinned generation with its pin."""
        with self._alone():
            pin = self.find(number)
            if pin is not None and pin.content_hash != content_hash:
                self._write(number, PinRecord(pin.by, pin.since, pin.record, content_hash))

    def note_asked(self, number: int) -> None:
        """Remember that a pinned generation was asked just now. Never fails."""
        path = self._of(number) / "asked"
        try:
            if path.stat().st_mtime < time.time() - _ASKED_EVERY:
                os.utime(path)
        except OSError:
            return

    def asked(self, number: int) -> float:
        """When a pinned generation was asked last, in seconds since the epoch; 0 where nobody knows."""
        try:
            return (self._of(number) / "asked").stat().st_mtime
        except OSError:
            return 0.0

    def keep_file(self, number: int, name: str, data: bytes) -> None:
        """Keep a file of another module with the pin of a generation, in place of one of that name.

        Raises NotFoundError where the generation is not pinned, and StoreError for a full disk.
        """
        if _NAME.fullmatch(name) is None or name in _OWN:
            raise ValueError(f"a pin keeps no file called {name!r}")
        with self._alone():
            if self.find(number) is None:
                raise NotFoundError(f"Generation {number} is not pinned.")
            try:
                write_durably(self._of(number) / name, data)
            except OSError as error:
                raise name_failure(self._of(number) / name, error) from error

    def read_file(self, number: int, name: str) -> bytes | None:
        """What `keep_file` kept; None where there is nothing of that name."""
        try:
            return (self._of(number) / name).read_bytes() if _NAME.fullmatch(name) else None
        except OSError:
            return None

    def is_at_rest(self, number: int) -> bool:
        """Whether a pinned generation has to be woken before it can be asked."""
        return self._state.record(number) is None or not self._state.generation_path(number).is_dir()

    def data_path(self, number: int) -> Path:
        """Where the quads of a pin lie once it was laid to rest."""
        return self._of(number) / DATA

    def graphs_path(self, number: int) -> Path:
        return self._of(number) / GRAPHS

    def _of(self, number: int) -> Path:
        return self.path / f"{number:06d}"

    def _write(self, number: int, pin: PinRecord) -> None:
        directory = self._of(number)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            (directory / "asked").touch()
            write_durably(directory / "pin.json", json.dumps(asdict(pin)).encode())
            sync_directory(self.path)
            sync_directory(self.path.parent)
        except OSError as error:
            if self.find(number) is None:
                # What is no pin leaves nothing.
                shutil.rmtree(directory, ignore_errors=True)
            raise name_failure(directory, error) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time changes pins."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            fd = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise name_failure(self.path, error) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)
