"""`onrecord serve --engine` stops as a server with a store of its own does: gracefully, and in time."""

from __future__ import annotations

import json
import signal
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import LiveServer, serve
from tests.remote.engines import Remote
from tests.waiting import wait_until
from tests.wikidata_shape.proxy import Traffic, count_traffic

ASK = "/sparql?" + urllib.parse.urlencode({"query": "ASK { ?s ?p ?o }", "format": "json"})


class Served:
    """A server over an engine whose answers can be held back."""

    def __init__(self, server: LiveServer, traffic: Traffic) -> None:
        self.server, self.traffic = server, traffic
        self.answers: list[tuple[int, str]] = []
        self.asker = threading.Thread(target=self._ask)

    def ask_and_wait(self) -> None:
        """Ask, and return when the engine has the query, which it holds."""
        self.traffic.gate.clear()
        before = len(self.traffic.queries)
        self.asker.start()
        wait_until(lambda: len(self.traffic.queries) > before)

    def _ask(self) -> None:
        try:
            response = self.server.get(ASK)
            self.answers.append((response.status, response.text))
        except OSError:
            self.answers.append((0, "the connection broke"))

    def is_refusing(self) -> bool:
        response = self.server.get("/health")
        return response.status == 503 and json.loads(response.body)["code"] == "unavailable"


@contextmanager
def serve_behind_gate(remote: Remote, store: Path, *options: str) -> Iterator[Served]:
    """The shipped folder, served from `remote` through a gate that is open at first."""
    with count_traffic(remote.query) as traffic:
        engine = ("--engine", traffic.url, "--engine-update", remote.update, "--query-timeout", "60")
        with serve(None, store, *engine, *options) as server:
            yield Served(server, traffic)
            traffic.gate.set()


def test_what_runs_is_answered_and_what_comes_is_refused(
    start_remote: Callable[[str], Remote], tmp_path: Path
) -> None:
    with serve_behind_gate(start_remote("oxigraph"), tmp_path, "--stop-timeout", "60") as served:
        served.ask_and_wait()
        served.server.process.send_signal(signal.SIGTERM)
        wait_until(served.is_refusing)
        refused = served.server.get(ASK)
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
        assert served.answers == []
        served.traffic.gate.set()
        served.asker.join()
        assert [(status, json.loads(text)["boolean"]) for status, text in served.answers] == [(200, True)]
        assert served.server.process.wait(60) == 0
        assert any("what runs is given 60 seconds to end" in line for line in served.server.errors)


def test_a_second_signal_ends_what_runs_at_once(
    start_remote: Callable[[str], Remote], tmp_path: Path
) -> None:
    with serve_behind_gate(start_remote("oxigraph"), tmp_path, "--stop-timeout", "600") as served:
        served.ask_and_wait()
        served.server.process.send_signal(signal.SIGINT)
        wait_until(served.is_refusing)
        served.server.process.send_signal(signal.SIGINT)
        assert served.server.process.wait(60) == 0
        served.asker.join()
        assert [status for status, _ in served.answers] in ([0], [503])


def test_what_does_not_end_in_its_time_is_ended(
    start_remote: Callable[[str], Remote], tmp_path: Path
) -> None:
    with serve_behind_gate(start_remote("oxigraph"), tmp_path, "--stop-timeout", "0.2") as served:
        served.ask_and_wait()
        served.server.process.send_signal(signal.SIGTERM)
        assert served.server.process.wait(60) == 0
        served.asker.join()
        assert [status for status, _ in served.answers] in ([0], [503])
