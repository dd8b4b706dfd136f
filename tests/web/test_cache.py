"""The cache in front of Flask: the same answers, never anybody else's, never yesterday's."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.web.conftest import StoreEngine

from onrecord.config import Settings
from onrecord.engine import Generation
from onrecord.errors import QueryTimeoutError
from onrecord.folder import Folder
from onrecord.identity.roles import Identity
from onrecord.saved import parse
from onrecord.saved.team import QueryShelf
from onrecord.supervision.counters import Counters
from onrecord.web import create_app
from onrecord.web.asgi import Front
from onrecord.web.cache import Age, Asked, Cache, Kept, read_asked

Headers = dict[str, str]
Answer = tuple[int, tuple[tuple[bytes, bytes], ...], bytes]

ROWS = "/sparql?" + urlencode({"query": "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o", "format": "csv"})
PLAIN = "/sparql?" + urlencode({"query": "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"})
SAVED = "/queries/who-said.csv"


class Asking:
    """Asks a front as an ASGI server would; `misses` counts what Flask's engine had to answer."""

    def __init__(self, engine: StoreEngine, folder: Folder | None, settings: Settings, state: Path | None):
        self.engine = engine
        self.loop = asyncio.new_event_loop()
        self.front = self.loop.run_until_complete(self._make(folder, settings, state))

    async def _make(self, folder: Folder | None, settings: Settings, state: Path | None) -> Front:
        with tempfile.TemporaryDirectory() as runtime:
            counters = Counters(Path(runtime))
        return Front(create_app(self.engine, folder, settings, state), settings, counters)

    @property
    def misses(self) -> int:
        return len(self.engine.requests)

    def __call__(
        self, address: str, headers: Headers | None = None, method: str = "GET", **scope: Any
    ) -> Answer:
        return self.loop.run_until_complete(self._ask(address, headers or {}, method, scope))

    async def _ask(self, address: str, headers: Headers, method: str, changed: dict[str, Any]) -> Answer:
        path, _, query = address.partition("?")
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        given = {"host": "here.example", **headers}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": query.encode(),
            "headers": [(n.encode(), v.encode()) for n, v in given.items()],
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 8000),
            **changed,
        }
        await self.front(scope, receive, send)
        body = b"".join(m["body"] for m in sent[1:])
        return sent[0]["status"], tuple(sent[0]["headers"]), body


Ask = Callable[..., Asking]


@pytest.fixture
def asking(engine: StoreEngine, quay: Folder) -> Iterator[Ask]:
    made: list[Asking] = []

    def make(state: Path | None = None, folder: Folder | None = quay, **given: Any) -> Asking:
        made.append(Asking(engine, folder, Settings(**given), state))
        return made[-1]

    yield make
    for one in made:
        one.loop.run_until_complete(asyncio.sleep(0))
        one.loop.close()


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (ROWS, {}),
        (PLAIN, {"accept": "application/sparql-results+json"}),
        (PLAIN, {"accept": "text/csv", "accept-encoding": "gzip"}),
        (PLAIN, {"accept": "text/csv", "accept-encoding": "zstd"}),
        (PLAIN, {"accept": "text/csv", "accept-language": "ar"}),
        (SAVED, {}),
        (SAVED, {"if-none-match": '"another"'}),
        ("/queries/who-said.json?speaker=id%2Fmayor", {"accept-encoding": "gzip"}),
        ("/queries/labels.ttl", {}),
        ("/queries/who-said", {"accept": "text/csv"}),
        ("/sparql?query=ASK+%7B%7D&format=json", {}),
    ],
)
def test_the_second_answer_is_the_first_one_and_asks_no_engine(
    asking: Ask, address: str, headers: Headers
) -> None:
    ask, uncached = asking(), asking(cache_memory=0)
    ask(SAVED.replace(".csv", ".tsv"))  # the folder has been read
    first = ask(address, headers)
    misses = ask.misses
    assert ask(address, headers) == first
    assert ask(address, headers, method="HEAD") == (*first[:2], b"")
    assert ask.misses == misses
    assert uncached(address, headers) == first
    assert first[0] == 200


