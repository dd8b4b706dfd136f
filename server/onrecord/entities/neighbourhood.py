"""The triples around one IRI, each with the graphs that hold it; bounded however large a hub is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onrecord.solutions import Reader, Row, Term, values_block
from onrecord.terms import RDF, RDFS, REC

_LABEL = RDFS + "label"
MOST_SUCCESSORS = 50


@dataclass(frozen=True)
class Fact:
    """A triple, and the named graphs in which it stands (empty: the unnamed graph)."""

    subject: Term
    predicate: str
    object: Term
    graphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Neighbourhood:
    """What is recorded of `iri`: triples with it as subject, and a page of those with it as object.

    `more_outgoing` and `more_incoming` tell that further pages hold more.
    `newer` are the records that supersede it.
    """

    iri: str
    outgoing: tuple[Fact, ...]
    incoming: tuple[Fact, ...]
    more_outgoing: bool
    more_incoming: bool
    newer: tuple[str, ...]

    @property
    def types(self) -> frozenset[str]:
        """Its classes, those of the closure included."""
        return frozenset(f.object.value for f in self.outgoing if f.predicate == RDF + "type")

    @property
    def is_empty(self) -> bool:
        return not (self.outgoing or self.incoming)

    def values(self, predicate: str) -> tuple[Term, ...]:
        """The objects of `predicate`, in the order of the answer."""
        return tuple(f.object for f in self.outgoing if f.predicate == predicate)

    def graphs(self) -> tuple[str, ...]:
        """The named graphs that say something of it, sorted."""
        return tuple(sorted({g for f in self.outgoing for g in f.graphs}))

    def iris(self) -> list[str]:
        """All IRIs in it, for labels."""
        facts = (*self.outgoing, *self.incoming)
        return [
            self.iri,
            *(f.predicate for f in facts),
            *(t.value for f in facts for t in (f.subject, f.object) if t.kind == "iri"),
            *(t.datatype for f in facts for t in (f.object,) if t.datatype),
        ]


def find_neighbourhood(
    reader: Reader, iri: str, page: int = 1, *, own_page: int = 1, most_outgoing: int, most_incoming: int
) -> Neighbourhood:
    """What is recorded of `iri`; three queries, whatever its size.

    Page `own_page` (from 1) of the triples with it as subject, and page
    `page` of those with it as object.

    Rows keep the order of the engine's index, which is stable within a
    generation. Raises what the engine raises.
    """
    outgoing = reader.select(
        _pattern(f"(<{iri}> AS ?s) ?p ?o", f"<{iri}> ?p ?o", most_outgoing, own_page), 8 * most_outgoing
    )
    incoming = reader.select(
        _pattern(f"?s ?p (<{iri}> AS ?o)", f"?s ?p <{iri}>", most_incoming, page), 8 * most_incoming
    )
    told, mentioned = _gather(outgoing.rows), _gather(incoming.rows)
    newer = reader.select(
        f"SELECT DISTINCT ?s {{ ?s <{REC}supersedes> <{iri}> }} ORDER BY ?s", MOST_SUCCESSORS
    ).rows
    return Neighbourhood(
        iri,
        tuple(told[:most_outgoing]),
        tuple(mentioned[:most_incoming]),
        len(told) > most_outgoing,
        len(mentioned) > most_incoming,
        tuple(row["s"].value for row in newer if row["s"].kind == "iri"),
    )


def find_label_facts(reader: Reader, iris: Iterable[str], most: int) -> tuple[Fact, ...]:
    """The labels of `iris` in all languages, as facts with their graphs."""
    asked = list(dict.fromkeys(iris))
    if not asked:
        return ()
    block = values_block("s", asked)
    text = (
        f"SELECT ?s (<{_LABEL}> AS ?p) ?o ?g {{ {block} ?s <{_LABEL}> ?o "
        f"OPTIONAL {{ GRAPH ?g {{ ?s <{_LABEL}> ?o }} }} }}"
    )
    return tuple(_gather(reader.select(text, most).rows))


def _pattern(projected: str, pattern: str, most: int, page: int) -> str:
    # The triples are cut before their graphs are looked up: a hub costs no more than a page.
    inner = f"SELECT {projected} {{ {pattern} }} LIMIT {most + 1} OFFSET {(page - 1) * most}"
    return f"SELECT ?s ?p ?o ?g {{ {{ {inner} }} OPTIONAL {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"


def _gather(rows: Sequence[Row]) -> list[Fact]:
    """One fact a triple, with all its graphs: a triple of two graphs comes twice in a union."""
    found: dict[tuple[Term, str, Term], set[str]] = {}
    for row in rows:
        graphs = found.setdefault((row["s"], row["p"].value, row["o"]), set())
        if "g" in row:
            graphs.add(row["g"].value)
    return [Fact(s, p, o, tuple(sorted(graphs))) for (s, p, o), graphs in found.items()]
