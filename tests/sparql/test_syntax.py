"""Syntax errors point at the mistake, in the text as it was given."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Store

from onrecord.errors import Position, QuerySyntaxError
from onrecord.sparql import offset_at, parse_engine_error, position_at


def error_of(text: str) -> QuerySyntaxError:
    with pytest.raises(SyntaxError) as caught:
        Store().query(text)
    return parse_engine_error(str(caught.value), text)


def test_the_engine_counts_columns_in_code_points() -> None:
    with pytest.raises(SyntaxError, match=r"error at 2:27: "):
        Store().query("# é\U0001f600 header\nSELECT * WHERE { 'é\U0001f600é' ?p }")


def test_the_engine_ends_lines_at_line_feeds_only() -> None:
    with pytest.raises(SyntaxError, match=r"error at 2:6: "):
        Store().query("SELECT * {\r ?s ?p 'a\u2028\u0085b' .\n ?x }")


def test_the_position_counts_header_lines_and_multi_byte_characters() -> None:
    text = "#+ summary: é\U0001f600\n# é\U0001f600 header\nSELECT * WHERE { 'é\U0001f600é' ?p }"
    error = error_of(text)
    assert error.position == Position(3, 27)
    assert error.line_text == "SELECT * WHERE { 'é\U0001f600é' ?p }"
    assert error.caret().splitlines()[1] == " " * 26 + "^"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("SELCT * { ?s ?p ?o }", (1, 1), "SELCT is not a word of SPARQL. Did you mean SELECT?"),
        ("SELECT * { ?s x:y ?o }", (1, 15), "the prefix x: is not declared. Add PREFIX x: <...> at the top."),
        (
            "SELECT * { ?s wd:P31 ?o }",
            (1, 15),
            "the prefix wd: is not declared. Add PREFIX wd: <http://www.wikidata.org/entity/> at the top.",
        ),
        ("SELECT * {\n ?s ?p }", (2, 8), "unexpected }, or something is missing before it."),
        ("SELECT * { ?s ?p 'abc }", (1, 18), "this string is not closed"),
        ("SELECT * { ?s ?p 'a\\x' }", (1, 18), "has an escape that SPARQL does not know"),
        ("SELECT * { ?s <http://a b> ?o }", (1, 15), "this < opens no IRI"),
        ("SELECT * { ?s <rel> ?o }", (1, 15), "<rel> is not an absolute IRI"),
        ("SELECT * { ?s ?p ?o\n", (1, 10), "this { is never closed. Add } where it ends."),
        ("SELECT * { ?s ?p ?o }}", (1, 22), "this } closes nothing that is open here."),
        ("SELECT * { ?s ?p ?o FILTER(?o }", (1, 31), "this } closes nothing that is open here."),
        ("SELECT * { ?s ?p ?o } \x00", (1, 23), "the character (U+0000) cannot stand here."),
        ("SELECT * { ?s ?p ?o } ORDER ?s", (1, 29), "unexpected ?s"),
        ("SELECT * { ?s ?p ?o FILTER ?o > 5 }", (1, 28), "unexpected ?o"),
        ("SELECT * { OPTIONAL ?s ?p ?o }", (1, 21), "unexpected ?s. Expected one of: {"),
        ("SELECT ?z (SUM(?o) AS ?x) { ?s ?p ?o }", None, "the SELECT contains a variable that is unbound."),
        ("SELECT * { } VALUES (?a ?b) { (1) }", None, "rows should have exactly the same number of values"),
        ("", (1, 1), "there is no query. Start with SELECT, ASK, CONSTRUCT or DESCRIBE."),
    ],
)
def test_common_mistakes_are_named_where_they_stand(
    text: str, place: tuple[int, int] | None, words: str
) -> None:
    error = error_of(text)
    assert words in error.detail
    assert error.position is not None
    if place is not None:
        assert error.position == Position(*place)
        assert error.detail.startswith(f"Line {place[0]}, column {place[1]}: ")


@given(
    st.sampled_from(["SELECT * { ?s x:y ?o }", "SELECT * { ?s ?p }", "SELCT * {}", "SELECT * { ?s ?p 'a }"]),
    st.lists(st.text("abcé\U0001f600 \r\t#+:'\"<{", max_size=20), max_size=5),
)
@settings(deadline=None)
def test_comment_lines_above_move_the_position_by_their_number(text: str, comments: list[str]) -> None:
    # A carriage return ends a comment for the grammar, though not a line.
    header = "".join(f"#+ {comment}\n".replace("\r", " ") for comment in comments)
    alone, below = error_of(text), error_of(header + text)
    assert alone.position is not None
    assert below.position == Position(alone.position.line + len(comments), alone.position.column)
    assert below.line_text == alone.line_text


def test_a_message_without_a_place_is_kept() -> None:
    error = parse_engine_error("The blank node _:a cannot be shared by multiple blocks", "ASK {}")
    assert str(error) == "The blank node _:a cannot be shared by multiple blocks."
    assert error.position is None


@given(st.text(max_size=100), st.integers(0, 120))
def test_offsets_and_positions_are_each_others_inverse(text: str, offset: int) -> None:
    offset = min(offset, len(text))
    assert offset_at(text, position_at(text, offset)) == offset


@given(st.text(max_size=100), st.text(max_size=100), st.integers(0, 50), st.integers(0, 50))
def test_no_message_and_no_text_raise(message: str, text: str, line: int, column: int) -> None:
    parse_engine_error(message, text)
    parse_engine_error(f"error at {line}:{column}: expected {message}", text)
