"""The file of a new article: its source, its narrator, a span for each sentence, and no claim."""

from __future__ import annotations

from datetime import date

from onrecord.authoring.article import Article, Encoding
from onrecord.authoring.records import document_day, english, span_record, write_prefixes, write_record
from onrecord.building.formatting import format_turtle


def write_skeleton(article: Article, encoding: Encoding, label: str, written: date | None) -> str:
    """Canonical Turtle; `label` names the source, `written` is the day of the text where it is known."""
    source = f"article:{article.name}"
    facts = [
        ("rdfs:label", english(label)),
        ("rec:characters", str(len(article.text))),
        ("rec:sha256", f'"{article.sha256}"'),
    ]
    if written is not None:
        facts.append(("rec:documentTime", "time:document-day"))
    records = [
        write_record(source, "Source", [*facts, *encoding.by]),
        write_record(
            "art:narrator",
            "Narrator",
            [("rdfs:label", english(f"Narrator of: {label}")), ("rec:narrates", source)],
        ),
        *(span_record(article, sentence.span, encoding) for sentence in article.sentences),
    ]
    if written is not None:
        records.append(document_day(written, encoding))
    header = (
        f"# {label}.\n"
        f"# Each claim is pinned to a span of the text whose SHA-256 begins with {article.name} (offsets in\n"
        "# Unicode code points, end exclusive). The text is not kept: labels are paraphrases, rec:anchor\n"
        "# holds the first words of a span.\n"
    )
    text = "\n".join([header, write_prefixes(encoding.prefixes), *records])
    return format_turtle(text, f"triples/articles/{article.name}.ttl")
