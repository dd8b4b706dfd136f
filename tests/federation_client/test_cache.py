"""The cache: binding by binding, shared, bounded, and harmless when it breaks."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.federation_client.conftest import (
    QUERY,
    RESULTS_JSON,
    Handler,
    MisbehavingServer,
    answer,
    batch,
    document,
    status,
)

from onrecord.errors import FederationOfflineError
from onrecord.federation.cache import AnswerCache, binding_key, query_key
from onrecord.federation.client import Federation
from onrecord.federation.remote import RemoteQuery
from onrecord.federation.solutions import BindingsBatch, Solutions, Term

Make = Callable[..., Federation]
Start = Callable[..., MisbehavingServer]


def rows(labels: str) -> Solutions:
    return Solutions(("x",), tuple((Term(f'"{c}"'),) for c in labels))


def test_each_binding_is_kept_by_itself_an_empty_answer_too(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one", "two"))
    made = federation(server)
    made.asking().select(server.url, QUERY, batch("urn:a", "urn:b"))
    recalled = made.asking().recall(server.url, QUERY, batch("urn:c", "urn:b", "urn:a"))
    assert recalled.missing == batch("urn:c")
    assert recalled.answer is not None
    assert recalled.answer.solutions.rows == (("<urn:a>", '"one"'), ("<urn:a>", '"two"'))
    told = recalled.answer.provenance
    assert (told.cache_hits, told.requests, told.size, told.rows) == (2, 0, 0, 2)
    assert abs((datetime.now(UTC) - told.asked).total_seconds()) < 60
    empty = made.asking().recall(server.url, QUERY, batch("urn:b"))
    assert empty.missing is None and empty.answer is not None and empty.answer.solutions.rows == ()


def test_nothing_known_is_nothing_recalled(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    recalled = federation(server).asking().recall(server.url, QUERY, batch("urn:a"))
    assert recalled.answer is None and recalled.missing == batch("urn:a")
    without = federation(server).asking().recall(server.url, QUERY, None)
    assert without.answer is None and without.missing is None
    assert not server.requests


def test_a_query_without_bindings_is_kept_whole(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one", "two"))
    made = federation(server)
    asked = made.asking().select(server.url, QUERY, None)
    recalled = made.asking().recall(server.url, QUERY, None)
    assert recalled.answer is not None and recalled.answer.solutions == asked.solutions
    assert recalled.answer.provenance.cache_hits == 1


def test_white_space_does_not_make_another_query_but_a_string_does(
    misbehaving: Start, federation: Make
) -> None:
    server = misbehaving(answer("one"))
    made = federation(server)
    made.asking().select(server.url, RemoteQuery('SELECT ?x ?label { FILTER(?x = "a b") ', "}"), None)
    same = RemoteQuery('SELECT  ?x\n?label {\n  FILTER(?x = "a b") ', "} # again")
    other = RemoteQuery('SELECT ?x ?label { FILTER(?x = "a  b") ', "}")
    assert made.asking().recall(server.url, same, None).answer is not None
    assert made.asking().recall(server.url, other, None).answer is None


def test_another_endpoint_text_variable_or_term_is_another_entry() -> None:
    keys = {
        binding_key(query_key(place, text, (name,)), (Term(term),))
        for place in ("e1", "e2")
        for text in ("SELECT * {}", "SELECT ?x {}")
        for name in ("x", "y")
        for term in ("<urn:a>", '"urn:a"', '"urn:a"@en')
    }
    assert len(keys) == 24


def test_rows_that_belong_to_no_binding_sent_are_used_and_not_kept(
    misbehaving: Start, federation: Make
) -> None:
    server = misbehaving(answer("one"))  # answers for urn:a, whatever it is asked
    made = federation(server)
    got = made.asking().select(server.url, QUERY, batch("urn:b"))
    assert got.solutions.rows
    assert made.cache.total()[0] == 0


def test_blank_nodes_of_two_answers_never_meet(misbehaving: Start, federation: Make) -> None:
    body = (
        b'{"head":{"vars":["x"]},"results":{"bindings":['
        b'{"x":{"type":"bnode","value":"b0"}},{"x":{"type":"bnode","value":"b0"}},'
        b'{"x":{"type":"literal","value":"_:b0"}}]}}'
    )
    server = misbehaving(status(200, body, RESULTS_JSON))
    made = federation(server)
    first = made.asking().select(server.url, QUERY, None).solutions
    second = made.asking().select(server.url, RemoteQuery("SELECT ?x {", "}"), None).solutions
    assert first.rows[0] == first.rows[1] != second.rows[0]
    assert first.rows[2] == ('"_:b0"',)
    recalled = made.asking().recall(server.url, QUERY, None).answer
    assert recalled is not None and recalled.solutions == first


def test_an_old_answer_is_asked_for_again_but_replayed_offline(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    made = federation(server, cache_seconds=0.2)
    made.asking().select(server.url, QUERY, batch("urn:a"))
    time.sleep(0.3)
    assert made.asking().recall(server.url, QUERY, batch("urn:a")).answer is None
    replayed = made.asking(mode="offline").recall(server.url, QUERY, batch("urn:a"))
    assert replayed.answer is not None and replayed.answer.solutions.rows == (("<urn:a>", '"one"'),)


def test_offline_nothing_is_sent_and_what_is_not_kept_is_told(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    made = federation(server, contact="")
    with pytest.raises(FederationOfflineError, match="0 of 2 answers"):
        made.asking(mode="offline").recall(server.url, QUERY, batch("urn:a", "urn:b"))
    with pytest.raises(FederationOfflineError):
        made.asking(mode="offline").select(server.url, QUERY, batch("urn:a"))
    assert not server.requests


def test_ten_thousand_bindings_are_recalled(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "cache.sqlite", 60, 1 << 30)
    base = query_key("e", "SELECT * {}", ("x",))
    keys = [binding_key(base, (Term(f"<urn:{n}>"),)) for n in range(10_000)]
    cache.put({key: rows("a") for key in keys}, "e", time.time())
    assert len(cache.get(keys)) == 10_000


def test_past_its_size_the_cache_drops_what_was_used_longest_ago(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "cache.sqlite", 1e9, 20_000)
    for n in range(200):
        cache.put({b"%03d" % n: rows("a")}, "e", time.time())
        if n == 50:
            with sqlite3.connect(tmp_path / "cache.sqlite") as database:
                database.execute("UPDATE answer SET used = used + 1000 WHERE key = ?", (b"000",))
            database.close()
    count, size = cache.total()
    assert size <= 20_000 and 0 < count < 200
    kept = cache.get([b"%03d" % n for n in range(200)])
    assert b"199" in kept and b"000" in kept and b"001" not in kept


def _fill(path: Path, start: int) -> None:
    cache = AnswerCache(path, 60, 1 << 30)
    for n in range(start, start + 50):
        cache.put({b"%d" % n: rows("abc")}, "e", time.time())


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_fill, args=(path, start)) for start in (0, 50, 100, 150)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [p.exitcode for p in processes] == [0, 0, 0, 0]
    found = AnswerCache(path, 60, 1 << 30).get([b"%d" % n for n in range(200)])
    assert len(found) == 200 and all(one.solutions == rows("abc") for one in found.values())


@pytest.mark.parametrize("damage", ["no database", "torn pages", "a document"])
def test_a_damaged_cache_is_set_aside_and_begun_anew(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    cache = AnswerCache(path, 60, 1 << 30)
    cache.put({b"%d" % n: rows("abc" * 300) for n in range(500)}, "e", time.time())
    if damage == "a document":
        with sqlite3.connect(path) as database:
            database.execute("UPDATE answer SET document = x'00'")
        database.close()
    else:
        content = bytearray(path.read_bytes())
        if damage == "no database":
            content[:100] = b"x" * 100
        else:
            content[4096:] = b"\xff" * (len(content) - 4096)
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.write_bytes(bytes(content))
    assert cache.get([b"1"]) == {}
    cache.put({b"1": rows("z")}, "e", time.time())
    assert cache.get([b"1"])[b"1"].solutions == rows("z")
    assert list(tmp_path.glob("cache.sqlite.damaged-*"))


def test_a_cache_that_cannot_be_written_stops_nobody(
    misbehaving: Start, federation: Make, tmp_path: Path
) -> None:
    server = misbehaving(answer("one"))
    (tmp_path / "federation").mkdir()
    (tmp_path / "federation" / "cache.sqlite").mkdir()
    made = federation(server)
    assert made.asking().select(server.url, QUERY, batch("urn:a")).solutions.rows
    assert made.asking().recall(server.url, QUERY, batch("urn:a")).answer is None


def test_an_answer_with_its_columns_in_another_order_is_merged_by_name(
    misbehaving: Start, federation: Make
) -> None:
    def for_b(handler: Handler) -> None:
        body = document("two").replace(b'["x", "label"]', b'["label", "x"]').replace(b"urn:a", b"urn:b")
        handler.give(200, body, RESULTS_JSON)

    server = misbehaving(answer("one"), for_b)
    made = federation(server)
    made.asking().select(server.url, QUERY, batch("urn:a"))
    made.asking().select(server.url, QUERY, batch("urn:b"))
    recalled = made.asking().recall(server.url, QUERY, batch("urn:a", "urn:b")).answer
    assert recalled is not None
    assert recalled.solutions == Solutions(("x", "label"), (("<urn:a>", '"one"'), ("<urn:b>", '"two"')))


def test_bindings_of_two_variables_are_kept_as_pairs(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    pairs = BindingsBatch(
        ("x", "label"), ((Term("<urn:a>"), Term('"one"')), (Term("<urn:a>"), Term('"two"')))
    )
    made = federation(server)
    made.asking().select(server.url, QUERY, pairs)
    recalled = made.asking().recall(server.url, QUERY, pairs)
    assert recalled.missing is None and recalled.answer is not None
    assert recalled.answer.solutions.rows == (("<urn:a>", '"one"'),)
