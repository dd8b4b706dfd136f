"""Connections that say nothing keep nobody out."""

from __future__ import annotations

import resource
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from urllib.parse import urlsplit

from tests.conftest import LiveServer

IDLE = 1_100
"""More than the 1,024 that granian would hold by itself."""


@contextmanager
def at_least(open_files: int) -> Iterator[None]:
    """This process with a soft limit that lets it open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, open_files), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_1100_idle_connections_keep_nobody_out(
    serve_folder: Callable[..., AbstractContextManager[LiveServer]],
) -> None:
    with serve_folder(None) as server, at_least(2 * IDLE), ExitStack() as stack:
        parts = urlsplit(server.url)
        assert parts.hostname and parts.port
        idle = [
            stack.enter_context(socket.create_connection((parts.hostname, parts.port), 10))
            for _ in range(IDLE)
        ]
        assert server.get("/sparql?query=ASK%7B%7D").status == 200
        waiting = select.poll()
        for connection in idle:
            waiting.register(connection, select.POLLIN)
        assert not waiting.poll(0), "none of them had to be closed for it"
