"""What is killed amid work costs nobody an acknowledged write; `python -m tests.faults` does it for long."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
from pathlib import Path

import pytest
from tests.faults.rounds import Rounds
from tests.waiting import wait_until
from tests.writing.conftest import serve_written

from onrecord.engine import UpdateRequest
from onrecord.store.channel import Channel
from onrecord.store.write_messages import describe_write


@pytest.mark.timeout(300)
def test_every_kind_of_process_killed_amid_work_loses_nothing_acknowledged(tmp_path: Path) -> None:
    rounds = Rounds(tmp_path / "store")
    try:
        for outcome in rounds.run():
            assert not outcome.faults, outcome
            assert outcome.killed and outcome.acknowledged
    finally:
        rounds.close()


def test_a_write_that_meets_a_dead_trial_is_tried_again_and_not_blamed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    with serve_written(None, store, "--empty", "--workers", "1") as w:
        supervisor = w.server.process.pid
        children = Path(f"/proc/{supervisor}/task/{supervisor}/children")
        before = set(children.read_text().split())
        w.update("INSERT DATA { <urn:a> <urn:n> 1 }")
        lazily_started = set(children.read_text().split()) - before
        runtime = Path(json.loads((store / "server.json").read_text())["runtime"])
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(str(runtime / "supervisor.sock"))
        asking = Channel(connection)
        asking.send_message({"op": "status"})
        asking.receive_message()
        message, data = describe_write(UpdateRequest("INSERT DATA { <urn:a> <urn:n> 2 }", "ines"), runtime)
        assert data is not None
        # The write has come, and its trial is dead, before the supervisor looks at either.
        os.kill(supervisor, signal.SIGSTOP)
        try:
            asking.send_message(message, data.fileno())
            for pid in lazily_started:
                os.kill(int(pid), signal.SIGKILL)
        finally:
            os.kill(supervisor, signal.SIGCONT)
        answer, _ = asking.receive_message()
        asking.close()
        data.close()
        assert "written" in answer, answer
        assert w.rows("SELECT ?o { <urn:a> <urn:n> ?o }") == [("1",), ("2",)]


def test_a_writer_whose_forerunner_still_holds_the_lock_waits_for_it(tmp_path: Path) -> None:
    """The kernel closes the files of a killed process one by one: its channel first, its lock later."""
    store = tmp_path / "store"
    with serve_written(None, store, "--empty", "--workers", "1") as w:
        w.update("INSERT DATA { <urn:a> <urn:n> 1 }")
        supervisor = w.server.process.pid
        with (store / "lock").open("r+") as lock:
            os.kill(supervisor, signal.SIGSTOP)
            try:
                os.kill(int(lock.read()), signal.SIGKILL)
                fcntl.flock(lock, fcntl.LOCK_EX)
            finally:
                os.kill(supervisor, signal.SIGCONT)
            wait_until(lambda: any("The writer ended" in line for line in w.server.errors))
            assert w.rows("SELECT ?o { <urn:a> <urn:n> ?o }") == [("1",)]
        w.update("INSERT DATA { <urn:a> <urn:n> 2 }")
        assert w.rows("SELECT ?o { <urn:a> <urn:n> ?o }") == [("1",), ("2",)]
