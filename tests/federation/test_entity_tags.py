"""The tag of a federated answer changes with what the endpoint says, once its kept answer is too old."""

from __future__ import annotations

import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import serve
from tests.federation_client.conftest import MisbehavingServer, answer, status


@pytest.fixture
def endpoint() -> Iterator[MisbehavingServer]:
    server = MisbehavingServer(answer("one", "two"), answer("two", "one"), answer("changed"), status(400))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_the_tag_is_that_of_the_rows_and_an_answer_too_old_is_asked_for_again(
    endpoint: MisbehavingServer, tmp_path: Path
) -> None:
    options = ("--empty", "--federate", endpoint.origin, "--federation-contact", "desk@example.org")
    query = f"SELECT * {{ SERVICE SILENT <{endpoint.url}> {{ ?x <urn:label> ?label }} }}"
    path = "/sparql?" + urllib.parse.urlencode({"query": query, "format": "csv"})
    with serve(None, tmp_path / "store", *options, "--federation-cache-hours", "0") as server:
        first = server.get(path)
        assert first.text.split() == ["label,x", "one,urn:a", "two,urn:a"]
        same = server.get(path, {"If-None-Match": first.headers["etag"]})
        assert same.status == 304, "the same rows in another order"
        changed = server.get(path, {"If-None-Match": first.headers["etag"]})
        assert changed.status == 200 and changed.text.split() == ["label,x", "changed,urn:a"]
        assert changed.headers["etag"] != first.headers["etag"]
        spoiled = server.get(path, {"If-None-Match": changed.headers["etag"]})
        assert spoiled.status == 200 and "etag" not in spoiled.headers
        assert len(endpoint.requests) == 4
