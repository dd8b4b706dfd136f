"""An answer is believed only where it belongs to the question, and none of it is missing."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from onrecord.engine import QueryRequest
from onrecord.errors import OnrecordError, StrayAnswerError, UnavailableError
from onrecord.formats import JSON
from onrecord.store.channel import DATA, MESSAGE, Channel, ChannelClosedError, channel_pair
from onrecord.supervision.asking import Asker
from onrecord.supervision.leased import LeasedAnswer

REQUEST = QueryRequest("SELECT * { ?s ?p ?o }", "solutions", JSON)
ROWS = b'{"rows": []}'
LEASE = 7
Frames = list[tuple[bytes, bytes]]


def message(name: str, content: object, lease: int = LEASE) -> tuple[bytes, bytes]:
    return MESSAGE, json.dumps({name: content, "lease": lease}).encode()


HEAD = message("head", {"uuid": "u", "number": 1, "variables": []})
END = message("end", {"seconds": 0.0, "size": len(ROWS)})
STRAY = {
    "the head of another answer": [message("head", {"uuid": "u", "number": 1, "variables": []}, 6)],
    "the error of another query": [message("error", {}, 6)],
    "the data of another answer before the head": [(DATA, ROWS)],
    "the end of another answer": [HEAD, (DATA, ROWS), message("end", {"size": len(ROWS)}, 6)],
    "the head of a later answer in place of the end": [HEAD, (DATA, ROWS), message("head", {}, 8)],
    "too little data": [HEAD, (DATA, ROWS[1:]), END],
    "more data than was written": [HEAD, (DATA, ROWS), (DATA, ROWS), END],
}


@contextmanager
def supervisor_lending(frames: Frames, runtime: Path) -> Iterator[None]:
    """A supervisor on the socket in `runtime` that lends one client a worker which answers with `frames`."""
    asked, worker = channel_pair()
    with closing(socket.socket(socket.AF_UNIX)) as listener, closing(asked), closing(worker):
        listener.bind(str(runtime / "supervisor.sock"))
        listener.listen()

        def serve() -> None:
            with closing(Channel(listener.accept()[0])) as client:
                client.receive()
                client.send_message({"lease": LEASE}, asked.fileno())
                assert worker.receive().message()["lease"] == LEASE
                worker.send_frames(frames)
                worker.shut()
                with suppress(ChannelClosedError):
                    client.receive()

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def ask_in_a_thread(runtime: Path) -> tuple[bytes, bool]:
    """The answer, and whether the connection to the supervisor may serve another query."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(runtime / "supervisor.sock"))
    given_back: list[Channel] = []
    answer = LeasedAnswer(Channel(sock), REQUEST, given_back.append)
    try:
        answer.start(None)
        whole = b"".join(answer)
    finally:
        answer.close()
        for channel in given_back:
            channel.close()
    return whole, bool(given_back)


def ask_in_a_loop(runtime: Path) -> tuple[bytes, bool]:
    """As `ask_in_a_thread`."""
    return asyncio.run(_ask_in_a_loop(runtime))


async def _ask_in_a_loop(runtime: Path) -> tuple[bytes, bool]:
    asker = Asker(runtime, lambda: 1)
    answer = asker.ask(REQUEST, "shape", "text")
    pieces = []
    try:
        await answer.start()
        while (piece := await answer.next_piece()) is not None:
            pieces.append(piece)
    finally:
        answer.close()
        given_back = list(asker._idle)
        for line in given_back:
            line.close()
    return b"".join(pieces), bool(given_back)


Ask = Callable[[Path], tuple[bytes, bool]]
WAYS = pytest.mark.parametrize("ask", [ask_in_a_thread, ask_in_a_loop])


@WAYS
def test_an_answer_to_the_question_is_given_and_the_worker_kept(ask: Ask, tmp_path: Path) -> None:
    with supervisor_lending([HEAD, (DATA, ROWS), END], tmp_path):
        assert ask(tmp_path) == (ROWS, True)


@WAYS
@pytest.mark.parametrize("frames", STRAY.values(), ids=STRAY)
def test_what_belongs_to_another_question_is_thrown_away(ask: Ask, frames: Frames, tmp_path: Path) -> None:
    with supervisor_lending(frames, tmp_path), pytest.raises(StrayAnswerError):
        ask(tmp_path)


def test_what_was_taken_by_one_who_left_at_once_counts_as_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    # Else its worker would be lent again with the question of this one still before it.
    here, there = channel_pair()
    send_fds = socket.send_fds

    def send_and_be_left(*message: object) -> int:
        sent = send_fds(*message)  # type: ignore[arg-type]
        os.close(there.receive().fd or -1)
        there.close()
        return sent

    monkeypatch.setattr(socket, "send_fds", send_and_be_left)
    with closing(here):
        here.send_message({"lease": LEASE}, 0)
        with pytest.raises(ChannelClosedError):
            here.send_message({"lease": LEASE})


def test_a_message_whose_descriptor_did_not_arrive_is_no_message() -> None:
    left, right = channel_pair()
    with closing(left), closing(right):
        left.send(b"F", b"{}")
        with pytest.raises(ChannelClosedError, match="descriptor"):
            right.receive()


def test_its_error_says_that_it_may_be_asked_again() -> None:
    error: OnrecordError = StrayAnswerError("x")
    assert isinstance(error, UnavailableError)
    assert (error.status, error.retry_after) == (503, 1)
