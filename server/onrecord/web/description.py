"""The service description of the endpoint (SPARQL 1.1 Service Description)."""

from __future__ import annotations

import pyoxigraph as ox

from onrecord.engine import EngineStatus
from onrecord.formats import FORMATS, Format
from onrecord.terms import DCTERMS, RDF, XSD

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
FORMAT_NAMES = "http://www.w3.org/ns/formats/"

_W3C_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
    "nquads": "N-Quads",
    "trig": "TriG",
}
_PREFIXES = {"sd": SD, "void": VOID, "dcterms": DCTERMS, "formats": FORMAT_NAMES}

Node = ox.NamedNode | ox.BlankNode


def describe_service(endpoint: str, status: EngineStatus, *, union: bool, title: str) -> list[ox.Triple]:
    """The description of the service at `endpoint`, with its dataset as of `status`."""
    triples: list[ox.Triple] = []

    def add(subject: Node, predicate: str, *objects: Node | ox.Literal) -> None:
        triples.extend(ox.Triple(subject, ox.NamedNode(predicate), value) for value in objects)

    def count(subject: Node, triples_in_it: int) -> None:
        number = ox.Literal(str(triples_in_it), datatype=ox.NamedNode(XSD + "integer"))
        add(subject, VOID + "triples", number)

    def typed(name: str, kind: str) -> ox.BlankNode:
        node = ox.BlankNode(name)
        add(node, RDF + "type", ox.NamedNode(SD + kind))
        return node

    service = typed("service", "Service")
    dataset = typed("dataset", "Dataset")
    add(service, SD + "endpoint", ox.NamedNode(endpoint))
    add(service, SD + "supportedLanguage", ox.NamedNode(SD + "SPARQL11Query"))
    if union:
        add(service, SD + "feature", ox.NamedNode(SD + "UnionDefaultGraph"))
    add(service, SD + "resultFormat", *(ox.NamedNode(FORMAT_NAMES + _W3C_NAMES[f.name]) for f in FORMATS))
    add(service, SD + "defaultDataset", dataset)
    add(dataset, DCTERMS + "title", ox.Literal(title))
    default = typed("default", "Graph")
    add(dataset, SD + "defaultGraph", default)
    count(default, status.triples if union else status.graphs.get("", 0))
    named = sorted((iri, size) for iri, size in status.graphs.items() if iri)
    for place, (iri, size) in enumerate(named):
        entry, graph = typed(f"entry{place}", "NamedGraph"), typed(f"graph{place}", "Graph")
        add(dataset, SD + "namedGraph", entry)
        add(entry, SD + "name", ox.NamedNode(iri))
        add(entry, SD + "graph", graph)
        count(graph, size)
    return triples


def write_graph(triples: list[ox.Triple], format: Format, prefixes: dict[str, str] | None = None) -> bytes:
    """`triples` in one of the RDF formats."""
    rdf_format: ox.RdfFormat = getattr(ox.RdfFormat, format.serializer)
    given = _PREFIXES if prefixes is None else prefixes
    written = ox.serialize(triples, format=rdf_format, prefixes=given)
    return written or b""
