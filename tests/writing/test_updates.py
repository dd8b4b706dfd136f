"""Updates: durable before acknowledged, never lost, whole or not at all."""

from __future__ import annotations

import threading
import urllib.parse
from pathlib import Path

import pytest
from tests.writing.conftest import FOLDER_GRAPH, Write, Written

from onrecord.errors import QueryCrashError, QueryEvaluationError, QuerySyntaxError, UpdateTimeoutError

MINE = "SELECT ?o { <urn:a> <urn:n> ?o }"
INCREMENT = (
    "DELETE { <urn:a> <urn:n> ?o } INSERT { <urn:a> <urn:n> ?m } "
    "WHERE { <urn:a> <urn:n> ?o BIND(?o + 1 AS ?m) }"
)
_VALUES = " ".join(map(str, range(100)))
# Many small blocks: of two large ones the engine holds the product, and the memory limit comes first.
LONG_WORK = "INSERT { <urn:a> <urn:n> ?n } WHERE { SELECT (COUNT(*) AS ?n) { " + (
    " ".join(f"VALUES ?v{n} {{ {_VALUES} }}" for n in range(8)) + " } }"
)


def test_the_senders_next_query_sees_the_update_in_its_own_generation(write: Write) -> None:
    with write() as w:
        for n in range(20):
            receipt = w.update(
                f"DELETE WHERE {{ <urn:a> <urn:n> ?o }} ; INSERT DATA {{ <urn:a> <urn:n> {n} }}"
            )
            assert w.rows(MINE) == [(str(n),)]
            assert w.engine.generation() == receipt.generation


def test_of_200_concurrent_increments_none_is_lost(write: Write) -> None:
    with write() as w:
        w.update("INSERT DATA { <urn:a> <urn:n> 0 }")
        before = w.engine.generation().number
        threads = [threading.Thread(target=_increment, args=(w, 25)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert w.rows(MINE) == [("200",)]
        assert w.engine.generation().number - before <= 200


def _increment(w: Written, times: int) -> None:
    for _ in range(times):
        response = w.post_update(INCREMENT)
        assert response.status == 204, response.text


def test_an_update_travels_by_form_and_directly_and_tells_its_generation(write: Write) -> None:
    with write() as w:
        by_form = w.post_update("INSERT DATA { <urn:a> <urn:n> 1 }")
        assert (by_form.status, by_form.body) == (204, b"")
        assert by_form.headers["onrecord-generation"] == w.engine.generation().label
        directly = w.send(
            "POST", "/sparql", b"INSERT DATA { <urn:a> <urn:n> 2 }", "application/sparql-update"
        )
        assert directly.status == 204
        assert w.rows(MINE) == [("1",), ("2",)]


def test_the_protocols_dataset_is_what_where_sees(write: Write) -> None:
    with write() as w:
        w.update(
            "INSERT DATA { <urn:a> <urn:n> 1 . "
            "GRAPH <urn:g> { <urn:a> <urn:n> 2 } GRAPH <urn:h> { <urn:a> <urn:n> 3 } }"
        )
        copy = "INSERT { <urn:b> <urn:n> ?o } WHERE { <urn:a> <urn:n> ?o }"
        named = "INSERT { <urn:c> <urn:n> ?o } WHERE { GRAPH ?g { <urn:a> <urn:n> ?o } }"
        assert w.post_update(copy, **{"using-graph-uri": ["urn:g", "urn:h"]}).status == 204
        assert w.post_update(named, **{"using-named-graph-uri": "urn:h"}).status == 204
        assert w.rows("SELECT ?o { <urn:b> <urn:n> ?o }") == [("2",), ("3",)]
        assert w.rows("SELECT ?o { <urn:c> <urn:n> ?o }") == [("3",)]
        both = w.post_update(copy.replace("WHERE", "USING <urn:g> WHERE"), **{"using-graph-uri": "urn:g"})
        assert both.status == 400
        assert "USING" in both.text
        assert w.post_update(copy, **{"default-graph-uri": "urn:g"}).status == 400


def test_where_sees_the_unnamed_graph_unless_the_text_says_otherwise(write: Write) -> None:
    with write() as w:
        w.update("INSERT DATA { <urn:a> <urn:n> 1 . GRAPH <urn:g> { <urn:a> <urn:n> 2 } }")
        w.update("INSERT { <urn:b> <urn:n> ?o } WHERE { ?s <urn:n> ?o }")
        w.update("WITH <urn:g> INSERT { <urn:c> <urn:n> ?o } WHERE { ?s <urn:n> ?o }")
        w.update("INSERT { <urn:d> <urn:n> ?o } USING <urn:g> WHERE { <urn:a> <urn:n> ?o }")
        assert w.rows("SELECT ?s ?o { GRAPH <urn:g> { ?s <urn:n> ?o } }") == [("urn:a", "2"), ("urn:c", "2")]
        assert w.rows("SELECT ?s ?o { ?s <urn:n> ?o }", union=False) == [
            ("urn:a", "1"),
            ("urn:b", "1"),
            ("urn:d", "2"),
        ]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("INSERT DATA { <urn:a> <urn:n> }", QuerySyntaxError, "Line 1"),
        ("INSERT DATA { <urn:a> <urn:n> 9 } ; DROP GRAPH <urn:none>", QueryEvaluationError, "does not exist"),
        (
            "INSERT DATA { <urn:a> <urn:n> 9 } ; CREATE GRAPH <urn:g> ; CREATE GRAPH <urn:g>",
            QueryEvaluationError,
            "exists",
        ),
    ],
)
def test_an_update_that_fails_changes_nothing(
    write: Write, text: str, error: type[Exception], words: str
) -> None:
    with write() as w:
        before = w.engine.generation()
        with pytest.raises(error, match=words):
            w.update(text)
        assert w.engine.generation() == before
        assert w.rows(MINE) == []
        assert w.post_update(text).status == 400


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("LOAD <http://127.0.0.1:9/x>", 403),
        ("LOAD SILENT <urn:a> ; LOAD <file:///etc/passwd>", 403),
        ("LOAD SILENT <file:///etc/passwd> INTO <urn:a>", 400),
        ("LOAD SILENT nix:a", 400),
        ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/x> { ?s ?p ?o } }", 403),
        ("SELECT * { ?s ?p ?o }", 400),
        ("INSERT { ?s ?p 1 } WHERE { ?s ?p " + "[ ?p " * 60 + "1" + " ]" * 60 + "}", 400),
    ],
)
def test_what_no_update_may_do_is_refused_before_the_engine_sees_it(
    write: Write, text: str, status: int
) -> None:
    with write() as w:
        response = w.post_update(text)
        assert response.status == status, response.text
        assert str(response.json()["detail"]).endswith(".")


