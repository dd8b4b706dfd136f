"""An article as an author works on it: its text, its blocks, and the names that its records get."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from onrecord.authoring.blocks import Block, Sentence, read_blocks
from onrecord.authoring.spans import Span
from onrecord.terms import RDFS, REC, TERM, XSD, IriSpace

_LISTS = {
    "act": "speech-act",
    "attr": "attribution",
    "bounds": "bounds-basis",
    "hedge": "hedge",
    "mod": "modality",
    "pol": "polarity",
    "prec": "precision",
    "rel": "relation",
    "unit": "unit",
    "voice": "voice",
}
_RECORDS = {
    "claim": "claim",
    "link": "link",
    "qty": "quantity",
    "span": "span",
    "stmt": "statement",
    "time": "time",
}
# A local name that Turtle needs no escape for; anything else is written in full.
_PLAIN = re.compile(r"\w(?:[\w.-]*[\w-])?", re.ASCII)


@dataclass(frozen=True)
class Article:
    """A text with what identifies it: the SHA-256 of its UTF-8 bytes."""

    text: str

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def name(self) -> str:
        """The first eight digits of the hash, as IRIs and files have them."""
        return self.sha256[:8]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        return read_blocks(self.text)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for block in self.blocks for sentence in block.sentences)

    @cached_property
    def _ends(self) -> list[int]:
        return [sentence.span.end for sentence in self.sentences]

    def sentence_at(self, position: int) -> Sentence | None:
        """The sentence in which `position` stands, or before which: a span is named after where it begins.

        >>> Article("It rained. She left.").sentence_at(12).id
        'P1S2'
        """
        place = bisect_right(self._ends, position)
        return self.sentences[place] if place < len(self.sentences) else None

    def is_sentence(self, span: Span) -> bool:
        sentence = self.sentence_at(span.start)
        return sentence is not None and sentence.span == span


@dataclass(frozen=True)
class Encoding:
    """Where an article's records belong, who writes them and when; `encoder` is an IRI, or None."""

    space: IriSpace
    article: str
    encoder: str | None
    moment: datetime

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes of an article's file; the same in every folder but for its IRI space."""
        base = f"{self.space.base}article/"
        prefixes = {prefix: f"{TERM}{name}/" for prefix, name in _LISTS.items()}
        prefixes |= {prefix: f"{base}{self.article}/{name}/" for prefix, name in _RECORDS.items()}
        prefixes |= {"art": f"{base}{self.article}/", "article": base, "id": f"{self.space.base}id/"}
        return dict(sorted((prefixes | {"rdfs": RDFS, "rec": REC, "xsd": XSD}).items()))

    def shorten(self, iri: str) -> str:
        """`iri` as the file writes it.

        >>> space = IriSpace("https://example.org/x/")
        >>> Encoding(space, "343dbc8f", None, datetime(2031, 6, 20)).shorten("https://example.org/x/id/dam")
        'id:dam'
        """
        fitting = [
            (namespace, prefix)
            for prefix, namespace in self.prefixes.items()
            if iri.startswith(namespace) and _PLAIN.fullmatch(iri, len(namespace))
        ]
        if not fitting:
            return f"<{iri}>"
        namespace, prefix = max(fitting, key=lambda fit: len(fit[0]))
        return f"{prefix}:{iri[len(namespace) :]}"

    @property
    def by(self) -> tuple[tuple[str, str], ...]:
        """Who wrote a record and when, as its facts."""
        moment = self.moment.astimezone(UTC) if self.moment.tzinfo else self.moment
        return (
            ("rec:encodedBy", self.shorten(self.encoder) if self.encoder else "id:?encoder"),
            ("rec:encodedOn", f'"{moment:%Y-%m-%dT%H:%M:%SZ}"^^xsd:dateTime'),
        )
