"""What operators see of the queries under way, and how they end one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.parse
from pathlib import Path

import pytest
from tests.conftest import environment
from tests.processes.conftest import LONG_WORK, Run, Running
from tests.waiting import wait_until

from onrecord.errors import NotFoundError, QueryCancelledError


def test_an_operator_ends_a_query_from_the_command_line(run: Run) -> None:
    with run("--workers", "1") as running:
        ended: list[str] = []

        def ask() -> None:
            with pytest.raises(QueryCancelledError, match="operator") as caught:
                running.ask(LONG_WORK)
            ended.append(caught.value.code)

        asker = threading.Thread(target=ask)
        asker.start()
        wait_until(lambda: len(running.engine.queries()) == 1)
        number, state, *_, text = _onrecord("queries", "running", running).split("\t")
        assert state == "running"
        assert text.startswith("SELECT (COUNT(*)")
        assert _onrecord("queries", "kill", running, number) == f"Query {number} was ended.\n"
        asker.join()
        assert ended == ["query-cancelled"]
        assert running.engine.queries() == ()
        with pytest.raises(NotFoundError, match=number):
            running.engine.end_query(int(number))


def test_admins_see_and_end_queries_over_http_and_nobody_else_does(run: Run) -> None:
    with run("--workers", "1") as running:
        assert running.server.get("/admin/queries").status == 401
        token = _onrecord("token", "create", running, "--role", "admin").split()[-1]
        admin = {"Authorization": f"Bearer {token}"}
        told: list[object] = []

        def ask() -> None:
            response = running.server.get("/sparql?" + urllib.parse.urlencode({"query": LONG_WORK}))
            told.append((response.status, response.json()["code"]))

        asker = threading.Thread(target=ask)
        asker.start()
        wait_until(lambda: len(running.engine.queries()) == 1)
        listed = json.loads(running.server.get("/admin/queries", admin).body)["queries"][0]
        assert listed["excerpt"] == LONG_WORK
        assert listed["sender"] == "127.0.0.1"
        page = running.server.get("/admin/queries", {**admin, "Accept": "text/html"})
        assert f"End query {listed['number']}" in page.text
        form = urllib.parse.urlencode({"number": listed["number"]}).encode()
        assert running.server.get("/admin/queries", {}, form, "POST").status == 401
        assert running.server.get("/admin/queries", admin, b"number=all", "POST").status == 400
        assert running.server.get("/admin/queries", admin, form, "POST").json()["ended"] == listed["number"]
        asker.join()
        assert told == [(503, "query-cancelled")]
        assert running.server.get("/admin/queries", admin, form, "POST").status == 404


def test_metrics_are_of_all_web_processes_and_name_nobody(run: Run) -> None:
    with run("--fronts", "2", "--workers", "2") as running:
        secret = "SELECT ?secretname { ?s ?p ?secretname }"
        path = "/sparql?" + urllib.parse.urlencode({"query": secret, "format": "csv"})
        for _ in range(20):
            assert running.server.get(path).status == 200
        for _ in range(3):
            assert running.server.get("/sparql?query=SELECT").status == 400
        found = {}

        def asked() -> bool:
            found.update(_metrics(running))
            return found['onrecord_requests_total{route="sparql",status="400"}'] == 3

        wait_until(asked)  # a request is counted a moment after its client has the answer
        assert found['onrecord_requests_total{route="sparql",status="200"}'] == 20
        assert found['onrecord_request_seconds_count{route="sparql"}'] == 23
        assert found["onrecord_cache_hits_total"] + found["onrecord_cache_misses_total"] == 23
        assert found["onrecord_generation"] == running.engine.generation().number
        assert found["onrecord_workers"] == 2
        assert found['onrecord_queries_waiting{lane="quick"}'] == 0
        assert found["onrecord_up"] == 1
        text = running.server.get("/metrics").text
        assert "secretname" not in text
        assert "127.0.0.1" not in text


def test_metrics_tell_why_workers_ended_and_what_became_of_writes(run: Run) -> None:
    with run("--query-timeout", "0.3", "--workers", "1") as running:
        assert running.server.get("/sparql?" + urllib.parse.urlencode({"query": LONG_WORK})).status == 503
        wait_until(lambda: _metrics(running).get('onrecord_workers_ended_total{reason="timeout"}', 0) == 1)
        token = _onrecord("token", "create", running, "--role", "editor").split()[-1]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sparql-update"}
        update = b"INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }"
        assert running.server.get("/sparql", headers, update, "POST").status in (200, 204)
        found = _metrics(running)
        assert found['onrecord_writes_total{outcome="done"}'] == 1
        assert found["onrecord_published_timestamp_seconds"] > 1_600_000_000


def test_health_does_not_wait_for_a_worker_that_hangs(run: Run) -> None:
    with run("--workers", "1", "--reading", "token") as running:
        assert running.server.get("/health").json() == {"status": "ok"}, "a stranger learns nothing else"
        forks = [pid for pid in running.processes() if "onrecord.web.front" not in _command(pid)]
        for pid in forks:
            os.kill(pid, signal.SIGSTOP)
        refused = running.server.get("/health")
        assert (refused.status, refused.json()) == (503, {"status": "unavailable"})
        for pid in set(forks) & set(running.processes()):
            os.kill(pid, signal.SIGCONT)
        wait_until(lambda: running.server.get("/health").status == 200)
        token = _onrecord("token", "create", running, "--role", "reader").split()[-1]
        told = running.server.get("/health", {"Authorization": f"Bearer {token}"}).json()
        number = running.engine.generation().number
        wait_until(
            lambda: (
                running.server.get("/health", {"Authorization": f"Bearer {token}"}).json()["derived"]
                == {"generation": number, "lags": False, "names": number}
            )
        )
        assert told["workers"] == 1


@pytest.mark.parametrize(
    ("detail", "with_text", "with_client"),
    [("plain", False, False), ("queries", True, False), ("full", True, True)],
)
def test_the_log_of_requests_tells_what_was_switched_on_and_no_more(
    run: Run, detail: str, with_text: bool, with_client: bool
) -> None:
    with run("--log-format", "json", "--request-log", detail, "--workers", "1") as running:
        headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
        posted = running.server.get("/sparql", headers, b"ASK { <urn:secret> ?p ?o }", "POST")
        assert posted.status == 200
        wait_until(lambda: any('"route": "sparql"' in line for line in running.server.errors))
        line = next(json.loads(told) for told in running.server.errors if '"route": "sparql"' in told)
        assert (line["method"], line["path"], line["status"]) == ("POST", "/sparql", 200)
        assert line["ms"] >= 0
        assert (line.get("text") == "ASK { <urn:secret> ?p ?o }") == with_text
        assert (line.get("client") == "127.0.0.1") == with_client
        if not with_text:
            assert "secret" not in json.dumps(line)


def _metrics(running: Running) -> dict[str, float]:
    lines = running.server.get("/metrics").text.splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _onrecord(group: str, command: str, running: Running, *more: str) -> str:
    line = [sys.executable, "-m", "onrecord", group, command, *more, "--store", str(running.store)]
    if group == "token":
        line.append(str(running.folder))
    return subprocess.run(line, capture_output=True, text=True, check=True, env=environment()).stdout
