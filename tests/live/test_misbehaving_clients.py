"""Clients that misbehave cost themselves and nobody else."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from tests.conftest import LiveServer
from tests.live.test_endpoint import LONG_WORK, MANY_ROWS, sparql_path

Serve = Callable[..., AbstractContextManager[LiveServer]]


@pytest.fixture(scope="module")
def server(serve_folder: Serve) -> Iterator[LiveServer]:
    with serve_folder(None, "--query-timeout", "2", "--workers", "2", "--queue-timeout", "3") as running:
        yield running


def connect(server: LiveServer) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def test_a_hundred_half_sent_bodies_leave_the_server_free(server: LiveServer) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: t\r\nContent-Type: application/sparql-query\r\n"
    clients = [connect(server) for _ in range(100)]
    try:
        for client in clients:
            client.sendall(head + b"Content-Length: 100\r\n\r\nASK")
        assert server.get("/queries").status == 200
        assert server.get(sparql_path("ASK {}")).status == 200
        assert clients[0].recv(100).startswith(b"HTTP/1.1 408")
    finally:
        for client in clients:
            client.close()


def test_a_malformed_chunked_body_is_a_fault_of_the_request(server: LiveServer) -> None:
    with connect(server) as client:
        client.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
            b"Content-Type: application/sparql-query\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"ZZ\r\nASK{}\r\n0\r\n\r\n"
        )
        assert client.recv(100).startswith(b"HTTP/1.1 400")


def test_pages_are_served_while_the_engine_is_flooded(server: LiveServer) -> None:
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(server.get(sparql_path(LONG_WORK)).status)

    threads = [threading.Thread(target=ask) for _ in range(120)]
    for thread in threads:
        thread.start()
    started = time.monotonic()
    assert server.get("/problems").status == 200
    waited = time.monotonic() - started
    for thread in threads:
        thread.join()
    assert set(statuses) == {503}, "each was told, by its time limit or the queue's"
    assert waited < 3, "far below what the flood takes"
    assert server.get(sparql_path("ASK {}")).status == 200


def test_half_an_answer_never_passes_for_a_whole_one_in_http_1_0(server: LiveServer) -> None:
    answer = subprocess.run(
        ["curl", "-s", "-0", "-o", "/dev/null", "-w", "%{http_code}", server.url + sparql_path(MANY_ROWS)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode != 0 or answer.stdout.startswith("5"), answer.stdout


def test_a_short_answer_reaches_http_1_0_whole_with_its_length(server: LiveServer) -> None:
    with connect(server) as client:
        client.sendall(f"GET {sparql_path('ASK {}', format='csv')} HTTP/1.0\r\nHost: t\r\n\r\n".encode())
        data = b""
        while piece := client.recv(4096):
            data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200")
    assert f"content-length: {len(body)}".encode() in head.lower()
    assert body == b"true"
