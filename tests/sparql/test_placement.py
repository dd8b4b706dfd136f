"""A slot in the wrong place is found before it attributes anything to the wrong speaker."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from onrecord.errors import QueryBoundsError
from onrecord.sparql import Finding, bind, check_placement

EX = "http://example.org/"


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str = "iri"
    required: bool = False


WHO = Parameter("who")
AFTER = Parameter("after", "date-time")


def findings(text: str, *parameters: Parameter) -> tuple[Finding, ...]:
    return check_placement(text, parameters or (WHO, AFTER), "queries/x.rq")


def reasons(text: str, *parameters: Parameter) -> list[str]:
    return [finding.reason for finding in findings(text, *parameters)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { VALUES ?who { UNDEF } ?s ex:by ?who }",
        "SELECT * { VALUES ?who { UNDEF } ?s ex:by ?who OPTIONAL { ?who ex:label ?l } }",
        "SELECT * { VALUES ?who { UNDEF } ?s ex:by ?who MINUS { ?s ex:by ?who ; ex:x 1 } }",
        "SELECT * { VALUES ?who { UNDEF } ?s ex:by ?who FILTER NOT EXISTS { ?who ex:x 1 } }",
        "SELECT * { VALUES ?who { UNDEF } GRAPH ?g { ?s ex:by ?who } }",
        "SELECT * { VALUES ?who { UNDEF } ?s ex:by ?who FILTER(?who != ex:a) }",
        "SELECT * { { VALUES ?who { UNDEF } ?s ex:by ?who } UNION { VALUES ?who { UNDEF } ?s ex:of ?who } }",
        "SELECT * { { VALUES ?who { UNDEF } ?s ex:by ?who } UNION { ?s ex:x ?o } }",
        "SELECT ?who ?n { VALUES ?who { UNDEF } ?who a ex:A { SELECT ?who (COUNT(*) AS ?n) WHERE "
        "{ VALUES ?who { UNDEF } ?s ex:by ?who } GROUP BY ?who ORDER BY ?who } } ORDER BY ?who",
        "SELECT * { VALUES ?who { UNDEF } ?s ex:by ?who "
        "{ SELECT * { VALUES ?who { UNDEF } ?s ex:by ?who } } }",
    ],
)
def test_good_iri_slots_have_no_findings(text: str) -> None:
    assert reasons(text, WHO) == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { VALUES ?after { UNDEF } ?s ex:at ?t FILTER(!BOUND(?after) || ?t >= ?after) }",
        "SELECT * { VALUES ?after { UNDEF } ?s ex:at ?t FILTER(?t >= ?after || !BOUND(?after)) }",
        "SELECT * { VALUES ?after { UNDEF } ?s ex:at ?t "
        "FILTER(?s && (!bound(?after) || ?t >= ?after && ?t)) }",
        "SELECT * { VALUES ?after { UNDEF } ?s ex:at ?t "
        "OPTIONAL { ?s ex:x ?u FILTER(!BOUND(?after) || ?u > ?after) } }",
        "SELECT * { VALUES ?after { UNDEF } ?s ex:at ?t BIND(COALESCE(STR(?after), 'open') AS ?from) }",
        "SELECT * { VALUES ?after { UNDEF } ?s ex:at ?t "
        "BIND(IF(BOUND(?after), STR(?after), 'open') AS ?from) }",
        "SELECT * { VALUES ?after { '2018-03-28T00:00:00Z' } ?s ex:at ?t FILTER(?t >= ?after) }",
        "SELECT (STR(?after) AS ?from) { VALUES ?after { UNDEF } ?s ex:at ?t }",
        "SELECT * { VALUES ?after { UNDEF } ?s ex:at ?t FILTER((!BOUND(?after)) || (?t >= ?after)) }",
        "SELECT * { VALUES ?after { UNDEF } ?s ex:at ?t "
        "FILTER(!BOUND(?after) || EXISTS { ?s ex:x ?u FILTER(!BOUND(?after) || ?u > ?after) }) }",
    ],
)
def test_good_literal_slots_have_no_findings(text: str) -> None:
    assert reasons(text, AFTER) == []


def test_a_parameter_without_slot_is_found() -> None:
    assert reasons("SELECT * { ?s ex:by ?who }", WHO) == ["?who is a parameter but has no slot."]


def test_a_sub_select_without_slot_is_found() -> None:
    text = (
        "SELECT * { VALUES ?who { UNDEF } ?who a ex:A\n"
        "  { SELECT ?who (COUNT(*) AS ?n) { ?s ex:by ?who } GROUP BY ?who } }"
    )
    (finding,) = findings(text, WHO)
    assert str(finding) == (
        "queries/x.rq:2:45: ?who is used in the sub-select that opens at line 2, column 34, "
        "which has no slot for it. Add VALUES ?who { UNDEF } there."
    )


def test_a_group_inside_a_sub_select_without_slot_is_found() -> None:
    text = "SELECT * { { SELECT ?who { VALUES ?who { UNDEF } ?who a ex:A { ?s ex:by ?who } } } }"
    assert len(reasons(text, WHO)) == 1


def test_a_sub_select_that_hides_its_parameter_is_found() -> None:
    text = (
        "SELECT * { VALUES ?who { UNDEF } ?who a ex:A "
        "{ SELECT (COUNT(*) AS ?n) { VALUES ?who { UNDEF } ?s ex:by ?who } } }"
    )
    assert reasons(text, WHO) == [
        "this sub-select uses ?who and does not project it, so that its results are credited to every value."
    ]


@pytest.mark.parametrize("word", ["OPTIONAL", "MINUS", "FILTER EXISTS", "FILTER NOT EXISTS"])
def test_a_slot_that_stands_only_where_it_filters_nothing_is_found(word: str) -> None:
    text = f"SELECT * {{ ?s ex:of ?o {word} {{ VALUES ?who {{ UNDEF }} ?s ex:by ?who }} }}"
    assert f"every slot of ?who stands inside {word.split()[-1]}, where it filters nothing." in reasons(
        text, WHO
    )


@pytest.mark.parametrize(
    "branches",
    [
        "{ VALUES ?who { UNDEF } ?s ex:by ?who } UNION { ?s ex:of ?who }",
        "{ ?s ex:by ?who } UNION { VALUES ?who { UNDEF } ?s ex:of ?who }",
        "VALUES ?who { UNDEF } { ?s ex:by ?who }",
        "{ VALUES ?who { UNDEF } ?s ex:by ?who } ?who a ex:A",
        "VALUES ?who { UNDEF } ?s ex:by ?who GRAPH ?g { ?s ex:x ?x FILTER(?x = ?who) }",
        "VALUES ?who { UNDEF } ?s ex:by ?who MINUS { ?s ex:x ?x FILTER(?x = ?who) }",
    ],
)
def test_each_group_that_uses_the_parameter_needs_its_own_slot(branches: str) -> None:
    assert any("which has no slot for it." in reason for reason in reasons(f"SELECT * {{ {branches} }}", WHO))


@pytest.mark.parametrize(
    "condition",
    [
        "FILTER(?t >= ?after)",
        "FILTER(BOUND(?after) && ?t >= ?after)",
        "FILTER(!BOUND(?t) || ?t >= ?after)",
        "FILTER(?t >= ?after && (!BOUND(?after) || ?t))",
        "FILTER(STR(?t) >= STR(?after))",
        "FILTER ex:f(?after)",
        "BIND(STR(?after) AS ?x)",
        "FILTER(!BOUND(?after) && ?t >= ?after)",
    ],
)
def test_an_unguarded_condition_on_an_open_parameter_is_found(condition: str) -> None:
    (reason,) = reasons(f"SELECT * {{ VALUES ?after {{ UNDEF }} ?s ex:at ?t {condition} }}", AFTER)
    assert reason.endswith("and may be unbound, which gives no value there.")


def test_a_required_parameter_needs_no_guard() -> None:
    text = "SELECT * { VALUES ?after { UNDEF } ?s ex:at ?t FILTER(?t >= ?after) }"
    assert reasons(text, Parameter("after", "date-time", required=True)) == []


@pytest.mark.parametrize(
    "type_", ["string", "language-string", "integer", "decimal", "date", "date-time", "boolean"]
)
def test_a_literal_in_a_triple_pattern_is_found(type_: str) -> None:
    text = "SELECT * { VALUES ?v { UNDEF } ?s ex:is ?v }"
    assert len(reasons(text, Parameter("v", type_))) == 1
    assert reasons(text, Parameter("v", "enumeration")) == []


def test_slots_with_different_values_are_found() -> None:
    text = "SELECT * { { VALUES ?who { ex:a } ?s ex:by ?who } UNION { VALUES ?who { ex:b } ?s ex:by ?who } }"
    (finding,) = findings(text, WHO)
    assert finding.reason == "this slot of ?who holds other values than the first one."
    assert finding.position is not None
    assert finding.position.column == text.rindex("VALUES") + 1


def test_what_stands_in_strings_and_comments_is_no_use() -> None:
    text = "SELECT * { VALUES ?who { UNDEF } ?s ex:by ?who { ?s ex:x '?who' } } # { ?who }"
    assert reasons(text, WHO) == []


def test_the_rules_prevent_wrong_rows() -> None:
    """On a real store: what is refused answers wrongly, its mended form rightly."""
    store = Store()
    says = NamedNode(EX + "says")
    for speaker, number in (("ada", 3), ("bo", 1)):
        for n in range(number):
            store.add(Quad(NamedNode(EX + speaker), says, Literal(f"{speaker} {n}")))
    ada = [NamedNode(EX + "ada")]

    def count(text: str) -> list[str]:
        result = store.query(bind(f"PREFIX ex: <{EX}> {text}", {"who": ada}))
        assert isinstance(result, QuerySolutions)
        return [row["n"].value for row in result]

    wrong = "SELECT ?n { VALUES ?who { UNDEF } { SELECT (COUNT(*) AS ?n) { ?who ex:says ?x } } }"
    right = (
        "SELECT ?n { VALUES ?who { UNDEF } "
        "{ SELECT ?who (COUNT(*) AS ?n) { VALUES ?who { UNDEF } ?who ex:says ?x } GROUP BY ?who } }"
    )
    assert count(wrong) == ["4"]
    assert reasons(wrong, WHO) != []
    assert count(right) == ["3"]
    assert reasons(right, WHO) == []


def test_a_text_nested_too_deep_is_refused_and_not_read() -> None:
    with pytest.raises(QueryBoundsError):
        findings("SELECT * " + "{" * 5_000 + "?who" + "}" * 5_000, WHO)


PIECES = [
    "(",
    ")",
    "{",
    "}",
    " ?who ",
    "VALUES",
    "FILTER",
    "SELECT",
    "||",
    "!",
    "BOUND",
    "UNDEF",
    ",",
    "OPTIONAL",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_no_soup_raises(pieces: list[str]) -> None:
    for finding in findings(" ".join(pieces)):
        assert finding.position is not None
