"""A running server knows of new, revoked and expired tokens at once."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_serve import onrecord
from tests.conftest import LiveServer, serve

ASK = "/sparql?query=ASK%7B%7D"


def _status(server: LiveServer, secret: str) -> int:
    return server.get(ASK, {"Authorization": f"Bearer {secret}"}).status


def test_a_running_server_sees_tokens_come_and_go(tmp_path: Path) -> None:
    store = tmp_path / "store"
    early = onrecord("token", "create", "--role", "reader", "--name", "early", "--store", store)
    assert early.returncode == 0, early.stderr
    with serve(None, store, "--empty", "--reading", "token", "--fronts", "2") as server:
        assert server.get(ASK).status == 401
        assert _status(server, early.stdout.strip()) == 200
        late = onrecord("token", "create", "--store", store).stdout.splitlines()[-1]
        for _ in range(10):  # both web processes know it
            assert _status(server, late) == 200
        assert onrecord("token", "revoke", "early", "--store", store).returncode == 0
        for _ in range(10):
            assert _status(server, early.stdout.strip()) == 401
        brief = onrecord("token", "create", "--expires", "1s", "--store", store).stdout.strip()
        while _status(server, brief) == 200:
            pass  # it ends by itself; the test's time limit is the other way out
        assert _status(server, brief) == 401
        assert _status(server, late) == 200
