"""What operators see of the queries under way, and how they end one."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.parse

import pytest
from tests.conftest import environment
from tests.processes.conftest import LONG_WORK, Run, Running, wait_until

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


def _onrecord(group: str, command: str, running: Running, *more: str) -> str:
    line = [sys.executable, "-m", "onrecord", group, command, *more, "--store", str(running.store)]
    if group == "token":
        line.append(str(running.folder))
    return subprocess.run(line, capture_output=True, text=True, check=True, env=environment()).stdout
