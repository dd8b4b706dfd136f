"""`onrecord query`: the same answers without a server."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.cli.test_serve import onrecord, sentence
from tests.conftest import LiveServer, serve


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("query-store") / "store"


def test_a_text_gives_a_table_for_people(store: Path) -> None:
    answer = onrecord("query", "SELECT ?n { VALUES ?n { 1 2 } }", "--store", store)
    assert answer.stdout.splitlines() == ["n", "-", "1", "2", "(2 rows)"]


def test_a_saved_query_takes_parameters_and_gives_the_served_rows(
    store: Path, live_server: LiveServer
) -> None:
    answer = onrecord(
        "query", "what-a-speaker-said", "-p", "speaker=id/alloush", "--format", "csv", "--store", store
    )
    assert answer.returncode == 0, answer.stderr
    rows = list(csv.DictReader(io.StringIO(answer.stdout)))
    served = live_server.ask("what-a-speaker-said", speaker="id/alloush")
    assert rows
    assert [{k: v for k, v in row.items() if v} for row in rows] == [
        {k: v for k, v in r.items() if v} for r in served
    ]


def test_a_file_is_read_and_its_format_is_chosen(store: Path, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("SELECT (1 + 1 AS ?two) {}")
    answer = onrecord("query", tmp_path / "q.rq", "--format", "json", "--store", store)
    assert json.loads(answer.stdout)["results"]["bindings"][0]["two"]["value"] == "2"


def test_a_construct_gives_turtle_and_other_rdf(store: Path) -> None:
    text = "CONSTRUCT { <urn:a> <urn:b> 1 } {}"
    assert "<urn:a> <urn:b> 1 ." in onrecord("query", text, "--store", store).stdout
    nt = onrecord("query", text, "--format", "ntriples", "--store", store).stdout
    assert nt == '<urn:a> <urn:b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'


def test_a_syntax_error_shows_the_place_with_a_caret(store: Path) -> None:
    answer = onrecord("query", "SELECT * {\n  ?s ?p\n}", "--store", store)
    assert answer.returncode == 1
    first, line, caret = answer.stderr.splitlines()
    assert "Line 3, column 1" in first
    assert line == "}"
    assert caret == "^"


def test_an_unknown_saved_query_names_the_nearest(store: Path) -> None:
    assert "contradictions" in sentence(onrecord("query", "contradiction", "--store", store))


def test_an_unknown_parameter_names_those_there_are(store: Path) -> None:
    told = sentence(onrecord("query", "what-a-speaker-said", "-p", "speeker=id/alloush", "--store", store))
    assert 'Parameter "speeker" is not known' in told
    assert "speaker" in told


def test_a_format_that_cannot_write_the_answer_names_those_that_can(store: Path) -> None:
    told = sentence(onrecord("query", "ASK {}", "--format", "turtle", "--store", store))
    assert '"turtle"' in told
    assert "csv" in told


def test_an_update_is_refused(store: Path) -> None:
    assert "update" in sentence(onrecord("query", "DROP ALL", "--store", store))


def test_a_remote_service_is_refused_with_its_place(store: Path) -> None:
    told = sentence(
        onrecord("query", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "--store", store)
    )
    assert "http://127.0.0.1:9/" in told


def test_the_time_limit_holds_without_a_server_too(store: Path) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    assert "0.5 seconds" in sentence(onrecord("query", text, "--query-timeout", "0.5", "--store", store))


def test_a_store_that_a_server_holds_is_read_at_its_newest_generation(tmp_path: Path) -> None:
    with serve(None, tmp_path / "held") as server:
        claims = server.sparql("SELECT (COUNT(*) AS ?n) { ?c a <https://w3id.org/onrecord/ns#Claim> }")[0][
            "n"
        ]
        answer = onrecord(
            "query",
            "SELECT (COUNT(*) AS ?n) { ?c a <https://w3id.org/onrecord/ns#Claim> }",
            "--format",
            "csv",
            "--store",
            tmp_path / "held",
        )
    assert answer.stdout.split() == ["n", claims]


def test_control_characters_never_reach_the_terminal(store: Path) -> None:
    answer = onrecord("query", 'SELECT ("a\\u001b[31mb" AS ?x) {}', "--store", store)
    assert "\x1b" not in answer.stdout


@pytest.mark.parametrize(
    ("value", "told"),
    [("alloush", "Did you mean id/alloush?"), ("id/nobody-of-that-name", "no row can have it.")],
)
def test_a_value_that_is_nowhere_in_the_graph_is_not_taken_for_one_who_said_nothing(
    store: Path, value: str, told: str
) -> None:
    answer = onrecord("query", "what-a-speaker-said", "-p", f"speaker={value}", "--store", store)
    assert answer.returncode == 0
    assert answer.stdout.endswith("(0 rows)\n")
    assert answer.stderr.startswith(f'speaker "{value}" is in no triple of this graph')
    assert told in answer.stderr


def test_a_speaker_who_is_there_is_not_remarked_upon(store: Path) -> None:
    answer = onrecord("query", "what-a-speaker-said", "-p", "speaker=id/alloush", "--store", store)
    assert answer.stderr == ""
