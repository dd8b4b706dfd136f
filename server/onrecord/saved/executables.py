"""The catalogue as RDF: each query an executable example, for people, editors and language models.

In the terms of SHACL (section 5.2.1, `sh:SPARQLExecutable` of the SHACL
Advanced Features note) and schema.org, as the collections of SPARQL examples
of the SIB Swiss Institute of Bioinformatics have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from onrecord.saved.query import SavedQuery
from onrecord.terms import DCTERMS, RDF, RDFS

SH = "http://www.w3.org/ns/shacl#"
SCHEMA = "https://schema.org/"
SPEX = "https://purl.expasy.org/sparql-examples/ontology#"

PREFIXES = {"sh": SH, "schema": SCHEMA, "rdfs": RDFS, "dcterms": DCTERMS, "spex": SPEX}

SPARQL_EXECUTABLE = SH + "SPARQLExecutable"
"""The class of every saved query."""
_FORMS = {
    "select": (SH + "SPARQLSelectExecutable", SH + "select"),
    "ask": (SH + "SPARQLAskExecutable", SH + "ask"),
    "construct": (SH + "SPARQLConstructExecutable", SH + "construct"),
    "describe": (SPEX + "SPARQLDescribeExecutable", SPEX + "describe"),
}


def describe_queries(
    queries: Iterable[SavedQuery], address: str, endpoint: str | None, language: str = "en"
) -> Iterator[Triple]:
    """The triples that describe `queries`; `address` ends in `/`, and each query's name follows it.

    The text is that of the file, with the defaults of its parameters, so that it runs as it is.

    >>> from onrecord.saved.query import parse
    >>> query = parse("all", "queries/all.rq", "#+ summary: Everything.\\nSELECT * { ?s ?p ?o }")
    >>> triples = list(describe_queries([query], "https://example.org/queries/", "https://example.org/sparql"))
    >>> triples[0].object
    <NamedNode value=http://www.w3.org/ns/shacl#SPARQLExecutable>
    """
    for query in queries:
        form = _FORMS.get(query.operation.form)
        if form is None:
            continue
        class_, text_of = form
        subject = NamedNode(address + query.name)
        header = query.header
        comment = f"{header.summary} {header.description}".strip()

        yield Triple(subject, NamedNode(RDF + "type"), NamedNode(SPARQL_EXECUTABLE))
        yield Triple(subject, NamedNode(RDF + "type"), NamedNode(class_))
        yield Triple(subject, NamedNode(DCTERMS + "title"), Literal(header.summary, language=language))
        yield Triple(subject, NamedNode(RDFS + "comment"), Literal(comment, language=language))
        yield Triple(subject, NamedNode(text_of), Literal(query.text))
        if endpoint is not None:
            yield Triple(subject, NamedNode(SCHEMA + "target"), NamedNode(endpoint))
        yield Triple(subject, NamedNode(DCTERMS + "identifier"), Literal(query.version))
        for tag in header.tags:
            yield Triple(subject, NamedNode(SCHEMA + "keywords"), Literal(tag))
        if header.author:
            yield Triple(subject, NamedNode(DCTERMS + "creator"), Literal(header.author))
