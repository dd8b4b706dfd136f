"""What a query returned is compared with what was expected, in a sentence."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode

from onrecord.saved import Expectation, Row, compare, hash_rows
from onrecord.terms import XSD, IriSpace

SPACE = IriSpace("https://example.org/town/")
ROWS: list[Row] = [
    {
        "who": NamedNode("https://example.org/town/id/ada"),
        "what": Literal("the bridge", language="en"),
        "n": Literal("7", datatype=NamedNode(XSD + "integer")),
    },
    {"who": NamedNode("https://example.com/bo"), "what": BlankNode("x")},
]


@pytest.mark.parametrize(
    "partial",
    [
        {"who": "id/ada"},
        {"who": "https://example.org/town/id/ada", "n": "7"},
        {"who": "https://example.com/bo", "n": ""},
        {"what": "the bridge"},
        {"what": "the bridge@en"},
    ],
)
def test_a_row_that_is_there_is_contained_and_not_lacking(partial: dict[str, str]) -> None:
    assert compare(Expectation({}, contains=(partial,)), ROWS, SPACE) is None
    assert "and none should" in (compare(Expectation({}, lacks=(partial,)), ROWS, SPACE) or "")


@pytest.mark.parametrize(
    "partial",
    [
        {"who": "id/bo"},
        {"who": "ada"},
        {"who": ""},
        {"who": "https://example.com/bo", "n": "7"},
        {"what": "the bridge@de"},
        {"what": "x"},
        {"nothing": "x"},
    ],
)
def test_a_row_that_is_not_there_is_lacking(partial: dict[str, str]) -> None:
    assert compare(Expectation({}, lacks=(partial,)), ROWS, SPACE) is None
    assert compare(Expectation({}, contains=(partial,)), ROWS, SPACE) is not None


def test_the_nearest_row_is_told() -> None:
    case = Expectation({}, contains=({"who": "id/ada", "n": "8"},))
    assert compare(case, ROWS, SPACE) == "No row has who = id/ada, n = 8. The nearest has n = 7."
    assert compare(case, [], SPACE) == "No row has who = id/ada, n = 8. There are no rows."


def test_the_number_of_rows_is_exact() -> None:
    assert compare(Expectation({}, rows=2), ROWS, SPACE) is None
    assert compare(Expectation({}, rows=1), ROWS, SPACE) == "Expected 1 row, got 2."


def test_a_hash_is_of_the_rows_in_their_order() -> None:
    assert compare(Expectation({}, hash=hash_rows(ROWS)[:16]), ROWS, SPACE) is None
    assert compare(Expectation({}, hash=hash_rows(ROWS)), ROWS[::-1], SPACE) is not None


def test_rows_that_differ_have_different_hashes() -> None:
    a, b = Literal("a"), Literal('a"\tb="')
    assert (
        len({hash_rows(r) for r in ([{"x": a}], [{"y": a}], [{"x": b}], [{"x": a}, {}], [{"x": a, "b": a}])})
        == 5
    )
