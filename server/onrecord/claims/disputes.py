"""Claims set against each other: pairs that a link joins, and who accuses and who denies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onrecord.claims.finding import Search, find_claims
from onrecord.claims.model import Bearing, Claim
from onrecord.claims.reading import read_claims
from onrecord.solutions import Reader
from onrecord.terms import REC, TERM

KINDS = (
    "contradicts",
    "in-tension-with",
    "not-comparable-with",
    "denies",
    "undermines",
    "qualifies",
    "supports",
)
"""Kinds of links that a page sets side by side, by the last step of their term."""
_DENIES = TERM + "link-kind/denies"
_ACCUSATION = TERM + "modality/accusation"


@dataclass(frozen=True)
class Pair:
    """Two claims and the link that sets the first against the second."""

    left: Claim
    right: Claim
    link: Bearing


@dataclass(frozen=True)
class Row:
    """An accusation; `cells` has what each speaker of the matrix does: accuses, or a denial with its link."""

    claim: Claim
    accusers: frozenset[str]
    denials: Mapping[str, tuple[tuple[Claim, Bearing], ...]]


def find_pairs(reader: Reader, kind: str, page: int, size: int) -> tuple[tuple[Pair, ...], bool]:
    """Page `page` of the links of `kind` (a term) with both their claims, and whether there is another."""
    text = (
        f"SELECT DISTINCT ?link ?from ?to {{ ?link <{REC}kind> <{kind}> ; "
        f"<{REC}from> ?from ; <{REC}to> ?to }} "
        f"ORDER BY ?link ?from ?to LIMIT {size + 1} OFFSET {(page - 1) * size}"
    )
    rows = reader.select(text, size + 1).rows
    ends = [row[name].value for row in rows[:size] for name in ("from", "to")]
    claims = {claim.iri: claim for claim in read_claims(reader, ends)}
    pairs = []
    for row in rows[:size]:
        left, right = claims[row["from"].value], claims[row["to"].value]
        link = next(b for b in left.bearings if b.link == row["link"].value and b.other == right.iri)
        pairs.append(Pair(left, right, link))
    return tuple(pairs), len(rows) > size


def find_accusations(
    reader: Reader, asked: Search, page: int, size: int, *, in_text_order: bool
) -> tuple[tuple[Row, ...], bool]:
    """Page `page` of the accusations that fit `asked`, each with who makes it and who denies it."""
    narrowed = Search({**asked.iris, "modality": (_ACCUSATION,)}, asked.after, asked.before)
    found = find_claims(reader, narrowed, page, size, in_text_order=in_text_order)
    claims = read_claims(reader, found.claims)
    denying = {b.other for c in claims for b in c.bearings if b.kind == _DENIES and not b.outgoing}
    denials = {claim.iri: claim for claim in read_claims(reader, sorted(denying))}
    return tuple(_row(claim, denials) for claim in claims), found.more


def speakers_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """The speakers of a matrix: those who accuse first, then those who only deny."""
    accusers = [speaker for row in rows for speaker in sorted(row.accusers)]
    deniers = [speaker for row in rows for speaker in sorted(row.denials)]
    return tuple(dict.fromkeys([*accusers, *deniers]))


def _row(claim: Claim, denials: Mapping[str, Claim]) -> Row:
    by_speaker: dict[str, list[tuple[Claim, Bearing]]] = {}
    for bearing in claim.bearings:
        if bearing.kind == _DENIES and not bearing.outgoing and bearing.other in denials:
            for speaker in denials[bearing.other].speakers:
                by_speaker.setdefault(speaker, []).append((denials[bearing.other], bearing))
    return Row(claim, frozenset(claim.speakers), {s: tuple(d) for s, d in by_speaker.items()})
