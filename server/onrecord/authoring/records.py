"""Records of an article in Turtle, for its file and for an author to paste and complete.

Whatever the author has to fill in is a word after a question mark (`?speaker`,
`id:?subject`), which Turtle does not know: an unfinished record does not
parse, so none is ever served.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from pyoxigraph import Literal

from onrecord.authoring.article import Article, Encoding
from onrecord.authoring.spans import Span, anchor
from onrecord.authoring.times import spell_day

Facts = Iterable[tuple[str, str]]


def write_record(name: str, kind: str, facts: Facts) -> str:
    """One record, its properties sorted.

    >>> print(write_record("id:dam", "Location", [("rdfs:label", '"the dam"@en')]), end="")
    id:dam a rec:Location ;
        rdfs:label "the dam"@en .
    """
    return " ;\n    ".join([f"{name} a rec:{kind}", *(" ".join(fact) for fact in sorted(facts))]) + " .\n"


def write_prefixes(prefixes: Mapping[str, str]) -> str:
    """The lines that declare `prefixes`."""
    return "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in prefixes.items())


def english(words: str) -> str:
    """`words` as a literal in English.

    >>> english('the "dam"')
    '"the \\\\"dam\\\\""@en'
    """
    return str(Literal(words, language="en"))


def span_record(article: Article, span: Span, encoding: Encoding) -> str:
    """The TextSpan of `span`; of a whole sentence it keeps fewer words than the sentence has."""
    sentence = article.sentence_at(span.start)
    name = sentence.id if sentence else "P1S1"
    kept = anchor(span.cut(article.text), whole_sentence=article.is_sentence(span))
    facts = [
        ("rdfs:label", english(f"{name}, {span.start} to {span.end}")),
        ("rec:anchor", str(Literal(kept))),
        ("rec:end", str(span.end)),
        ("rec:inSource", f"article:{encoding.article}"),
        ("rec:sentence", f'"{name}"'),
        ("rec:sha256", f'"{span.sha256(article.text)}"'),
        ("rec:start", str(span.start)),
    ]
    return write_record(f"span:{span}", "TextSpan", [*facts, *encoding.by])


def time_record(
    name: str,
    label: str,
    precision: str,
    days: tuple[date | None, date | None],
    is_fuzzy: bool,
    encoding: Encoding,
) -> str:
    """A TimeSpan from the start of the first of `days` to the end of the last; None leaves a side open."""
    first, last = days
    facts = [
        ("rdfs:label", label),
        ("rec:fuzzy", "true" if is_fuzzy else "false"),
        ("rec:precision", f"prec:{precision}"),
    ]
    if first is not None:
        facts.append(("rec:notBefore", f'"{first.isoformat()}T00:00:00Z"^^xsd:dateTime'))
    if last is not None:
        facts.append(("rec:notAfter", f'"{last.isoformat()}T23:59:59Z"^^xsd:dateTime'))
    return write_record(f"time:{name}", "TimeSpan", [*facts, *encoding.by])


def document_day(written: date, encoding: Encoding) -> str:
    """The day of the article."""
    label = english(f"The day of the article, {spell_day(written)}")
    return time_record("document-day", label, "day", (written, written), False, encoding)


def not_after_writing(written: date, encoding: Encoding) -> str:
    """The time of what the article dates in no other way."""
    label = english("Not after the day of the article")
    return time_record("by-writing", label, "unknown", (None, written), True, encoding)
