"""One server that may be written to, for clients of every kind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import LiveServer, environment, serve

DATA = """
PREFIX : <http://example.org/>
INSERT DATA {
  :mayor :said "The quay is open."@en ; :times 2 .
  :captain :said "أُغلق الرصيف"@ar ; :times 10 .
  :nobody :times 0.5 .
}"""
ROWS = {"captain": 10.0, "mayor": 2.0, "nobody": 0.5}
"""Who spoke how often, in the order of `SELECT`."""
SELECT = """PREFIX : <http://example.org/>
SELECT ?who ?times { ?who :times ?times } ORDER BY ?who"""


@dataclass(frozen=True)
class Writable:
    """A server with `DATA`, and a token that may write."""

    server: LiveServer
    token: str

    @property
    def endpoint(self) -> str:
        return f"{self.server.url}/sparql"


@pytest.fixture(scope="session")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writable]:
    store = tmp_path_factory.mktemp("clients-store")
    command = [sys.executable, "-m", "onrecord", "token", "create", "--role", "editor", "--store", str(store)]
    made = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    token = made.stdout.splitlines()[-1]
    with serve(None, store, "--empty") as server:
        headers = {"Content-Type": "application/sparql-update", "Authorization": f"Bearer {token}"}
        assert server.get("/sparql", headers, DATA.encode()).status == 204
        yield Writable(server, token)


def find(program: str) -> str:
    """The path of an installed program; a client that is absent is a failure."""
    found = shutil.which(program)
    assert found is not None, f"{program} is not installed; .ci/run installs it"
    return found


def run(command: list[str], text: str = "", cwd: Path | None = None) -> str:
    """What a client prints."""
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env=environment(),
        cwd=cwd,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
