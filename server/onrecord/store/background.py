"""The background process: derives what is told of a generation, after it was published.

It takes the newest generation each time, so that a burst of writes costs one
derivation, and says which generation it was made from.
"""

from __future__ import annotations

import gc
import logging
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph

from onrecord.errors import StoreDamagedError, StoreError, is_disk_full
from onrecord.logs import LOGGER
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.store.deriving import derive_counts
from onrecord.store.guarding import guarded
from onrecord.store.hashing import InterruptedHashError, NoHashError, hash_content
from onrecord.store.names import NameIndexes, WriteIndex
from onrecord.store.pins import Pins
from onrecord.store.soundness import keep_sums, refuse_marked, verify
from onrecord.store.state import StateDirectory

Tell = Callable[[str], None]
_LOG = logging.getLogger(LOGGER)

_NICENESS = 12
_RETRY_SECONDS = 15.0
"""What a full disk prevented is tried again so often."""


def run_background(store: Path, control: Channel, names: NameIndexes, write_index: WriteIndex) -> None:
    """Derive from the generations that the supervisor names, until it closes `control`.

    `write_index` indexes their names for search.
    """
    os.nice(_NICENESS)
    state, pins = StateDirectory(store), Pins(store)
    try:
        while True:
            message, _ = control.receive_message()
            reads_all = bool(message.get("verify"))
            while control.has_more():
                message, _ = control.receive_message()
                reads_all = reads_all or bool(message.get("verify"))
            number = int(str(message["number"]))
            indexing, told = _Indexing(state, names, write_index), ""
            tell_damage = _damage_teller(control, number)
            while True:
                look = _look_at_files(state, number, reads_all=reads_all)
                if look.damage:
                    tell_damage(look.damage)
                    break
                if look.trouble and look.trouble != told:
                    _LOG.warning("The sums of generation %d cannot be taken now: %s.", number, look.trouble)
                is_derived = _derive(state, number, lambda: not control.has_more(), tell_damage, indexing)
                if is_derived and not look.trouble:
                    control.send_message({"derived": number})
                    break
                # Interrupted by something newer, or there was no room: then it is tried again.
                if control.has_more(_RETRY_SECONDS):
                    break
                reads_all, told = reads_all and bool(look.trouble), look.trouble
            # A pin that was made before its hash was known.
            for pinned in pins.numbers():
                if control.has_more():
                    break
                tell_damage = _damage_teller(control, pinned)
                _hash_pin(state, pins, pinned, lambda: not control.has_more(), tell_damage)
    except ChannelClosedError:
        return


def _damage_teller(control: Channel, number: int) -> Tell:
    return lambda reason: control.send_message({"damaged": number, "reason": reason})


@dataclass(frozen=True)
class _Look:
    """What came of looking at the files of a generation, told in words."""

    damage: str = ""
    """What of them is not as it was."""
    trouble: str = ""
    """Why nobody could tell, such as a full disk: that makes sense to try again."""


def _look_at_files(state: StateDirectory, number: int, *, reads_all: bool) -> _Look:
    """Take the sums of a generation's files, with `reads_all` compare them."""
    try:
        lease = state.lease(number)
    except StoreError:
        return _Look()
    try:
        keep_sums(state, number)
        if reads_all:
            verify(state, number)
    except StoreDamagedError as error:
        return _Look(damage=error.detail)
    except OSError as error:
        # Until then the engine's own checks are what there is.
        return _Look(trouble=error.strerror or str(error))
    finally:
        os.close(lease)
    return _Look()


def _hash_pin(
    state: StateDirectory, pins: Pins, number: int, is_wanted: Callable[[], bool], tell_damage: Tell
) -> None:
    pin = pins.find(number)
    if pin is None or pin.content_hash or pins.is_at_rest(number):
        return
    is_derived = _derive(state, number, is_wanted, tell_damage)
    if is_derived and (derived := state.derived_of(number)) and derived.content_hash:
        try:
            pins.note_hash(number, derived.content_hash)
        except (StoreError, OSError):
            traceback.print_exc()


@dataclass(frozen=True)
class _Indexing:
    """How the names of a generation are indexed."""

    state: StateDirectory
    names: NameIndexes
    write: WriteIndex

    def make(self, opened: pyoxigraph.Store, number: int) -> None:
        record = self.state.record(number)
        self.names.make(opened, number, record.apart if record is not None else (), self.write)
        self.names.remove_older(number)


def _derive(
    state: StateDirectory,
    number: int,
    is_wanted: Callable[[], bool],
    tell_damage: Tell,
    indexing: _Indexing | None = None,
) -> bool:
    """Counts first, which pages show, then the index of names, which is never interrupted: else there
    would be none while writes go on. Then the content hash, as long as nothing newer is there.

    False where something newer is, or the disk is full: it makes sense to try again.
    """
    try:
        lease = state.lease(number)
    except StoreError:
        return True  # it has gone
    try:
        derived = state.derived_of(number)
        is_hashed = derived is not None and bool(derived.content_hash or derived.hash_trouble)
        if is_hashed and (indexing is None or indexing.names.path(number).exists()):
            return True
        marks = refuse_marked(state, number)
        opened = pyoxigraph.Store.read_only(str(state.generation_path(number)))
        with guarded(state, number, marks, tell_damage):
            if derived is None:
                derived = derive_counts(opened, number)
                state.keep_derived(derived)
            if indexing is not None:
                indexing.make(opened, number)
            try:
                if not is_hashed:
                    found = hash_content(opened, state.generations, is_wanted)
                    derived = replace(derived, content_hash=found)
            except NoHashError as error:
                derived = replace(derived, hash_trouble=str(error))
            except InterruptedHashError:
                return False
            state.keep_derived(derived)
        del opened
        gc.collect()
    except StoreDamagedError as error:
        tell_damage(error.detail)
        return True
    except (OSError, RuntimeError, MemoryError) as error:
        # A full disk or a damaged generation: what was derived before goes on to be told, with its number.
        if is_disk_full(error):
            return False
        traceback.print_exc()
        return True
    finally:
        os.close(lease)
    return True
