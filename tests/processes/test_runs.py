"""Quick queries of one sender and shape follow each other on one worker; each gets its own answer."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest
from tests.processes.conftest import Run as Serve
from tests.processes.conftest import Running
from tests.waiting import wait_until

from onrecord.engine import QueryRequest, UpdateRequest
from onrecord.errors import OnrecordError, QueryCancelledError, QueryCrashError, encode_error
from onrecord.formats import JSON
from onrecord.store.channel import DATA, MESSAGE, Channel, ChannelClosedError, channel_pair
from onrecord.supervision import runs
from onrecord.supervision.asking import AskedAnswer, Asker

ALICE, BOB = "192.0.2.1", "192.0.2.2"


def request(text: str, sender: str = ALICE) -> QueryRequest:
    return QueryRequest(text, "solutions", JSON, sender=sender)


async def read(answer: AskedAnswer) -> bytes:
    try:
        await answer.start()
        pieces = []
        while (piece := await answer.next_piece()) is not None:
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        answer.close()


async def ask(asker: Asker, text: str, sender: str = ALICE, shape: str = "shape") -> bytes:
    return await read(asker.ask(request(text, sender), shape, f"digest of {text}"))


class Scripted:
    """A supervisor that lends a worker to everybody, for `seconds`; a worker answers with the text it got.

    `slow` waits until `go_on` is set, `dies` ends the worker. `heard` is what the supervisor was told.
    """

    def __init__(self, runtime: Path, seconds: float) -> None:
        self.seconds = seconds
        self.generation = 1
        self.took = 0.0
        self.leases = 0
        self.heard: list[dict[str, object]] = []
        self.go_on = threading.Event()
        self.is_slow = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(runtime / "supervisor.sock"))
        self._listener.listen()
        self._channels: list[Channel] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self.go_on.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for channel in self._channels:
            channel.shut()
        for thread in self._threads:
            thread.join()

    def told(self, op: str) -> list[dict[str, object]]:
        return [message for message in self.heard if message["op"] == op]

    @property
    def answered(self) -> int:
        """Queries that the supervisor was told of, that they were answered."""
        return sum(int(str(message["answered"])) for message in self.heard if "answered" in message)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = Channel(self._listener.accept()[0])
                here, there = channel_pair()
                self._channels += [here, client]
                for serve in (lambda c=client, h=here: self._lend(c, h), lambda t=there: self._work(t)):
                    self._threads.append(threading.Thread(target=serve))
                    self._threads[-1].start()

    def _lend(self, client: Channel, worker: Channel) -> None:
        with closing(client), closing(worker), suppress(ChannelClosedError):
            while True:
                message = client.receive().message()
                self.heard.append(message)
                if message["op"] == "lease":
                    self.leases += 1
                    told = {"lease": self.leases, "run": self.seconds, "generation": self.generation}
                    client.send_message(told, worker.fileno())
                elif message["op"] == "cause":
                    client.send_message({"error": encode_error(QueryCrashError("It died."))})

    def _work(self, client: Channel) -> None:
        with closing(client), suppress(ChannelClosedError):
            while True:
                question = client.receive().message()
                text, mark = str(question["text"]), question["lease"]
                if text == "dies":
                    return
                if text == "slow":
                    self.is_slow.set()
                    self.go_on.wait()
                head = {"head": {"uuid": "u", "number": self.generation, "variables": []}, "lease": mark}
                end = {"end": {"seconds": self.took, "size": len(text)}, "lease": mark}
                frames = [(MESSAGE, json.dumps(head).encode()), (DATA, text.encode())]
                client.send_frames([*frames, (MESSAGE, json.dumps(end).encode())])


Scene = Callable[[Asker, Scripted], Awaitable[None]]


def play(scene: Scene, runtime: Path, seconds: float = 60.0) -> Scripted:
    """Play `scene`; the supervisor, which has heard all that was told to it."""

    async def play_it() -> None:
        with closing(Asker(runtime, lambda: supervisor.generation)) as asker:
            await scene(asker, supervisor)

    with closing(Scripted(runtime, seconds)) as supervisor:
        asyncio.run(asyncio.wait_for(play_it(), 30))
    return supervisor


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A busy machine ends no run."""
    if "run" not in request.fixturenames:
        for name in ("SLOW_SECONDS", "LINGER_SECONDS", "RENEWAL_SECONDS"):
            monkeypatch.setattr(runs, name, 20.0)


def test_queries_of_one_sender_and_shape_follow_each_other_on_one_lease(tmp_path: Path) -> None:
    async def scene(asker: Asker, supervisor: Scripted) -> None:
        await ask(asker, "first")
        texts = [f"query {n}" for n in range(20)]
        found = await asyncio.gather(*(ask(asker, text) for text in texts))
        assert [answer.decode() for answer in found] == texts
        assert supervisor.leases == 1

    play(scene, tmp_path)


