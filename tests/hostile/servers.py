"""The servers under attack, with small limits, few files, and the same data."""

from __future__ import annotations

import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.conformance.endpoints import Endpoint
from tests.conftest import LiveServer, environment, serve
from tests.hostile.wire import data, is_right, look_up

FILES = 256
"""Open files that a process may have at first; it may raise this itself."""
MOST_FILES = 4_096
MEMORY = 4 << 30
"""Bytes that Oxigraph's server may map; ours limits each query by itself."""
TIMEOUT = 2


@contextmanager
def ours(store: Path) -> Iterator[tuple[Endpoint, LiveServer]]:
    """This server, empty but for the data, with a token that may write."""
    command = [sys.executable, "-m", "onrecord", "token", "create", "--role", "editor", "--store", str(store)]
    made = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    limits = (
        "--query-timeout",
        str(TIMEOUT),
        "--query-memory",
        "300",
        "--queue-timeout",
        "5",
        "--workers",
        "3",
    )
    with ExitStack() as running:
        with few_files():
            server = running.enter_context(serve(None, store, "--empty", *limits))
        url = server.url
        writing = Endpoint(
            "onrecord", f"{url}/sparql", f"{url}/sparql", f"{url}/graphs", made.stdout.split()[-1]
        )
        assert writing.change(data()).status == 204
        # Those who attack have no token.
        yield Endpoint("onrecord", f"{url}/sparql", f"{url}/sparql", f"{url}/graphs"), server


@contextmanager
def few_files() -> Iterator[None]:
    """What is started within may open few files, unless it raises that limit itself."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


class Oxigraph:
    """Oxigraph's own server, bounded by the kernel; started again when it has died or hangs."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self.endpoint = Endpoint("", "", "", "")

    def start(self) -> Endpoint:
        """The endpoint of a server that answers look-ups."""
        if self._process is not None and self._process.poll() is None and is_right(look_up(self.endpoint, 5)):
            return self.endpoint
        self.stop()
        self._starts += 1
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
        assert program is not None, "oxigraph is not installed: pip install -e '.[test]'"
        self._store.mkdir(exist_ok=True)
        location = self._store / str(self._starts)
        command = [program, "serve", "--location", str(location), "--timeout-s", str(TIMEOUT)]
        self._process = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_bound,
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        url = f"http://127.0.0.1:{port}"
        self.endpoint = Endpoint("oxigraph serve", f"{url}/query", f"{url}/update", f"{url}/store")
        assert self.endpoint.change(data()).status == 204
        return self.endpoint

    def has_died(self) -> bool:
        """Whether its process has ended."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
