"""Laying a pinned generation to rest as compressed N-Quads, and waking it.

Only quads and names of graphs are kept at rest: what else lies beside a
generation is made again from them.
"""

from __future__ import annotations

import gc
import io
import json
import os
import shutil
import time
from pathlib import Path
from typing import IO, cast

import pyoxigraph
import zstandard

from onrecord.errors import GenerationGoneError, StoreDamagedError, StoreError
from onrecord.store.channel import Channel, ChannelClosedError
from onrecord.store.durable import removed_on_failure, sync_file, write_durably
from onrecord.store.merging import UnionMerge
from onrecord.store.pins import REST_SECONDS, Pins
from onrecord.store.state import StateDirectory

_LEVEL = 9


def run_keeper(store: Path, control: Channel) -> None:
    """Wake the pins that the supervisor names, until it closes `control`; lay others to rest meanwhile.

    A message has `wake`, the number of a generation; the answer has it too,
    with `error` where it cannot be woken.
    """
    os.nice(5)
    state, pins = StateDirectory(store), Pins(store)
    try:
        while True:
            message, _ = control.receive_message()
            number = int(str(message["wake"]))
            answer: dict[str, object] = {"wake": number}
            try:
                if number:
                    wake(state, pins, number)
            except (StoreError, GenerationGoneError) as error:
                answer["error"] = error.detail
            except (OSError, RuntimeError, ValueError, SyntaxError) as error:
                answer["error"] = f"Generation {number} cannot be opened again: {error}."
            control.send_message(answer)
            if not control.has_more():
                tend(state, pins, REST_SECONDS)
    except ChannelClosedError:
        return


def tend(state: StateDirectory, pins: Pins, seconds: float) -> list[int]:
    """Lay to rest the pins that nobody asked for `seconds`; returns their numbers."""
    newest = state.newest()
    done = []
    for number in pins.numbers():
        is_due = pins.asked(number) < time.time() - seconds
        if is_due and not pins.is_at_rest(number) and newest is not None and number != newest.number:
            try:
                if lay_to_rest(state, pins, number):
                    done.append(number)
            except (OSError, RuntimeError):
                continue  # a full disk: it stays as it is
    return done


def lay_to_rest(state: StateDirectory, pins: Pins, number: int) -> bool:
    """Keep a pinned generation as compressed N-Quads alone; False while somebody reads it."""
    if not pins.data_path(number).is_file():
        write_data(state, number, pins.data_path(number), pins.graphs_path(number))
    return state.remove_generation(number)


def write_data(state: StateDirectory, number: int, data: Path, graphs: Path) -> None:
    """Write the quads of a generation to `data` (N-Quads, zstd), and the names of its graphs to `graphs`."""
    lease = state.lease(number)
    try:
        opened = pyoxigraph.Store.read_only(str(state.generation_path(number)))
        names = sorted(g.value for g in opened.named_graphs() if isinstance(g, pyoxigraph.NamedNode))
        write_durably(graphs, json.dumps(names).encode())
        temporary = data.with_name(data.name + ".tmp")
        with removed_on_failure(temporary):
            with temporary.open("wb") as file:
                with zstandard.ZstdCompressor(level=_LEVEL).stream_writer(file, closefd=False) as packed:
                    opened.dump(cast(IO[bytes], packed), pyoxigraph.RdfFormat.N_QUADS)
                sync_file(file)
            os.rename(temporary, data)
        write_durably(graphs, json.dumps(names).encode())
        del opened
        gc.collect()
    finally:
        os.close(lease)


def wake(state: StateDirectory, pins: Pins, number: int) -> None:
    """Make a pinned generation one that can be asked again.

    Raises GenerationGoneError where it is not pinned, and StoreDamagedError
    for a pin whose quads have gone.
    """
    pin = pins.find(number)
    if pin is None:
        raise GenerationGoneError(f"Generation {number} is kept no longer.")
    if not pins.is_at_rest(number):
        return
    data = pins.data_path(number)
    if not data.is_file():
        raise StoreDamagedError(f"Generation {number} is pinned, and its data is lost.")
    copy = state.generation_path(number).with_suffix(".tmp")
    merged: Path | None = None
    shutil.rmtree(copy, ignore_errors=True)
    opened = pyoxigraph.Store(str(copy))
    with data.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as unpacked:
        opened.bulk_load(input=io.BufferedReader(unpacked), format=pyoxigraph.RdfFormat.N_QUADS)
    for name in json.loads(pins.graphs_path(number).read_text()):
        opened.add_graph(pyoxigraph.NamedNode(name))
    opened.flush()
    record = pin.record
    if record.repeated > 0:
        merged = state.merge_path(number).with_suffix(".union.tmp")
        shutil.rmtree(merged, ignore_errors=True)
        merge = UnionMerge(state.merge_path(number).with_suffix(".union-live.tmp"))
        merge.restart(None)
        merge.settle(opened, record.apart)
        merge.write(opened, record.beside, record.apart, None, merged)
        merge.close()
    del opened
    gc.collect()
    for leftover in (state.generation_path(number), state.merge_path(number)):
        shutil.rmtree(leftover, ignore_errors=True)
    state.publish(record, copy, merged)
    pins.note_asked(number)
