"""What a page tells of a claim: content, speakers, the way to us, evidence, what bears on it."""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.solutions import Term


@dataclass(frozen=True)
class Span:
    """A stretch of a source: code points from `start`, `end` exclusive; None where it is not recorded."""

    iri: str
    start: int | None = None
    end: int | None = None
    sentence: str = ""
    anchor: str = ""
    source: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Time:
    """A time span; a bound that is not known is empty. `fuzzy` is None where it is not recorded."""

    iri: str
    not_before: str = ""
    not_after: str = ""
    precision: str = ""
    fuzzy: bool | None = None
    comment: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Quantity:
    """An amount as its source gives it; numbers as written, empty where there is none."""

    iri: str
    figure: str = ""
    at_least: str = ""
    at_most: str = ""
    bounds_by: str = ""
    counts: str = ""
    unit: str = ""
    hedge: str = ""


@dataclass(frozen=True)
class Step:
    """One who passes a statement on: the statement that relays, its speakers, act and voice."""

    statement: str
    speakers: tuple[str, ...]
    act: str
    voice: str


Chain = tuple[Step, ...]
"""One way from a speaker to us, the nearest step first."""


@dataclass(frozen=True)
class Statement:
    """A speech act that makes the claim; `chains` are the ways by which it came to us."""

    iri: str
    speakers: tuple[str, ...]
    act: str
    voice: str
    audience: tuple[str, ...]
    media: tuple[str, ...]
    settings: tuple[str, ...]
    said_during: tuple[str, ...]
    found_in: tuple[str, ...]
    cues: tuple[str, ...]
    comment: tuple[Term, ...]
    chains: tuple[Chain, ...] = ()


@dataclass(frozen=True)
class Bearing:
    """A claim link seen from one of its ends: `other` is the claim at its other end."""

    link: str
    kind: str
    other: str
    outgoing: bool
    basis: str
    certainty: str
    evidence: tuple[str, ...]
    comment: tuple[Term, ...]


@dataclass(frozen=True)
class Claim:
    """One claim, with everything without which it must not be shown."""

    iri: str
    labels: tuple[Term, ...]
    comment: tuple[Term, ...]
    subjects: tuple[str, ...]
    relation: str
    objects: tuple[str, ...]
    places: tuple[str, ...]
    polarity: str
    modality: str
    attribution: str
    hedges: tuple[str, ...]
    quoted: tuple[str, ...]
    times: tuple[Time, ...]
    quantities: tuple[Quantity, ...]
    evidence: tuple[Span, ...]
    statements: tuple[Statement, ...]
    bearings: tuple[Bearing, ...]
    same_content: tuple[str, ...]
    encoded_by: tuple[str, ...]
    encoded_on: str
    reviewed_by: tuple[str, ...]
    supersedes: tuple[str, ...]

    @property
    def voices(self) -> tuple[str, ...]:
        """The voices of the statements that make it, each once."""
        return tuple(dict.fromkeys(s.voice for s in self.statements if s.voice))

    @property
    def speakers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(speaker for s in self.statements for speaker in s.speakers))

    def iris(self) -> list[str]:
        """Every IRI that a page about the claim names."""
        found = [self.iri, self.relation, self.polarity, self.modality, self.attribution]
        found += [*self.subjects, *self.objects, *self.places, *self.hedges, *self.same_content]
        found += [*self.encoded_by, *self.reviewed_by, *self.supersedes]
        for time in self.times:
            found += [time.iri, time.precision]
        for quantity in self.quantities:
            found += [quantity.iri, quantity.bounds_by, quantity.counts, quantity.unit, quantity.hedge]
        for span in self.evidence:
            found += [span.iri, span.source]
        for said in self.statements:
            found += [said.iri, *said.speakers, said.act, said.voice, *said.audience, *said.media]
            found += [*said.settings, *said.said_during, *said.found_in, *said.cues]
            for step in (s for chain in said.chains for s in chain):
                found += [step.statement, *step.speakers, step.act, step.voice]
        for bearing in self.bearings:
            found += [bearing.link, bearing.kind, bearing.other, bearing.basis, bearing.certainty]
            found += bearing.evidence
        return [iri for iri in dict.fromkeys(found) if iri]
