"""Why a query has no rows: the first part of its pattern that nothing is left after.

The parts of the outermost group are tried from the top, each with those
before it, so that a reader learns where the trail ends, and is shown names
that are near to one that was not found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import islice

from onrecord.errors import OnrecordError, Position
from onrecord.federation.pattern import Element, QueryPattern, Span
from onrecord.federation.pattern_reader import read_pattern
from onrecord.solutions import Reader
from onrecord.sparql import Token, position_at, tokenize
from onrecord.terms import RDFS

_OPENING = ("(", "[", "{|", "<<", "<<(")
_CLOSING = (")", "]", "|}", ">>", ")>>")
MOST_PARTS = 200
MOST_TERMS = 20
"""Terms of one data block that are looked for."""
MOST_NAMES = 20_000
"""Labels that are compared with a text; in a graph with more, a near name may be missed."""
_NEAREST = 3
_NEAR = 0.6


@dataclass(frozen=True)
class NearName:
    """A name that is in the graph and looks like one that is not."""

    iri: str
    label: str


@dataclass(frozen=True)
class Emptiness:
    """Where the rows end: `part` of the query at `position`, with `matched` parts before it.

    `missing` are the IRIs and texts in it that stand nowhere in the graph,
    each with the nearest names that do.
    """

    part: str
    position: Position
    matched: int
    missing: tuple[tuple[str, tuple[NearName, ...]], ...] = ()


@dataclass(frozen=True)
class _Part:
    text: str
    start: int
    tokens: tuple[Token, ...]
    is_filter: bool = False


def explain_emptiness(reader: Reader, text: str) -> Emptiness | None:
    """The part of `text` after which nothing is left; None where that cannot be told.

    `text` is a query that returned no rows. Costs some ten queries of our
    own, each of which stops at its first row.
    """
    try:
        pattern = read_pattern(text)
        parts = sorted(_parts(pattern), key=lambda part: part.is_filter)[:MOST_PARTS]
        if not parts or _matches(reader, pattern, parts):
            return None
        known, empty = 0, len(parts)
        while empty - known > 1:
            middle = (known + empty) // 2
            if _matches(reader, pattern, parts[:middle]):
                known = middle
            else:
                empty = middle
        part = parts[empty - 1]
        missing = tuple(_missing(reader, pattern, part, parts[: empty - 1]))
    except OnrecordError:
        return None
    return Emptiness(part.text, position_at(text, part.start), empty - 1, missing)


def _matches(reader: Reader, pattern: QueryPattern, parts: Sequence[_Part]) -> bool:
    body = "\n".join(f"{part.text} ." if not part.is_filter else part.text for part in parts)
    prologue, dataset = pattern.heading, pattern.source(pattern.dataset)
    return bool(
        reader.select(f"{prologue}\nSELECT (1 AS ?one) {dataset} WHERE {{\n{body}\n}} LIMIT 1", 1).rows
    )


def _parts(pattern: QueryPattern) -> Iterator[_Part]:
    for element in pattern.root.elements:
        if element.kind == "triples":
            yield from _statements(pattern, element)
        else:
            part = _part(pattern, element.span)
            yield replace(part, is_filter=element.kind == "filter")


def _statements(pattern: QueryPattern, element: Element) -> Iterator[_Part]:
    """A block of triples, one predicate with its objects each."""
    depth, first, subject_end, verb = 0, element.span.first, -1, -1
    for index in range(element.span.first, element.span.last + 1):
        token = pattern.tokens[index] if index < element.span.last else None
        if token is not None and token.kind == "op":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if token is None or (depth == 0 and token.is_op(".", ";")):
            if verb < 0 and index > first:  # `[ ... ] .`: a subject without predicates of its own
                yield _part(pattern, Span(first, index))
            elif index > verb >= 0:
                yield _part(pattern, Span(first, subject_end), Span(verb, index))
            if token is not None and token.is_op("."):
                first, subject_end, verb = index + 1, -1, -1
            else:
                verb = index + 1
        elif depth == 0 and subject_end < 0:
            subject_end = verb = index + 1


def _part(pattern: QueryPattern, *spans: Span) -> _Part:
    tokens = tuple(token for span in spans for token in pattern.tokens[span.first : span.last])
    text = " ".join(pattern.source(span) for span in spans)
    return _Part(text, pattern.tokens[spans[-1].first].start, tokens)


def _missing(
    reader: Reader, pattern: QueryPattern, part: _Part, before: Sequence[_Part]
) -> Iterator[tuple[str, tuple[NearName, ...]]]:
    """IRIs that no triple has, and texts that no literal is, in the part and the data that it joins."""
    variables = {t.text for t in part.tokens if t.kind == "var"}
    data = [p for p in before if p.tokens[0].upper == "VALUES"]
    joined = [p for p in data if variables & {t.text for t in p.tokens if t.kind == "var"}]
    seen: set[str] = set()
    for token in _terms(part, *joined):
        if token.text in seen or token.kind not in ("iri", "pname", "string"):
            continue
        seen.add(token.text)
        if token.kind == "string":
            found = _nearest(reader, token.text.strip("\"'"))
            exact = any(_fold(name.label) == _fold(token.text.strip("\"'")) for name in found)
            if found and not exact:
                yield token.text, found
        elif not _stands(reader, pattern, token.text):
            yield token.text, _nearest(reader, _local_name(token.text))


def _terms(*parts: _Part) -> Iterator[Token]:
    """The tokens of parts, those of data blocks too."""
    for part in parts:
        for token in part.tokens:
            if token.kind == "data":
                yield from islice(tokenize(token.text), MOST_TERMS)
            else:
                yield token


def _stands(reader: Reader, pattern: QueryPattern, term: str) -> bool:
    prologue = pattern.heading
    text = (
        f"{prologue}\nSELECT (1 AS ?one) WHERE {{ {{ {term} ?p ?o }} UNION {{ ?s ?p {term} }} "
        f"UNION {{ ?s {term} ?o }} UNION {{ GRAPH {term} {{ ?s ?p ?o }} }} }} LIMIT 1"
    )
    return bool(reader.select(text, 1).rows)


def _local_name(term: str) -> str:
    name = term.strip("<>").rstrip("/#")
    start = max(name.rfind("/"), name.rfind("#"), name.rfind(":")) + 1
    return name[start:].replace("-", " ").replace("_", " ")


def _nearest(reader: Reader, text: str) -> tuple[NearName, ...]:
    """The entities whose label, or end of whose IRI, is nearest to `text`, the nearest first."""
    wanted = _fold(text)
    if not wanted:
        return ()
    rows = reader.select(
        f"SELECT DISTINCT ?iri ?label {{ ?iri <{RDFS}label> ?label FILTER(ISIRI(?iri)) }} LIMIT {MOST_NAMES}",
        MOST_NAMES,
    ).rows
    best: dict[str, tuple[float, str]] = {}
    for row in rows:
        iri, label = row["iri"].value, row["label"].value
        likeness = max(_likeness(wanted, _fold(label)), _likeness(wanted, _fold(_local_name(iri))))
        if likeness >= _NEAR and likeness > best.get(iri, (0.0, ""))[0]:
            best[iri] = (likeness, label)
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:_NEAREST]
    return tuple(NearName(iri, label) for iri, (_, label) in ranked)


def _fold(text: str) -> str:
    """Without case and marks, so that accents and Arabic vowel signs make no difference.

    >>> _fold("Éclair")
    'eclair'
    """
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()


def _likeness(one: str, other: str) -> float:
    """Between 0 and 1; a word of a longer name counts nearly as much as the whole."""
    if not one or not other:
        return 0.0
    words = [other, *(word for word in other.split() if len(word) > 2)]
    # The quick bound first: most labels have nothing in common.
    found = 0.0
    for word in words:
        matcher = SequenceMatcher(None, one, word, autojunk=False)
        if matcher.real_quick_ratio() > max(found, _NEAR) and matcher.quick_ratio() > max(found, _NEAR):
            found = max(found, matcher.ratio() * (1.0 if word is other else 0.95))
    return found
