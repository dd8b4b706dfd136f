"""Texts of a request become terms of the right type, or are refused with a remedy."""

from __future__ import annotations

import datetime
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from onrecord.errors import ParameterError
from onrecord.saved import TYPES, Parameter, read
from onrecord.sparql import Term
from onrecord.terms import XSD, IriSpace

SPACE = IriSpace("https://example.org/town/")


def value_of(type_: str, text: str, values: tuple[str, ...] = ()) -> Term:
    (term,) = read([Parameter("it", type_, values=values)], {"it": [text]}, SPACE)["it"]
    return term


def error_of(parameters: list[Parameter], **raw: list[str]) -> str:
    with pytest.raises(ParameterError) as caught:
        read(parameters, raw, SPACE)
    return caught.value.detail


def typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(XSD + datatype))


@pytest.mark.parametrize(
    ("type_", "text", "term"),
    [
        ("iri", "id/harbour", NamedNode("https://example.org/town/id/harbour")),
        ("iri", " https://example.com/x#y ", NamedNode("https://example.com/x#y")),
        ("iri", "urn:isbn:1", NamedNode("urn:isbn:1")),
        ("iri", "HTTP://example.com/", NamedNode("HTTP://example.com/")),
        ("iri", "article/a1b2/claim/é", NamedNode("https://example.org/town/article/a1b2/claim/é")),
        ("string", " a 'b' \"c\" ", Literal(" a 'b' \"c\" ")),
        ("string", " ", Literal(" ")),
        ("language-string", "harbour@en", Literal("harbour", language="en")),
        ("language-string", "a@b@de-AT", Literal("a@b", language="de-at")),
        ("integer", "+007", typed("7", "integer")),
        ("integer", "-0", typed("0", "integer")),
        ("decimal", "33.50", typed("33.5", "decimal")),
        ("decimal", "-.5", typed("-0.5", "decimal")),
        ("decimal", "7", typed("7", "decimal")),
        ("decimal", "0007.", typed("7", "decimal")),
        ("date", "2018-03-28", typed("2018-03-28", "date")),
        ("date", "2020-02-29Z", typed("2020-02-29Z", "date")),
        ("date-time", "2018-03-28T09:00:00Z", typed("2018-03-28T09:00:00Z", "dateTime")),
        ("date-time", "2018-03-28T24:00:00+14:00", typed("2018-03-28T24:00:00+14:00", "dateTime")),
        ("date-time", "-0044-03-15T12:00:00.25-05:30", typed("-0044-03-15T12:00:00.25-05:30", "dateTime")),
        ("boolean", "1", typed("true", "boolean")),
        ("boolean", "false", typed("false", "boolean")),
    ],
)
def test_good_texts_become_terms(type_: str, text: str, term: Term) -> None:
    assert value_of(type_, text) == term


def test_an_enumeration_takes_its_values_only() -> None:
    values = ("time", "https://example.org/term/late")
    assert value_of("enumeration", "time", values) == Literal("time")
    assert value_of("enumeration", values[1], values) == NamedNode(values[1])
    detail = error_of([Parameter("sort", "enumeration", values=values)], sort=["tim"])
    assert detail == (
        'Parameter "sort" is "tim", which is not one of its values. '
        "Known: time, https://example.org/term/late. Did you mean time?"
    )


