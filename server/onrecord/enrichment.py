"""Columns that are added to a result on request: labels, and the evidence of claims.

All of it is read through a `Reader` that holds to the generation of the rows:
when another was published meanwhile, GenerationMovedError tells the caller to
ask again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from onrecord.labels import rank_language
from onrecord.solutions import Reader, Row, SolutionSequence, Term, iris_in, values_block
from onrecord.terms import RDF, RDFS, REC

BATCH = 2000
"""IRIs in one VALUES block."""
MOST_OWN_ROWS = 200_000
"""Of one query for labels or evidence; a claim has few of either."""
EVIDENCE_COLUMNS = ("speaker", "via", "source", "span")


@dataclass
class Evidence:
    """What is known of how a claim is known: in the order in which a page would tell it."""

    speakers: list[str] = field(default_factory=list)
    via: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    spans: list[str] = field(default_factory=list)


def add_labels(solutions: SolutionSequence, reader: Reader, languages: Sequence[str]) -> SolutionSequence:
    """Each column with IRIs is followed by one with their labels; `x` by `xLabel`.

    A column of that name which the query itself has is left as it is.
    """
    labels = read_labels(iris_in(solutions.rows), reader, languages)
    added = {
        name: f"{name}Label"
        for name in solutions.variables
        if f"{name}Label" not in solutions.variables
        and any(name in row and row[name].kind == "iri" for row in solutions.rows)
    }
    variables = tuple(v for name in solutions.variables for v in (name, added.get(name, "")) if v)

    def extend(row: Row) -> Row:
        extended = dict(row)
        for name, column in added.items():
            if name in row and row[name].value in labels:
                extended[column] = labels[row[name].value]
        return extended

    return SolutionSequence(variables, tuple(extend(row) for row in solutions.rows), solutions.truncated)


def add_evidence(solutions: SolutionSequence, reader: Reader, languages: Sequence[str]) -> SolutionSequence:
    """After each column with claims: who made them, through whom we know, the source and the span.

    Several speakers of one claim stand in one cell, separated by "; ", so that no row is
    repeated. A span is `start-end` in Unicode code points, end exclusive.
    """
    claims = _claims_among(iris_in(solutions.rows), reader)
    evidence = _read_evidence(claims, reader, languages)
    added: dict[str, list[str]] = {}
    for name in solutions.variables:
        if any(name in row and row[name].value in evidence for row in solutions.rows):
            added[name] = [_free(f"{name}_{what}", solutions.variables) for what in EVIDENCE_COLUMNS]
    variables = tuple(v for name in solutions.variables for v in (name, *added.get(name, ())))

    def extend(row: Row) -> Row:
        extended = dict(row)
        for name, columns in added.items():
            known = evidence.get(row[name].value) if name in row else None
            if known is not None:
                told = (known.speakers, known.via, known.sources, known.spans)
                for column, texts in zip(columns, told, strict=True):
                    if texts:
                        extended[column] = Term("literal", "; ".join(dict.fromkeys(texts)))
        return extended

    return SolutionSequence(variables, tuple(extend(row) for row in solutions.rows), solutions.truncated)


def read_labels(iris: Iterable[str], reader: Reader, languages: Sequence[str]) -> dict[str, Term]:
    """The best label of each of `iris` that has one, as the literal it is."""
    text = f"SELECT ?iri ?label {{ %VALUES% ?iri <{RDFS}label> ?label FILTER(ISLITERAL(?label)) }}"
    rows = _over(iris, "iri", text, reader)
    best: dict[str, tuple[int, str]] = {}
    found: dict[str, Term] = {}
    for row in rows:
        iri, label = row["iri"].value, row["label"]
        rank = (rank_language(label.language, languages), label.value)
        if iri not in best or rank < best[iri]:
            best[iri], found[iri] = rank, label
    return found


def _claims_among(iris: Iterable[str], reader: Reader) -> list[str]:
    rows = _over(iris, "iri", f"SELECT DISTINCT ?iri {{ %VALUES% ?iri <{RDF}type> <{REC}Claim> }}", reader)
    return [row["iri"].value for row in rows]


def _read_evidence(claims: Sequence[str], reader: Reader, languages: Sequence[str]) -> dict[str, Evidence]:
    made = _over(
        claims,
        "claim",
        f"SELECT ?claim ?statement ?speaker ?source {{ %VALUES% ?statement <{REC}makes> ?claim "
        f"OPTIONAL {{ ?statement <{REC}speaker> ?speaker }} "
        f"OPTIONAL {{ ?statement <{REC}foundIn> ?source }} }} "
        "ORDER BY ?claim ?statement ?speaker",
        reader,
    )
    spans = _over(
        claims,
        "claim",
        f"SELECT ?claim ?start ?end ?source {{ %VALUES% ?claim <{REC}evidence> ?span . "
        f"?span <{REC}start> ?start ; <{REC}end> ?end OPTIONAL {{ ?span <{REC}inSource> ?source }} }} "
        "ORDER BY ?claim ?start",
        reader,
    )
    relays = _read_relays({row["statement"].value for row in made}, reader)
    named = iris_in([*made, *spans, *(row for rows in relays.values() for row in rows)])
    labels = {iri: label.value for iri, label in read_labels(named, reader, languages).items()}
    found: dict[str, Evidence] = defaultdict(Evidence)
    for row in made:
        known = found[row["claim"].value]
        if "speaker" in row:
            known.speakers.append(_name(row["speaker"], labels))
        chain = [_name(step["speaker"], labels) for step in _chain(row["statement"].value, relays)]
        if chain:
            known.via.append(" < ".join(dict.fromkeys(chain)))
        if "source" in row:
            known.sources.append(_name(row["source"], labels))
    for row in spans:
        known = found[row["claim"].value]
        known.spans.append(f"{row['start'].value}-{row['end'].value}")
        if "source" in row:
            known.sources.append(_name(row["source"], labels))
    return dict(found)


def _read_relays(statements: set[str], reader: Reader) -> dict[str, list[Row]]:
    """Statement -> the statements that relay it, each with its speaker; for all in the chains."""
    found: dict[str, list[Row]] = defaultdict(list)
    asked, wanted = set[str](), statements
    while wanted:
        asked |= wanted
        rows = _over(
            sorted(wanted),
            "inner",
            "SELECT ?inner ?outer ?speaker "
            f"{{ %VALUES% ?outer <{REC}relays> ?inner ; <{REC}speaker> ?speaker }} "
            "ORDER BY ?inner ?outer ?speaker",
            reader,
        )
        for row in rows:
            found[row["inner"].value].append(row)
        wanted = {row["outer"].value for row in rows} - asked
    return found


def _chain(statement: str, relays: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Those who passed a statement on, the nearest to its speaker first."""
    chain: list[Row] = []
    level, seen = [statement], {statement}
    while level:
        steps = [row for inner in level for row in relays.get(inner, ()) if row["outer"].value not in seen]
        chain += steps
        level = list(dict.fromkeys(row["outer"].value for row in steps))
        seen.update(level)
    # The build may write that an outer statement relays an inner one past those between them:
    # who relays somebody else in the chain stands further out.
    outer_than = {
        row["outer"].value: sum(
            other["outer"].value in _inner_of(row["outer"].value, relays, chain) for other in chain
        )
        for row in chain
    }
    return sorted(chain, key=lambda row: outer_than[row["outer"].value])


def _inner_of(outer: str, relays: Mapping[str, Sequence[Row]], chain: Sequence[Row]) -> set[str]:
    return {
        inner["outer"].value
        for inner in chain
        if any(row["outer"].value == outer for row in relays.get(inner["outer"].value, ()))
    }


def _over(iris: Iterable[str], variable: str, text: str, reader: Reader) -> list[Row]:
    """The rows of `text` with VALUES of `iris` for `variable` in place of %VALUES%, in batches."""
    asked = list(dict.fromkeys(iris))
    rows: list[Row] = []
    for start in range(0, len(asked), BATCH):
        block = values_block(variable, asked[start : start + BATCH])
        rows += reader.select(text.replace("%VALUES%", block), MOST_OWN_ROWS).rows
    return rows


def _name(term: Term, labels: Mapping[str, str]) -> str:
    return labels.get(term.value, term.value)


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name
