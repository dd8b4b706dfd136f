"""A server that is stopped: what runs ends, what comes is refused, nothing is left behind."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

from tests.conftest import environment
from tests.processes.conftest import LONG_WORK, Run, Running
from tests.waiting import wait_until

from onrecord.engine import UpdateRequest
from onrecord.errors import OnrecordError

MANY_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
"""More than the buffers between a worker and its client hold."""


def test_a_stream_under_way_ends_whole_while_new_requests_are_refused(run: Run) -> None:
    with run("--stop-timeout", "60") as running:
        family = _family(running)
        triples = running.ask("SELECT * { ?a ?b ?c }").count(b'"a"') - 1
        early, late, new = connections = [_connect(running) for _ in range(3)]
        late.request("GET", "/sparql?query=ASK%7B%7D")
        assert late.getresponse().read()
        early.request("GET", "/sparql?" + urllib.parse.urlencode({"query": MANY_ROWS, "format": "csv"}))
        answer = early.getresponse()
        first = answer.read(1000)
        running.server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: running.server.get("/health").status == 503)
        # Kept alive since before the signal, or new: both are told.
        for connection in (late, new):
            connection.request("GET", "/sparql?query=ASK%7B%7D")
            refused = connection.getresponse()
            assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
            assert json.loads(refused.read())["code"] == "unavailable"
        rows = (first + answer.read()).count(b"\n") - 1
        assert rows == triples**2
        assert running.server.process.wait(60) == 0
        wait_until(lambda: not _left(family))
        for connection in connections:
            connection.close()


def test_an_update_under_way_is_done_and_told(run: Run) -> None:
    with run("--stop-timeout", "60") as running:
        token = _make_token(running)
        copy = "INSERT { GRAPH <urn:g> { ?s ?p ?n } } WHERE { ?s ?p ?n . ?x ?y ?z }"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sparql-update"}
        statuses: list[int] = []
        sender = threading.Thread(
            target=lambda: statuses.append(
                running.server.get("/sparql", headers, copy.encode(), "POST").status
            )
        )
        sender.start()
        wait_until(lambda: bool((work := running.engine.status().work) and work.writes["waiting"]))
        running.server.process.send_signal(signal.SIGINT)
        sender.join()
        assert statuses[0] in (200, 204)
        assert running.server.process.wait(60) == 0


def test_a_second_signal_ends_what_runs_at_once(run: Run) -> None:
    with run("--stop-timeout", "60", "--query-timeout", "60") as running:
        family = _family(running)
        asker = threading.Thread(target=lambda: _ask_in_vain(running))
        asker.start()
        wait_until(lambda: len(running.engine.queries()) == 1)
        running.server.process.send_signal(signal.SIGINT)
        wait_until(lambda: running.server.get("/health").status == 503)
        assert len(running.engine.queries()) == 1
        running.server.process.send_signal(signal.SIGINT)
        assert running.server.process.wait(60) == 0
        asker.join()
        wait_until(lambda: not _left(family))


def test_what_does_not_end_in_its_time_is_ended(run: Run) -> None:
    with run("--stop-timeout", "0.2", "--query-timeout", "60") as running:
        family = _family(running)
        asker = threading.Thread(target=lambda: _ask_in_vain(running))
        asker.start()
        wait_until(lambda: len(running.engine.queries()) == 1)
        running.server.process.send_signal(signal.SIGTERM)
        assert running.server.process.wait(60) == 0
        asker.join()
        wait_until(lambda: not _left(family))


def _ask_in_vain(running: Running) -> None:
    connection = _connect(running)
    try:
        connection.request("GET", "/sparql?" + urllib.parse.urlencode({"query": LONG_WORK}))
        assert connection.getresponse().status == 503
    except (OSError, http.client.HTTPException):
        pass  # its connection broke: that is an answer too
    finally:
        connection.close()


def _connect(running: Running) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(running.server.url.removeprefix("http://"), timeout=60)


def _make_token(running: Running) -> str:
    line = [sys.executable, "-m", "onrecord", "token", "create", "--role", "editor"]
    line += ["--store", str(running.store), str(running.folder)]
    made = subprocess.run(line, capture_output=True, text=True, check=True, env=environment())
    return made.stdout.split()[-1]


def _family(running: Running) -> list[int]:
    """All processes of the server."""
    found, todo = [], [running.server.process.pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        for task in os.listdir(f"/proc/{pid}/task"):
            todo += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def _left(family: list[int]) -> list[int]:
    """Those of `family` that still run; what has ended may wait to be noticed by its new parent."""
    left = []
    for pid in family:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            left.append(pid)
    return left


def test_a_write_whose_server_is_killed_is_not_told_to_be_sent_again(run: Run) -> None:
    with run() as running:
        engine = running.engine
        assert engine.write(UpdateRequest("INSERT DATA { <urn:a> <urn:p> 1 }", "test")).generation.number
        told: list[OnrecordError] = []

        def write() -> None:
            try:
                engine.write(UpdateRequest("INSERT DATA { <urn:a> <urn:p> 2 }", "test"))
            except OnrecordError as error:
                told.append(error)

        # Nobody applies it before the supervisor ends.
        family = running.processes()
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        sender = threading.Thread(target=write)
        sender.start()
        wait_until(lambda: bool((work := engine.status().work) and work.writes["waiting"]))
        os.kill(running.server.process.pid, signal.SIGKILL)
        sender.join()
        assert [error.code for error in told] == ["write-outcome-unknown"]
        assert told[0].retry_after is None
        # What the supervisor's children still hold open of it takes connections until they have ended.
        wait_until(lambda: not _left(family))
        write()
        assert told[1].code == "unavailable", "this one was never sent"
