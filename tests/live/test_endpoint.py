"""The endpoint through a real server: what only real sockets and processes can show."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from SPARQLWrapper import CSV, JSON, SPARQLWrapper
from tests.conftest import LiveServer
from tests.waiting import wait_until

Serve = Callable[..., AbstractContextManager[LiveServer]]

LONG_WORK = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
MANY_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


def sparql_path(text: str, **parameters: str) -> str:
    return "/sparql?" + urllib.parse.urlencode({"query": text, **parameters})


@pytest.fixture(scope="module")
def strict_server(serve_folder: Serve) -> Iterator[LiveServer]:
    """A server whose queries may work for one second."""
    with serve_folder(None, "--query-timeout", "1", "--workers", "2") as server:
        yield server


def test_an_answer_that_fails_half_way_breaks_visibly(strict_server: LiveServer) -> None:
    answer = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", strict_server.url + sparql_path(MANY_ROWS)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.stdout == "200", "the answer had begun"
    assert answer.returncode == 18, "curl must see that the transfer is not whole"


def test_an_answer_that_fails_before_its_first_byte_has_a_status(strict_server: LiveServer) -> None:
    response = strict_server.get(sparql_path(LONG_WORK))
    assert response.status == 503
    assert response.headers["content-type"].startswith("application/problem+json")
    assert response.json()["code"] == "query-timeout"


def test_nothing_is_logged_of_what_was_asked(strict_server: LiveServer) -> None:
    strict_server.get(sparql_path("SELECT ?secretvariable { BROKEN"))
    with pytest.raises(http.client.IncompleteRead):
        strict_server.get(sparql_path(MANY_ROWS.replace("?a", "?secretvariable")))
    assert not [line for line in strict_server.errors if "secretvariable" in line or "Traceback" in line]


def test_a_query_whose_client_leaves_frees_its_worker(live_server: LiveServer) -> None:
    host, port = live_server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(f"GET {sparql_path(LONG_WORK)} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        wait_until(lambda: _busy(live_server) == 1)
    # Half of what the query may take: a second on a machine at rest.
    wait_until(lambda: _busy(live_server) == 0, seconds=15)


def test_many_clients_at_once_are_all_answered(live_server: LiveServer) -> None:
    answers: list[int] = []

    def ask(number: int) -> None:
        rows = live_server.sparql(f"SELECT ({number} * 2 AS ?n) {{}}")
        answers.append(int(rows[0]["n"]))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [n * 2 for n in range(40)]


def test_a_million_byte_answer_arrives_whole(live_server: LiveServer) -> None:
    response = live_server.get(
        sparql_path("SELECT ?a ?b ?c { ?a ?b ?c . ?d a ?f } LIMIT 20000", format="json")
    )
    assert len(response.body) > 1_000_000
    assert len(json.loads(response.body)["results"]["bindings"]) == 20_000


def test_an_etag_spares_the_second_answer(live_server: LiveServer) -> None:
    path = sparql_path("ASK { ?s ?p ?o }")
    first = live_server.get(path)
    again = live_server.get(path, {"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    other = live_server.get(path, {"If-None-Match": first.headers["etag"], "Accept": "text/csv"})
    assert other.status == 200, "another format is another representation"


def test_a_post_with_a_chunked_body_is_read(live_server: LiveServer) -> None:
    host, port = live_server.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    try:
        headers = {"Content-Type": "application/sparql-query", "Transfer-Encoding": "chunked"}
        connection.request("POST", "/sparql", iter([b"ASK ", b"{}"]), headers, encode_chunked=True)
        response = connection.getresponse()
        assert json.loads(response.read())["boolean"] is True
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/sparql?query=%ff",
        "/%ff",
        "/queries/%00",
        "/sparql?query=ASK%7B%7D&query=ASK%7B%7D",
        "/sparql?query=%",
    ],
)
def test_bytes_that_are_no_text_are_a_fault_of_the_request(live_server: LiveServer, path: str) -> None:
    assert 400 <= live_server.get(path).status < 500


def test_raw_bytes_in_the_request_line_are_no_server_fault(live_server: LiveServer) -> None:
    host, port = live_server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(b"GET /sparql?query=\xff\xc3\xa9 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 400")


def test_half_a_body_never_passes_for_a_whole_one(live_server: LiveServer) -> None:
    host, port = live_server.url.removeprefix("http://").split(":")
    before = len(live_server.errors)
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: test\r\nContent-Type: application/sparql-query\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n5\r\nASK {\r\n"
        )
        client.shutdown(socket.SHUT_WR)
        assert not client.recv(1000).startswith(b"HTTP/1.1 200")
    assert live_server.get("/health").status == 200
    assert not [line for line in live_server.errors[before:] if "Traceback" in line]


def test_sparqlwrapper_reads_rows_and_csv(live_server: LiveServer) -> None:
    client = SPARQLWrapper(live_server.url + "/sparql")
    client.setQuery("SELECT ?n { VALUES ?n { 1 2 3 } }")
    client.setReturnFormat(JSON)
    bindings = client.queryAndConvert()["results"]["bindings"]  # type: ignore[index,call-overload]
    assert [b["n"]["value"] for b in bindings] == ["1", "2", "3"]
    client.setReturnFormat(CSV)
    assert client.queryAndConvert().split() == [b"n", b"1", b"2", b"3"]  # type: ignore[union-attr]
    client.setMethod("POST")
    assert client.queryAndConvert().split() == [b"n", b"1", b"2", b"3"]  # type: ignore[union-attr]


def _busy(server: LiveServer) -> int:
    return int(str(server.get("/health").json()["busy"]))
