"""A value in a slot is that value and nothing else, wherever the slot stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BaseDirection, Literal, NamedNode, Quad, QuerySolutions, Store

from onrecord.errors import SavedQueryError
from onrecord.sparql import Term, bind, check_bounds, describe, find_slots, refuse_remote, serialize_term

EX = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
hostile = st.sampled_from(
    [
        "",
        '"',
        "'",
        "\\",
        '\\"',
        "\\u0022",
        "\\\\u0022",
        '" } UNION { ?who ?p ?o } #',
        '"""',
        "'''",
        "UNDEF",
        "} ?s ?p ?o {",
        "a\nb\r\nc\td",
        "\x00\x01\x7f",
        "?who",
        "#",
        "<x>",
        '"@en } #',
        "SERVICE <http://example.org/> {}",
        "\u2028\ufffe\U0010ffff",
    ]
)
strings = st.one_of(texts, hostile, st.tuples(texts, hostile, texts).map("".join))


def iri_or_none(text: str) -> NamedNode | None:
    try:
        return NamedNode(EX + text)
    except ValueError:
        return None


def present(node: NamedNode | None) -> bool:
    return node is not None


iris = st.one_of(
    strings.map(iri_or_none).filter(present),
    st.text("abc/#?&=%41~'()*+,;:@!$-._é\u4e2d\U0001f600", max_size=20).map(iri_or_none).filter(present),
)
plain = strings.map(Literal)
tagged = st.builds(
    lambda s, t: Literal(s, language=t), strings, st.sampled_from(["en", "en-gb", "ar", "de-1996"])
)
custom = st.builds(lambda s, d: Literal(s, datatype=d), strings, iris)
integers = st.integers(-(2**63), 2**63 - 1).map(
    lambda n: Literal(str(n), datatype=NamedNode(XSD + "integer"))
)
dates = st.dates().map(lambda d: Literal(d.isoformat(), datatype=NamedNode(XSD + "date")))
booleans = st.booleans().map(lambda b: Literal(str(b).lower(), datatype=NamedNode(XSD + "boolean")))
literals = st.one_of(plain, tagged, custom, integers, dates, booleans)
terms: st.SearchStrategy[Term] = st.one_of(iris, literals)


def solutions(store: Store, text: str) -> list[tuple[object, ...]]:
    """The rows of `text`, after the same checks that a request passes."""
    check_bounds(text)
    refuse_remote(describe(text))
    result = store.query(text)
    assert isinstance(result, QuerySolutions)
    return [tuple(row[variable] for variable in result.variables) for row in result]


@settings(deadline=None, max_examples=400)
@given(terms)
def test_any_term_comes_back_from_a_slot(term: Term) -> None:
    text = bind("SELECT ?v { VALUES ?v { UNDEF } }", {"v": [term]})
    assert solutions(Store(), text) == [(term,)]


@settings(deadline=None)
@given(st.lists(terms, min_size=1, max_size=6, unique=True))
def test_a_list_comes_back_in_its_order(values: list[Term]) -> None:
    text = bind("SELECT ?v { VALUES ?v { UNDEF } }", {"v": values})
    assert solutions(Store(), text) == [(value,) for value in values]


@settings(deadline=None)
@given(terms)
def test_a_value_given_twice_is_bound_once(term: Term) -> None:
    assert len(solutions(Store(), bind("SELECT ?v { VALUES ?v { UNDEF } }", {"v": [term, term]}))) == 1


@settings(deadline=None)
@given(strings)
def test_a_language_string_may_have_a_base_direction(text: str) -> None:
    for direction in (BaseDirection.LTR, BaseDirection.RTL):
        term = Literal(text, language="ar", direction=direction)
        assert solutions(Store(), bind("SELECT ?v { VALUES ?v { UNDEF } }", {"v": [term]})) == [(term,)]


SAYS, DENIES, SPEAKER = (NamedNode(EX + name) for name in ("says", "denies", "Speaker"))
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")

IRI_PLACES = {
    "top": "SELECT ?who ?o { VALUES ?who { UNDEF } ?who ex:says ?o }",
    "UNION": "SELECT ?who ?o { { VALUES ?who { UNDEF } ?who ex:says ?o } UNION "
    "{ VALUES ?who { UNDEF } ?who ex:denies ?o } }",
    "sub-select": "SELECT ?who ?n { VALUES ?who { UNDEF } ?who a ex:Speaker "
    "{ SELECT ?who (COUNT(*) AS ?n) { VALUES ?who { UNDEF } ?who ex:says ?o } GROUP BY ?who } }",
    "OPTIONAL": "SELECT ?who ?o { VALUES ?who { UNDEF } ?who a ex:Speaker OPTIONAL { ?who ex:denies ?o } }",
    "MINUS": "SELECT ?who ?o { VALUES ?who { UNDEF } ?who ex:says ?o MINUS { ?who ex:denies ?o } }",
    "EXISTS": "SELECT ?who ?o { VALUES ?who { UNDEF } ?who ex:says ?o "
    "FILTER NOT EXISTS { ?who ex:denies ?o } }",
}
LITERAL_PLACES = {
    "top": "SELECT ?who ?o { VALUES ?lit { UNDEF } ?who ex:says ?o "
    "FILTER(!BOUND(?lit) || SAMETERM(?o, ?lit)) }",
    "UNION": "SELECT ?who ?o { "
    "{ VALUES ?lit { UNDEF } ?who ex:says ?o FILTER(!BOUND(?lit) || SAMETERM(?o, ?lit)) } UNION "
    "{ VALUES ?lit { UNDEF } ?who ex:denies ?o FILTER(!BOUND(?lit) || SAMETERM(?o, ?lit)) } }",
    "sub-select": "SELECT ?who ?o { { SELECT DISTINCT ?who ?o { VALUES ?lit { UNDEF } ?who ex:says ?o "
    "FILTER(!BOUND(?lit) || SAMETERM(?o, ?lit)) } } }",
    "OPTIONAL": "SELECT ?who ?o { VALUES ?lit { UNDEF } ?who ex:says ?o "
    "FILTER(!BOUND(?lit) || SAMETERM(?o, ?lit)) "
    "OPTIONAL { ?who ex:denies ?d FILTER(!BOUND(?lit) || SAMETERM(?d, ?lit)) } }",
}


