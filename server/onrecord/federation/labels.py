"""Wikidata's label service in standard SPARQL.

`SERVICE wikibase:label` is no endpoint: it is a function of one engine, and
the backends that come after that engine do not have it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from onrecord.errors import FederationError
from onrecord.federation.pattern import Element, Group, QueryPattern, Span
from onrecord.sparql import position_at

LABEL_SERVICE = "http://wikiba.se/ontology#label"
_ENTITY = "http://www.wikidata.org/entity/"
_RDFS_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_DESCRIPTION = "<http://schema.org/description>"
_LANGUAGES = re.compile(r"[A-Za-z]{2,12}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Labels:
    """The body's text with labels: what to replace in it, and the variables that it binds more."""

    insertions: tuple[tuple[Span, str], ...]
    variables: frozenset[str]


def emulate_labels(pattern: QueryPattern, body: Group, service: Element) -> Labels:
    """What stands for the label service `service` of `body`.

    A label is the first that there is in the languages asked for, else the
    entity's own name (Q42), as the service does it. Raises FederationError
    for what it does not know.
    """
    if service.parent is not body:
        raise _refuse(pattern, service, "stands directly in the SERVICE that it belongs to")
    languages, wanted = _read(pattern, service)
    if not wanted:
        wanted = _automatic(pattern, body)
    text: list[str] = []
    for variable, predicate, target in wanted:
        steps = []
        for language in languages:
            step = f"?{target}__{re.sub('[^A-Za-z0-9]', '_', language)}"
            steps.append(step)
            text.append(
                f'OPTIONAL {{ ?{variable} {predicate} {step} FILTER(LANG({step}) = "{language.lower()}") }}'
            )
        if predicate == _RDFS_LABEL:
            steps.append(
                f'IF(STRSTARTS(STR(?{variable}), "{_ENTITY}"), STRAFTER(STR(?{variable}), "{_ENTITY}"), '
                f"STR(?{variable}))"
            )
        text.append(f"BIND(COALESCE({', '.join(steps)}) AS ?{target})")
    inner = body.where or body.span
    end = inner.last - 1
    return Labels(
        ((service.span, ""), (Span(end, end), " ".join(text))), frozenset(target for _, _, target in wanted)
    )


def _read(pattern: QueryPattern, service: Element) -> tuple[list[str], list[tuple[str, str, str]]]:
    """The languages that the service names, and the labels that it asks for one by one."""
    inner = service.groups[0].span
    tokens = [t for t in pattern.tokens[inner.first + 1 : inner.last - 1] if not t.is_op(".", ";")]
    languages: list[str] = []
    wanted: list[tuple[str, str, str]] = []
    subject = ""
    index = 0
    while index < len(tokens):
        token = tokens[index]
        name = token.text.strip("<>")
        if name.endswith(("serviceParam", "bd:serviceParam")):
            index += 1
            continue
        if index + 1 < len(tokens) and name.endswith(("wikibase:language", "ontology#language")):
            text = tokens[index + 1].text.strip("\"'")
            languages += [part for part in re.split(r"[,\s]+", text) if _LANGUAGES.fullmatch(part)]
            index += 2
            continue
        if token.kind == "var":
            subject = token.text[1:]
            index += 1
            continue
        predicate = _predicate(name)
        if predicate is None or index + 1 >= len(tokens) or tokens[index + 1].kind != "var" or not subject:
            raise _refuse(
                pattern, service, "is read with wikibase:language, rdfs:label and schema:description only"
            )
        wanted.append((subject, predicate, tokens[index + 1].text[1:]))
        index += 2
    return languages or ["en"], wanted


def _predicate(name: str) -> str | None:
    if name in ("rdfs:label", _RDFS_LABEL.strip("<>")):
        return _RDFS_LABEL
    return _DESCRIPTION if name in ("schema:description", _DESCRIPTION.strip("<>")) else None


def _automatic(pattern: QueryPattern, body: Group) -> list[tuple[str, str, str]]:
    """Variables of the query that are called after one of the body: ?place and ?placeLabel."""
    inside = pattern.names(body.span)
    everywhere = sorted({t.text[1:] for t in pattern.tokens if t.kind == "var"})
    wanted = []
    for name in everywhere:
        for ending, predicate in (("Label", _RDFS_LABEL), ("Description", _DESCRIPTION)):
            stem = name.removesuffix(ending)
            if stem != name and stem in inside and name not in inside:
                wanted.append((stem, predicate, name))
        if name.removesuffix("AltLabel") != name and name.removesuffix("AltLabel") in inside:
            raise FederationError(
                f"?{name} would list all other labels, which SERVICE wikibase:label alone can do. "
                "Ask for skos:altLabel in a pattern of its own."
            )
    return wanted


def _refuse(pattern: QueryPattern, service: Element, rule: str) -> FederationError:
    place = position_at(pattern.text, pattern.tokens[service.span.first].start)
    return FederationError(f"Line {place.line}, column {place.column}: SERVICE wikibase:label {rule}.")