def test_queries_that_take_their_worker_longer_wait_for_no_other(tmp_path: Path) -> None:
    async def scene(asker: Asker, supervisor: Scripted) -> None:
        supervisor.took = 0.05
        await ask(asker, "first")
        slow = asyncio.create_task(ask(asker, "slow"))
        await asyncio.to_thread(supervisor.is_slow.wait)
        assert await ask(asker, "beside it") == b"beside it"
        assert supervisor.leases == 2, "the worker that nobody had was taken, and another one lent"
        supervisor.go_on.set()
        await slow

    play(scene, tmp_path)


def test_those_of_others_have_a_lease_of_their_own(tmp_path: Path) -> None:
    async def scene(asker: Asker, supervisor: Scripted) -> None:
        await ask(asker, "first")
        await asyncio.gather(ask(asker, "of bob", BOB), ask(asker, "of a shape", shape="another"))
        assert supervisor.leases == 3

    play(scene, tmp_path)


def test_a_worker_that_nobody_follows_on_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "LINGER_SECONDS", 0.01)

    async def scene(asker: Asker, supervisor: Scripted) -> None:
        for number in range(3):
            await ask(asker, str(number))
        while not supervisor.answered:
            await asyncio.sleep(0.01)

    assert play(scene, tmp_path).answered == 3


def test_when_its_time_is_over_one_asks_for_the_next_lease_and_the_others_wait(tmp_path: Path) -> None:
    async def scene(asker: Asker, supervisor: Scripted) -> None:
        await ask(asker, "first")
        slow = asyncio.create_task(ask(asker, "slow"))
        await asyncio.to_thread(supervisor.is_slow.wait)
        rest = [asyncio.create_task(ask(asker, str(n))) for n in range(10)]
        await asyncio.sleep(0.6)
        supervisor.seconds = 60.0
        supervisor.go_on.set()
        assert await asyncio.gather(slow, *rest) == [b"slow", *(str(n).encode() for n in range(10))]
        assert supervisor.leases == 2 and supervisor.told("release")[0]["answered"] == 2

    play(scene, tmp_path, seconds=0.5)


def test_what_is_asked_after_a_write_is_answered_on_a_new_lease(tmp_path: Path) -> None:
    async def scene(asker: Asker, supervisor: Scripted) -> None:
        await ask(asker, "before")
        supervisor.generation = 2
        await ask(asker, "after")
        assert supervisor.leases == 2

    play(scene, tmp_path)


def test_those_behind_a_slow_query_ask_for_themselves_and_the_supervisor_is_told_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SLOW_SECONDS", 0.2)

    async def scene(asker: Asker, supervisor: Scripted) -> None:
        await ask(asker, "first")
        slow = asyncio.create_task(ask(asker, "slow"))
        await asyncio.to_thread(supervisor.is_slow.wait)
        behind = [asyncio.create_task(ask(asker, str(n))) for n in range(3)]
        assert await asyncio.gather(*behind) == [b"0", b"1", b"2"]
        assert supervisor.leases == 4 and not slow.done()
        assert supervisor.told("asks") == [
            {"op": "asks", "answered": 1, "text": "digest of slow", "excerpt": "slow"}
        ]
        await ask(asker, "paused")
        await ask(asker, "paused still")
        assert supervisor.leases == 6, "a shape that was slow has no runs for a while"
        supervisor.go_on.set()
        assert await slow == b"slow"

    assert play(scene, tmp_path).answered == 7


def test_those_behind_a_query_whose_worker_dies_are_answered_by_others(tmp_path: Path) -> None:
    async def scene(asker: Asker, supervisor: Scripted) -> None:
        await ask(asker, "first")
        first, *behind = [asyncio.create_task(ask(asker, text)) for text in ("dies", "1", "2")]
        with pytest.raises(QueryCrashError):
            await first
        assert await asyncio.gather(*behind) == [b"1", b"2"]
        (cause,) = supervisor.told("cause")
        assert cause["excerpt"] == "dies", "the supervisor learns whose query it was"

    play(scene, tmp_path)


def leave(answer: AskedAnswer, task: asyncio.Task[bytes]) -> None:
    answer.leave()


def cancel(answer: AskedAnswer, task: asyncio.Task[bytes]) -> None:
    task.cancel()


@pytest.mark.parametrize("go", [leave, cancel])
@pytest.mark.parametrize("who", [0, 1, 2])
def test_one_that_leaves_holds_up_nobody(
    go: Callable[[AskedAnswer, asyncio.Task[bytes]], None], who: int, tmp_path: Path
) -> None:
    # The first has the turn, the second waits first, the third behind it.
    async def scene(asker: Asker, supervisor: Scripted) -> None:
        await ask(asker, "first")
        answers = [asker.ask(request(text), "shape", text) for text in ("slow", "1", "2", "3")]
        tasks = [asyncio.create_task(read(answer)) for answer in answers]
        await asyncio.to_thread(supervisor.is_slow.wait)
        go(answers[who], tasks[who])
        if who == 0:
            with pytest.raises((QueryCancelledError, asyncio.CancelledError)):
                await tasks[0]
        supervisor.go_on.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
        left = found.pop(who)
        assert isinstance(left, QueryCancelledError | asyncio.CancelledError)
        assert found == [text for n, text in enumerate([b"slow", b"1", b"2", b"3"]) if n != who]

    play(scene, tmp_path)