def store_with(speakers: list[NamedNode], said: list[Term]) -> Store:
    """Everybody says everything, and denies the first thing."""
    store = Store()
    for speaker in speakers:
        store.add(Quad(speaker, TYPE, SPEAKER))
        store.add(Quad(speaker, DENIES, said[0]))
        for term in said:
            store.add(Quad(speaker, SAYS, term))
    return store


@pytest.mark.parametrize("place", IRI_PLACES)
@settings(deadline=None, max_examples=40)
@given(speaker=iris, other=iris, value=terms)
def test_an_iri_returns_its_own_rows_and_no_others(
    place: str, speaker: NamedNode, other: NamedNode, value: Term
) -> None:
    store = store_with([speaker, other, NamedNode(EX + "third")], [Literal("one"), Literal("two")])
    template = f"PREFIX ex: <{EX}> {IRI_PLACES[place]}"
    everything = solutions(store, template)
    for asked in ([speaker], [value], [speaker, other]):
        rows = solutions(store, bind(template, {"who": asked}))
        assert sorted(map(str, rows)) == sorted(str(row) for row in everything if row[0] in asked)


@pytest.mark.parametrize("place", LITERAL_PLACES)
@settings(deadline=None, max_examples=40)
@given(said=literals, value=literals)
def test_a_literal_returns_its_own_rows_and_no_others(place: str, said: Term, value: Term) -> None:
    store = store_with([NamedNode(EX + "ada"), NamedNode(EX + "bo")], [Literal("first"), said, Literal(7)])
    template = f"PREFIX ex: <{EX}> {LITERAL_PLACES[place]}"
    everything = solutions(store, template)
    for asked in (said, value):
        rows = solutions(store, bind(template, {"lit": [asked]}))
        assert set(map(str, rows)) == {str(row) for row in everything if row[1] == asked}
        assert len(rows) <= len(everything)


@settings(deadline=None)
@given(strings, strings)
def test_a_slot_is_found_whatever_strings_and_comments_stand_around_it(before: str, after: str) -> None:
    comment = before.replace("\n", " ").replace("\r", " ")
    text = (
        f"# {comment} VALUES ?v {{ 1 }}\nSELECT ?v ?w {{ VALUES ?w {{ {serialize_term(Literal(before))} }} "
        f"VALUES ?v {{ UNDEF }} # {comment}\n "
        f"FILTER(?w != {serialize_term(Literal(after + 'x' + before))}) }}"
    )
    assert len(find_slots(text, ["v"])) == 1
    assert solutions(Store(), bind(text, {"v": [Literal(after)]})) == [(Literal(after), Literal(before))]


def test_all_slots_of_a_name_take_the_same_values() -> None:
    text = "SELECT * { { VALUES ?v { UNDEF } } UNION { VALUES $v {} } VALUES ?w { 1 } }"
    assert bind(text, {"v": [Literal("a"), Literal("b")]}) == (
        'SELECT * { { VALUES ?v { "a" "b" } } UNION { VALUES $v { "a" "b" } } VALUES ?w { 1 } }'
    )


def test_a_name_without_values_keeps_its_default() -> None:
    text = "SELECT * { VALUES ?v { 1 2 } }"
    assert bind(text, {"v": []}) == text
    assert bind(text, {}) == text


def test_a_name_without_slot_is_an_error() -> None:
    with pytest.raises(SavedQueryError, match=r"no slot for \?w. Add VALUES \?w \{ UNDEF \}"):
        bind("SELECT * { VALUES (?w) { (1) } ?w ?p 'VALUES ?w { 1 }' }", {"w": [Literal(1)]})


def test_slots_know_their_default_and_place() -> None:
    slots = find_slots("SELECT * {\n  values ?v { undef }\n VALUES ?v { <a> 'b'@en }}", ["v"])
    assert [(s.is_open, s.default, s.position.line, s.position.column) for s in slots] == [
        (True, ("undef",), 2, 3),
        (False, ("<a>", "'b'", "@en"), 3, 2),
    ]


def test_triple_terms_in_a_slot_do_not_end_it() -> None:
    text = "SELECT * { VALUES ?v { <<( <a:a> <a:b> '}' )>> } }"
    assert bind(text, {"v": [Literal("x")]}) == 'SELECT * { VALUES ?v { "x" } }'
