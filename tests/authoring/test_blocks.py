"""Paragraphs, headings and links to other articles, however the lines of a text are set."""

# ruff: noqa: RUF001  # texts in many scripts

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.authoring.conftest import RESERVOIR

from onrecord.authoring.blocks import read_blocks

LONG = "The company that runs the dam said that the gates had been opened at night by armed men"


def ids(text: str) -> list[str]:
    return [block.id for block in read_blocks(text)]


def test_the_invented_text_parts_into_its_blocks() -> None:
    text = RESERVOIR.read_text("utf-8")
    assert ids(text) == ["H1", "P1", "P2", "P3", "R1", "P4", "H2", "P5", "P6", "P7"]
    sentences = {s.id: s.span.cut(text) for block in read_blocks(text) for s in block.sentences}
    assert sentences["H2S1"] == "Empty taps"
    assert sentences["P3S1"].startswith("J. R. Okello") and sentences["P3S1"].endswith("the gates.")
    assert sentences["R1S1"].startswith("Related article: Thousands March")


def test_an_indented_line_after_a_full_stop_starts_a_paragraph() -> None:
    assert ids(f"{LONG}.\n  The union denied it.\n") == ["P1", "P2"]


def test_an_indented_line_within_a_sentence_does_not() -> None:
    assert ids(f"{LONG} in huts,\n hangars or schools along the river that comes down from the hills.\n") == [
        "P1"
    ]


def test_a_line_that_was_left_short_ends_its_paragraph() -> None:
    after = "The union denied it, and said that nobody of its members had been near the dam on"
    text = f"{LONG} on\nMonday.\n{after}\nthat day.\n"
    assert ids(text) == ["P1", "P2"]


def test_a_full_stop_at_the_end_of_a_full_line_does_not_end_it() -> None:
    after = "The union denied it, and said that nobody of its members had been near the dam, ever."
    text = f"{LONG} today.\n{after}\n"
    assert ids(text) == ["P1"]


def test_long_lines_are_paragraphs_each() -> None:
    text = f"{LONG}, {LONG.lower()}, so it said.\n{LONG}, {LONG.lower()} again.\n"
    assert ids(text) == ["P1", "P2"]


def test_a_text_that_is_indented_as_a_whole_is_not_parted_by_it() -> None:
    after = "The union denied it and said that nobody had been near the dam that night ever."
    text = f"    {LONG} today.\n    {after}\n"
    assert ids(text) == ["P1"]


def test_a_heading_is_told_from_a_short_paragraph() -> None:
    assert ids("Empty taps\n\nWho did it?\n\nHe said:\n\nIt fell.\n") == ["H1", "P1", "P2", "P3"]


def test_windows_line_ends_count_as_two_code_points() -> None:
    text = "It fell.\r\n\r\nIt rose.\r\n"
    assert [(b.span.start, b.span.end) for b in read_blocks(text)] == [(0, 8), (12, 20)]


def test_an_arabic_text_parts_into_paragraphs() -> None:
    text = "نفى المزارعون ذلك.\n\nاقرأ أيضا: مسيرة من أجل الماء\n\nمن فتح البوابات؟\n"
    assert ids(text) == ["P1", "R1", "P2"]


@given(st.text(alphabet=st.sampled_from("Ab. \n\t\"'“”()!?؟。,-\ufeff7é"), max_size=80))
def test_blocks_and_sentences_cover_all_that_prints_in_order(text: str) -> None:
    end = 0
    for block in read_blocks(text):
        assert block.sentences
        for sentence in block.sentences:
            span = sentence.span
            assert end <= span.start < span.end <= block.span.end
            assert not text[end : span.start].strip("\ufeff \n\t")
            end = span.end
    assert not text[end:].strip("\ufeff \n\t")