@pytest.mark.parametrize("go", [leave, cancel])
@pytest.mark.parametrize("over", [False, True], ids=["the turn", "the lead"])
def test_one_that_leaves_when_its_turn_has_just_come_hands_it_on(
    go: Callable[[AskedAnswer, asyncio.Task[bytes]], None], over: bool, tmp_path: Path
) -> None:
    async def scene(asker: Asker, supervisor: Scripted) -> None:
        await ask(asker, "first")
        run = asker.runs.find((ALICE, "shape"))
        assert run is not None and run.take()
        answers = [asker.ask(request(text), "shape", text) for text in ("1", "2")]
        tasks = [asyncio.create_task(read(answer)) for answer in answers]
        await asyncio.sleep(0)
        if over:
            supervisor.generation = 2
        run.end_turn(None)
        go(answers[0], tasks[0])
        with pytest.raises((QueryCancelledError, asyncio.CancelledError)):
            await tasks[0]
        assert await tasks[1] == b"2"

    play(scene, tmp_path)


def test_an_answer_to_an_earlier_turn_of_its_lease_is_not_believed(tmp_path: Path) -> None:
    async def scene(asker: Asker, supervisor: Scripted) -> None:
        marks = []
        await ask(asker, "first")
        for text in ("second", "third"):
            answer = asker.ask(request(text), "shape", text)
            await read(answer)
            marks.append(answer._mark)
        assert marks == [[1, 1], [1, 2]]

    play(scene, tmp_path)


def ask_number(number: int) -> str:
    return f'SELECT ?s {{ ?s <https://example.org/p> "{number}" }}'


def converse(running: Running, scene: Callable[[Asker], Awaitable[None]]) -> None:
    """Let `scene` ask a real server."""

    async def ask_it() -> None:
        runtime = Path(running.engine._socket_path).parent
        with closing(Asker(runtime, lambda: running.engine.generation().number)) as asker:
            await scene(asker)

    asyncio.run(ask_it())


def started(running: Running) -> int:
    work = running.engine.status().work
    assert work is not None
    return work.started


def test_of_a_thousand_queries_at_a_real_supervisor_each_gets_its_own_answer(run: Serve) -> None:
    async def scene(asker: Asker) -> None:
        places = asyncio.Semaphore(16)

        async def check(number: int) -> None:
            async with places:
                found = json.loads(await ask(asker, ask_number(number % 400)))
            (row,) = found["results"]["bindings"]
            assert row["s"]["value"] == f"https://example.org/small/id/{number % 400}"

        await asyncio.gather(*(check(number) for number in range(1000)))

    with run() as running:
        before = started(running)
        converse(running, scene)
        assert started(running) - before == 1000, "each of a run is counted"
        wait_until(lambda: running.engine.status().busy == 0)


PAIRS = "SELECT (COUNT(*) AS ?n) {{ ?a <{0}> ?b . ?c <{0}> ?d . FILTER(CONTAINS(CONCAT(?b, ?d), '40')) }}"


def test_a_heavy_query_in_the_shape_of_look_ups_is_answered_and_holds_up_none_of_them(run: Serve) -> None:
    async def scene(asker: Asker) -> None:
        for _ in range(5):
            await ask(asker, PAIRS.format("https://example.org/none"), shape="pairs")
        texts = [PAIRS.format("https://example.org/" + ("p" if n == 3 else f"none{n}")) for n in range(12)]
        found = await asyncio.gather(*(ask(asker, text, shape="pairs") for text in texts))
        counts = [json.loads(a)["results"]["bindings"][0]["n"]["value"] for a in found]
        expected = sum("40" in f"{a}{b}" for a in range(400) for b in range(400))
        assert counts == [str(expected) if n == 3 else "0" for n in range(12)]

    with run() as running:
        converse(running, scene)
        wait_until(lambda: running.engine.status().busy == 0)


def test_what_was_written_is_read_by_the_next_query_of_a_run(run: Serve) -> None:
    async def scene(running: Running, asker: Asker) -> None:
        is_over = False

        async def keep_asking() -> None:
            while not is_over:
                await ask(asker, ask_number(0))

        others = [asyncio.create_task(keep_asking()) for _ in range(4)]
        try:
            for number in range(1000, 1020):
                update = f'INSERT DATA {{ <https://example.org/new> <https://example.org/p> "{number}" }}'
                await asyncio.to_thread(running.engine.write, UpdateRequest(update, "ines"))
                assert b"https://example.org/new" in await ask(asker, ask_number(number))
        finally:
            is_over = True
            await asyncio.gather(*others)

    with run() as running:
        converse(running, partial(scene, running))


def test_the_supervisor_ends_amid_a_run_and_each_query_is_told(run: Serve) -> None:
    async def scene(running: Running, asker: Asker) -> None:
        await ask(asker, ask_number(1))
        await ask(asker, ask_number(2))
        running.server.process.kill()
        await asyncio.to_thread(running.server.process.wait)
        for _ in range(3):
            with pytest.raises(OnrecordError):
                await ask(asker, ask_number(3))

    with run() as running:
        converse(running, partial(scene, running))
