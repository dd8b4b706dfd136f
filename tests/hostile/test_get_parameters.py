"""Every address that is read, with hostile values in its path and its parameters: no 5xx, nothing echoed raw.

The addresses are those of the application itself, the parameters those that
its own refusals and its OpenAPI document name.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
import pytest
from tests.conftest import REPOSITORY, LiveServer
from tests.web.conftest import StoreEngine

from onrecord.config import Settings
from onrecord.folder import Folder
from onrecord.web import create_app

MARKUP = "'\"><script>alert(1)</script><img src=x onerror=alert(2)>"
VALUES = (
    MARKUP,
    "' onmouseover='alert(3)",
    "javascript:alert(4)",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "urn:x> } ; DROP ALL #",
    '" } UNION { ?s ?p ?o } #',
    "a\r\nX-Injected: yes",
    "\x00",
    "\u202e\ufeff\U0001f600",
    "../../../etc/passwd",
    "-1",
    "99999999999999999999999",
    "NaN",
    "",
    "x" * 5_000,
    "@en",
    "http://[::1",
    "2018-02-30",
)
RAW = ("%FF%FE", "%ED%A0%80", "%", "%2500", "+%2B+")
"""Escapes as they are: what they stand for is no text, or a text with escapes."""
NOWHERE = "zzz-unknown"
EACH = 2
"""Values that one parameter is tried with, beside markup; the next one is tried with the next values."""
_KNOWN = re.compile(r"known: ([^.]+)\.")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The rule of each address that is read, with `{}` for each of its variables."""
    app = create_app(
        StoreEngine(ox.Store()), Folder(REPOSITORY), Settings(), Path(tmp_path_factory.mktemp("state"))
    )
    found = {}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/admin"):
            found[rule.endpoint + rule.rule] = re.sub(r"<[^>]+>", "{}", rule.rule)
    assert len(found) > 30
    return found


@pytest.fixture(scope="module")
def client(live_server: LiveServer) -> Iterator[http.client.HTTPConnection]:
    address = urlsplit(live_server.url)
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    yield connection
    connection.close()


def get(client: http.client.HTTPConnection, target: str) -> tuple[int, str]:
    """Status and body of one address, asked as a browser does; what comes back must be harmless."""
    client.request("GET", target, headers={"Accept": "text/html,*/*;q=0.1"})
    answer = client.getresponse()
    body = answer.read().decode("utf-8", "replace")
    said = f"{target[:300]}: {answer.status} {body[:300]}"
    assert answer.status < 500, said
    assert answer.headers["X-Injected"] is None, said
    assert answer.headers["X-Content-Type-Options"] == "nosniff", said
    location = answer.headers.get("Location", "")
    assert not location or urlsplit(location).netloc in ("", f"{client.host}:{client.port}"), said
    if "html" in answer.headers.get("Content-Type", ""):
        assert "<script>alert" not in body and "<img src=x" not in body, said
        assert "onmouseover='" not in body, said
        assert 'href="javascript:' not in body, said
        assert "49" not in re.findall(r"\b49\$?", body) or "{{7*7}}" not in target, said
    return answer.status, body


def test_no_value_of_a_path_brings_an_error_of_ours_or_comes_back_raw(
    client: http.client.HTTPConnection, paths: dict[str, str]
) -> None:
    statuses = set()
    for path in paths.values():
        if "{}" in path:
            for value in (*(quote(v, safe="") for v in VALUES if v), *RAW):
                statuses.add(get(client, path.replace("{}", value, 1).replace("{}", "x"))[0])
    assert {400, 404} <= statuses


def test_no_value_of_a_parameter_brings_an_error_of_ours_or_comes_back_raw(
    client: http.client.HTTPConnection, paths: dict[str, str]
) -> None:
    tried = 0
    values = _rotate()
    for path in paths.values():
        if "{}" in path:
            continue
        for name in sorted({"format", NOWHERE, *_parameters(client, path)}):
            for value in (quote(MARKUP), *islice(values, EACH)):
                get(client, f"{path}?{quote(name)}={value}")
                tried += 1
        get(client, f"{path}?{quote(MARKUP)}=1")
        get(client, f"{path}?" + "&".join(f"a{i}=b" for i in range(500)))
    assert tried > 180


def test_no_value_of_a_saved_query_brings_an_error_of_ours_or_comes_back_raw(
    client: http.client.HTTPConnection, live_server: LiveServer
) -> None:
    document = json.loads(live_server.get("/openapi.json").body)
    seen: set[str] = set()
    values = _rotate()
    for path, operations in sorted(document["paths"].items()):
        for parameter in operations.get("get", {}).get("parameters", ()):
            # One query of each kind of parameter; the options are the same for all.
            kind = json.dumps([parameter["name"][:1] == "_" and parameter["name"], parameter["schema"]])
            if parameter["in"] != "query" or "suffix" not in path or kind in seen:
                continue
            seen.add(kind)
            for suffix in ("html", "json"):
                base = path.replace(".{suffix}", "" if suffix == "html" else ".json")
                for value in (quote(MARKUP), *islice(values, EACH)):
                    get(client, f"{base}?{quote(parameter['name'])}={value}")
    assert len(seen) >= 8


def _rotate() -> Iterator[str]:
    return cycle((*map(quote, VALUES[1:]), *RAW))


def _parameters(client: http.client.HTTPConnection, path: str) -> set[str]:
    """The parameters that an address says it knows."""
    status, body = get(client, f"{path}?{NOWHERE}=1")
    found = _KNOWN.search(body) if status == 400 else None
    return {name.strip() for name in found.group(1).split(",")} - {"none"} if found else set()
