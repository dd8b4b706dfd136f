"""A pin keeps what other endpoints gave to a query, and replays it whatever they say since."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY, LiveServer, Response, environment, serve
from tests.federation_client.conftest import MisbehavingServer, answer, status

HERE = "<urn:a> a <urn:T> ; <urn:seen>"


@pytest.fixture
def endpoint() -> Iterator[MisbehavingServer]:
    server = MisbehavingServer(status(404), answer("one"), answer("changed"))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ask(server: LiveServer, query: str, **parameters: str) -> Response:
    return server.get("/sparql?" + urllib.parse.urlencode({"query": query, "format": "csv", **parameters}))


def send(server: LiveServer, path: str, token: str = "", **form: str) -> Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return server.get(path, headers, urllib.parse.urlencode(form).encode(), method="POST")


def test_what_endpoints_gave_is_frozen_with_a_pin_and_replayed_for_good(
    endpoint: MisbehavingServer, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    command = [sys.executable, "-m", "onrecord", "token", "create", "--role", "editor", "--store", str(store)]
    made = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    token = made.stdout.splitlines()[-1]
    query = (
        f"SELECT ?seen ?label {{ ?x a <urn:T> ; <urn:seen> ?seen "
        f"SERVICE SILENT <{endpoint.url}> {{ ?x <urn:label> ?label }} }}"
    )
    form = {"query": query, "format": "csv", "federation": "freeze"}
    folder = tmp_path / "folder"
    shutil.copytree(REPOSITORY / "tests" / "second-folder", folder)
    (folder / "queries" / "labels.rq").write_text(f"#+ summary: What an endpoint calls it.\n{query}\n")
    federate = ("--federate", endpoint.origin, "--federation-contact", "desk@example.org")
    with serve(folder, store, *federate, "--federation-cache-hours", "0") as server:
        assert send(server, "/sparql", token, update=f"INSERT DATA {{ {HERE} 1 }}").status == 204
        number = ask(server, "ASK {}", format="json").headers["onrecord-generation"].rpartition("-")[2]
        assert send(server, "/sparql", token, **form, _generation=number).status == 409
        assert send(server, f"/generations/{number}/pin", token).status == 201
        assert send(server, "/sparql", **form, _generation=number).status == 401
        assert ask(server, query, federation="freeze", _generation=number).status == 400
        assert send(server, "/sparql", token, **form).status == 409, "the newest is no pin until it is named"
        uncited = server.get(f"/queries/labels/cite.json?_generation={number}")
        assert uncited.status == 400 and "asks other endpoints" in uncited.text
        assert not endpoint.requests, "what is refused asks nobody"
        spoiled = send(server, "/sparql", token, **form, _generation=number)
        assert spoiled.status == 502 and "nothing is frozen" in spoiled.text
        frozen = send(server, "/sparql", token, **form, _generation=number)
        assert (frozen.status, frozen.text.split()) == (200, ["seen,label", "1,one"])
        assert send(server, "/sparql", token, update=f"INSERT DATA {{ {HERE} 2 }}").status == 204
        newest = ask(server, query)
        assert sorted(newest.text.split()) == ["1,changed", "2,changed", "seen,label"]
        assert len(endpoint.requests) == 3
        replayed = ask(server, query + " # the same", _generation=number)
        assert replayed.text == frozen.text and replayed.headers["onrecord-federation"] == "complete"
        assert ask(server, query, _generation=number, federation="offline").text == frozen.text
        assert send(server, "/sparql", token, **form, _generation=number).text == frozen.text
        assert len(endpoint.requests) == 3, "neither the endpoint nor the cache is asked"
        assert server.get(f"/queries/labels.csv?_generation={number}").text == frozen.text
        cited = server.get(f"/queries/labels/cite.json?_generation={number}").json()
        assert (cited["rows"], len(endpoint.requests)) == (1, 3)
        verify = f"/queries/labels/cite.json?_generation={number}&_verify={cited['resultHash']}"
        assert server.get(verify).json()["same"] is True
        assert server.get("/queries/labels/cite.json").status == 400, "of the newest nothing is kept"
        page = server.get(
            "/sparql?" + urllib.parse.urlencode({"query": query, "_generation": number}),
            {"Accept": "text/html"},
        )
        assert f"frozen: kept with generation {number}" in page.text
    with serve(folder, store) as server:
        assert ask(server, query, _generation=number).text == frozen.text, "no endpoint is allowed any more"
        assert ask(server, query).status == 403
