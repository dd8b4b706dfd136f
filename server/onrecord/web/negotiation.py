"""Content negotiation (RFC 9110 section 12.5.1). Pure: knows no Flask.

Each offered type takes the q of the most specific range that matches it; the
highest q wins; ties go to the server's order. HTML is offered only to those
who name it: `*/*` never means a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onrecord.errors import NotAcceptableError
from onrecord.formats import FORMATS, AnswerKind, Format, by_name, formats_of

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_RANGE = re.compile(rf"({_NAME})/({_NAME})")
_PARAMETER = re.compile(rf'\s*;\s*(?:({_NAME})=({_NAME}|"(?:[^"\\]|\\.)*"))?')
_WEIGHT = re.compile(r"0?\.\d+|[01](?:\.\d*)?")
# Possessive, and a quote that is never closed reaches to the end: the time is linear in the header.
_ELEMENT = re.compile(r'(?:[^",]++|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))++', re.DOTALL)
_LONGEST_ACCEPT = 4096

FORMAT_PARAMETERS = ("format", "output", "results")
"""The names under which clients ask for a format in the address."""


@dataclass(frozen=True)
class MediaRange:
    """One element of an Accept header: `text/*;q=0.5` and the like, in lower case."""

    type: str
    subtype: str
    parameters: frozenset[tuple[str, str]] = frozenset()
    q: float = 1.0

    @property
    def specificity(self) -> int:
        if self.type == "*":
            return 0
        return 1 if self.subtype == "*" else 2 + len(self.parameters)


@dataclass(frozen=True)
class Offer:
    """Something the server can send.

    `media_types` starts with the one that is sent; the others are aliases,
    matched only by their full name. An `explicit` offer is matched only by a
    range that names it in full. `parameters` are those of the media type that
    a range may ask for.
    """

    name: str
    media_types: tuple[str, ...]
    explicit: bool = False
    parameters: frozenset[tuple[str, str]] = frozenset({("charset", "utf-8")})
    format: Format | None = None


HTML = Offer("html", ("text/html",), explicit=True)


def offer_of(format: Format) -> Offer:
    """The offer of one of `onrecord.formats`; one with a profile is sent only to those who name the type.

    Results and graphs are written in version 1.2 of SPARQL and RDF.

    >>> from onrecord.formats import FRAGMENT
    >>> offers = (HTML, offer_of(FRAGMENT))
    >>> choose("text/html", offers).name, choose("text/html;profile=fragment, text/html;q=0.1", offers).name
    ('html', 'fragment')
    """
    extra = {("header", "present")} if format.name == "csv" else {("version", "1.2")}
    if format.profile:
        extra = {("profile", format.profile)}
    parameters = frozenset({("charset", "utf-8")} | extra)
    return Offer(format.name, format.media_types, bool(format.profile), parameters, format)


def offers_of(kind: AnswerKind, *, page: bool = True) -> tuple[Offer, ...]:
    """What can be sent for an answer of `kind`, in the server's order.

    >>> [offer.name for offer in offers_of("solutions")]
    ['html', 'json', 'xml', 'csv', 'tsv']
    """
    return ((HTML,) if page else ()) + tuple(offer_of(f) for f in formats_of(kind))


def parse_accept(header: str) -> tuple[MediaRange, ...]:
    """The ranges of an Accept header; malformed ones are left out.

    >>> parse_accept("text/turtle, garbage, */*;q=0.1")[1]
    MediaRange(type='*', subtype='*', parameters=frozenset(), q=0.1)
    """
    ranges = (_parse_range(element.strip()) for element in _ELEMENT.findall(header))
    return tuple(r for r in ranges if r is not None)


def choose(accept: str | None, offers: Sequence[Offer]) -> Offer:
    """The offer that `accept` (an Accept header, or None) likes best.

    A header without a single well-formed range, or longer than 4 KB, counts as
    absent. Raises NotAcceptableError, which lists what there is.

    >>> choose("application/xml;q=0.9, text/csv", offers_of("solutions")).name
    'csv'
    >>> choose(None, offers_of("graph")).name
    'turtle'
    """
    readable = accept if accept and len(accept) <= _LONGEST_ACCEPT else ""
    ranges = parse_accept(readable) or (MediaRange("*", "*"),)
    weighed = [(quality(offer, ranges), offer) for offer in offers]
    best = max((q for q, _ in weighed), default=0.0)
    if best <= 0:
        known = ", ".join(dict.fromkeys(offer.media_types[0] for offer in offers))
        raise NotAcceptableError(f'Nothing here is of the type "{accept}"; there is: {known}.')
    return next(offer for q, offer in weighed if q == best)


def quality(offer: Offer, ranges: Sequence[MediaRange]) -> float:
    """The q of the most specific of `ranges` that matches `offer`; 0 when none does.

    >>> quality(HTML, parse_accept("*/*"))
    0.0
    """
    found = [
        # Among equally specific ranges the sent type speaks before its aliases.
        (r.specificity, -place, r.q)
        for r in ranges
        for place, media_type in enumerate(offer.media_types)
        if _matches(r, media_type, offer, alias=place > 0)
    ]
    return max(found)[2] if found else 0.0


def choose_named(values: Mapping[str, Sequence[str]], kind: AnswerKind) -> Offer | None:
    """The offer that the parameters `format`, `output` and `results` name; None without any.

    `values` maps parameter names to their values. SPARQLWrapper sends all
    three with every query, one of them several times, several media types in
    one value, and its own default whatever the kind of the query: then what
    does not fit the kind is left to the Accept header. From others a value
    that does not fit is an error: raises NotAcceptableError naming it. A
    media type whose `+` was sent as it is arrives with a space in its place.

    >>> choose_named({"format": ["csv"]}, "solutions").name
    'csv'
    >>> choose_named({"format": ["application/sparql-results json"]}, "solutions").name
    'json'
    """
    wishes = [
        wish.strip().replace(" ", "+")
        for name in FORMAT_PARAMETERS
        for value in values.get(name, ())
        for wish in value.split(",")
        if wish.strip()
    ]
    for wish in wishes:
        if wish.lower() in ("html", "text/html"):
            return HTML
        found = by_name(wish, kind)
        if found is not None:
            return offer_of(found)
    sends_all = all(values.get(name) for name in FORMAT_PARAMETERS)
    if not wishes or (sends_all and all(_is_known(wish) for wish in wishes)):
        return None
    known = ", ".join(f.name for f in formats_of(kind))
    what = "a graph" if kind == "graph" else "this result"
    raise NotAcceptableError(f'Format "{wishes[0]}" cannot write {what}; known: {known}.')


def without_rows(accept: str | None, kind: AnswerKind) -> str | None:
    """`accept`, or None where it names formats of rows alone and the answer is a graph.

    rdflib and others send the Accept header of their SELECT queries with
    every query. They read whatever graph comes, and nothing of a 406.

    >>> without_rows("application/sparql-results+json", "graph") is None
    True
    >>> without_rows("text/turtle, application/sparql-results+json", "graph")
    'text/turtle, application/sparql-results+json'
    """
    if kind != "graph" or not accept or len(accept) > _LONGEST_ACCEPT:
        return accept
    ranges = [r for r in parse_accept(accept) if r.q > 0]
    of_rows = {f.media_type for f in formats_of("solutions")}
    is_of_rows = bool(ranges) and all(f"{r.type}/{r.subtype}" in of_rows for r in ranges)
    return None if is_of_rows else accept


def _is_known(wish: str) -> bool:
    return any(by_name(wish, kind) is not None for f in FORMATS for kind in f.kinds)


def _matches(r: MediaRange, media_type: str, offer: Offer, *, alias: bool) -> bool:
    kind, _, subtype = media_type.partition("/")
    if not r.parameters <= offer.parameters:
        return False
    if r.type == kind and r.subtype == subtype:
        return True
    if alias or offer.explicit:
        return False
    return r.type == "*" or (r.type == kind and r.subtype == "*")


def _parse_range(element: str) -> MediaRange | None:
    head = _RANGE.match(element)
    if head is None:
        return None
    kind, subtype = head[1].lower(), head[2].lower()
    if kind == "*" and subtype != "*":
        return None
    parameters: set[tuple[str, str]] = set()
    q = 1.0
    weighed = False
    end = head.end()
    while end < len(element):
        found = _PARAMETER.match(element, end)
        if found is None:
            return None if element[end:].strip() else MediaRange(kind, subtype, frozenset(parameters), q)
        end = found.end()
        name, value = (found[1] or "").lower(), found[2] or ""
        if name == "q" and not weighed:
            if _WEIGHT.fullmatch(value) is None or float(value) > 1:
                return None
            q, weighed = float(value), True
        elif name and not weighed:
            # What follows the weight is an extension, not part of the media type.
            parameters.add((name, _unquote(value).lower()))
    return MediaRange(kind, subtype, frozenset(parameters), q)


def _unquote(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
