"""What a folder already has that an author needs: entities with their labels, encoders, terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from onrecord.terms import RDF, RDFS, REC, SKOS, TERM

_LABELS = frozenset({RDFS + "label", REC + "alsoCalled", SKOS + "altLabel"})
_COMMON = frozenset(REC + name for name in ("Collective", "Condition", "Event", "Means", "PartyLabel"))


@dataclass(frozen=True)
class Label:
    """One label of one entity. Of a `common` name the first letter may be small in a text."""

    entity: str
    words: str
    language: str = ""
    common: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """`entities`: labels in every language; `agents`: who may speak; `terms`: IRIs of the term lists."""

    entities: tuple[Label, ...] = ()
    agents: frozenset[str] = frozenset()
    encoders: tuple[str, ...] = ()
    terms: frozenset[str] = frozenset()

    def has_term(self, kind: str, name: str) -> bool:
        """Whether the term `name` is in the list `kind`, as in `has_term("hedge", "about")`."""
        return f"{TERM}{kind}/{name}" in self.terms


def read_vocabulary(quads: Iterable[Quad]) -> Vocabulary:
    """The vocabulary of a folder whose files hold `quads`. Narrators are no names that a text uses."""
    types: dict[str, str] = {}
    above: dict[str, str] = {}
    labels: list[tuple[str, Literal]] = []
    for quad in quads:
        if not isinstance(quad.subject, NamedNode):
            continue
        subject, predicate = quad.subject.value, quad.predicate.value
        if isinstance(quad.object, Literal):
            if predicate in _LABELS:
                labels.append((subject, quad.object))
        elif isinstance(quad.object, NamedNode) and predicate == RDF + "type":
            types.setdefault(subject, quad.object.value)
        elif isinstance(quad.object, NamedNode) and predicate == RDFS + "subClassOf":
            above[subject] = quad.object.value
    tops = {kind: _line_of(kind, above) for kind in set(types.values())}
    entities = tuple(
        Label(subject, literal.value, literal.language or "", types[subject] in _COMMON)
        for subject, literal in sorted(labels, key=str)
        if subject in types and REC + "Entity" in tops[types[subject]] and types[subject] != REC + "Narrator"
    )
    return Vocabulary(
        entities,
        frozenset(subject for subject, kind in types.items() if REC + "Agent" in tops[kind]),
        tuple(sorted(subject for subject, kind in types.items() if kind == REC + "Encoder")),
        frozenset(subject for subject, kind in types.items() if REC + "Term" in tops[kind]),
    )


def _line_of(kind: str, above: dict[str, str]) -> list[str]:
    """`kind` and the classes above it."""
    line = [kind]
    while line[-1] in above and above[line[-1]] not in line:
        line.append(above[line[-1]])
    return line
