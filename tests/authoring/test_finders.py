"""What the finders see: quotations, numbers with their hedges, reporting verbs, times, entities."""

# ruff: noqa: RUF001  # texts in many scripts

from __future__ import annotations

from datetime import date

import pytest

from onrecord.authoring.article import Article
from onrecord.authoring.blocks import read_blocks
from onrecord.authoring.names import find_mentions
from onrecord.authoring.quantities import Amount, find_amounts
from onrecord.authoring.quotations import find_quotations
from onrecord.authoring.reporting import find_reports
from onrecord.authoring.suggestions import find_everything
from onrecord.authoring.times import TimeWords, find_times
from onrecord.authoring.vocabulary import Label, Vocabulary

WRITTEN = date(2031, 6, 19)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('as "dire".', ["dire"]),
        ("“armed\nmen” came", ["armed men"]),
        ("an 'end of water' in the 'rebels' hills", ["end of water", "rebels"]),
        ("the farmers' union, O'Neil's and the '90s", []),
        ("„Wir bleiben“, «nous restons» und »wir gehen«", ["Wir bleiben", "nous restons", "wir gehen"]),
        ("قال «لسنا نحن» ثم رحل", ["لسنا نحن"]),
        ("他说：“不是我们。”又说「走」", ["不是我们。", "走"]),
        ("She said “he called it ‘dire’ once,” and left", ["he called it ‘dire’ once", "dire"]),
        ('the "dire, she said, and no mark follows', []),
        ('a pipe of 5" and of 6"', []),
    ],
)
def test_quotations_are_found_in_the_marks_of_many_languages(text: str, words: list[str]) -> None:
    assert [found.words for found in find_quotations(text, read_blocks(text))] == words


def test_a_quotation_that_goes_on_in_the_next_paragraph_is_found_in_both() -> None:
    text = "She said: “We stay.\n\n“We have water.”\n"
    found = find_quotations(text, read_blocks(text))
    assert [one.span.cut(text) for one in found] == ["“We stay.", "“We have water.”"]


@pytest.mark.parametrize(
    ("words", "figure", "hedge", "low", "high"),
    [
        ("about 7,500", 7500, "about", None, None),
        ("more than\n1,600", 1600, "more-than", 1600, None),
        ("Some 40,000", 40000, "some", None, None),
        ("nearly two hundred and six", 206, "nearly", None, None),
        ("tens of\nthousands", None, "tens-of-thousands", 20000, 99999),
        ("Thousands", None, "thousands-of", 2000, 9999),
        ("dozens", None, "dozens", 24, 119),
        ("several", None, "several", 2, 7),
        ("at least a dozen", 12, "at-least", 12, None),
        ("up to 1.2 million", 1200000, "up-to", None, 1200000),
        ("seven", 7, "none", None, None),
        ("٧٬٥٠٠", 7500, "none", None, None),
        ("7\u202f500", 7500, "none", None, None),
        ("1.600.000", 1600000, "none", None, None),
        ("between 10 and 15", None, "none", 10, 15),
        ("forty-two", 42, "none", None, None),
    ],
)
def test_a_number_keeps_its_hedge_and_the_figure_that_is_printed(
    words: str, figure: int | None, hedge: str, low: int | None, high: int | None
) -> None:
    text = f"They were {words} there."
    (found,) = find_amounts(text, read_blocks(text))
    assert found.span.cut(text) == words
    assert (found.figure, found.hedge, found.at_least, found.at_most) == (figure, hedge, low, high)


@pytest.mark.parametrize(
    "text",
    [
        "It began in 2016.",
        "the 2011 uprising",
        "an F-16 and COVID-19",
        "at 10:30 and at 3 a.m. there",
        "24/7 on 19.06.2031",
        "no one of them",
        "two-thirds of it",
        "the 3rd and third day",
        "one of the worst",
    ],
)
def test_years_hours_names_ordinals_and_pronouns_are_no_numbers(text: str) -> None:
    assert find_amounts(text, read_blocks(text)) == []


def test_a_number_is_found_between_words_that_no_space_parts() -> None:
    text = "约有7500人逃离。"
    (found,) = find_amounts(text, read_blocks(text))
    assert (found.words, found.figure) == ("7500", 7500)


def test_a_number_of_two_readings_has_no_figure() -> None:
    for number in ("2.5", "1.600"):
        text = f"It fell by {number} metres."
        (found,) = find_amounts(text, read_blocks(text))
        assert found.figure is None


def test_the_unit_is_read_from_the_next_word_only_where_it_tells_one() -> None:
    text = "320km (200 miles) for 75,000 people in seven years"
    assert [a.unit for a in find_amounts(text, read_blocks(text))] == ["kilometre", None, "person", "year"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The army denied it, Okello told her.", [("denied", "denies"), ("told", "says")]),
        ("They accuse the union; it rejects that.", [("accuse", "accuses"), ("rejects", "denies")]),
        ("State radio reported, citing a foreman,", [("reported", "reports"), ("citing", "says")]),
        ("according\nto the union", [("according to", "says")]),
        (
            "She gave no details and did not respond.",
            [("gave no", "reports-silence"), ("did not respond", "reports-silence")],
        ),
        ("despite reports of threats, the claims of all", []),
        ("the accused farmers called off a march", []),
        ("A well-told story", []),
    ],
)
def test_reporting_verbs_suggest_a_speech_act(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.words, one.act) for one in find_reports(text, read_blocks(text))] == found


