"""A query that misbehaves costs one child process, and its sender gets a clean answer."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from tests.processes.conftest import LONG_WORK, Run, Running, heavy_places_taken
from tests.waiting import wait_until

from onrecord.engine import QueryRequest
from onrecord.errors import (
    QueryCancelledError,
    QueryCrashError,
    QueryMemoryError,
    QueryTimeoutError,
    TooBusyError,
)
from onrecord.formats import JSON
from onrecord.supervision.asking import Asker

ALL = "SELECT * { ?s ?p ?o }"


def test_a_query_over_its_time_limit_ends_and_the_next_one_is_answered(run: Run) -> None:
    with run("--workers", "1", "--query-timeout", "0.5") as running:
        with pytest.raises(QueryTimeoutError, match=r"0\.5 seconds"):
            running.ask(LONG_WORK)
        assert b'"399"' in running.ask(ALL)


def test_a_query_over_its_memory_limit_ends_and_the_next_one_is_answered(run: Run) -> None:
    with run("--workers", "1", "--query-memory", "64") as running:
        with pytest.raises(QueryMemoryError, match="64 MB"):
            running.ask("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i")
        assert b'"399"' in running.ask(ALL)


def test_a_text_that_overflows_the_engine_costs_one_worker(run: Run) -> None:
    # The bounds on text refuse this long before; here the engine itself is asked.
    with run("--workers", "1") as running:
        with pytest.raises(QueryCrashError):
            running.ask("SELECT * {" + "OPTIONAL {" * 30_000)
        assert b'"399"' in running.ask(ALL)


def test_a_worker_that_an_event_loop_knows_is_lent_again_until_it_ends(run: Run) -> None:
    async def ask(asker: Asker) -> bytes:
        answer = asker.ask(QueryRequest(ALL, "solutions", JSON), "shape", "text")
        try:
            await answer.start()
            pieces = []
            while (piece := await answer.next_piece()) is not None:
                pieces.append(piece)
            return b"".join(pieces)
        finally:
            answer.close()

    async def converse(running: Running) -> None:
        asker = Asker(Path(running.engine._socket_path).parent, lambda: -1)  # so that there is no run
        whole = await ask(asker)
        (line,) = asker._idle
        kept = line.kept
        assert kept is not None and b'"399"' in whole
        assert await ask(asker) == whole and line.kept is kept, "it was lent without a descriptor"
        with pytest.raises(QueryCrashError):
            await asyncio.to_thread(running.ask, "SELECT * {" + "OPTIONAL {" * 30_000)
        assert await ask(asker) == whole and line.kept is not kept, "another worker has come"
        line.close()

    with run("--workers", "1") as running:
        asyncio.run(converse(running))


def test_a_query_whose_client_leaves_ends_at_once(run: Run) -> None:
    with run("--workers", "1") as running:
        leave: list[object] = []

        def on_leave(callback: object) -> object:
            leave.append(callback)
            return lambda: None

        timer = threading.Timer(0.3, lambda: leave[0]())  # type: ignore[operator]
        timer.start()
        started = time.monotonic()
        with pytest.raises(QueryCancelledError):
            running.ask(LONG_WORK, on_leave)  # type: ignore[arg-type]
        assert b'"399"' in running.ask(ALL)
        assert time.monotonic() - started < 10
        timer.join()


def test_a_client_that_leaves_the_queue_frees_its_place(run: Run) -> None:
    with run("--workers", "1", "--query-timeout", "8") as running, heavy_places_taken(running):
        leave: list[object] = []

        def on_leave(callback: object) -> object:
            leave.append(callback)
            return lambda: None

        timer = threading.Timer(0.2, lambda: leave[0]())  # type: ignore[operator]
        timer.start()
        with pytest.raises(QueryCancelledError):
            running.ask(LONG_WORK, on_leave)  # type: ignore[arg-type]
        assert running.engine.status().waiting == 0
        timer.join()


def test_a_query_that_finds_no_worker_in_time_is_told_to_come_back(run: Run) -> None:
    with (
        run("--workers", "1", "--query-timeout", "8", "--queue-timeout", "2") as running,
        heavy_places_taken(running),
    ):
        with pytest.raises(TooBusyError) as caught:
            running.ask(LONG_WORK)
        assert caught.value.retry_after is not None


def test_the_writer_and_every_worker_are_replaced_when_they_are_killed(run: Run) -> None:
    with run("--workers", "2") as running:
        count = len(running.processes())
        before = [pid for pid in running.processes() if b"onrecord.web.front" not in _command(pid)]
        # The background process, which starts when there is something to derive, may be one more.
        assert len(before) in (3, 4)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
            wait_until(partial(_is_replaced, running, pid, count))
            assert b'"399"' in running.ask(ALL)
        assert not set(before) & set(running.processes())
        assert running.engine.rebuild()[0] == 2


def _is_replaced(running: Running, pid: int, count: int) -> bool:
    return pid not in (left := running.processes()) and len(left) >= count - 1


def test_the_limit_counts_work_and_not_the_wait_for_a_slow_client(run: Run) -> None:
    with run("--workers", "1", "--query-timeout", "12") as running:
        answer = running.start("SELECT * { ?s ?p ?o . ?t ?q ?r }")
        pieces = iter(answer)
        size = len(next(pieces))
        time.sleep(13)
        size += sum(len(piece) for piece in pieces)
        answer.close()
        assert answer.trailer.size == size > 10_000_000


def test_an_answer_that_fails_half_way_raises_after_its_first_bytes(run: Run) -> None:
    with run("--workers", "1", "--query-timeout", "1") as running:
        answer = running.start("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
        pieces = iter(answer)
        assert next(pieces)
        with pytest.raises(QueryTimeoutError):
            for _ in pieces:
                pass
        answer.close()
        assert b'"399"' in running.ask(ALL)


def test_rows_beyond_the_row_limit_are_cut_and_it_is_said(run: Run) -> None:
    with run() as running:
        answer = running.start("SELECT ?n { ?s <https://example.org/p> ?n }", row_limit=3)
        body = b"".join(answer)
        answer.close()
        assert body.count(b'"literal"') == 3
        assert answer.trailer.rows == 3
        assert answer.trailer.truncated


def _command(pid: int) -> bytes:
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read()


def test_queries_that_take_too_much_memory_together_end_though_each_may_take_it(run: Run) -> None:
    with run("--workers", "1", "--query-memory", "4096", "--total-memory", "64") as running:
        with pytest.raises(QueryMemoryError, match="64 MB of memory that they may take together"):
            running.ask("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i")
        assert b'"399"' in running.ask(ALL)
        assert running.engine.status().work.ended["crowded"] == 1