def test_a_silent_load_succeeds_loads_nothing_and_lets_its_neighbours_work(
    write: Write, tmp_path: Path
) -> None:
    file = tmp_path / "there.nt"
    file.write_text("<urn:s> <urn:p> <urn:o> .")
    with write() as w:
        load = f"LOAD SILENT <{file.as_uri()}>"
        assert (
            w.post_update(f"{load} ; INSERT DATA {{ <urn:a> <urn:is> 1 }} ; {load} INTO GRAPH <urn:g>").status
            == 204
        )
        assert w.rows("SELECT ?o { <urn:a> <urn:is> ?o }") == [("1",)]
        assert w.rows("SELECT ?o { { <urn:s> ?p ?o } UNION { GRAPH ?g { <urn:s> ?p ?o } } }") == []


def test_data_is_bounded_by_its_bytes_alone(write: Write) -> None:
    with write("--query-bytes", "2000000") as w:
        data = "\n".join(f"<urn:s{n}> <urn:n> {n} ." for n in range(50_000))
        assert w.post_update(f"INSERT DATA {{ {data} }}").status == 204
        assert w.rows("SELECT (COUNT(*) AS ?n) { ?s <urn:n> ?o }") == [("50000",)]
        longer = w.post_update(f"INSERT DATA {{ {data * 2} }}")
        assert longer.status == 413


def test_an_update_that_overflows_the_engine_or_its_limit_never_meets_the_writer(write: Write) -> None:
    with write("--update-timeout", "1") as w:
        before = w.engine.generation()
        writer = _writer(w)
        with pytest.raises(QueryCrashError):
            w.update("INSERT { <urn:a> <urn:n> 1 } WHERE {" + "OPTIONAL {" * 30_000)
        with pytest.raises(UpdateTimeoutError, match="1 seconds; nothing was changed"):
            w.update(LONG_WORK)
        assert w.engine.generation() == before
        w.update("INSERT DATA { <urn:a> <urn:n> 1 }")
        assert w.rows(MINE) == [("1",)]
        assert _writer(w) == writer


def test_an_update_over_its_limit_in_the_writer_leaves_the_generation_unchanged(write: Write) -> None:
    # The trial sees none of the data that the first operation writes, so the second is quick there.
    numbers = " ".join(f"<urn:s{n}> <urn:big> {n} ." for n in range(3000))
    big = f"INSERT DATA {{ {numbers} }} ; "
    text = (
        big + "INSERT { <urn:a> <urn:n> ?n } WHERE { SELECT (COUNT(*) AS ?n) "
        "{ ?a <urn:big> ?b . ?c <urn:big> ?d . ?e <urn:big> ?f } }"
    )
    with write("--update-timeout", "2") as w:
        before = w.engine.generation()
        others = [threading.Thread(target=_increment, args=(w, 5)) for _ in range(2)]
        w.update("INSERT DATA { <urn:a> <urn:n> 0 }")
        for thread in others:
            thread.start()
        with pytest.raises(UpdateTimeoutError):
            w.update(text)
        for thread in others:
            thread.join()
        assert w.rows(MINE) == [("10",)], "those who waited behind it were served"
        assert w.rows("SELECT (COUNT(*) AS ?n) { ?s <urn:big> ?o }") == [("0",)]
        assert w.engine.generation().number > before.number


def test_prefixes_may_be_declared_between_operations(write: Write) -> None:
    with write() as w:
        before = w.engine.generation().number
        text = (
            "PREFIX x: <urn:> INSERT DATA { x:a x:n 1 } ; "
            "PREFIX x: <urn:y#> INSERT { x:a x:n ?o } WHERE { <urn:a> <urn:n> ?o } ; "
            "BASE <urn:z> INSERT DATA { <> <urn:n> 3 }"
        )
        assert w.post_update(text).status == 204
        assert w.rows("SELECT ?s { ?s ?p ?o FILTER(ISNUMERIC(?o)) }") == [
            ("urn:a",),
            ("urn:y#a",),
            ("urn:z",),
        ]
        assert w.engine.generation().number == before + 1
        assert w.post_update(text + " ; PREFIX : <urn:q> DROP GRAPH <urn:none>").status == 400
        assert w.engine.generation().number == before + 1


def test_nobody_writes_without_a_token(write: Write) -> None:
    with write() as w:
        form = urllib.parse.urlencode({"update": "DROP ALL"}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert w.server.get("/sparql", headers, form).status == 401
        assert w.rows(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{FOLDER_GRAPH}> {{ ?s ?p ?o }} }}") == [("3",)]


def _writer(w: Written) -> str:
    return (w.store / "lock").read_text().strip()
