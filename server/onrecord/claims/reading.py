"""A page of claims with all that belongs to them, in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from onrecord.claims.facts import Facts, read_facts
from onrecord.claims.model import Bearing, Chain, Claim, Quantity, Span, Statement, Step, Time
from onrecord.solutions import Reader, values_block
from onrecord.terms import RDFS, REC, SKOS

_LABEL, _NAME, _COMMENT = RDFS + "label", SKOS + "prefLabel", RDFS + "comment"
_OF_CLAIMS = (
    *(_LABEL, _NAME, _COMMENT),
    *(
        REC + name
        for name in (
            *("subject", "relation", "object", "place", "polarity", "modality", "attribution", "hedge"),
            *("quotedWords", "happenedDuring", "quantity", "evidence", "sameContentAs"),
            *("encodedBy", "encodedOn", "reviewedBy", "supersedes"),
        )
    ),
)
_OF_THEIR_RECORDS = (
    _COMMENT,
    *(
        REC + name
        for name in (
            *("speaker", "act", "voice", "audience", "medium", "setting", "saidDuring", "foundIn", "cue"),
            *("start", "end", "sentence", "anchor", "inSource", "sha256"),
            *("notBefore", "notAfter", "precision", "fuzzy"),
            *("figure", "atLeast", "atMost", "boundsBy", "counts", "unit", "hedge"),
        )
    ),
)
_OF_LINKS = (_COMMENT, *(REC + name for name in ("kind", "from", "to", "basis", "certainty", "evidence")))
MOST_STEPS = 5000
MOST_LINKS = 2000
LONGEST_CHAIN = 20
MOST_CHAINS = 10


def read_claims(reader: Reader, iris: Iterable[str]) -> tuple[Claim, ...]:
    """The claims `iris`, in their order; what is not recorded of one is empty. Five queries."""
    asked = list(dict.fromkeys(iris))
    if not asked:
        return ()
    # Whether ?o is an IRI is told by what comes back: Virtuoso 7 does not compile ISIRI of a subject.
    own = read_facts(reader, asked, _OF_CLAIMS, f"?o <{REC}makes> ?s . BIND(<{REC}madeIn> AS ?p)")
    makers = [statement for iri in asked for statement in own.iris(iri, REC + "madeIn")]
    records = [
        record
        for iri in asked
        for name in ("happenedDuring", "quantity", "evidence")
        for record in own.iris(iri, REC + name)
    ]
    told = read_facts(reader, [*makers, *records], _OF_THEIR_RECORDS)
    chains = _read_chains(reader, makers)
    bearings = _read_bearings(reader, asked)
    return tuple(_claim(iri, own, told, chains, bearings.get(iri, ())) for iri in asked)


def read_spans(reader: Reader, iris: Iterable[str]) -> dict[str, Span]:
    """The text spans `iris`."""
    asked = list(dict.fromkeys(iris))
    told = read_facts(reader, asked, _OF_THEIR_RECORDS)
    return {iri: _span(iri, told) for iri in asked}


def _claim(
    iri: str, own: Facts, told: Facts, chains: dict[str, tuple[Chain, ...]], bearings: Sequence[Bearing]
) -> Claim:
    makers = sorted(own.iris(iri, REC + "madeIn"))
    spans = [_span(span, told) for span in own.iris(iri, REC + "evidence")]
    return Claim(
        iri,
        (*own.terms(iri, _LABEL), *own.terms(iri, _NAME)),
        own.terms(iri, _COMMENT),
        own.iris(iri, REC + "subject"),
        own.iri(iri, REC + "relation"),
        own.iris(iri, REC + "object"),
        own.iris(iri, REC + "place"),
        own.iri(iri, REC + "polarity"),
        own.iri(iri, REC + "modality"),
        own.iri(iri, REC + "attribution"),
        own.iris(iri, REC + "hedge"),
        tuple(sorted(t.value for t in own.terms(iri, REC + "quotedWords"))),
        tuple(_time(time, told) for time in own.iris(iri, REC + "happenedDuring")),
        tuple(_quantity(quantity, told) for quantity in own.iris(iri, REC + "quantity")),
        tuple(sorted(spans, key=lambda s: (s.source, s.start or 0, s.end or 0, s.iri))),
        tuple(_statement(statement, told, chains.get(statement, ())) for statement in makers),
        tuple(sorted(bearings, key=lambda b: (b.kind, b.other, b.link))),
        own.iris(iri, REC + "sameContentAs"),
        own.iris(iri, REC + "encodedBy"),
        own.text(iri, REC + "encodedOn"),
        own.iris(iri, REC + "reviewedBy"),
        own.iris(iri, REC + "supersedes"),
    )


def _statement(iri: str, told: Facts, chains: tuple[Chain, ...]) -> Statement:
    return Statement(
        iri,
        told.iris(iri, REC + "speaker"),
        told.iri(iri, REC + "act"),
        told.iri(iri, REC + "voice"),
        told.iris(iri, REC + "audience"),
        told.iris(iri, REC + "medium"),
        told.iris(iri, REC + "setting"),
        told.iris(iri, REC + "saidDuring"),
        told.iris(iri, REC + "foundIn"),
        told.iris(iri, REC + "cue"),
        told.terms(iri, _COMMENT),
        chains,
    )


def _span(iri: str, told: Facts) -> Span:
    return Span(
        iri,
        told.number(iri, REC + "start"),
        told.number(iri, REC + "end"),
        told.text(iri, REC + "sentence"),
        told.text(iri, REC + "anchor"),
        told.iri(iri, REC + "inSource"),
        told.text(iri, REC + "sha256"),
    )


def _time(iri: str, told: Facts) -> Time:
    fuzzy = told.text(iri, REC + "fuzzy")
    return Time(
        iri,
        told.text(iri, REC + "notBefore"),
        told.text(iri, REC + "notAfter"),
        told.iri(iri, REC + "precision"),
        {"true": True, "1": True, "false": False, "0": False}.get(fuzzy),
        told.terms(iri, _COMMENT),
    )


def _quantity(iri: str, told: Facts) -> Quantity:
    return Quantity(
        iri,
        *(told.text(iri, REC + name) for name in ("figure", "atLeast", "atMost")),
        *(told.iri(iri, REC + name) for name in ("boundsBy", "counts", "unit", "hedge")),
    )


def _read_chains(reader: Reader, statements: Sequence[str]) -> dict[str, tuple[Chain, ...]]:
    """For each statement who passed it on, the nearest first."""
    if not statements:
        return {}
    text = (
        f"SELECT DISTINCT ?relayed ?relayer ?speaker ?act ?voice {{ {values_block('s', statements)} "
        f"?relayed <{REC}relays>* ?s . ?relayer <{REC}relays> ?relayed . "
        f"OPTIONAL {{ ?relayer <{REC}speaker> ?speaker }} OPTIONAL {{ ?relayer <{REC}act> ?act }} "
        f"OPTIONAL {{ ?relayer <{REC}voice> ?voice }} }}"
    )
    passed_on: dict[str, list[str]] = {}
    speakers: dict[str, set[str]] = {}
    acts: dict[str, str] = {}
    voices: dict[str, str] = {}
    for row in reader.select(text, MOST_STEPS).rows:
        relayed, relayer = row["relayed"].value, row["relayer"].value
        known = passed_on.setdefault(relayed, [])
        if relayer not in known:
            known.append(relayer)
        if "speaker" in row:
            speakers.setdefault(relayer, set()).add(row["speaker"].value)
        acts[relayer] = row["act"].value if "act" in row else ""
        voices[relayer] = row["voice"].value if "voice" in row else ""

    def step(relayer: str) -> Step:
        return Step(relayer, tuple(sorted(speakers.get(relayer, ()))), acts[relayer], voices[relayer])

    def chains_of(statement: str) -> tuple[Chain, ...]:
        whole: list[Chain] = []
        open_ends: list[tuple[str, Chain]] = [(statement, ())]
        while open_ends and len(whole) < MOST_CHAINS:
            end, chain = open_ends.pop()
            passed = {s.statement for s in chain}
            further = [r for r in sorted(passed_on.get(end, ()), reverse=True) if r not in passed]
            if chain and (not further or len(chain) == LONGEST_CHAIN):
                whole.append(chain)
            else:
                open_ends += [(relayer, (*chain, step(relayer))) for relayer in further]
        return tuple(whole)

    return {statement: chains_of(statement) for statement in statements}


def _read_bearings(reader: Reader, claims: Sequence[str]) -> dict[str, list[Bearing]]:
    """The claim links at either end of each claim, certain or not."""
    block = values_block("claim", claims)
    found = reader.select(
        f"SELECT DISTINCT ?claim ?link {{ {block} "
        f"{{ ?link <{REC}from> ?claim }} UNION {{ ?link <{REC}to> ?claim }} }}",
        MOST_LINKS,
    ).rows
    links = read_facts(reader, [row["link"].value for row in found], _OF_LINKS)
    bearings: dict[str, list[Bearing]] = {}
    for row in found:
        claim, link = row["claim"].value, row["link"].value
        outgoing = claim in links.iris(link, REC + "from")
        for other in links.iris(link, REC + ("to" if outgoing else "from")):
            bearings.setdefault(claim, []).append(
                Bearing(
                    link,
                    links.iri(link, REC + "kind"),
                    other,
                    outgoing,
                    links.iri(link, REC + "basis"),
                    links.iri(link, REC + "certainty"),
                    links.iris(link, REC + "evidence"),
                    links.terms(link, _COMMENT),
                )
            )
    return bearings
