"""Clients that are slow, silent, many or gone; each returns what an honest look-up got meanwhile."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, suppress
from urllib.parse import quote, urlsplit

from tests.conformance.endpoints import Endpoint
from tests.hostile.wire import Outcome, connect, look_up, request

MANY_ROWS = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
QUERY = "Content-Type: application/sparql-query\r\n"
IDLE = 1_000


def dribble_head(endpoint: Endpoint) -> Outcome:
    """A byte of the head every 0.2 s, for 3 s; then what has come back."""
    with connect(endpoint) as client:
        for byte in request(endpoint)[:15]:
            client.sendall(bytes([byte]))
            time.sleep(0.2)
        found = look_up(endpoint)
    return found


def stop_in_body(endpoint: Endpoint) -> Outcome:
    """A body of which half comes, and a look-up beside it."""
    with connect(endpoint) as client:
        client.sendall(request(endpoint, "POST", headers=QUERY, body=b"ASK", length="100"))
        return look_up(endpoint)


def stop_in_many_bodies(endpoint: Endpoint) -> Outcome:
    """300 such clients, and a look-up beside them."""
    with ExitStack() as opened:
        for _ in range(300):
            client = opened.enter_context(connect(endpoint))
            client.sendall(request(endpoint, "POST", headers=QUERY, body=b"ASK", length="100"))
        return look_up(endpoint)


def read_nothing(endpoint: Endpoint) -> Outcome:
    """Nine million rows asked for and none read, and a look-up beside it."""
    with _asking(endpoint, MANY_ROWS):
        return look_up(endpoint)


def read_nothing_by_many(endpoint: Endpoint) -> Outcome:
    """Fifty clients that read nothing, and a look-up beside them."""
    with ExitStack() as opened:
        for _ in range(50):
            opened.enter_context(_asking(endpoint, MANY_ROWS))
        return look_up(endpoint)


def leave_early(endpoint: Endpoint) -> Outcome:
    """Fifty clients that ask for something slow and leave, and a look-up after them."""
    for _ in range(50):
        _asking(endpoint, SLOW).close()
    return look_up(endpoint)


def idle(endpoint: Endpoint) -> Outcome:
    """A thousand connections on which nothing is said, and a look-up beside them."""
    with ExitStack() as opened:
        for _ in range(IDLE):
            # A server that is out of files leaves a connection waiting; that is no reason to wait for it.
            with suppress(OSError):
                opened.enter_context(connect(endpoint, 2))
        return look_up(endpoint)


def _asking(endpoint: Endpoint, text: str) -> socket.socket:
    client = connect(endpoint)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    path = urlsplit(endpoint.query).path
    client.sendall(request(endpoint, target=f"{path}?query={quote(text)}"))
    return client
