"""The tokenizer splits texts where the engine splits them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.sparql import tokenize


def words(text: str) -> list[str]:
    return [token.text for token in tokenize(text)]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(text)]


def test_a_less_than_in_an_expression_is_no_iri() -> None:
    assert words("ASK { FILTER(?a<?b&&?c>?d) }")[4:11] == ["?a", "<", "?b", "&&", "?c", ">", "?d"]


def test_an_iri_after_a_variable_in_a_pattern_is_an_iri() -> None:
    assert words("ASK { ?s<http://example.org/p#x>?o }")[2:5] == ["?s", "<http://example.org/p#x>", "?o"]


def test_an_iri_in_a_collection_is_an_iri() -> None:
    assert "<http://example.org/#x>" in words("ASK { ?s ?p (?a <http://example.org/#x> 'b') }")


def test_an_iri_where_an_expression_wants_an_operand_is_an_iri() -> None:
    assert "<http://example.org/x>" in words("ASK { FILTER(?a=<http://example.org/x>) }")
    assert "<http://example.org/x>" in words("ASK { FILTER(?a IN(<http://example.org/x>, 1)) }")


def test_a_call_by_iri_opens_an_expression() -> None:
    assert words("ASK { FILTER <http://example.org/f>(?a<'>') }")[4:9] == ["(", "?a", "<", "'>'", ")"]


@pytest.mark.parametrize(
    "text",
    [
        "'a'",
        '"a"',
        "'''a'b''c'''",
        '"""a"b""c"""',
        r"'\'\t\u0041\U0001F47E'",
        "''",
        '""',
        "''''''",
        "'''a\nb'''",
    ],
)
def test_each_form_of_string_is_one_token(text: str) -> None:
    assert kinds(text) == [("string", text)]


def test_a_long_string_that_never_ends_is_read_as_short_ones() -> None:
    assert kinds("'''a' }") == [("string", "''"), ("string", "'a'"), ("op", "}")]


def test_a_long_string_with_a_wrong_escape_is_read_as_short_ones() -> None:
    assert [text for _, text in kinds("'''a' #\\x\n} '''")][:3] == ["''", "'a'", "}"]


def test_a_surrogate_escape_ends_a_string() -> None:
    assert kinds(r"'\uD800'")[0] == ("error", "'")


def test_comments_end_at_a_carriage_return_too() -> None:
    assert words("ASK # a\r{ } # b\n") == ["ASK", "{", "}"]


def test_a_hash_in_an_iri_is_no_comment() -> None:
    assert words("<http://example.org/#a> ?b") == ["<http://example.org/#a>", "?b"]


def test_prefixed_names_keep_their_escapes_and_inner_dots() -> None:
    assert words(r"ex:a\,b.c%20d . ex-1:b:c . :x :") == [r"ex:a\,b.c%20d", ".", "ex-1:b:c", ".", ":x", ":"]


def test_a_local_name_has_one_run_of_dots_as_in_the_engine() -> None:
    assert words("ex:a.b.c") == ["ex:a.b", ".", "c"]


def test_numbers_end_where_the_engine_ends_them() -> None:
    assert words("1. 1.5 .5 1e5 1.e5 1SERVICE") == ["1", ".", "1.5", ".5", "1e5", "1.e5", "1", "SERVICE"]


def test_language_tags_may_have_a_base_direction() -> None:
    assert kinds('"a"@en-GB--ltr') == [("string", '"a"'), ("lang", "@en-GB--ltr")]


def test_triple_terms_have_their_own_brackets() -> None:
    text = "ASK { << ?s ?p <<( ?a ?b ?c )>> >> ?q ?o {| ?x ?y |} }"
    assert [t for t in words(text) if not t.startswith("?")] == [
        *("ASK", "{", "<<", "<<(", ")>>", ">>", "{|", "|}", "}"),
    ]


def test_data_blocks_are_one_token_between_brackets() -> None:
    tokens = list(tokenize("INSERT DATA { <a> <b> '}' # }\n, \"{\" }"))
    assert [t.kind for t in tokens] == ["word", "word", "op", "data", "op"]


def test_variables_in_unicode_are_one_token() -> None:
    assert words("?имя $名前") == ["?имя", "$名前"]


@given(st.text(max_size=200))
def test_no_text_raises_and_offsets_meet_the_text(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert token.start >= end
        assert text[token.start : token.end] == token.text != ""
        end = token.end


@given(st.lists(st.sampled_from("<>'\"#\n(){}[]?$ab:._@\\^|/ "), max_size=80).map("".join))
def test_no_soup_of_special_characters_raises(text: str) -> None:
    assert sum(len(token.text) for token in tokenize(text)) <= len(text)


@pytest.mark.parametrize(
    "piece", ["a.a.", "'''", "<a", "'", '"""a', "\\", ":a..", "_:a..", "((", "1e", "@", "?a<?b ", "''\\x"]
)
def test_time_grows_with_length_not_with_its_square(piece: str) -> None:
    def seconds(number: int) -> float:
        started = time.perf_counter()
        for _ in tokenize("ASK { FILTER(" + piece * number):
            pass
        return time.perf_counter() - started

    few, many = min(seconds(2_000) for _ in range(3)), min(seconds(32_000) for _ in range(2))
    # 16 times the text; its square would be 256 times.
    assert many < 80 * max(few, 0.001)


def test_ten_megabytes_of_data_are_read_in_seconds() -> None:
    line = '<http://example.org/s> <http://example.org/p> "a # { \' } b"@en, 12 .\n'
    text = "INSERT DATA {\n" + line * (10_000_000 // len(line)) + "}"
    started = time.perf_counter()
    assert sum(1 for _ in tokenize(text)) == 5
    assert time.perf_counter() - started < 20
