"""For each kind of thing found: a remark for the author, and Turtle to paste and complete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal

from onrecord.authoring.article import Article, Encoding
from onrecord.authoring.blocks import Sentence
from onrecord.authoring.names import Mention
from onrecord.authoring.quantities import Amount
from onrecord.authoring.quotations import Quotation
from onrecord.authoring.records import english, span_record, time_record, write_record
from onrecord.authoring.reporting import Report
from onrecord.authoring.spans import Span
from onrecord.authoring.times import TimeWords, spell_day
from onrecord.authoring.vocabulary import Vocabulary

Snippet = tuple[str, str]


@dataclass(frozen=True)
class Context:
    """Where something was found and who would write it down; `written` is the day of the text, if known."""

    article: Article
    encoding: Encoding
    vocabulary: Vocabulary
    sentence: Sentence
    written: date | None

    @property
    def is_related(self) -> bool:
        """Whether the sentence is the headline of another article."""
        return self.sentence.id.startswith("R")

    @property
    def evidence(self) -> str:
        return f"span:{self.sentence.span}"

    def term(self, prefix: str, kind: str, name: str | None) -> str:
        """`prefix:name` where the folder's list `kind` has the term, else a gap to fill."""
        if name is not None and self.vocabulary.has_term(kind, name):
            return f"{prefix}:{name}"
        return f"{prefix}:?{kind}"

    def pin(self, span: Span) -> list[str]:
        """The TextSpan of `span`; nothing where the article's file has it already, as a sentence."""
        return [] if self.article.is_sentence(span) else [span_record(self.article, span, self.encoding)]


def for_report(report: Report, context: Context, beside: Iterable[object], number: int) -> Snippet:
    """A statement with its cue, the narrator's that relays it, a claim; `number` tells like acts apart."""
    where = context.sentence.id.lower()
    if report.is_silence:
        remark = "The article tells that somebody kept silent: a statement of its narrator, negated."
        silence = f"stmt:{where}-narrator-{report.act}"
        return remark, _join(
            [
                _narrator(context, silence, report.act, ("rec:makes", "claim:?claim")),
                _claim(context, attribution="narrator", is_negated=True),
            ]
        )
    others = [one for one in beside if one is not report]
    passes_on = report.act == "reports"
    statement = f"stmt:{where}-?speaker-{report.act}" + (f"-{number}" if number > 1 else "")
    facts = [
        ("rdfs:label", "?label"),
        ("rec:act", f"act:{report.act}"),
        ("rec:cue", f"span:{report.span}"),
        ("rec:foundIn", f"article:{context.article.name}"),
        ("rec:relays", "stmt:?statement") if passes_on else ("rec:makes", "claim:?claim"),
        ("rec:saidDuring", "time:?time"),
        ("rec:speaker", "id:?speaker"),
        ("rec:voice", "voice:other-headline" if context.is_related else "voice:party"),
        *context.encoding.by,
    ]
    act = "links-to" if context.is_related else "reports"
    records = [
        *context.pin(report.span),
        write_record(statement, "Statement", facts),
        _narrator(context, f"stmt:{where}-narrator-{act}", act, ("rec:relays", statement)),
    ]
    if not passes_on:
        records.append(_claim(context, report.modality, is_negated=report.act == "denies"))
    remark = f"Suggests {report.act}. {_who(report, context, others)} {_when(others, context)}"
    if passes_on:
        remark += " It passes on what others said: it relays their statements, and the narrator relays it."
    elif any(isinstance(one, Report) and one.act == "reports" for one in others):
        remark += " If another passes this on, let that statement relay it, and the narrator relay that one."
    return remark, _join(records)


def for_quotation(quotation: Quotation, context: Context, is_short: bool) -> Snippet:
    """A claim that rests on the quotation, its marks included; of a long one no words are kept."""
    words = [("rec:quotedWords", str(Literal(quotation.words)))] if is_short else []
    remark = "Whose words are these? Let their statement make the claim."
    if not is_short:
        remark += " They are too many to keep: rec:quotedWords may hold a few, if they are the claim."
    claim = _claim(context, evidence=f"span:{quotation.span}", more=words)
    return remark, _join([*context.pin(quotation.span), claim])


