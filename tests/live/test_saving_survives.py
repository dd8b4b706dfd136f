"""kill -9 while somebody saves: every version that was acknowledged is there afterwards."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import urllib.error
from pathlib import Path

from tests.cli.test_serve import onrecord
from tests.conftest import LiveServer, serve

ROUNDS = 3
WRITERS = 3


def _save(server: LiveServer, secret: str, name: str, acknowledged: list[str], over: threading.Event) -> None:
    number = 0
    while not over.is_set():
        number += 1
        text = f"#+ summary: Number {number}.\nSELECT * {{ ?s ?p {number} }}\n"
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", "If-Match": "*"}
        first = {"name": name, "visibility": "public"} if number == 1 else {}
        body = json.dumps(first | {"text": text})
        try:
            path, method = ("/queries", "POST") if number == 1 else (f"/queries/{name}", "PUT")
            response = server.get(path, headers, body.encode(), method)
        except (OSError, urllib.error.URLError):
            return
        if response.status in (200, 201):
            acknowledged.append(str(response.json()["hash"]))


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    store = tmp_path / "store"
    secret = onrecord("token", "create", "--role", "editor", "--store", store).stdout.splitlines()[-1]
    kept: dict[str, list[str]] = {}
    for turn in range(ROUNDS):
        with serve(None, store, "--empty", "--fronts", "2", "--workers", "1") as server:
            for name, hashes in kept.items():
                answer = server.get(f"/queries/{name}/history").json()
                versions = answer["versions"]
                assert isinstance(versions, list)
                assert set(hashes) <= {version["hash"] for version in versions}, name
                assert [v["version"] for v in versions] == list(range(len(versions), 0, -1))
            if turn == ROUNDS - 1:
                break
            over = threading.Event()
            threads = []
            for writer in range(WRITERS):
                acknowledged = kept.setdefault(f"q-{turn}-{writer}", [])
                arguments = (server, secret, f"q-{turn}-{writer}", acknowledged, over)
                threads.append(threading.Thread(target=_save, args=arguments))
            for thread in threads:
                thread.start()
            patience = time.monotonic() + 60
            while time.monotonic() < patience and min(len(kept[f"q-{turn}-{w}"]) for w in range(WRITERS)) < 4:
                time.sleep(0.02)
            for front in _fronts(server.process.pid):
                os.kill(front, signal.SIGKILL)
            server.process.kill()
            over.set()
            for thread in threads:
                thread.join()
    assert all(len(hashes) >= 4 for hashes in kept.values()), kept


def _fronts(supervisor: int) -> list[int]:
    """The web processes below the supervisor, grandchildren too."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry))
    found, queue = [], [supervisor]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found
