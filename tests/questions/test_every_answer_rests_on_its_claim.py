"""Remove one claim from a copy of the folder: the question that it answers then fails."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pyoxigraph
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat
from tests.questions import test_paragraphs_1_to_9 as questions
from tests.questions.test_paragraphs_1_to_9 import Ask, Row

ARTICLE = Path("triples", "articles", "343dbc8f.ttl")
REC = "https://w3id.org/onrecord/ns#"


class Server(Protocol):
    """What `serve_folder` yields."""

    def ask(self, query_name: str, **parameters: str) -> list[Row]: ...


def without(claim: NamedNode, quads: list[Quad]) -> list[Quad]:
    """The quads without `claim`, the links from and to it, and what mentions these."""
    ends = {NamedNode(REC + "from"), NamedNode(REC + "to")}
    gone = {claim} | {quad.subject for quad in quads if quad.predicate in ends and quad.object == claim}
    return [quad for quad in quads if quad.subject not in gone and quad.object not in gone]


@pytest.mark.parametrize(
    ("slug", "question"),
    [
        ("jaish-al-islam-controls-douma", questions.test_the_article_says_that_jaish_al_islam_holds_douma),
        ("alliance-includes-iran", questions.test_the_article_lists_four_members_of_the_alliance),
        (
            "commander-talks-stopped",
            questions.test_the_commander_and_alloush_contradict_each_other_and_the_first_word_is_the_cue,
        ),
        (
            "zakharova-operation-nearly-finished",
            questions.test_zakharova_reaches_us_through_ria_and_then_the_article,
        ),
        ("civilians-flee-across-front", questions.test_counts_of_people_without_a_figure_keep_their_hedges),
    ],
)
def test_a_question_fails_when_the_claim_that_answers_it_is_removed(
    slug: str,
    question: Callable[[Ask], None],
    ask: Ask,
    folder_copy: Path,
    serve_folder: Callable[[Path], AbstractContextManager[Server]],
) -> None:
    question(ask)
    file = folder_copy / ARTICLE
    before = list(pyoxigraph.parse(path=file, format=RdfFormat.TURTLE))
    after = without(NamedNode(questions.claim(slug)), before)
    assert len(after) < len(before), f"{slug} is not in the article's file"
    file.write_bytes(pyoxigraph.serialize((quad.triple for quad in after), format=RdfFormat.TURTLE) or b"")
    with serve_folder(folder_copy) as server:
        questions.test_quoted_words_belong_to_those_who_said_or_printed_them(server.ask)
        with pytest.raises(AssertionError):
            question(server.ask)
