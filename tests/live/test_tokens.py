"""A running server knows of new, revoked and expired tokens at once."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
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


def test_a_browser_session_is_known_to_every_web_process(tmp_path: Path) -> None:
    store = tmp_path / "store"
    secret = onrecord("token", "create", "--role", "admin", "--store", store).stdout.strip()
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.addheaders = [("Accept", "text/html")]
    with serve(None, store, "--empty", "--reading", "token", "--fronts", "2") as server:

        def open_page(path: str, **form: str) -> str:
            body = urllib.parse.urlencode(form).encode() if form else None
            with browser.open(server.url + path, body, timeout=30) as response:
                return str(response.read().decode())

        def field(page: str) -> str:
            found = re.search(r'name="_csrf" value="([0-9a-f]+)"', page)
            assert found is not None
            return found[1]

        page = open_page("/sign-in", _csrf=field(open_page("/sign-in")), token=secret, next="/sparql")
        for _ in range(10):
            assert "Signed in as" in page
            page = open_page("/sparql")
        open_page("/admin/audit")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            open_page("/sign-out", _csrf=field(page))  # the first page, where it leads, needs a token
        for _ in range(10):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                open_page("/sparql")
