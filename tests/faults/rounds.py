"""A server that is written and read while its processes are killed with signal 9.

A round sends writes and queries from several clients and kills each kind of
process once, at last the supervisor; then the server is started again on what
it left. After each kill what the clients were told is compared with what the
store holds.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import environment
from tests.waiting import wait_until

from onrecord.identity.tokens import TokenBook

SUBJECTS = ("urn:left", "urn:right")
"""Every write is of both, so that one that was applied by half can be told."""
NUMBERS = "SELECT ?s ?n { ?s <urn:number> ?n }"
_WRITERS, _READERS = 3, 2
_PATIENCE = 30.0
"""Seconds that a client waits for an answer; a client that waits longer was not answered."""


@dataclass
class Told:
    """What the clients were told, and what they saw."""

    acknowledged: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    """Their connection broke: nobody was told anything."""
    answers: Counter[str] = field(default_factory=Counter)
    wrongs: list[str] = field(default_factory=list)


class Server:
    """`onrecord serve` on `store`, of no folder, in a session of its own."""

    def __init__(self, store: Path) -> None:
        self.store = store
        _, self._secret = TokenBook(store).create("editor")
        command = [sys.executable, "-m", "onrecord", "serve", "--empty", "--port", "0", "--workers", "2"]
        # The files outlive a killed server, so that nothing waits for the end of a pipe.
        self._log = store.parent / f"{store.name}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--store", str(store)], stdout=log, stderr=log, env=environment()
            )
        wait_until(lambda: b"Stop with" in self._log.read_bytes() or self.process.poll() is not None)
        address = re.search(r"http://([^/\s:]+):(\d+)", self.log)
        assert address is not None, self.log
        self._address = address.group(1), int(address.group(2))

    @property
    def log(self) -> str:
        return self._log.read_text()

    def children(self) -> list[int]:
        pid = self.process.pid
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def descendants(self) -> list[int]:
        """All processes below the supervisor."""
        found, todo = [], self.children()
        while todo:
            pid = todo.pop()
            found.append(pid)
            for path in Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    todo += map(int, path.read_text().split())
                except OSError:
                    continue
        return found

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self._address, timeout=_PATIENCE)

    def ask(self, connection: http.client.HTTPConnection, parameter: str, text: str) -> tuple[int, bytes]:
        """Status and body of a query or an update. Raises OSError and HTTPException when it breaks off."""
        body = urllib.parse.urlencode({parameter: text}).encode()
        headers = {
            "Authorization": f"Bearer {self._secret}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/sparql-results+json",
        }
        connection.request("POST", "/sparql", body, headers)
        response = connection.getresponse()
        return response.status, response.read()

    def numbers(self) -> dict[str, set[int]]:
        """What the store holds; waits until the server answers."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                with closing(self.connect()) as connection:
                    status, body = self.ask(connection, "query", NUMBERS)
            except (OSError, http.client.HTTPException):
                status = 0
            if status == 200:
                return read_numbers(body)
            assert time.monotonic() < deadline, f"no answer any more: {status}\n{self.log}"
            time.sleep(0.05)

    def stop(self) -> None:
        """End it as its user would; it must leave no process."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)


class Clients:
    """Clients that write numbers of their own, and clients that read, until they are stopped."""

    def __init__(self, server: Server, first: int) -> None:
        self._server = server
        self.next = first
        self.told = Told()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._write) for _ in range(_WRITERS)]
        self._threads += [threading.Thread(target=self._read) for _ in range(_READERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Told:
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        return self.told

    def _write(self) -> None:
        with closing(self._server.connect()) as connection:
            while not self._stopped.is_set():
                self._write_one(connection)

    def _write_one(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            number = self.next
            self.next += 1
        text = "".join(f"<{subject}> <urn:number> {number} . " for subject in SUBJECTS)
        status = self._send(connection, "update", f"INSERT DATA {{ {text} }}")[0]
        if status is None:
            self.told.broken.add(number)
        elif status == 204:
            self.told.acknowledged.add(number)
            seen, body = self._send(connection, "query", NUMBERS)
            if seen == 200 and number not in read_numbers(body)[SUBJECTS[0]]:
                self.told.wrongs.append(f"{number} was acknowledged, and its writer did not find it")
        else:
            self.told.refused.add(number)

    def _read(self) -> None:
        with closing(self._server.connect()) as connection:
            while not self._stopped.is_set():
                self._read_once(connection)

    def _read_once(self, connection: http.client.HTTPConnection) -> None:
        status, body = self._send(connection, "query", NUMBERS)
        if status == 200:
            found = read_numbers(body)
            half = found[SUBJECTS[0]] ^ found[SUBJECTS[1]]
            if half:
                self.told.wrongs.append(f"a reader found half of the writes of {sorted(half)}")

    def _send(
        self, connection: http.client.HTTPConnection, parameter: str, text: str
    ) -> tuple[int | None, bytes]:
        try:
            status, body = self._server.ask(connection, parameter, text)
        except TimeoutError:
            connection.close()
            self.told.wrongs.append(f"no answer within {_PATIENCE:g} seconds")
            return None, b""
        except (OSError, http.client.HTTPException):
            connection.close()
            self.told.answers["broken"] += 1
            time.sleep(0.02)
            return None, b""
        if status == 503 and b"write-outcome-unknown" in body:
            # The server says itself that it does not know: as if the connection had broken.
            self.told.answers["broken"] += 1
            return None, body
        self.told.answers[str(status)] += 1
        if status not in (200, 204, 503):
            self.told.wrongs.append(f"status {status}: {body[:300]!r}")
        return status, body


def read_numbers(body: bytes) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {subject: set() for subject in SUBJECTS}
    for row in json.loads(body)["results"]["bindings"]:
        found[row["s"]["value"]].add(int(row["n"]["value"]))
    return found


# -- whom to kill ------------------------------------------------------------------------------------


def writer(server: Server) -> list[int]:
    """The writer holds the lock, which names it."""
    text = (server.store / "lock").read_text()
    return [pid for pid in server.children() if text.strip() == str(pid)]


def front(server: Server) -> list[int]:
    return [pid for pid in server.children() if b"onrecord.web.front" in _command(pid)]


def web_process(server: Server) -> list[int]:
    """The child of the front that speaks HTTP."""
    fronts = front(server)
    return [pid for pid in server.descendants() if pid not in fronts and _parent(pid) in fronts]


def others(server: Server) -> list[int]:
    """Query workers, the trial and the background process."""
    known = writer(server) + front(server)
    return [pid for pid in server.children() if pid not in known]


def supervisor(server: Server) -> list[int]:
    return [server.process.pid]


Victim = Callable[[Server], list[int]]
VICTIMS: dict[str, Victim] = {
    "writer": writer,
    "worker, trial or background": others,
    "all of these at once": others,
    "web process": web_process,
    "front": front,
    "supervisor": supervisor,
}
"""In the order in which a round kills them."""


@dataclass
class Outcome:
    """What killing one process came to."""

    victim: str
    killed: int
    acknowledged: int
    refused: int
    broken: int
    seconds: float
    """Until a write was acknowledged again."""
    faults: list[str]


class Rounds:
    """Rounds on one store, which remember all that was ever acknowledged."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._next = 0
        self._held: set[int] = set()
        """What the store was found to hold."""
        self._killed = 0
        self._server = Server(store)

    def run(self) -> list[Outcome]:
        """One round; what went wrong stands in its outcomes."""
        return [self._kill(name, victim) for name, victim in VICTIMS.items()]

    def close(self) -> None:
        self._server.stop()

    def _kill(self, name: str, victim: Victim) -> Outcome:
        server = self._server
        clients = Clients(server, self._next)
        faults: list[str] = []
        below = server.descendants()
        try:
            wait_until(lambda: len(clients.told.acknowledged) >= 3)
            # Not at the same moment of a write each time.
            time.sleep(0.013 * (self._killed % 23))
            targets = victim(server)
            if name.startswith("worker"):
                targets = [targets[self._killed % len(targets)]]
            below = server.descendants()
            started = time.monotonic()
            for pid in targets:
                _kill(pid)
            before = len(clients.told.acknowledged)
            if victim is supervisor:
                server.process.wait()
            else:
                self._await_writes(clients, before + _WRITERS)
            seconds = time.monotonic() - started
        finally:
            told = clients.stop()
            self._next = clients.next
        self._killed += 1
        if victim is supervisor:
            faults += _left_behind(below)
            self._server = Server(self._store)
        else:
            faults += _zombies(server)
            faults += [f"process {pid} was killed and is there" for pid in targets if _is_alive(pid)]
        faults += self._compare(self._server, told)
        numbers = len(told.acknowledged), len(told.refused), len(told.broken)
        return Outcome(name, len(targets), *numbers, seconds, faults)

    def _await_writes(self, clients: Clients, number: int) -> None:
        """Raises AssertionError with what the server tells when no more than `number` are acknowledged."""
        try:
            wait_until(lambda: len(clients.told.acknowledged) > number, 120)
        except AssertionError:
            states = {pid: _state(pid) for pid in self._server.descendants()}
            told = f"{dict(clients.told.answers)}, {clients.told.wrongs}, {states}"
            raise AssertionError(f"no write is acknowledged any more: {told}\n{self._server.log}") from None

    def _compare(self, server: Server, told: Told) -> list[str]:
        found = server.numbers()
        left, right = (found[subject] for subject in SUBJECTS)
        faults = list(told.wrongs)
        lost = (self._held | told.acknowledged) - left
        if lost:
            faults.append(f"lost: {sorted(lost)}")
        if left ^ right:
            faults.append(f"applied by half: {sorted(left ^ right)}")
        if told.refused & left:
            faults.append(f"refused, and there: {sorted(told.refused & left)}")
        self._held |= left
        return faults


def _left_behind(pids: Iterable[int]) -> list[str]:
    """Those of `pids` that do not end with their supervisor."""
    try:
        wait_until(lambda: not any(_is_alive(pid) for pid in pids), 15)
    except AssertionError:
        return [f"process {pid} outlived the supervisor" for pid in pids if _is_alive(pid)]
    return []


def _zombies(server: Server) -> list[str]:
    def found() -> list[int]:
        return [pid for pid in server.descendants() if _state(pid) == "Z"]

    try:
        wait_until(lambda: not found(), 15)
    except AssertionError:
        return [f"process {pid} is a zombie" for pid in found()]
    return []


def _is_alive(pid: int) -> bool:
    return _state(pid) not in ("", "Z", "X")


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return ""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return 0


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
