"""The generations that a store keeps, read from its directory: by whoever asks, beside the writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from onrecord.engine import Generation, KeptGeneration, Pin, Written
from onrecord.errors import GenerationGoneError, NotFoundError, StoreError
from onrecord.store.pins import PinRecord, Pins
from onrecord.store.records import GenerationRecord
from onrecord.store.state import StateDirectory


class StoreHistory:
    """A `History` of the store in `store`.

    `newest` tells the generation that is served, `wake` opens a pinned one
    that was laid to rest, `tell_pinned` has what is missing of it derived.
    """

    def __init__(
        self,
        store: Path,
        newest: Callable[[], Generation],
        wake: Callable[[int], None],
        tell_pinned: Callable[[], None],
    ) -> None:
        self._state = StateDirectory(store)
        self._pins = Pins(store)
        self._newest, self._wake, self._tell_pinned = newest, wake, tell_pinned

    def list(self) -> tuple[KeptGeneration, ...]:
        most = self._newest().number
        pins = {number: self._pins.find(number) for number in self._pins.numbers()}
        # One that is being published is on disk a moment before it is served.
        found = [self._kept(r, pins.get(r.number)) for r in self._state.records() if r.number <= most]
        awake = {kept.generation.number for kept in found}
        found += [self._at_rest(pin) for number, pin in pins.items() if pin and number not in awake]
        return tuple(sorted(found, key=lambda kept: -kept.generation.number))

    def find(self, number: int) -> KeptGeneration:
        record = self._state.record(number) if number > 0 else None
        pin = self._pins.find(number)
        if record is not None and self._state.generation_path(number).is_dir():
            return self._kept(record, pin)
        if pin is not None:
            return self._at_rest(pin)
        newest = self._newest().number
        if not 0 < number <= newest:
            raise NotFoundError(f"There is no generation {number}; the newest one is {newest}.")
        raise self._gone(number)

    def open(self, number: int) -> None:
        if self._pins.find(number) is None:
            return
        self._pins.note_asked(number)
        if self._pins.is_at_rest(number):
            self._wake(number)

    def pin(self, number: int, by: str, most: int) -> KeptGeneration:
        kept = self.find(number)
        try:
            self._pins.add(number, by, most)
        except StoreError:
            if self._state.record(number) is None:
                raise self._gone(number) from None
            raise
        if kept.content_hash:
            self._pins.note_hash(number, kept.content_hash)
        else:
            self._tell_pinned()
        return self.find(number)

    def release(self, number: int) -> None:
        self._pins.remove(number)

    def _gone(self, number: int) -> GenerationGoneError:
        kept = self.list()
        pinned = sorted(k.generation.number for k in kept if k.pin is not None)
        oldest = min((k.generation.number for k in kept if k.pin is None), default=self._newest().number)
        told = f" Pinned: {', '.join(map(str, pinned))}." if pinned else ""
        return GenerationGoneError(
            f"Generation {number} is kept no longer. The oldest one that is kept is {oldest}.{told}"
        )

    def _kept(self, record: GenerationRecord, pin: PinRecord | None) -> KeptGeneration:
        derived = self._state.derived_of(record.number)
        kept = _describe(record, pin)
        if derived is None:
            return kept
        return replace(
            kept,
            graphs=derived.graphs,
            content_hash=derived.content_hash or kept.content_hash,
            hash_trouble=derived.hash_trouble,
        )

    def _at_rest(self, pin: PinRecord) -> KeptGeneration:
        return replace(_describe(pin.record, pin), is_at_rest=True)


def _describe(record: GenerationRecord, pin: PinRecord | None) -> KeptGeneration:
    changed = record.changed
    return KeptGeneration(
        record.generation,
        record.published,
        tuple(Written(change.by, change.what) for change in record.changes),
        {graph: (more, less) for graph, (more, less) in changed.items()} if changed is not None else None,
        content_hash=pin.content_hash if pin is not None else "",
        pin=Pin(pin.by, pin.since) if pin is not None else None,
    )
