"""What the grammar forbids and the engine takes; keywords in any case."""

from __future__ import annotations

import pytest

from onrecord.errors import QuerySyntaxError
from onrecord.sparql import lower_booleans, refuse_foreign_syntax, skip_silent_loads


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { FILTER (?x<?a&&?b>?y) }",
        "SELECT * { BIND(<<( <<( ?s ?p ?o )>> ?q ?z )>> AS ?t) }",
        'SELECT * { BIND(<<( "s" ?q ?z )>> AS ?t) }',
        "SELECT * { BIND(<<( ?s ?p <<( 1 ?q ?z )>> )>> AS ?t) }",
        "SELECT (COUNT(COUNT(*)) AS ?c) {}",
        "SELECT (SUM(1 + ABS(min(?x))) AS ?c) { ?s ?p ?x }",
    ],
)
def test_what_is_no_sparql_is_refused_though_the_engine_takes_it(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        refuse_foreign_syntax(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { FILTER (?x < ?a && ?b > ?y) }",
        "SELECT * { ?s <a:p> ?o FILTER(?o IN (<a:b>, <a:c>)) } ORDER BY (?s) <a:f>(?o)",
        "SELECT * { BIND(<<( ?s ?p <<( ?a ?b ?c )>> )>> AS ?t) }",
        "SELECT * { <<( <<( ?s ?p ?o )>> ?q ?z )>> ?a ?b }",
        'INSERT DATA { <a:a> <a:b> <<( <a:s> <a:b> "1" )>> }',
        "SELECT (COUNT(?a) + SUM(?b) AS ?c) {}",
        "SELECT (SUM(IF(EXISTS { SELECT (COUNT(*) AS ?n) {} }, 1, 0)) AS ?c) {}",
    ],
)
def test_what_only_looks_like_it_is_let_through(text: str) -> None:
    refuse_foreign_syntax(text)


def test_only_boolean_literals_become_lower_case() -> None:
    text = "PREFIX TRUE: <a:TRUE> SELECT ?FALSE (TRUE AS ?t) { ?s TRUE:FALSE 'TRUE'@en, False } # TRUE"
    expected = "PREFIX TRUE: <a:TRUE> SELECT ?FALSE (true AS ?t) { ?s TRUE:FALSE 'TRUE'@en, false } # TRUE"
    assert lower_booleans(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "LOAD",
        "LOAD SILENT",
        "LOAD ?x",
        "LOAD <a:a> INTO <a:b>",
        "LOAD SILENT <a:a> <a:b>",
        "LOAD SILENT x:a",
        "CREATE GRAPH <a:g> ;; LOAD <a:a>",
        "LOAD <a:a> ; ;",
    ],
)
def test_a_load_of_another_shape_is_a_mistake_of_syntax(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        skip_silent_loads(text)


def test_a_load_that_is_not_silent_stays_for_its_refusal() -> None:
    text = "PREFIX a: <a:> LOAD a:x INTO GRAPH a:g ; INSERT DATA { <a:a> <a:b> 'LOAD SILENT <a:a>' }"
    assert skip_silent_loads(text) == text
