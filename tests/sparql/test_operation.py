"""What a text asks for is told before an engine sees it, and no text hides a call to another server."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store

from onrecord.errors import Position, QuerySyntaxError, ServiceRefusedError
from onrecord.sparql import describe, refuse_remote

# Port 9 is refused by the engine itself, so that no test reaches any network.
REMOTE = "<http://127.0.0.1:9/>"
PROLOGUE = (
    "BASE <http://example.org/> PREFIX ex: <http://127.0.0.1:9/> PREFIX : <http://127.0.0.1:9/> "
    "PREFIX SERVICEex: <http://127.0.0.1:9/> PREFIX SERVIZEex: <http://127.0.0.1:9/> "
    "PREFIX FILTERex: <http://127.0.0.1:9/> "
)

HIDDEN_SERVICES = [
    "SELECT * { SERVICE %s {?s ?p ?o} }",
    "SELECT*{SERVICE%s{?s ?p ?o}}",
    "SELECT * { service silent %s {?s ?p ?o} }",
    "SELECT * { SERVICE # a comment\n SILENT # another\r %s {?s ?p ?o} }",
    "SELECT * { ?s ?p trueSERVICE%s {?s ?p ?o} }",
    "SELECT * { ?s ?p 1SERVICE%s {?s ?p ?o} }",
    "SELECT * { ?s ?p 1.SERVICE%s {?s ?p ?o} }",
    "SELECT * { ?s ?p ex:a.b.SERVICE%s {?s ?p ?o} }",
    "SELECT * { SERVICEex:foo {?s ?p ?o} }",
    "SELECT * { SERVICESILENTex:foo {?s ?p ?o} }",
    "SELECT * { ?s ?p trueSERVICE:foo {?s ?p ?o} }",
    "SELECT * { ?s ?a ?b FILTER(?a<?b)SERVICE:e#>\n{?s ?p ?o}}",
    "SELECT * { ?s ?a ?b FILTER(?a<'>') SERVICE %s {} FILTER(?b='')}",
    "SELECT * { ?s ?a ?b FILTER ex:f(?a<'>') SERVICE %s {} FILTER(?b='')}",
    "SELECT * { ?s ?a ?b FILTERex:f(?a<'>') SERVICE %s {} FILTER(?b='')}",
    "SELECT * { VALUES ?x {'''a'} SERVICE %s {?s ?p ?o} }",
    "SELECT * { VALUES ?x {'''a' #\\x\n} SERVICE %s {?s ?p ?o} #'''\n }",
    "SELECT * { # a\rSERVICE %s {?s ?p ?o}\n}",
    "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE %s {?s ?p ?o} } }",
    "SELECT * { ?s ?p ?o OPTIONAL { SERVICE ?p {?s ?p ?o} } }",
    "SELECT (?a<'>' AS ?b) { SERVICE %s {} FILTER(?s='') }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s HAVING(?s<'>') VALUES ?x { '' }",
]


def parses(text: str) -> bool:
    """Whether the engine reads `text`; evaluating it on an empty store reaches nothing."""
    try:
        Store().query(text)
    except SyntaxError:
        return False
    except (OSError, RuntimeError, ValueError):
        return True
    return True


def engine_sees_service(text: str) -> bool:
    """Whether SERVICE is a keyword somewhere in `text`: with another word there, it does not parse."""
    return parses(text) and not parses(text.replace("SERVICE", "SERVIZE").replace("service", "servize"))


@pytest.mark.parametrize("template", HIDDEN_SERVICES[:-1])
def test_every_way_to_write_service_is_found(template: str) -> None:
    text = PROLOGUE + template.replace("%s", REMOTE)
    assert parses(text), "the engine must accept the text, or the test shows nothing"
    operation = describe(text)
    assert operation.services or operation.unclear
    with pytest.raises((ServiceRefusedError, QuerySyntaxError)):
        refuse_remote(operation)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <http://x/> {}' }",
        "SELECT * { ?s ?p ?o # SERVICE <http://x/> {}\n }",
        "SELECT * { ?SERVICE <http://x/SERVICE> ex:SERVICE }",
        "PREFIX service: <http://x/> SELECT * { ?s a service:Service ; service:at service:x }",
        "PREFIX service: <http://x/> SELECT * { GRAPH service:g { ?s ?p ?o } }",
        HIDDEN_SERVICES[-1],
    ],
)
def test_what_only_looks_like_service_is_not_refused(text: str) -> None:
    operation = describe("PREFIX ex: <http://example.org/> " + text)
    assert operation.services == ()
    refuse_remote(operation)


PIECES = [
    *(
        "?a",
        "<",
        ">",
        "'",
        '"',
        "'''",
        "#",
        "\n",
        "(",
        ")",
        "{",
        "}",
        "ex:a",
        ":a",
        "true",
        ".",
        ";",
        "1",
        "\\x",
    ),
    *(
        "FILTER(",
        "BIND(1 AS ?q)",
        "FILTERex:f(",
        "SERVICEex:a {}",
        f"SERVICE {REMOTE} {{}}",
        "?s ?p ?o",
        "''",
    ),
    *(
        "VALUES ?x {",
        "OPTIONAL {",
        "EXISTS {",
        "IN (",
        "?a<'>'",
        "?a<?b#>\n",
        "'''a'",
        "&&",
        "UNION",
        "ex:f(",
    ),
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=4),
    st.lists(st.sampled_from(PIECES), max_size=4),
    st.lists(st.sampled_from(PIECES), max_size=4),
)
def test_where_the_engine_sees_service_we_see_it(
    before: list[str], inside: list[str], after: list[str]
) -> None:
    text = (
        f"{PROLOGUE} SELECT * {{ ?s ?p ?o {' '.join(before)} FILTER(?a {' '.join(inside)}) "
        f"SERVICE {REMOTE} {{ ?x ?y ?z }} {' '.join(after)} }}"
    )
    if engine_sees_service(text):
        operation = describe(text)
        assert operation.services or operation.unclear


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("LOAD <http://example.org/x>", "http://example.org/x"),
        ("LOADSILENT<http://example.org/x>", "http://example.org/x"),
        ("PREFIX ex: <http://example.org/> LOADex:x INTO GRAPH ex:g", "http://example.org/x"),
        ("INSERT DATA { <a:a> <a:b> 'x;' }; LOAD SILENT <http://example.org/x>", "http://example.org/x"),
    ],
)
def test_every_load_is_found(text: str, source: str) -> None:
    operation = describe(text)
    assert operation.form == "update"
    assert [load.source for load in operation.loads] == [source]


def test_the_refusal_names_endpoint_place_and_remedy() -> None:
    text = "SELECT * {\n  SERVICE SILENT <https://query.example.org/sparql> { ?s ?p ?o }\n}"
    with pytest.raises(ServiceRefusedError) as caught:
        refuse_remote(describe(text))
    assert str(caught.value) == (
        "SERVICE <https://query.example.org/sparql> at line 2, column 3 asks another server; this "
        "one asks no other. Ask each server by itself and join the answers."
    )


def test_the_endpoint_of_a_prefixed_name_is_told_in_full() -> None:
    service = describe("PREFIX wd: <https://example.org/> ASK { SERVICE wd:sparql { ?s ?p ?o } }").services[0]
    assert service.endpoint == "https://example.org/sparql"
    assert service.position == Position(1, 41)


def test_a_variable_endpoint_is_refused() -> None:
    with pytest.raises(ServiceRefusedError, match=r"SERVICE \?e at line 1"):
        refuse_remote(describe("ASK { VALUES ?e { <http://example.org/> } SERVICE ?e { ?s ?p ?o } }"))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("select * {}", "select"),
        ("# SELECT\nBASE <http://x/> PREFIX ask: <http://x/> ASK{}", "ask"),
        ("PREFIXex:<http://x/>CONSTRUCT WHERE{}", "construct"),
        ("VERSION '1.2' DESCRIBE <http://x/>", "describe"),
        ("WITH <http://x/> DELETE { } WHERE { }", "update"),
        ("CLEARALL", "update"),
        ("", "unknown"),
        ("hello", "unknown"),
        ("# only a comment", "unknown"),
    ],
)
def test_the_form_is_the_first_word_after_the_prologue(text: str, form: str) -> None:
    assert describe(text).form == form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM <http://x/> {}", True),
        ("ASKFROM<http://x/>{}", True),
        ("SELECT * FROM NAMED <http://x/> {}", True),
        ("DELETE {} USING <http://x/> WHERE {}", True),
        ("WITH <http://x/> DELETE {} WHERE {}", True),
        ("PREFIX from: <http://x/> SELECT ?from { ?from from:x 'FROM' }", False),
    ],
)
def test_dataset_clauses_are_found(text: str, expected: bool) -> None:
    assert describe(text).has_dataset_clause is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT (NOW() AS ?n) {}", True),
        ("SELECT (struuid() AS ?n) {}", True),
        ("ASK { BIND(BNODE (?x) AS ?y) }", True),
        ("ASK { FILTER(RAND()<0.5) }", True),
        ("ASK { ?now ?p 'NOW()' # RAND()\n }", False),
        ("PREFIX now: <http://x/> ASK { ?s now:p ?o FILTER(ISBLANK(?o)) }", False),
    ],
)
def test_answers_that_change_by_themselves_are_known(text: str, expected: bool) -> None:
    assert describe(text).is_nondeterministic is expected


def test_variables_are_those_of_the_text() -> None:
    assert describe("SELECT ?a { ?a ?p $b # ?c\n FILTER(?d < '?e') }").variables == {"a", "p", "b", "d"}


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    assert describe(text).form in ("select", "ask", "construct", "describe", "update", "unknown")
