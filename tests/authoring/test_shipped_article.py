"""The shipped article's text: what rules find in it agrees with a careful reading of it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from onrecord.authoring.article import Article
from onrecord.authoring.files import read_article, vocabulary_of
from onrecord.authoring.names import Mention
from onrecord.authoring.quantities import Amount
from onrecord.authoring.quotations import Quotation
from onrecord.authoring.suggestions import Found, find_everything
from onrecord.folder import Folder

KINDS = {"paragraph": "paragraph", "related-link": "related", "crosshead": "heading"}


@pytest.fixture(scope="module")
def reading(shared: Path) -> dict[str, object]:
    loaded = json.loads((shared / "article" / "encoding-P1-P9.json").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def article(shared: Path, reading: dict[str, object]) -> Article:
    document = reading["document"]
    assert isinstance(document, dict)
    read = read_article(shared / "article" / document["file"])
    assert read.sha256 == document["sha256"]
    return read


@pytest.fixture(scope="module")
def found(article: Article, repository: Path) -> list[Found]:
    return find_everything(article, vocabulary_of(Folder(repository)), date(2018, 3, 29))


def test_blocks_and_sentences_are_those_of_the_reading(article: Article, reading: dict[str, object]) -> None:
    blocks = reading["blocks"]
    assert isinstance(blocks, list)
    wanted = [
        (KINDS[block["kind"]], s["id"], s["span"]["start"], s["span"]["end"], s["span"]["sha256"])
        for block in blocks
        for s in block["sentences"]
    ]
    assert [
        (block.kind, s.id, s.span.start, s.span.end, s.span.sha256(article.text))
        for block in article.blocks
        for s in block.sentences
    ] == wanted


def test_everything_found_lies_within_one_block_of_the_reading(
    article: Article, found: list[Found], reading: dict[str, object]
) -> None:
    blocks = reading["blocks"]
    assert isinstance(blocks, list)
    assert len(found) > 100
    for one in found:
        (block,) = [
            b for b in blocks if b["span"]["start"] <= one.span.start and one.span.end <= b["span"]["end"]
        ]
        sentence = article.sentence_at(one.span.start)
        assert sentence is not None and sentence.id.startswith(block["id"] + "S")
        words = one.span.cut(article.text)
        assert one.span.sha256(article.text) == hashlib.sha256(words.encode()).hexdigest()
        assert words == words.strip()


def test_the_four_quotations_are_found(article: Article, found: list[Found]) -> None:
    quotations = [one for one in found if isinstance(one, Quotation)]
    assert [(q.span.start, q.span.end) for q in quotations] == [
        (1106, 1135),
        (1342, 1363),
        (2121, 2204),
        (3474, 3480),
    ]
    for quotation in quotations:
        assert quotation.words == " ".join(quotation.span.cut(article.text)[1:-1].split())


def test_the_numbers_of_the_reading_are_found_with_their_hedges(
    found: list[Found], reading: dict[str, object]
) -> None:
    amounts = [one for one in found if isinstance(one, Amount)]
    claims = reading["claims"]
    assert isinstance(claims, list)
    spoken = {claim["sentence"] for claim in claims}
    assert len(spoken) > 10
    printed = {(a.figure, a.hedge) for a in amounts if a.figure is not None}
    assert printed >= {
        (113000, "more-than"), (7500, "about"), (30000, "none"), (134000, "about"), (40000, "some"),
        (75000, "none"), (47000, "none"), (1600, "more-than"), (320, "none"), (7, "none"),
    }  # fmt: skip
    assert [a.hedge for a in amounts if a.figure is None] == [
        "thousands-of", "tens-of-thousands", "tens-of-thousands", "a-few", "dozens",
    ]  # fmt: skip


def test_every_figure_that_the_reading_has_is_found_in_its_claim(
    found: list[Found], reading: dict[str, object]
) -> None:
    claims = reading["claims"]
    assert isinstance(claims, list)
    compared = 0
    for claim in claims:
        for quantity in claim["quantities"]:
            if quantity["value"] is None or quantity["text"] in ("a single", "the last"):
                continue
            inside = [
                one.figure
                for one in found
                if isinstance(one, Amount)
                and claim["span"]["start"] <= one.span.start
                and one.span.end <= claim["span"]["end"]
            ]
            assert quantity["value"] in inside, claim["id"]
            compared += 1
    assert compared


def test_a_name_broken_at_the_end_of_a_line_is_found(article: Article, found: list[Found]) -> None:
    broken = [one for one in found if isinstance(one, Mention) and "\n" in one.span.cut(article.text)]
    assert "Bashar al-Assad" in [one.words for one in broken]


def test_names_that_a_folder_gives_beside_a_label_are_looked_for_too(repository: Path) -> None:
    entities = {(label.words, label.entity) for label in vocabulary_of(Folder(repository)).entities}
    government = "https://w3id.org/onrecord/ghouta/id/russia-gov"
    assert {("Moscow", government), ("Russian government", government)} <= entities