@pytest.mark.parametrize(
    ("words", "first", "last", "precision"),
    [
        ("Wednesday", date(2031, 6, 18), date(2031, 6, 18), "day"),
        ("Thursday", WRITTEN, WRITTEN, "day"),
        ("Friday", date(2031, 6, 13), date(2031, 6, 13), "day"),
        ("yesterday", date(2031, 6, 18), date(2031, 6, 18), "day"),
        ("29 March 2018", date(2018, 3, 29), date(2018, 3, 29), "day"),
        ("March 29, 2018", date(2018, 3, 29), date(2018, 3, 29), "day"),
        ("2018-03-29", date(2018, 3, 29), date(2018, 3, 29), "day"),
        ("12 December", date(2030, 12, 12), date(2030, 12, 12), "day"),
        ("September\n2015", date(2015, 9, 1), date(2015, 9, 30), "month"),
        ("last month", date(2031, 5, 1), date(2031, 5, 31), "month"),
        ("this week", date(2031, 6, 16), date(2031, 6, 22), "week"),
        ("since 2016", date(2016, 1, 1), date(2016, 12, 31), "year"),
        ("several days ago", None, None, "day"),
        ("in the past week", None, None, "week"),
        ("30 February 2031", None, None, "day"),
    ],
)
def test_a_time_has_the_days_that_the_text_gives(
    words: str, first: date | None, last: date | None, precision: str
) -> None:
    text = f"It fell {words}."
    (found,) = find_times(text, read_blocks(text), WRITTEN)
    assert (found.first, found.last, found.precision) == (first, last, precision)


def test_without_the_day_of_the_text_a_weekday_has_no_date() -> None:
    text = "It fell on Wednesday and may march on."
    assert [(one.words, one.first) for one in find_times(text, read_blocks(text), None)] == [
        ("Wednesday", None)
    ]


def test_the_digits_of_a_date_are_no_number() -> None:
    found = find_everything(Article("It fell on 29 March 2018, two days ago."), Vocabulary(), WRITTEN)
    assert {type(one) for one in found} == {TimeWords}
    assert not [one for one in found if isinstance(one, Amount)]


LABELS = [
    Label("id/board", "harbour board", "en"),
    Label("id/quay", "North Quay", "en"),
    Label("id/quay-tower", "North Quay tower", "en"),
    Label("id/iran", "Iran", "en"),
    Label("id/iran-gov", "Iran (the state that acts)", "en"),
    Label("id/turkey", "Turkey", "en"),
    Label("id/farmers", "Farmers", "en", common=True),
    Label("id/amin", "Abu al-Amin", "en"),
    Label("id/asa", "Åsa Verlund", "en"),
    Label("id/tarnhaven", "تارنهافن", "ar"),
    Label("id/valley", "the Lower Valley", "en"),
    Label("id/militia", "Shi'ite militia", "en"),
    Label("id/farmers-union", "农民协会", "zh"),
]


@pytest.mark.parametrize(
    ("text", "words", "entities"),
    [
        ("Harbour Board meets", "Harbour Board", ["id/board"]),
        ("at the NORTH QUAY tower", "NORTH QUAY tower", ["id/quay-tower"]),
        ("in Iran's south", "Iran", ["id/iran", "id/iran-gov"]),
        ("the farmers left", "farmers", ["id/farmers"]),
        ("said Abu al-\nAmin, who", "Abu al-Amin", ["id/amin"]),
        ("said A\u030asa Verlund", "Åsa Verlund", ["id/asa"]),
        ("وتارنهافن مدينة", "تارنهافن", ["id/tarnhaven"]),
        ("في تَارنهافن اليوم", "تارنهافن", ["id/tarnhaven"]),
        ("a lower Valley farm", "lower Valley", ["id/valley"]),
        ("a Shi’ite militia", "Shi'ite militia", ["id/militia"]),
        ("星期三农民协会否认了。", "农民协会", ["id/farmers-union"]),
    ],
)
def test_an_entity_is_found_by_its_longest_label(text: str, words: str, entities: list[str]) -> None:
    (found,) = find_mentions(text, read_blocks(text), LABELS)
    assert (found.words, list(found.entities)) == (words, entities)


@pytest.mark.parametrize("text", ["a turkey dinner", "Iranian oil", "the harbour boards", "شتارنهافن"])
def test_a_part_of_a_word_or_a_small_letter_for_a_capital_is_no_entity(text: str) -> None:
    assert find_mentions(text, read_blocks(text), LABELS) == []


def test_a_mention_spans_what_stands_in_the_text() -> None:
    text = "x: Abu al-\n  Amin."
    (found,) = find_mentions(text, read_blocks(text), LABELS)
    assert found.span.cut(text) == "Abu al-\n  Amin"
