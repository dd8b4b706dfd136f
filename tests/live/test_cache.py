"""The cache in front of Flask, through real servers, sockets and generations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.conftest import LiveServer, Response, environment, serve
from tests.waiting import wait_until

from onrecord.store.held import HELD_BYTES
from onrecord.web.cache import LONGEST_BODY

_OF_TRANSFER = ("date", "transfer-encoding", "content-length")


def _told(response: Response) -> tuple[int, dict[str, str], bytes]:
    """What was answered, without what tells the time and how the connection ends the body."""
    headers = {n: v for n, v in response.headers.items() if n not in _OF_TRANSFER}
    return response.status, headers, response.body


def _count_hits(server: LiveServer) -> int:
    lines = server.get("/metrics").text.splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("onrecord_cache_hits_total "))


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "zstd"}])
def test_answers_from_the_cache_are_those_of_flask(live_server: LiveServer, headers: dict[str, str]) -> None:
    addresses = [
        "/sparql?query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+%7D+ORDER+BY+%3Fs+%3Fp+%3Fo+LIMIT+50&format=json",
        "/sparql?query=ASK+%7B%7D&format=csv",
        "/sparql?query=DESCRIBE+%3Curn:none%3E&format=turtle",
    ]
    for address in addresses:
        # A parameter that nobody knows: neither kept before nor answered by the hot path.
        address += f"&by_flask={len(headers)}{headers.get('Accept-Encoding', '')}"
        hits = _count_hits(live_server)
        first, second, third = (live_server.get(address, headers) for _ in range(3))
        for _ in range(20):
            # An answer is kept a moment after its client has it.
            if _count_hits(live_server) == hits:
                third = live_server.get(address, headers)
        assert _told(first) == _told(second) == _told(third)
        assert first.status == 200
        assert third.headers["content-length"] == str(len(third.body)), "it came whole from the cache"
        assert "transfer-encoding" in first.headers, "it came from Flask"
        assert _count_hits(live_server) > hits
        head = live_server.get(address, headers, method="HEAD")
        assert _told(head) == (200, _told(first)[1], b"")
        for _ in range(2):
            # The second time it is known as it came.
            known = live_server.get(address, {**headers, "If-None-Match": first.headers["etag"]})
            assert (known.status, known.body) == (304, b"")
            assert _told(live_server.get(address, headers)) == _told(first)


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_an_answer_that_was_streamed_is_kept_too(live_server: LiveServer, coding: str) -> None:
    text = f"SELECT ?s ?p ?o {{ ?s ?p ?o VALUES ?x {{ 1 }} }} ORDER BY ?s ?p ?o LIMIT {2500 + len(coding)}"
    address = f"/sparql?query={quote(text)}&format=json"
    headers = {"Accept-Encoding": coding}
    first = live_server.get(address, headers)
    assert first.headers["transfer-encoding"] == "chunked"
    if coding == "identity":
        assert HELD_BYTES < len(first.body) < LONGEST_BODY
    wait_until(lambda: "content-length" in live_server.get(address, headers).headers)
    assert _told(live_server.get(address, headers)) == _told(first)


def test_a_reload_answers_by_the_new_texts_and_data(folder_copy: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with serve(folder_copy, store) as server:
        query = folder_copy / "queries" / "kept.rq"
        assert server.get("/queries/kept.csv").status == 404
        for number in (1, 2):
            query.write_text(f"#+ summary: One.\nSELECT ?n {{ VALUES ?n {{ {number} }} }}\n")
            extra = folder_copy / "triples" / "kept.ttl"
            extra.write_text(f"<urn:x:{number}> <http://www.w3.org/2000/01/rdf-schema#label> 'n' .\n")
            command = [sys.executable, "-m", "onrecord", "reload", "--store", str(store), str(folder_copy)]
            subprocess.run(command, capture_output=True, timeout=60, check=True, env=environment())
            assert [server.get("/queries/kept.csv").text.split() for _ in range(3)] == [
                ["n", str(number)]
            ] * 3
