"""The SERVICE clauses of a query and the endpoints that they name."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from onrecord.errors import QuerySyntaxError
from onrecord.federation.pattern import Element, Group, QueryPattern
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
    prefixes: dict[str, str] = {}
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


def _absolute(base: str | None, iri: str) -> str:
    return urljoin(base, iri) if base and not _SCHEME.match(iri) else iri
