"""Namespaces, and the mapping between IRIs and the server's own paths.

A folder has one IRI space (`https://w3id.org/onrecord/my-folder/`, say); the
vocabulary `rec:` and its terms have theirs, the same for every folder. IRIs
are stable names whichever host serves them; the server answers for them at
its own paths.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

PROJECT = "https://w3id.org/onrecord/"
REC = PROJECT + "ns#"
ONTOLOGY = PROJECT + "ns"
TERM = PROJECT + "term/"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DCTERMS = "http://purl.org/dc/terms/"
SKOS = "http://www.w3.org/2004/02/skos/core#"

PREFIXES = {
    "dcterms": DCTERMS,
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "rec": REC,
    "skos": SKOS,
    "term": TERM,
    "xsd": XSD,
}
"""Prefixes that pages and the query form offer; a folder adds its own IRI space."""

_NO_SEGMENT = re.compile(
    "[^A-Za-z0-9._~/:@!$&'()*+,;=\\-"
    + "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    + "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14))
    + "\U000e1000-\U000efffd]+"
)
"""What a path in an IRI may hold only percent-encoded (RFC 3987: `ipchar` and `/`)."""

_NO_PATH = re.compile("%(?![0-9A-Fa-f]{2})|" + _NO_SEGMENT.pattern.replace("[^", "[^%", 1))
"""The same for a path that may be encoded already."""


@dataclass(frozen=True)
class IriSpace:
    """The IRI space of one folder; `base` is an absolute IRI that ends in `/` or `#`."""

    base: str

    def graph(self, name: str) -> str:
        """The IRI of the named graph called `name`; what an IRI may not hold is percent-encoded.

        >>> IriSpace("https://example.org/x/").graph("triples/entities")
        'https://example.org/x/graph/triples/entities'
        >>> IriSpace("https://example.org/x/").graph("triples/the 100% café?")
        'https://example.org/x/graph/triples/the%20100%25%20café%3F'
        """
        return f"{self.base}graph/{_NO_SEGMENT.sub(lambda found: quote(found[0], safe=''), name)}"

    @property
    def inferred_graph(self) -> str:
        """The named graph of the closure: rebuilt, never edited."""
        return self.graph("inferred")

    def to_path(self, iri: str) -> str | None:
        """The server's path for `iri`, or None when it is none of ours.

        >>> space = IriSpace("https://example.org/x/")
        >>> space.to_path("https://example.org/x/id/harbour")
        '/id/harbour'
        >>> space.to_path("https://w3id.org/onrecord/term/voice/party")
        '/term/voice/party'
        >>> space.to_path("https://w3id.org/onrecord/ns#Claim")
        '/ns#Claim'
        >>> space.to_path("https://example.com/") is None
        True
        """
        if iri.startswith(TERM):
            return "/term/" + iri[len(TERM) :]
        if iri == ONTOLOGY or iri.startswith(REC):
            return "/ns" + iri[len(ONTOLOGY) :]
        if iri.startswith(self.base) and iri != self.base:
            return "/" + iri[len(self.base) :]
        return None

    def from_path(self, path: str) -> tuple[str, ...]:
        """The IRIs for which the server answers at `path` (decoded, as it stands after the host).

        There are two below `/term/`: the vocabulary's, and the folder's own,
        which has terms of its own where the vocabulary lacks one. What an IRI
        may not hold is percent-encoded, as in the names of graphs.

        >>> space = IriSpace("https://example.org/x/")
        >>> space.from_path("/id/harbour"), space.from_path("/graph/triples/what?")
        (('https://example.org/x/id/harbour',), ('https://example.org/x/graph/triples/what%3F',))
        >>> space.from_path("/term/voice/party")
        ('https://w3id.org/onrecord/term/voice/party', 'https://example.org/x/term/voice/party')
        """
        local = _NO_PATH.sub(lambda found: quote(found[0], safe=""), path.removeprefix("/"))
        own = self.base + local
        if local.startswith("term/"):
            return TERM + local.removeprefix("term/"), own
        return (ONTOLOGY,) if local == "ns" else (own,)

    def shorten(self, iri: str) -> str:
        """`iri` as people read it: a prefixed name of ours, or the IRI itself.

        >>> IriSpace("https://example.org/x/").shorten("https://w3id.org/onrecord/ns#Claim")
        'rec:Claim'
        >>> IriSpace("https://example.org/x/").shorten("https://example.org/x/id/harbour")
        'id/harbour'
        """
        if iri.startswith(self.base) and iri != self.base:
            return iri[len(self.base) :]
        for prefix, namespace in PREFIXES.items():
            if iri.startswith(namespace) and iri != namespace:
                return f"{prefix}:{iri[len(namespace) :]}"
        return iri