@pytest.mark.parametrize("coding", ["", "gzip", "zstd", "gzip, identity;q=0"])
@pytest.mark.parametrize("address", [ROWS, SAVED, "/sparql?query=ASK+%7B%7D&format=json"])
def test_304_is_that_of_flask(asking: Ask, address: str, coding: str) -> None:
    ask, uncached = asking(), asking(cache_memory=0)
    headers = {"accept-encoding": coding} if coding else {}
    ask(SAVED.replace(".csv", ".tsv"))
    tag = dict(ask(address, headers)[1])[b"etag"].decode()
    for told in ("*", tag, f"W/{tag}", f'"other", {tag}', tag.replace("-gzip", "").replace("-zstd", "")):
        for method in ("GET", "HEAD"):
            asked = {**headers, "if-none-match": told}
            misses = ask.misses
            answer = ask(address, asked, method=method)
            assert ask.misses == misses
            assert answer == uncached(address, asked, method=method)
            assert answer[0] == 304


@pytest.mark.parametrize(
    "other",
    [
        {"headers": {"accept": "text/csv"}},
        {"headers": {"accept": "application/sparql-results+xml"}},
        {"headers": {"accept-encoding": "gzip"}},
        {"headers": {"accept_encoding": "gzip"}},
        {"headers": {"accept-language": "ar"}},
        {"headers": {"host": "elsewhere.example"}},
        {"headers": {"cookie": "a=b"}},
        {"headers": {"authorization": "Bearer onr_unknown"}},
        {"headers": {"range": "bytes=0-1"}},
        {"scheme": "https"},
        {"http_version": "1.0"},
        {"method": "OPTIONS"},
        {"method": "POST"},
    ],
)
def test_another_request_never_gets_this_answer(asking: Ask, state: Path, other: dict[str, Any]) -> None:
    ask, uncached = asking(state), asking(state, cache_memory=0)
    json = {"accept": "application/sparql-results+json"}
    other = {**other, "headers": {**json, **other.get("headers", {})}}
    ask(SAVED)
    kept = ask(PLAIN, json)
    assert ask(PLAIN, json) == kept
    misses = ask.misses
    answer = ask(PLAIN, **other)
    was_asked = ask.misses > misses
    assert answer == uncached(PLAIN, **other)
    assert was_asked or answer[0] != 200 or other.get("method") == "OPTIONS"
    assert ask(PLAIN, json) == kept


@pytest.mark.parametrize(
    "secret", [{"cookie": "a=b"}, {"authorization": "Bearer onr_unknown"}, {"range": "bytes=0-1"}]
)
def test_what_a_sender_with_credentials_gets_is_not_kept(asking: Ask, secret: Headers) -> None:
    ask = asking()
    ask(SAVED.replace(".csv", ".tsv"))
    ask(SAVED, secret)
    misses = ask.misses
    ask(SAVED)
    assert ask.misses == misses + 1


def test_where_reading_needs_a_token_nothing_is_kept(asking: Ask, state: Path) -> None:
    ask = asking(state, reading="token")
    assert ask(SAVED)[0] == 401
    assert ask.front._cache is None


@pytest.mark.parametrize(
    "text", ["SELECT (NOW() AS ?t) {}", "SELECT (RAND() AS ?r) {}", "SELECT (STRUUID() AS ?u) {}", "BROKEN"]
)
def test_what_is_not_the_same_twice_and_errors_are_not_kept(asking: Ask, text: str) -> None:
    ask = asking()
    ask(SAVED)
    address = "/sparql?" + urlencode({"query": text, "format": "csv"})
    first = ask(address)
    assert ask(address)[0] == first[0]
    assert ask.front._cache is not None and ask.front._cache.find(_asked(address), ask.front._age()) is None


def test_after_a_write_the_answer_is_the_new_one(asking: Ask, engine: StoreEngine) -> None:
    ask = asking()
    ask(SAVED)
    old = [ask(SAVED), ask(SAVED)]
    engine.store.update(
        "PREFIX rec: <https://w3id.org/onrecord/ns#> "
        "INSERT DATA { <urn:s> rec:speaker <urn:new> ; rec:makes <urn:c> }"
    )
    engine.number += 1
    new = [ask(SAVED), ask(SAVED), ask(SAVED)]
    assert b"urn:new" not in old[0][2] and old[0] == old[1]
    assert all(b"urn:new" in answer[2] for answer in new) and new[0] == new[1] == new[2]


