"""Turtle for pages: prefixed names, and links on the IRIs that this server knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pyoxigraph as ox
from markupsafe import Markup, escape

from onrecord.formats import NTRIPLES, TURTLE
from onrecord.terms import PREFIXES, RDF, TERM, IriSpace
from onrecord.web.description import write_graph

_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|"(?:[^"\\\n]|\\.)*"|<(?P<iri>[^<>\s]*)>|(?P<name>\b[a-z][a-z0-9-]*:[\w.-]*\w)',
    re.DOTALL,
)

_SUBJECT = re.compile(r"^(?=\S)", re.MULTILINE)


def to_turtle(ntriples: bytes, space: IriSpace) -> tuple[str, int, dict[str, str]]:
    """N-Triples as Turtle, the number of triples, and the prefixes that it uses."""
    triples = [
        ox.Triple(q.subject, q.predicate, q.object)
        for q in ox.parse(ntriples, getattr(ox.RdfFormat, NTRIPLES.serializer))
    ]
    triples.sort(key=_place)
    prefixes = find_prefixes(ntriples.decode(), space)
    lines = write_graph(triples, TURTLE, prefixes).decode().splitlines()
    head = sorted(line for line in lines if line.startswith("@prefix"))
    body = _SUBJECT.sub("\n", "\n".join(line for line in lines if not line.startswith("@prefix")))
    return "\n".join([*head, body]).strip() + "\n", len(triples), prefixes


def _place(triple: ox.Triple) -> tuple[str, bool, str, str]:
    predicate = triple.predicate.value
    return str(triple.subject), predicate != RDF + "type", predicate, str(triple.object)


def find_prefixes(text: str, space: IriSpace) -> dict[str, str]:
    """Prefixes for the namespaces in `text`: the well-known ones, and ours by the last step of their path.

    >>> find_prefixes("<https://example.org/x/id/harbour>", IriSpace("https://example.org/x/"))
    {'id': 'https://example.org/x/id/'}
    """
    found = {name: iri for name, iri in PREFIXES.items() if name not in ("rdf", "term") and f"<{iri}" in text}
    for base in (space.base, TERM):
        own = re.findall(rf"<({re.escape(base)}(?:[^<>\s]*/)?([a-z][a-z0-9-]*)/)[A-Za-z][\w-]*>", text)
        for namespace, step in sorted(set(own)):
            name, number = step, 2
            while found.get(name, namespace) != namespace:
                name, number = f"{step}{number}", number + 1
            found[name] = namespace
    return found


def link_turtle(
    turtle: str, prefixes: Mapping[str, str], space: IriSpace, link: Callable[[str], str]
) -> Markup:
    """`turtle` escaped for HTML, with the IRIs of `space` and of the vocabulary linked."""
    pieces: list[Markup] = []
    end = 0
    for found in _TOKEN.finditer(turtle):
        pieces.append(escape(turtle[end : found.start()]))
        iri = _expand(found, prefixes)
        if iri is not None and space.to_path(iri) is not None and not _is_prefix(turtle, found.start()):
            pieces.append(Markup('<a href="{}">{}</a>').format(link(iri), found[0]))
        else:
            pieces.append(escape(found[0]))
        end = found.end()
    return Markup("").join([*pieces, escape(turtle[end:])])


def _expand(found: re.Match[str], prefixes: Mapping[str, str]) -> str | None:
    if found["iri"] is not None:
        return str(found["iri"])
    if found["name"] is not None:
        prefix, _, local = found["name"].partition(":")
        return prefixes[prefix] + local if prefix in prefixes else None
    return None


def _is_prefix(turtle: str, start: int) -> bool:
    line = turtle[turtle.rfind("\n", 0, start) + 1 : start]
    return line.startswith("@prefix")