def for_amount(amount: Amount, context: Context) -> Snippet:
    """A quantity, with the figure as printed and the bounds that the words or the convention give."""
    facts = [
        ("rdfs:label", "?label"),
        ("rec:counts", "id:?counted"),
        ("rec:hedge", context.term("hedge", "hedge", amount.hedge)),
        ("rec:unit", context.term("unit", "unit", amount.unit)),
        *context.encoding.by,
    ]
    if amount.figure is not None:
        facts.append(("rec:figure", str(amount.figure)))
    low, high = amount.at_least, amount.at_most
    if amount.figure is None and low is None and high is None:
        facts += [("rec:atLeast", "?least"), ("rec:atMost", "?most"), ("rec:boundsBy", "bounds:convention")]
    if low is not None:
        facts.append(("rec:atLeast", str(low)))
    if high is not None:
        facts.append(("rec:atMost", str(high)))
    if amount.bounds is not None:
        facts.append(("rec:boundsBy", f"bounds:{amount.bounds}"))
    remark = "Who or what is counted? The claim that it belongs to gets rec:quantity."
    if amount.hedge != "none" and not context.vocabulary.has_term("hedge", amount.hedge):
        remark += " No term is known for its hedge: choose the nearest, and say so in a comment."
    return remark, write_record("qty:?name", "Quantity", facts)


def for_time(time: TimeWords, context: Context) -> Snippet:
    """A time span; where no days are known, its bounds are left to fill in."""
    days = (time.first, time.last)
    name = _time_name(time, context)
    if name == "document-day":
        return "The day of the article, which its file has already.", f"time:{name}"
    if name is not None and time.first is not None:
        label = spell_day(time.first) if time.precision == "day" else name
        remark = (
            "Read as the last such day up to the day of the article." if time.convention else "As printed."
        )
        return remark, time_record(name, english(label), time.precision, days, False, context.encoding)
    if time.first is not None:
        label = english(f"From {time.first} to {time.last}")
        record = time_record(
            f"{time.first}-to-{time.last}", label, time.precision, days, False, context.encoding
        )
        return "Counted from the day of the article.", record
    latest = f'"{context.written.isoformat()}T23:59:59Z"^^xsd:dateTime' if context.written else "?until"
    facts = [
        ("rdfs:label", "?label"),
        ("rec:fuzzy", "true"),
        ("rec:notAfter", latest),
        ("rec:notBefore", "?from"),
        ("rec:precision", f"prec:{time.precision}"),
        *context.encoding.by,
    ]
    return "Its bounds are a convention of yours.", write_record("time:?name", "TimeSpan", facts)


def for_mention(mention: Mention, context: Context) -> Snippet:
    """The names of the entities whose label the words are."""
    names = [context.encoding.shorten(entity) for entity in mention.entities]
    if len(names) == 1:
        return "A label of this entity. Is it meant here?", names[0]
    return "A label of each of these entities. Which is meant, if any?", "\n".join(names)


def _claim(
    context: Context,
    modality: str = "asserted",
    attribution: str = "explicit",
    is_negated: bool = False,
    evidence: str | None = None,
    more: Iterable[Snippet] = (),
) -> str:
    facts = [
        ("rdfs:label", "?paraphrase"),
        ("rec:attribution", f"attr:{'headline' if context.is_related else attribution}"),
        ("rec:evidence", evidence or context.evidence),
        ("rec:modality", f"mod:{modality}"),
        ("rec:object", "id:?object"),
        ("rec:polarity", "pol:negated" if is_negated else "pol:affirmed"),
        ("rec:relation", "rel:?relation"),
        ("rec:subject", "id:?subject"),
        *more,
        *context.encoding.by,
    ]
    return write_record("claim:?claim", "Claim", facts)


def _narrator(context: Context, name: str, act: str, content: Snippet) -> str:
    words = {"reports": "passes on", "links-to": "points to", "reports-silence": "tells of silence"}[act]
    facts = [
        ("rdfs:label", english(f"The article {words}, {context.sentence.id}")),
        ("rec:act", f"act:{act}"),
        ("rec:foundIn", f"article:{context.article.name}"),
        ("rec:saidDuring", "time:document-day" if context.written else "time:?time"),
        ("rec:speaker", "art:narrator"),
        ("rec:voice", "voice:article"),
        content,
        *context.encoding.by,
    ]
    return write_record(name, "Statement", facts)


def _who(report: Report, context: Context, others: Iterable[object]) -> str:
    near = sorted(
        (abs(one.span.start - report.span.start), entity)
        for one in others
        if isinstance(one, Mention)
        for entity in one.entities
        if entity in context.vocabulary.agents
    )
    names = dict.fromkeys(f"`{context.encoding.shorten(entity)}`" for _, entity in near)
    return f"Who speaks? Perhaps {' or '.join(names)}." if names else "Who speaks?"


def _when(others: Iterable[object], context: Context) -> str:
    named = [_time_name(one, context) for one in others if isinstance(one, TimeWords)]
    names = dict.fromkeys(f"`time:{name}`" for name in named if name)
    return f"When? Perhaps {' or '.join(names)}." if names else "When?"


def _time_name(time: TimeWords, context: Context) -> str | None:
    if context.written is not None and time.first == time.last == context.written:
        return "document-day"
    return time.name


def _join(records: Iterable[str]) -> str:
    return "\n".join(records).rstrip("\n")
