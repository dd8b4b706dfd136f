"""Verbs by which English texts report what others said, with the speech act that each suggests."""

# ruff: noqa: RUF001  # the marks of many scripts are what this module is about

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.authoring.blocks import Block
from onrecord.authoring.lexicon import list_words
from onrecord.authoring.spans import Span, join_words

_FORMS = {
    "says": """say says said saying tell tells told telling add adds added announce announces announced
        declare declares declared insist insists insisted maintain maintains maintained argue argues argued
        acknowledge acknowledges acknowledged admit admits admitted concede concedes conceded confirm
        confirms confirmed explain explains explained remark remarks remarked assert asserts asserted claim
        claims claimed
        reply replies replied respond responded testify testifies testified write writes wrote tweeted
        warn warns warned stress stresses stressed vow vows vowed pledge pledges pledged promise promised
        demand demands demanded urge urges urged cite cites citing cited quote quotes quoting quoted""",
    "reports": "report reports reported reporting relayed",
    "accuses": "accuse accuses accused accusing blame blames blamed blaming allege alleges alleged alleging",
    "denies": """deny denies denied denying reject rejects rejected rejecting dismiss dismisses dismissed
        refute refutes refuted dispute disputes disputed""",
    "evaluates": """condemn condemns condemned criticise criticises criticised criticize criticizes
        criticized
        praise praises praised hail hails hailed denounce denounces denounced""",
    "describes": "describe describes described describing",
    "labels": "call calls called calling dub dubbed brand branded label labelled labeled",
    "justifies": "justify justifies justified defend defends defended",
    "predicts": "predict predicts predicted forecast forecasts",
}
_ACTS = {form: act for act, forms in _FORMS.items() for form in list_words(forms)}
_MODALITIES = {
    "accuses": "accusation",
    "denies": "denial",
    "evaluates": "evaluation",
    "justifies": "justification",
    "predicts": "predicted",
}
_SILENCES = (
    r"g[ai]ves?\s+no|(?:did|does|do|would|could)\s+not\s+(?:\w+\s+)?(?:say|comment|respond|reply|elaborate|give"
    r"|answer|confirm|deny)|(?:didn|doesn|wouldn)['’]t\s+(?:say|comment|respond|reply|elaborate|give|answer)"
    r"|declined\s+to\s+\w+|refused\s+to\s+(?:say|comment|answer)|made\s+no\s+comment|no\s+comment\s+from"
    r"|neither\s+confirmed\s+nor\s+denied|remained\s+silent|has\s+not\s+commented"
)
_VERBS = "|".join(sorted(_ACTS, key=len, reverse=True))
_REPORTING = re.compile(
    rf"\b(?:(?P<silence>{_SILENCES})|(?P<source>according\s+to|sp(?:oke|eaks?)\s+of)|(?P<verb>{_VERBS}))\b",
    re.IGNORECASE,
)
_NOUNS = frozenset(
    list_words(
        "report reports claim claims demand demands promise pledge pledges vow vows dispute disputes call "
        "calls forecast forecasts brand label blame urge stress stresses"
    )
)
_BEFORE_NOUN = re.compile(
    r"\b(?:the|an?|of|no|some|any|these|those|this|that|its|their|his|her|media|news|several|such|new|recent|by|in|with|"
    r"from|on|despite|earlier|first|false|rival|competing|legal|for|under)\s+\Z",
    re.IGNORECASE,
)
_NO_SPEECH_AFTER = {
    "labels": re.compile(r"\s+(?:for|off|up)\b", re.IGNORECASE),
    "accuses": re.compile(r"\s+(?:killer|murderer|thief|victim)\b", re.IGNORECASE),
}
_ADJECTIVAL = re.compile(r"\b(?:the|an?|of|their|its|his|her|these|those)\s+\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Report:
    """A reporting verb or phrase; `act` and `modality` are names in the term lists."""

    span: Span
    words: str
    act: str
    modality: str

    @property
    def is_silence(self) -> bool:
        """Whether it tells that somebody did not speak, which is a statement of the narrator."""
        return self.act == "reports-silence"


def find_reports(text: str, blocks: Iterable[Block]) -> list[Report]:
    """The reporting verbs of `text`; a noun of the same form (`the report`) is none.

    >>> from onrecord.authoring.blocks import read_blocks
    >>> text = "The army denied reports of an attack, a paper said. It gave no details."
    >>> [(found.words, found.act) for found in find_reports(text, read_blocks(text))]
    [('denied', 'denies'), ('said', 'says'), ('gave no', 'reports-silence')]
    """
    return [
        _report(match)
        for block in blocks
        for match in _REPORTING.finditer(text, block.span.start, block.span.end)
        if match["verb"] is None or _is_verb(text, match)
    ]


def _is_verb(text: str, match: re.Match[str]) -> bool:
    form = match["verb"].lower()
    before = text[max(0, match.start() - 24) : match.start()]
    if text[match.end() : match.end() + 1] == "-" or before.endswith("-"):
        return False
    if form in _NOUNS and (_BEFORE_NOUN.search(before) or re.match(r"\s+(?:of|for)\b", text[match.end() :])):
        return False
    if form in ("accused", "alleged", "disputed") and _ADJECTIVAL.search(before):
        return False
    refused = _NO_SPEECH_AFTER.get(_ACTS[form])
    return not (refused and refused.match(text, match.end()))


def _report(match: re.Match[str]) -> Report:
    span, words = Span(*match.span()), join_words(match.group())
    if match["silence"]:
        return Report(span, words, "reports-silence", "asserted")
    act = _ACTS[match["verb"].lower()] if match["verb"] else "says"
    return Report(span, words, act, _MODALITIES.get(act, "asserted"))
