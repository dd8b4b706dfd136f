"""The engines elsewhere that are tried here: real servers on loopback, each with a directory of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import environment

_STARTING_SECONDS = 90
_PASSWORD = "dba"  # of Virtuoso's first user, in a database that lives for one test run

INI = """
[Database]
DatabaseFile = {0}/virtuoso.db
ErrorLogFile = {0}/virtuoso.log
LockFile = {0}/virtuoso.lck
TransactionFile = {0}/virtuoso.trx
xa_persistent_file = {0}/virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {0}/virtuoso-temp.db
TransactionFile = {0}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{1}
DisableUnixSocket = 1
CaseMode = 2
DirsAllowed = {0}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
SchedulerInterval = 10
ThreadsPerQuery = 1
AsyncQueueMaxThreads = 0
[HTTPServer]
ServerPort = 127.0.0.1:{2}
ServerRoot = {0}
ServerThreads = 20
HTTPThreadSize = 280000
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = 10000
MaxQueryExecutionTime = 60
"""
"""Debian's file with other paths and ports, and without its limit of a query's estimated time (an estimate
of years is common for queries of a moment), and with one thread a query, so that an answer does not depend on
which of several was first."""


@dataclass(frozen=True)
class Remote:
    """A SPARQL server, and the options that name it."""

    name: str
    query: str
    update: str
    graph_store: str = ""

    @property
    def options(self) -> tuple[str, ...]:
        store = ("--engine-graph-store", self.graph_store) if self.graph_store else ()
        return ("--engine", self.query, "--engine-update", self.update, *store)

    def run(self, text: str) -> None:
        """Have the server itself run an update, past ours."""
        body = urllib.parse.urlencode({"update": text}).encode()
        urllib.request.urlopen(self.update, body, timeout=60).read()


def push(remote: Remote, folder: Path | None, *options: str) -> subprocess.CompletedProcess[str]:
    """`onrecord push`, as people run it."""
    command = [sys.executable, "-m", "onrecord", "push", *remote.options, *options]
    return subprocess.run(
        command + ([str(folder)] if folder is not None else []),
        capture_output=True,
        text=True,
        timeout=110,
        env=environment(),
    )


@contextmanager
def run_oxigraph(directory: Path, *, graph_store: bool = False, port: int = 0) -> Iterator[Remote]:
    """`oxigraph serve`, with the store of `directory`; on a free port if none is named."""
    beside = Path(sys.executable).parent
    command = shutil.which("oxigraph", path=str(beside)) or shutil.which("oxigraph")
    assert command, "pip install oxigraph"
    port = port or free_port()
    started = [command, "serve", "--location", str(directory / "store"), "--bind", f"127.0.0.1:{port}"]
    url = f"http://127.0.0.1:{port}"
    with _running(started, directory, port):
        yield Remote("oxigraph", f"{url}/query", f"{url}/update", f"{url}/store" if graph_store else "")


@contextmanager
def run_virtuoso(directory: Path) -> Iterator[Remote]:
    """Virtuoso 7, whose SPARQL endpoint may write."""
    assert shutil.which("virtuoso-t"), "apt-get install virtuoso-opensource-7"
    sql, port = free_port(), free_port()
    (directory / "virtuoso.ini").write_text(INI.format(directory, sql, port))
    url = f"http://127.0.0.1:{port}"
    started = ["virtuoso-t", "+configfile", "virtuoso.ini", "+foreground"]
    with _running(started, directory, port):
        grant = 'EXEC=GRANT SPARQL_UPDATE TO "SPARQL";'
        wait_for(lambda: _succeeds(["isql-vt", f"127.0.0.1:{sql}", "dba", _PASSWORD, grant]))
        yield Remote("virtuoso", f"{url}/sparql", f"{url}/sparql")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(holds: object) -> None:
    """Ask until it holds. Fails after a while that is long for any machine."""
    assert callable(holds)
    end = time.monotonic() + _STARTING_SECONDS
    while not holds():
        assert time.monotonic() < end, "it does not come up"
        time.sleep(0.1)


@contextmanager
def _running(command: list[str], directory: Path, port: int) -> Iterator[None]:
    with (directory / "output.txt").open("wb") as output:
        process = subprocess.Popen(command, cwd=directory, stdout=output, stderr=output)
    try:
        wait_for(lambda: process.poll() is not None or _accepts(port))
        assert process.poll() is None, (directory / "output.txt").read_text()
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _succeeds(command: list[str]) -> bool:
    done = subprocess.run(command, capture_output=True, timeout=60)
    return done.returncode == 0 and b"Error" not in done.stdout + done.stderr