def test_after_a_changed_text_the_answer_is_that_of_the_new_text(
    asking: Ask, engine: StoreEngine, quay: Folder
) -> None:
    ask = asking()
    ask("/queries/labels.nt")
    old = [ask(SAVED), ask(SAVED)]
    (quay.queries / "who-said.rq").write_text(
        "#+ summary: Nothing else.\nSELECT ?only { VALUES ?only { 1 } }\n"
    )
    engine.number += 1
    assert [ask(SAVED)[2] for _ in range(3)] == [b"only\r\n1\r\n"] * 3 != [a[2] for a in old]


def test_a_generation_that_is_gone_is_not_answered(asking: Ask, engine: StoreEngine) -> None:
    ask = asking()
    pinned = f"{SAVED}?_generation={engine.generation().label}"
    assert [ask(pinned)[0] for _ in range(3)] == [200] * 3
    engine.number += 1
    assert [ask(pinned)[0] for _ in range(3)] == [410] * 3


def test_a_broken_answer_is_not_kept(asking: Ask, engine: StoreEngine) -> None:
    ask = asking()
    ask(SAVED.replace(".csv", ".tsv"))
    engine.late_failure = QueryTimeoutError("The query was stopped.")
    ask(SAVED)
    engine.late_failure = None
    misses = ask.misses
    ask(SAVED)
    assert ask.misses == misses + 1


def test_a_query_of_the_team_is_asked_anew_each_time(asking: Ask, state: Path) -> None:
    ask = asking(state)
    ask(SAVED)
    query = parse("ours", "queries/ours.rq", "#+ summary: Ours.\nSELECT ?a { VALUES ?a { 1 } }\n")
    QueryShelf(state).create(query, Identity("editor", "editor"), "public")
    first = ask("/queries/ours.csv")
    misses = ask.misses
    assert ask("/queries/ours.csv") == first
    assert first[0] == 200 and ask.misses == misses + 1


AGE = Age(Generation("5f0c1d2e-0000-4000-8000-000000000000", 1), 1)


def _asked(address: str, **headers: str) -> Asked:
    path, _, query = address.partition("?")
    given = {"host": "here.example", **headers}
    found = read_asked(
        "GET", "http", path, query.encode(), [(n.encode(), v.encode()) for n, v in given.items()]
    )
    assert found is not None
    return found


def _kept(body: bytes = b"", tag: str = '"a"', status: int = 200, **more: str) -> Kept:
    told = {name.replace("_", "-"): value for name, value in more.items()}
    headers = {"etag": tag, "onrecord-generation": AGE.generation.label, **told}
    return Kept(status, tuple((n.encode(), v.encode()) for n, v in headers.items()), body)


def test_the_longest_unasked_answer_leaves_first_and_the_bound_holds() -> None:
    most = 3 * (_kept(b"x" * 10_000).size + 50)
    cache = Cache(most)
    for number in range(3):
        cache.find(_asked(f"/queries/{number}"), AGE)
        assert cache.keep(_asked(f"/queries/{number}"), AGE, _kept(b"x" * 10_000))
    assert cache.find(_asked("/queries/0"), AGE)
    assert cache.keep(_asked("/queries/3"), AGE, _kept(b"x" * 10_000))
    there = [cache.find(_asked(f"/queries/{number}"), AGE) is not None for number in range(4)]
    assert there == [True, False, True, True]
    for number in range(50):
        cache.keep(_asked(f"/queries/{number % 7}"), AGE, _kept(b"x" * (number * 100)))
        assert 0 < cache.size <= most
    cache.find(_asked("/queries/0"), Age(AGE.generation, 2))
    assert cache.size == 0


@pytest.mark.parametrize(
    "kept",
    [
        _kept(tag='W/"a"'),
        _kept(tag=""),
        _kept(status=206),
        _kept(status=404),
        _kept(set_cookie="a=b"),
        _kept(onrecord_federation="complete"),
        _kept(b"x" * ((1 << 20) + 1)),
        _kept(onrecord_generation="5f0c1d2e-2"),
    ],
)
def test_what_may_not_be_kept_is_not(kept: Kept) -> None:
    cache = Cache(64 << 20)
    cache.find(_asked(SAVED), AGE)
    assert cache.keep(_asked(SAVED), AGE, _kept())
    cache = Cache(64 << 20)
    cache.find(_asked(SAVED), AGE)
    assert not cache.keep(_asked(SAVED), AGE, kept)
    assert cache.find(_asked(SAVED), AGE) is None
