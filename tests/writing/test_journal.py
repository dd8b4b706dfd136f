"""The engine's journal of its files does not grow with the number of writes, nor do the copies of it."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Store

from onrecord.store import journal
from onrecord.store.channel import Channel, channel_pair
from onrecord.store.state import StateDirectory
from onrecord.store.writer import WriterTask, run_writer

_WRITES = 10
_MOST = 4_000
"""Bytes; ten writes make 15,000 of them."""


@pytest.fixture(autouse=True)
def shallow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer runs in a thread here, and must not change what this process may do."""
    monkeypatch.setattr("onrecord.store.writer.deepen_stack", lambda size: None)


@contextmanager
def writing(store: Path) -> Iterator[Channel]:
    """The other end of a writer's channel, when it has told of its start."""
    ours, theirs = channel_pair()
    thread = threading.Thread(target=run_writer, args=(WriterTask(store, None), theirs))
    thread.start()
    try:
        assert wait_for(ours, "published")
        yield ours
    finally:
        ours.close()
        thread.join(60)
        theirs.close()


def wait_for(channel: Channel, event: str) -> dict[str, object]:
    while True:
        message, _ = channel.receive_message()
        assert message["event"] not in ("refused", "failed"), message
        if message["event"] == event:
            return message


def put(channel: Channel, number: int, *graphs: str) -> None:
    """Have each graph hold the one triple of that number, and wait for its generation."""
    for graph in graphs:
        with tempfile.TemporaryFile() as file:
            file.write(f'<urn:s> <urn:p> "{number}" <{graph}> .\n'.encode())
            file.flush()
            written = {"op": "put", "id": f"{number} {graph}", "by": "ines", "what": "put"}
            channel.send_message({**written, "graph": graph, "count": 1}, file.fileno())
        wait_for(channel, "written")


def largest_journal(directory: Path) -> int:
    return max(path.stat().st_size for path in directory.glob("MANIFEST-*"))


@pytest.mark.parametrize("graphs", [("urn:a",), ("urn:a", "urn:b")], ids=["one graph", "a repeated triple"])
def test_the_journal_begins_anew_and_no_write_is_lost(
    graphs: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST_BYTES", _MOST)
    state = StateDirectory(tmp_path)
    with writing(tmp_path) as channel:
        for number in range(_WRITES):
            put(channel, number, *graphs)
        newest = state.newest()
        assert newest is not None
        assert newest.number == 1 + _WRITES * len(graphs)
        copies = [state.generation_path(newest.number), state.merge_path(newest.number)]
        for copy in copies[: len(graphs)]:
            assert largest_journal(copy) < 2 * _MOST, copy
        opened = Store.read_only(str(copies[0]))
        assert {str(quad.object) for quad in opened} == {f'"{_WRITES - 1}"'}
        assert len(opened) == len(graphs)
        if len(graphs) > 1:
            merged = Store.read_only(str(copies[1]))
            assert len(list(merged.quads_for_pattern(None, None, None, DefaultGraph()))) == 1
    # The writer opens it anew after it has told of a write; now it has ended.
    live = next(tmp_path.glob("live-*"))
    assert largest_journal(live) < 2 * _MOST
    assert not list(live.glob("LOG.old.*"))


def test_a_journal_that_cannot_begin_anew_costs_no_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(directory: Path) -> Store:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(journal, "MOST_BYTES", 0)
    monkeypatch.setattr("onrecord.store.live.open_anew", fail)
    monkeypatch.setattr("onrecord.store.merging.open_anew", fail)
    state = StateDirectory(tmp_path)
    with writing(tmp_path) as channel:
        for number in range(3):
            put(channel, number, "urn:a", "urn:b")
        newest = state.newest()
        assert newest is not None
        assert newest.number == 7
        opened = Store.read_only(str(state.generation_path(newest.number)))
        assert {str(quad.object) for quad in opened} == {'"2"'}
