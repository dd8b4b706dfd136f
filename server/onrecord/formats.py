"""Formats of answers: media type, suffix and serializer. Knows no HTTP.

SPARQL results in the four formats of the SPARQL 1.1 recommendations, RDF in
those of RDF 1.1. `serializer` names the engine's own format, so that only the
store imports the engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AnswerKind = Literal["solutions", "boolean", "graph"]


@dataclass(frozen=True)
class Format:
    """One way to write an answer down.

    `media_types` starts with the one that is sent; the others are accepted as
    its aliases. `kinds` are the kinds of answers that it can write.
    """

    name: str
    suffix: str
    media_types: tuple[str, ...]
    kinds: frozenset[AnswerKind]
    serializer: str
    is_text: bool = True
    profile: str = ""
    """What tells it from other formats of its media type: a parameter of that."""

    @property
    def media_type(self) -> str:
        return self.media_types[0]

    @property
    def content_type(self) -> str:
        """The value of the Content-Type header, with the charset for text."""
        return f"{self.full_type}; charset=utf-8" if self.is_text else self.media_type

    @property
    def full_type(self) -> str:
        """The media type with its profile, if it has one."""
        return f"{self.media_type}; profile={self.profile}" if self.profile else self.media_type


_RESULTS: frozenset[AnswerKind] = frozenset({"solutions", "boolean"})
_GRAPH: frozenset[AnswerKind] = frozenset({"graph"})

JSON = Format("json", "json", ("application/sparql-results+json", "application/json"), _RESULTS, "JSON")
XML = Format("xml", "xml", ("application/sparql-results+xml", "application/xml", "text/xml"), _RESULTS, "XML")
CSV = Format("csv", "csv", ("text/csv",), _RESULTS, "CSV")
TSV = Format("tsv", "tsv", ("text/tab-separated-values",), _RESULTS, "TSV")
TURTLE = Format("turtle", "ttl", ("text/turtle", "application/x-turtle"), _GRAPH, "TURTLE")
NTRIPLES = Format("ntriples", "nt", ("application/n-triples", "text/plain"), _GRAPH, "N_TRIPLES")
JSONLD = Format("jsonld", "jsonld", ("application/ld+json", "application/json"), _GRAPH, "JSON_LD")
RDFXML = Format("rdfxml", "rdf", ("application/rdf+xml", "application/xml", "text/xml"), _GRAPH, "RDF_XML")
NQUADS = Format("nquads", "nq", ("application/n-quads",), _GRAPH, "N_QUADS")
TRIG = Format("trig", "trig", ("application/trig",), _GRAPH, "TRIG")

FORMATS = (JSON, XML, CSV, TSV, TURTLE, NTRIPLES, JSONLD, RDFXML, NQUADS, TRIG)
"""In the server's order of preference within a kind of answer."""

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX = Format("xlsx", "xlsx", (_SHEET,), frozenset({"solutions"}), "", is_text=False)
MARKDOWN = Format("markdown", "md", ("text/markdown",), _RESULTS, "")
GEOJSON = Format("geojson", "geojson", ("application/geo+json",), frozenset({"solutions"}), "")
GRAPHML = Format("graphml", "graphml", ("application/graphml+xml",), frozenset({"solutions", "graph"}), "")
FRAGMENT = Format("fragment", "fragment.html", ("text/html",), _RESULTS, "", profile="fragment")

DOCUMENTS = (XLSX, MARKDOWN, FRAGMENT, GEOJSON, GRAPHML)
"""What `onrecord.documents` writes from a whole answer; the engine writes none of them."""

KIND_OF_FORM: dict[str, AnswerKind] = {
    "select": "solutions",
    "ask": "boolean",
    "construct": "graph",
    "describe": "graph",
}


N3 = Format("n3", "n3", ("text/n3",), frozenset(), "N3")

RDF_FORMATS = (NTRIPLES, NQUADS, TURTLE, TRIG, RDFXML, JSONLD, N3)
"""What can be read; whoever writes RDF chooses from FORMATS."""


def formats_of(kind: AnswerKind) -> tuple[Format, ...]:
    """The formats that can write `kind`, in the server's order.

    >>> [f.name for f in formats_of("graph")][:2]
    ['turtle', 'ntriples']
    """
    return tuple(f for f in FORMATS if kind in f.kinds)


def documents_of(kind: AnswerKind) -> tuple[Format, ...]:
    """The documents that can show `kind`.

    >>> [f.name for f in documents_of("graph")]
    ['graphml']
    """
    return tuple(f for f in DOCUMENTS if kind in f.kinds)


def by_suffix(suffix: str) -> Format | None:
    """The format of a file suffix (without dot), or None.

    >>> by_suffix("ttl").media_type
    'text/turtle'
    """
    return next((f for f in (*FORMATS, *DOCUMENTS) if f.suffix == suffix), None)


def by_name(name: str, kind: AnswerKind) -> Format | None:
    """The format that clients call `name` (as in `format=csv`), for an answer of `kind`.

    A name, a suffix or a media type, in any case.

    >>> by_name("JSON", "solutions").name
    'json'
    >>> by_name("json", "graph").name
    'jsonld'
    >>> by_name("rdf+xml", "graph").name
    'rdfxml'
    """
    wanted = name.strip().lower()
    for f in formats_of(kind):
        spoken = {f.name, f.suffix, *f.media_types, *(m.split("/")[1] for m in f.media_types)}
        if wanted in spoken or wanted in _NICKNAMES.get(f.name, ()):
            return f
    return None


def rdf_format(name: str) -> Format | None:
    """The format of RDF with that name, suffix or media type, or None.

    >>> rdf_format("ttl").name, rdf_format("application/n-quads").name, rdf_format("csv")
    ('turtle', 'nquads', None)
    """
    wanted = name.strip().lower()
    for f in RDF_FORMATS:
        if wanted in (f.name, f.suffix, *f.media_types) or wanted in _RDF_SUFFIXES.get(f.name, ()):
            return f
    return None


_RDF_SUFFIXES = {"rdfxml": ("owl", "rdfs", "xml"), "jsonld": ("json",), "turtle": ("turtle",)}
_NICKNAMES = {
    "turtle": ("n3", "text/rdf+n3"),
    "ntriples": ("n-triples", "nt11"),
    "jsonld": ("json-ld", "json"),
    "rdfxml": ("rdf/xml", "xml", "pretty-xml"),
    "json": ("sparql-results+json", "srj"),
    "xml": ("sparql-results+xml", "srx"),
}
