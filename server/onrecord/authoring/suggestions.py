"""What the finders see in an article, each as a suggestion with Turtle to complete. None of it is a claim."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Literal

from onrecord.authoring import snippets
from onrecord.authoring.article import Article, Encoding
from onrecord.authoring.blocks import Sentence
from onrecord.authoring.names import Mention, find_mentions
from onrecord.authoring.quantities import Amount, find_amounts
from onrecord.authoring.quotations import Quotation, find_quotations
from onrecord.authoring.reporting import Report, find_reports
from onrecord.authoring.spans import Span, anchor, count_words
from onrecord.authoring.times import TimeWords, find_times
from onrecord.authoring.vocabulary import Vocabulary

Kind = Literal["name", "number", "quotation", "time", "verb"]
Found = Mention | Amount | Quotation | TimeWords | Report
KINDS: tuple[Kind, ...] = ("verb", "quotation", "number", "time", "name")

MOST_KEPT_WORDS = 7
"""Of a longer string only the first words are kept: a sentence in quotation marks is one all the same."""


@dataclass(frozen=True)
class Suggestion:
    """`words` are those found, shortened where many; `remark` helps to decide; `turtle` is to complete."""

    kind: Kind
    sentence: Sentence
    span: Span
    sha256: str
    words: str
    remark: str
    turtle: str


def find_everything(article: Article, vocabulary: Vocabulary, written: date | None) -> list[Found]:
    """All that the finders see, in the order of the text; digits of a date are no number."""
    text, blocks = article.text, article.blocks
    times = find_times(text, blocks, written)
    amounts = [
        amount
        for amount in find_amounts(text, blocks)
        if not any(amount.span.overlaps(time.span) for time in times)
    ]
    found: list[Found] = [*find_quotations(text, blocks), *amounts, *find_reports(text, blocks), *times]
    found += find_mentions(text, blocks, vocabulary.entities)
    return sorted(found, key=lambda one: (one.span.start, -one.span.end, type(one).__name__))


def suggest(
    article: Article, vocabulary: Vocabulary, encoding: Encoding, written: date | None
) -> list[Suggestion]:
    """A suggestion for each thing found, in the order of the text."""
    beside: dict[str, list[Found]] = {}
    placed: list[tuple[Found, Sentence]] = []
    for one in find_everything(article, vocabulary, written):
        sentence = article.sentence_at(one.span.start)
        if sentence is not None:
            placed.append((one, sentence))
            beside.setdefault(sentence.id, []).append(one)
    told: Counter[tuple[str, str]] = Counter()
    suggestions = []
    for one, sentence in placed:
        context = snippets.Context(article, encoding, vocabulary, sentence, written)
        if isinstance(one, Report):
            told[sentence.id, one.act] += 1
            remark, turtle = snippets.for_report(
                one, context, beside[sentence.id], told[sentence.id, one.act]
            )
        elif isinstance(one, Quotation):
            remark, turtle = snippets.for_quotation(one, context, count_words(one.words) <= MOST_KEPT_WORDS)
        elif isinstance(one, Amount):
            remark, turtle = snippets.for_amount(one, context)
        elif isinstance(one, TimeWords):
            remark, turtle = snippets.for_time(one, context)
        else:
            remark, turtle = snippets.for_mention(one, context)
        words = one.words if count_words(one.words) <= MOST_KEPT_WORDS else f"{anchor(one.words)} …"
        digest = one.span.sha256(article.text)
        suggestions.append(Suggestion(_kind(one), sentence, one.span, digest, words, remark, turtle))
    return suggestions


def _kind(found: Found) -> Kind:
    kinds: dict[type[Found], Kind] = {
        Report: "verb",
        Quotation: "quotation",
        Amount: "number",
        TimeWords: "time",
        Mention: "name",
    }
    return kinds[type(found)]