@pytest.mark.parametrize(
    ("type_", "text", "remedy"),
    [
        (
            "iri",
            "javascript:alert(1)",
            "Write it in full, or relative to https://example.org/town/, as in id/name.",
        ),
        ("iri", "rec:Claim", "starts with neither http://, https:// nor urn:"),
        ("iri", "file:///etc/passwd", "starts with neither"),
        ("iri", "id/a b", "is not an IRI"),
        ("iri", "id/a> <b", "is not an IRI"),
        ("iri", "//evil.example/x", "is no IRI in the folder's IRI space"),
        ("iri", "../../other", "is no IRI in the folder's IRI space"),
        ("iri", "id/%zz", "is not an IRI"),
        ("iri", "http:x", "starts with neither"),
        ("language-string", "harbour", "Write the text, @ and a language, as in harbour@en."),
        ("language-string", "harbour@", "has no language"),
        ("language-string", "@en", "has no language"),
        ("language-string", "harbour@en-toolongsubtag", "has a language tag that is not one"),
        ("language-string", "harbour@toolongto", "has a language tag that is not one"),
        ("integer", "7.0", "Write digits only, as in 40."),
        ("integer", "1e3", "is not an integer"),
        ("integer", "٣", "is not an integer"),
        ("integer", "9" * 19, "Use at most 18 digits."),
        ("integer", "1_000", "is not an integer"),
        ("decimal", "1e3", "Write digits and a point, as in 33.5."),
        ("decimal", ".", "is not a decimal number"),
        ("decimal", "1,5", "is not a decimal number"),
        ("decimal", "NaN", "is not a decimal number"),
        ("date", "28.03.2018", "Write year, month and day, as in 2018-03-28."),
        ("date", "2018-02-29", "is not a date"),
        ("date", "1900-02-29", "is not a date"),
        ("date", "2018-13-01", "is not a date"),
        ("date", "2018-3-28", "is not a date"),
        ("date", "2018-03-28T00:00:00Z", "is not a date"),
        ("date", "2018-03-28\n2", "is not a date"),
        (
            "date-time",
            "2018-03-28T09:00:00",
            "has no time zone. Add one: 2018-03-28T09:00:00Z for universal time",
        ),
        ("date-time", "2018-03-28", "is not a date-time. Write it as in 2018-03-28T09:00:00Z"),
        ("date-time", "2018-03-28T24:00:01Z", "is not a date-time"),
        ("date-time", "2018-03-28T09:00:60Z", "is not a date-time"),
        ("date-time", "2018-03-28T09:00:00 02:00", "in an address + is written %2B"),
        ("date-time", "2018-03-28T09:00:00+15:00", "is not a date-time"),
        ("boolean", "yes", "Write true or false."),
        ("boolean", "TRUE", "Write true or false."),
    ],
)
def test_ill_typed_texts_are_refused_with_name_value_and_remedy(type_: str, text: str, remedy: str) -> None:
    detail = error_of([Parameter("it", type_)], it=[text])
    assert detail.startswith(f'Parameter "it" is "{text}", which ')
    assert remedy in detail


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    parameters = [Parameter("speaker", "iri"), Parameter("after", "date")]
    detail = 'Parameter "speeker" is not known; known: speaker, after. Did you mean speaker?'
    assert error_of(parameters, speeker=["id/ada"]) == detail
    assert error_of(parameters, zzz=[]) == 'Parameter "zzz" is not known; known: speaker, after.'
    assert error_of([], who=["x"]) == 'Parameter "who" is not known; this query takes none.'


def test_a_required_parameter_is_asked_for() -> None:
    speaker = Parameter("speaker", "iri", required=True, example="id/ada")
    expected = 'Parameter "speaker" is missing. Give one iri, for example speaker=id/ada.'
    assert error_of([speaker]) == expected
    assert error_of([speaker], speaker=["", " "]) == expected


def test_an_empty_value_is_the_default() -> None:
    day = Parameter("day", "date", default="2018-03-28")
    assert read([day, Parameter("who", "iri")], {"day": [""], "who": [" "]}, SPACE) == {
        "day": [typed("2018-03-28", "date")]
    }


def test_a_list_loses_repetitions_and_keeps_its_order() -> None:
    numbers = Parameter("n", "integer", is_list=True)
    assert read([numbers], {"n": ["3", "1", "", "+3", "03", "2"]}, SPACE) == {
        "n": [typed(text, "integer") for text in ("3", "1", "2")]
    }


def test_a_single_parameter_given_twice_is_an_error() -> None:
    detail = 'Parameter "n" is given 2 times and takes one value. Keep one.'
    assert error_of([Parameter("n", "integer")], n=["1", "1"]) == detail


def test_long_values_and_long_lists_are_refused() -> None:
    assert "the limit is 10,000" in error_of([Parameter("s", "string")], s=["a" * 10_001])
    assert "the limit is 500" in error_of([Parameter("n", "integer", is_list=True)], n=["1"] * 501)


def test_bytes_that_are_no_text_are_refused() -> None:
    assert "no text in UTF-8" in error_of([Parameter("s", "string")], s=["a\udcff"])
    assert 'Parameter "a?" is not known' in error_of([Parameter("s", "string")], **{"a\udcff": ["x"]})


@given(st.sampled_from(TYPES), st.text(max_size=60))
def test_any_text_is_one_term_or_a_parameter_error(type_: str, text: str) -> None:
    parameter = Parameter("it", type_, values=("a", "b"))
    with suppress(ParameterError):
        assert len(read([parameter], {"it": [text]}, SPACE).get("it", [])) <= 1


@given(st.dates())
def test_every_day_of_the_calendar_is_a_date(day: datetime.date) -> None:
    assert value_of("date", day.isoformat()) == typed(day.isoformat(), "date")


@given(st.datetimes(timezones=st.just(datetime.UTC)))
def test_every_time_with_a_zone_is_a_date_time_and_none_without(moment: datetime.datetime) -> None:
    assert value_of("date-time", moment.isoformat()) == typed(moment.isoformat(), "dateTime")
    with pytest.raises(ParameterError, match="has no time zone"):
        value_of("date-time", moment.replace(tzinfo=None).isoformat())


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_every_integer_keeps_its_value(number: int) -> None:
    assert value_of("integer", str(number)) == typed(str(number), "integer")


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=6))
def test_every_decimal_keeps_its_value(number: Decimal) -> None:
    term = value_of("decimal", f"{number:f}")
    assert Decimal(term.value) == number
