"""Where sentences end: abbreviations, numbers, quotations, hard wraps, scripts."""

# ruff: noqa: RUF001  # texts in many scripts

from __future__ import annotations

import pytest

from onrecord.authoring.sentences import find_sentences
from onrecord.authoring.spans import Span

CASES = {
    "titles": ["Gen. Orr met Dr. Ines Halloran.", "Mr. Okello left."],
    "initials": ["J. R. Okello met A. A. Milne.", "He left."],
    "a letter that is no initial": ["They chose plan B.", "The dam held."],
    "initialisms inside a sentence": ["The U.N. Basin Office and the U.S. Army agreed."],
    "an initialism at a sentence's end": ["It is a body of the U.N.", "It was asked to come."],
    "hours": ["It began at 3 a.m. on Monday.", "It ended at 5 p.m.", "Okello went home."],
    "companies": [
        "Sorrel Water Co. chairwoman Halloran left.",
        "She works for Acme Ltd.",
        "The firm is small.",
    ],
    "latin": ["Some (e.g. farmers, i.e. owners) agreed, cf. the report.", "Others did not."],
    "decimal numbers": ["It fell by 2.5 metres.", "It rose 0.5."],
    "numbers that open a sentence": ["Many fled.", "40,000 people remained."],
    "numbered things": ["See No. 5 and p. 12 of vol. 3.", "No.", "The dam held."],
    "months cut short": ["It broke on Sept. 5 and on 3. Mai.", "It was mended in Oct.", "The rain came."],
    "a list number": ["1. The dam is closed.", "It stays so."],
    "a quotation after the full stop": ['She said: "We stay."', "He left."],
    "a quotation before its tag": ['"We left. ', "We did not come back,” she said."],
    "a question before its tag": ['"Who gains?" Okello asked reporters.', '"Not us."'],
    "an exclamation before small letters": ["“Never!” she said.", "He went."],
    "brackets": ["It split in 2016 (see p. 5. Also the map.) and healed.", "(It is closed.)", "The end."],
    "an ellipsis": ["It fell ... and fell…", "The lake is dry."],
    "a hard wrap": ["It was the\nU.N. that\ncame.", "They\nleft."],
    "small letters after a full stop": ["The site dam.example is run by yahoo. it says so."],
    "guillemets": ["Il a dit : « Nous restons. »", "Puis il est parti."],
    "german quotation marks": ["Er sagte: „Wir bleiben.“", "Dann ging er."],
    "arabic": ["من فتح البوابات؟", "قال المزارعون: «لسنا نحن.»", "ثم رحلوا."],
    "urdu": ["دروازے کس نے کھولے۔", "کوئی نہیں جانتا۔"],
    "chinese": ["水库干了。", "谁开了闸门？", "他说：“不是我们。”"],
    "chinese within a quotation": ["“不是我们。”他说。", "水库干了。"],
    "hindi": ["बाँध खुला।", "पानी गया।"],
    "armenian": ["Ջուրը գնաց։", "Նա լռեց։"],
    "no mark at all": ["Gates of the dam were opened"],
}


@pytest.mark.parametrize("sentences", CASES.values(), ids=CASES.keys())
def test_a_paragraph_parts_into_its_sentences(sentences: list[str]) -> None:
    wanted = [sentence.strip() for sentence in sentences]
    joiner = "" if any("\u4e00" <= character <= "\u9fff" for character in wanted[0]) else " "
    text = joiner.join(wanted)
    spans = find_sentences(text, Span(0, len(text)))
    assert [span.cut(text) for span in spans] == wanted


def test_marks_that_print_nothing_belong_to_no_sentence() -> None:
    text = "\ufeffIt fell.\u200f \u200eIt rose.\u00a0"
    assert [span.cut(text) for span in find_sentences(text, Span(0, len(text)))] == ["It fell.", "It rose."]


def test_offsets_count_code_points() -> None:
    text = "😀 — She left. He stayed."
    assert find_sentences(text, Span(0, len(text))) == [Span(0, 13), Span(14, 24)]
