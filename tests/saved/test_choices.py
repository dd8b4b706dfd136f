"""Choices in a header are read strictly."""

from __future__ import annotations

import pytest
from tests.saved.test_header import error_of, header_of

from onrecord.saved import Choices, parse_header


def test_choices_name_a_query_and_its_columns() -> None:
    text = header_of(
        "summary: A.", "parameters:", "  who: {type: iri, choices: {query: b, value: c, open: true}}"
    )
    (parameter,) = parse_header("x.rq", text).parameters
    assert parameter.choices == Choices("b", "c", is_open=True)


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ("{type: iri, choices: {query: b}}", "have no value"),
        ("{type: iri, choices: {value: c}}", "have no query"),
        ("{type: iri, choices: {query: b, value: $c}}", 'value is "$c"'),
        ("{type: iri, choices: {query: b, value: c, colour: red}}", '"colour" is not a key'),
        ("{type: iri, class: rec:Agent, choices: {query: b, value: c}}", "is of a class"),
        ("{type: boolean, choices: {query: b, value: c}}", "is boolean"),
        ("{type: iri, choices: b}", "must be keys with values"),
    ],
)
def test_choices_that_cannot_be_are_refused_with_their_line(parameter: str, reason: str) -> None:
    told = error_of(header_of("summary: A.", "parameters:", f"  who: {parameter}"))
    assert told.startswith("queries/x.rq:3:")
    assert reason in told
