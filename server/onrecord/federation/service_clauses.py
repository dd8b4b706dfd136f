"""The SERVICE clauses of a query, the endpoints that they name, and what may stand in and around them."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from onrecord.errors import FederationError, QuerySyntaxError
from onrecord.federation.labels import LABEL_SERVICE
from onrecord.federation.pattern import Element, Group, QueryPattern
from onrecord.federation.substitution import Substitution, around
from onrecord.sparql import Token, describe, position_at

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_LOCAL_ESCAPE = re.compile(r"\\([_~.\-!$&'()*+,;=/?#@%])")


def find_services(pattern: QueryPattern) -> list[Element]:
    """The outermost SERVICE clauses in the order of the text.

    Raises QuerySyntaxError where the text could hold one more than was read.
    """
    found = list(_outermost(pattern.root))
    everywhere = [e for e in pattern.root.walk() if e.kind == "service"]
    places = {position_at(pattern.text, pattern.tokens[e.span.first].start) for e in everywhere}
    for call in describe(pattern.text).services:
        if call.position not in places:
            place = call.position
            raise QuerySyntaxError(
                f"Line {place.line}, column {place.column}: SERVICE is written as a word of its own, "
                "between the patterns of a group.",
                place,
            )
    return sorted(found, key=lambda element: element.span.first)


def _outermost(group: Group) -> list[Element]:
    found: list[Element] = []
    for element in group.elements:
        if element.kind == "service":
            found.append(element)
        else:
            for inner in element.groups:
                found += _outermost(inner)
    return found


def resolve_iri(pattern: QueryPattern, token: Token, base_iri: str | None) -> str:
    """The IRI that `token` names with the prefixes and the base of the query.

    Raises QuerySyntaxError for an undeclared prefix and for what is no IRI.
    """
    prefixes = dict(pattern.supplied)
    base = base_iri
    declared = pattern.tokens[pattern.prologue.first : pattern.prologue.last]
    for index, word in enumerate(declared):
        if word.upper == "BASE":
            base = _absolute(base, declared[index + 1].text[1:-1])
        elif word.upper == "PREFIX":
            prefixes[declared[index + 1].text[:-1]] = _absolute(base, declared[index + 2].text[1:-1])
    place = position_at(pattern.text, token.start)
    if token.kind == "iri" and "\\" not in token.text:
        return _absolute(base, token.text[1:-1])
    prefix, colon, local = token.text.partition(":")
    if token.kind == "pname" and colon and prefix in prefixes:
        return prefixes[prefix] + _LOCAL_ESCAPE.sub(r"\1", local)
    raise QuerySyntaxError(
        f"Line {place.line}, column {place.column}: {token.text[:60]} names no endpoint. "
        "Write its IRI in full, or declare its prefix.",
        place,
    )


def endpoint_variable(service: Element) -> str | None:
    """The variable that names the endpoint of `service`; None where that is an IRI."""
    assert service.term is not None
    return service.term.text[1:] if service.term.kind == "var" else None


def find_label_service(text: Substitution, service: Element, base_iri: str | None) -> Element | None:
    """The label service inside `service`, None if there is none.

    Raises FederationError for any other SERVICE there, and for a label
    service that stands in no other.
    """
    pattern = text.pattern

    def is_label(element: Element) -> bool:
        assert element.term is not None
        return element.term.kind != "var" and resolve_iri(pattern, element.term, base_iri) == LABEL_SERVICE

    if is_label(service):
        raise FederationError(
            f"{text.where(service)}: SERVICE wikibase:label belongs inside the SERVICE whose entities it "
            "names. Of a query from the Wikidata Query Service, put what asks Wikidata, with this, into "
            "SERVICE <https://query.wikidata.org/sparql> { ... }."
        )
    nested = [element for element in service.groups[0].walk() if element.kind == "service"]
    for element in nested:
        if not is_label(element):
            raise FederationError(
                f"{text.where(element)}: a SERVICE inside another is not passed on. "
                "Put the two beside each other."
            )
    if len(nested) > 1:
        raise FederationError(f"{text.where(nested[1])}: one SERVICE wikibase:label is enough.")
    return nested[0] if nested else None


def join_laterals(text: Substitution, service: Element) -> None:
    """Make a plain group of each LATERAL around `service`, where that means the same.

    Inline data may not bind what stands before LATERAL. Raises FederationError
    where a join would mean something else.
    """
    for outer in around(service):
        if outer.kind != "lateral":
            continue
        group = outer.groups[0]
        if group.select is not None or any(e.kind not in ("triples", "service") for e in group.elements):
            raise FederationError(
                f"{text.where(outer)}: SERVICE inside LATERAL is answered as a join, so it may hold "
                "triples and SERVICE and nothing else. Move the rest out of it."
            )
        text.drop(outer.span.first)


def _absolute(base: str | None, iri: str) -> str:
    return urljoin(base, iri) if base and not _SCHEME.match(iri) else iri
