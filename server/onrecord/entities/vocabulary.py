"""The vocabulary as its own documentation: classes, properties and lists of terms, read from the graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from onrecord.entities.neighbourhood import Fact
from onrecord.solutions import Reader, Term
from onrecord.terms import ONTOLOGY, OWL, RDF, RDFS, REC

MOST_FACTS = 20_000


@dataclass(frozen=True)
class Definition:
    """A class or property: its values by predicate."""

    iri: str
    values: dict[str, tuple[Term, ...]]

    @property
    def name(self) -> str:
        """The part after the namespace."""
        return self.iri.rpartition("#")[2] if "#" in self.iri else self.iri.rpartition("/")[2]

    def all(self, predicate: str) -> tuple[Term, ...]:
        return self.values.get(predicate, ())


@dataclass(frozen=True)
class TermList:
    """The terms of one class of terms."""

    class_iri: str
    terms: tuple[Definition, ...]


@dataclass(frozen=True)
class Vocabulary:
    """`facts` are all that the documents of the vocabulary say, for those who want RDF."""

    header: Definition
    classes: tuple[Definition, ...]
    properties: tuple[Definition, ...]
    lists: tuple[TermList, ...]
    facts: tuple[Fact, ...]
    truncated: bool


def read_vocabulary(reader: Reader) -> Vocabulary:
    """The ontology and its terms; empty where the folder does not hold them."""
    told = reader.select(
        f"SELECT ?s ?p ?o ?g {{ {{ SELECT DISTINCT ?s {{ {{ ?s <{RDFS}isDefinedBy> <{ONTOLOGY}> }} UNION "
        f"{{ BIND(<{ONTOLOGY}> AS ?s) }} }} }} GRAPH ?g {{ ?s ?p ?o }} }}",
        MOST_FACTS,
    )
    terms = reader.select(
        f"SELECT ?s ?p ?o {{ {{ SELECT DISTINCT ?s {{ ?class <{RDFS}subClassOf> <{REC}Term> . "
        f"?s a ?class }} }} ?s ?p ?o }}",
        MOST_FACTS,
    )
    facts = tuple(
        Fact(row["s"], row["p"].value, row["o"], (row["g"].value,))
        for row in told.rows
        if row["s"].kind == "iri"
    )
    defined = _define((f.subject.value, f.predicate, f.object) for f in facts)
    named = _define((row["s"].value, row["p"].value, row["o"]) for row in terms.rows)
    header = defined.pop(ONTOLOGY, Definition(ONTOLOGY, {}))
    classes = tuple(d for d in defined.values() if _is(d, OWL + "Class"))
    properties = tuple(d for d in defined.values() if d not in classes)
    lists: dict[str, list[Definition]] = {}
    term_classes = {
        d.iri for d in classes if any(t.value == REC + "Term" for t in d.all(RDFS + "subClassOf"))
    }
    for term in named.values():
        for kind in term.all(RDF + "type"):
            if kind.value in term_classes:
                lists.setdefault(kind.value, []).append(term)
    return Vocabulary(
        header,
        tuple(sorted(classes, key=lambda d: d.iri)),
        tuple(sorted(properties, key=lambda d: d.iri)),
        tuple(
            TermList(iri, tuple(sorted(members, key=lambda d: d.iri)))
            for iri, members in sorted(lists.items())
        ),
        facts,
        told.truncated or terms.truncated,
    )


def _is(definition: Definition, class_iri: str) -> bool:
    return any(t.value == class_iri for t in definition.all(RDF + "type"))


def _define(triples: Iterable[tuple[str, str, Term]]) -> dict[str, Definition]:
    found: dict[str, dict[str, list[Term]]] = {}
    for subject, predicate, value in triples:
        values = found.setdefault(subject, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)
    return {s: Definition(s, {p: tuple(v) for p, v in of.items()}) for s, of in found.items()}
