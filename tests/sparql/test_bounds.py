"""What crashes or hangs the engine is refused before it gets there. None of these texts is sent to one."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import QueryBoundsError
from onrecord.sparql import Bounds, check_bounds, refuse_long_text

P = "PREFIX ex: <http://example.org/> "


def group(content: str) -> str:
    return f"{P}SELECT * {{ ?s ?p ?o {content} }}"


# As in the measurements of the design: each of these crashed or hung the engine.
DEADLY = {
    "EXISTS 1,000 deep": group("FILTER EXISTS { ?s ?p ?o " * 1_000 + "}" * 1_000),
    "NOT EXISTS in parentheses 1,000 deep": group("FILTER(NOT EXISTS { ?s ?p ?o " * 1_000 + "})" * 1_000),
    "calls 1,000 deep": group("FILTER(" + "STR(" * 1_000 + "?o" + ")" * 1_000 + ")"),
    "sub-selects 1,200 deep": group("{ SELECT * { " * 1_200 + "?s ?p ?o" + "} }" * 1_200),
    "groups 2,000 deep": group("{" * 2_000 + "}" * 2_000),
    "parentheses 4,500 deep": group("FILTER" + "(" * 4_500 + "?o" + ")" * 4_500),
    "a chain of 6,500 operators": group("FILTER(" + "||".join(["?o"] * 6_500) + ")"),
    "a chain of 6,500 signs": group("FILTER(" + "!" * 6_500 + "?o)"),
    "a list of 500": group("; ex:p (" + "?o " * 500 + ")"),
    "500 nested blank nodes": group("; ex:p " + "[ ex:p " * 500 + "1" + "]" * 500),
    "a path of 500": group("; " + "/".join(["ex:p"] * 500) + " ?x"),
    "a pattern of 3,000": group("".join(f". ?s ex:p{i} ?o{i} " for i in range(3_000))),
    "a pattern of 3,000 by semicolons": group("".join(f"; ex:p{i} ?o{i} " for i in range(3_000))),
    "a pattern of 3,000 by commas": group("; ex:p " + ",".join(f"?o{i}" for i in range(3_000))),
    "3,000 OPTIONAL": group("".join(f"OPTIONAL {{ ?s ex:p{i} ?o{i} }} " for i in range(3_000))),
    "1,000 joined groups": group("".join(f"{{ ?s ex:p{i} ?o{i} }} " for i in range(1_000))),
    "3,000 BIND": group("".join(f"BIND(1 AS ?b{i}) " for i in range(3_000))),
    "3,000 MINUS": group("MINUS { ?s ?p 1 } " * 3_000),
    "3,000 FILTER": group("FILTER(?o != 1) " * 3_000),
    "10,000 UNION": group("{ ?s ?p 1 }" + " UNION { ?s ?p 1 }" * 10_000),
    "3,000 projected expressions": f"SELECT {''.join(f'(1 AS ?x{i})' for i in range(3_000))} {{ }}",
    "3,000 resources": P + "DESCRIBE " + " ".join(f"ex:s{i}" for i in range(3_000)),
    "24 SUBSTR inside each other": group("FILTER(" + "SUBSTR(" * 24 + "?o" + ",1)" * 24 + ")"),
    "24 REGEX inside each other": group("FILTER(" + "REGEX(" * 24 + "?o" + ",'1')" * 24 + ")"),
    "24 REPLACE among parentheses": group("FILTER(" + "REPLACE((" * 24 + "?o" + "),'1','2')" * 24 + ")"),
    "24 GROUP_CONCAT": f"SELECT ({'GROUP_CONCAT(' * 24}?o{')' * 24} AS ?x) {{ ?s ?p ?o }}",
    "300 nested reified triples": group("; ex:p " + "<< ?s ?p " * 300 + "?o" + " >>" * 300),
    "nested lists in data": f"{P}INSERT DATA {{ ex:s ex:p {'(' * 3_000}{')' * 3_000} }}",
    "nested triple terms in VALUES": group(
        "VALUES ?x { " + "<<( ex:s ex:p " * 3_000 + "1" + ")>>" * 3_000 + "}"
    ),
    "glued words": f"{P}SELECT*{{?s?p?o{'FILTER EXISTS{?s?p?o ' * 1_000}{'}' * 1_000}}}",
    "a pattern in DELETE WHERE": P
    + "DELETE WHERE {"
    + "".join(f"?s ex:p{i} ?o{i} ." for i in range(1_000))
    + "}",
    "a pattern in CONSTRUCT WHERE": P
    + "CONSTRUCT WHERE {"
    + "".join(f"?s ex:p{i} ?o{i} ." for i in range(1_000))
    + "}",
    "a pattern after another operation": P
    + "CLEAR ALL ; DELETE WHERE {"
    + "".join(f"?s ex:p{i} ?o{i} ." for i in range(1_000))
    + "}",
}


@pytest.mark.parametrize("name", DEADLY)
def test_a_text_that_would_crash_or_hang_the_engine_is_refused(name: str) -> None:
    with pytest.raises(QueryBoundsError, match=r"^Line 1, column \d+: [\d,]+ .*; the limit is [\d,]+\.$"):
        check_bounds(DEADLY[name])


@pytest.mark.parametrize(
    "text",
    [
        group("".join(f"; ex:p{i} ?o{i} " for i in range(80))),
        group("".join(f"; ex:p{i} ?o{i} " for i in range(300))),
        group("".join(f"OPTIONAL {{ ?s ex:p{i} ?o{i} }} " for i in range(200))),
        group("; ex:p (" + "1 " * 40 + ")"),
        group("; " + "/".join(["ex:p"] * 50) + " ?x"),
        group("FILTER(?o IN (" + ", ".join(str(i) for i in range(5_000)) + "))"),
        group("VALUES ?x { " + "ex:x " * 100_000 + "}"),
        group("VALUES (?x ?y) { " + "(ex:x 'y') " * 50_000 + "}"),
        P + "INSERT DATA { " + "ex:s ex:p 'a', [ ex:q (1 2) ] . " * 20_000 + "}",
        P + "INSERT DATA { GRAPH ex:g { " + "ex:s ex:p (1 2 3 4 5 6 7 8 9) . " * 10_000 + "} }",
        P + "CONSTRUCT { " + "".join(f"?s ex:p{i} 1 . " for i in range(3_000)) + "} WHERE { ?s ?p ?o }",
        ";".join(["CLEAR DEFAULT ; INSERT DATA { <a:a> <a:b> 1 }"] * 1_000),
        group("".join(f"OPTIONAL {{ ?s ex:p{i}/ex:q ?o{i} }} " for i in range(30))),
        group("{ " + " } UNION { ".join("?s ex:p ?o ; ex:q ?q . " * 20 for _ in range(10)) + " }"),
        "".join(f"PREFIX p{i}: <http://example.org/{i}> " for i in range(300)) + "ASK { ?s ?p ?o }",
        group("FILTER(" + " || ".join(f"?o = {i}" for i in range(200)) + ")"),
        group("BIND(SUBSTR(REPLACE(STR(?o), 'a', 'b'), 1) AS ?x) " * 50),
    ],
)
def test_honest_texts_are_within_bounds(text: str) -> None:
    check_bounds(text)


def test_the_error_names_place_number_and_limit() -> None:
    with pytest.raises(QueryBoundsError) as caught:
        check_bounds("ASK {\n ?s ?p (1 2 3) }", Bounds(list_items=2))
    assert str(caught.value) == "Line 2, column 13: 3 items in a list; the limit is 2."


def test_a_text_with_too_many_bytes_is_refused_before_it_is_read() -> None:
    with pytest.raises(QueryBoundsError, match="The text has 202 bytes; the limit is 100"):
        refuse_long_text("é" * 101, 100)


def test_a_bracket_in_a_string_or_comment_counts_for_nothing() -> None:
    check_bounds("ASK { ?s ?p '" + "{" * 500 + "' } # " + "(" * 500)


@given(st.text(max_size=300))
def test_any_text_is_within_bounds_or_refused(text: str) -> None:
    check_bounds(text)


@given(st.lists(st.sampled_from("({[<)}]>;.,'\"#?a/|"), max_size=150).map("".join))
def test_unbalanced_brackets_do_no_harm(text: str) -> None:
    with suppress(QueryBoundsError):
        check_bounds(text)
