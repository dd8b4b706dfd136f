"""Names that are used and declared nowhere, and the species of ontology, data and closure together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

import pyoxigraph
from rdflib import URIRef

from onrecord.building.species import Finding as Breach
from onrecord.building.species import Statement, check_lite
from onrecord.checking.findings import Finding
from onrecord.checking.places import Places
from onrecord.checking.reading import Contents
from onrecord.checking.scan import key_of, key_of_node
from onrecord.terms import RDF, REC, TERM

UNDECLARED = ("undeclared-", "untyped-")
"""How the codes of findings begin that a name is declared nowhere."""
_MOST_COMPARED = 20_000
"""Names with which a misspelt one is compared."""


class Declared:
    """The names that some file of the folder says something about, for telling what was meant."""

    def __init__(self, contents: Contents) -> None:
        self._names = {
            quad.subject.value
            for reading in contents.readings
            for quad in reading.quads
            if isinstance(quad.subject, pyoxigraph.NamedNode) and quad.predicate.value == RDF + "type"
        }
        self._space = contents.space

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def nearest(self, name: str) -> str:
        """A question that names what was probably meant, or nothing."""
        space = name[: max(name.rfind("/"), name.rfind("#")) + 1]
        local = name[len(space) :]
        others = [other[len(space) :] for other in self._names if other.startswith(space) and other != name]
        near = get_close_matches(local, others[:_MOST_COMPARED], n=1, cutoff=0.75)
        return f"Did you mean {self._space.shorten(space + near[0])}? " if near else ""


def check_species(statements: Sequence[Statement], contents: Contents, places: Places) -> Iterator[Finding]:
    """What keeps ontology and data from being OWL Lite.

    Names that stand where a file does not parse are left alone.
    """
    declared = Declared(contents)
    for breach in check_lite(statements):
        if not breach.rule.startswith(UNDECLARED) or key_of_node(_term(breach)) not in contents.unread:
            yield _finding(breach, places, declared)


def check_species_of_closure(
    statements: Sequence[Statement], inferred: Iterable[Statement], contents: Contents, places: Places
) -> Iterator[Finding]:
    """What keeps the closure from being OWL Lite where `statements`, which it follows from, are."""
    known = {(breach.rule, breach.term) for breach in check_lite(statements)}
    for breach in check_lite([*statements, *inferred]):
        key = key_of_node(_term(breach))
        if (breach.rule, breach.term) in known or key in contents.unread:
            continue
        file, position = places.mention(key) or ("ontology/onrecord.ttl", None)
        code, sentence = f"closure-{breach.rule}", f"In the closure: {breach.detail}"
        yield Finding(file, position, code, str(_term(breach)), sentence, breach.remedy)


def check_mentions(contents: Contents, places: Places, found: Iterable[Finding]) -> Iterator[Finding]:
    """Names of the project's own vocabulary that are declared nowhere, where OWL does not look.

    That is in the values of annotations and in shapes, where a misspelt name
    would only do nothing. What `found` tells already is not told again.
    """
    declared = Declared(contents)
    known = contents.unread | {f"<{finding.term}>" for finding in found}
    for reading in contents.readings:
        seen: set[str] = set()
        for quad in reading.quads:
            for term in (quad.subject, quad.predicate, quad.object):
                if not isinstance(term, pyoxigraph.NamedNode) or not term.value.startswith((REC, TERM)):
                    continue
                if term.value in declared or term.value in seen or key_of(term) in known:
                    continue
                seen.add(term.value)
                keys = key_of(quad.subject), key_of(quad.predicate), key_of(quad.object)
                yield Finding(
                    reading.name,
                    places.in_file(reading.name, *keys, point=key_of(term)),
                    "undeclared-name",
                    term.value,
                    f"{contents.space.shorten(term.value)} is declared nowhere.",
                    f"{declared.nearest(term.value)}Correct the name, or declare it.",
                )


def _finding(breach: Breach, places: Places, declared: Declared) -> Finding:
    subject, predicate, target = (key_of_node(node) for node in breach.statement[:3])
    position = places.in_file(breach.source, subject, predicate, target, key_of_node(_term(breach)))
    if position is None and breach.term is not None:
        position = places.in_file(breach.source, key_of_node(breach.term), "", "")
    guess = declared.nearest(str(breach.term)) if breach.rule.startswith(UNDECLARED) else ""
    term = str(breach.term or "")
    return Finding(breach.source, position, breach.rule, term, breach.detail, guess + breach.remedy)


def _term(breach: Breach) -> URIRef:
    return breach.term if breach.term is not None else URIRef("")
