"""The service description of the endpoint (SPARQL 1.1 Service Description)."""

from __future__ import annotations

import pyoxigraph as ox

from onrecord.engine import EngineStatus
from onrecord.formats import FORMATS, Format
from onrecord.terms import DCTERMS, RDF, XSD
from onrecord.web.uploads import READ

SD = "http://www.w3.org/ns/sparql-service-description#"
ENTAILMENT = "http://www.w3.org/ns/entailment/"
PROFILE = "http://www.w3.org/ns/owl-profile/"
VOID = "http://rdfs.org/ns/void#"
FORMAT_NAMES = "http://www.w3.org/ns/formats/"

W3C_NAMES = {
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
_GEOF = "http://www.opengis.net/def/function/geosparql/"
FUNCTIONS = tuple(
    _GEOF + name
    for name in (
        *("distance", "convexHull", "envelope", "intersection", "union", "difference", "symDifference"),
        *("getSRID", "asGeoJSON", "dimension", "coordinateDimension", "spatialDimension"),
        *("isEmpty", "isSimple"),
        *(f"sf{name}" for name in ("Equals", "Disjoint", "Intersects", "Touches", "Crosses", "Within")),
        *("sfContains", "sfOverlaps"),
        *(f"eh{name}" for name in ("Equals", "Disjoint", "Meet", "Overlap", "Covers", "CoveredBy")),
        *("ehInside", "ehContains"),
        *(f"rcc8{name}" for name in ("eq", "dc", "ec", "po", "tppi", "tpp", "ntpp", "ntppi")),
    )
)
"""What the embedded engine knows besides SPARQL's own functions; a test calls each of them."""
_PREFIXES = {
    "sd": SD,
    "void": VOID,
    "dcterms": DCTERMS,
    "formats": FORMAT_NAMES,
    "ent": ENTAILMENT,
    "geof": _GEOF,
}

Node = ox.NamedNode | ox.BlankNode


def describe_service(
    endpoint: str,
    status: EngineStatus,
    *,
    union: bool,
    title: str,
    inferred: str = "",
    federates: bool = False,
    described_at: str = "",
    embedded: bool = True,
) -> list[ox.Triple]:
    """The description of the service at `endpoint`, with its dataset as of `status`.

    `inferred` names the graph of what follows from the others, `federates`
    tells that some endpoint may be asked by SERVICE, `described_at` is the IRI
    under which other documents tell of the dataset. Of an engine that is not
    `embedded` no function of its own is told, nor what it makes of empty graphs.
    """
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
    languages = ("SPARQL10Query", "SPARQL11Query", "SPARQL11Update")
    add(service, SD + "supportedLanguage", *(ox.NamedNode(SD + name) for name in languages))
    # Empty named graphs are kept until they are dropped.
    features = [*(["EmptyGraphs"] if embedded else []), *(["UnionDefaultGraph"] if union else [])]
    features += ["BasicFederatedQuery"] if federates else []
    add(service, SD + "feature", *(ox.NamedNode(SD + name) for name in features))
    add(service, SD + "resultFormat", *(ox.NamedNode(FORMAT_NAMES + W3C_NAMES[f.name]) for f in FORMATS))
    add(service, SD + "inputFormat", *(ox.NamedNode(FORMAT_NAMES + W3C_NAMES[f.name]) for f in READ))
    functions = FUNCTIONS if embedded else ()
    add(service, SD + "extensionFunction", *map(ox.NamedNode, functions))
    for function in functions:
        add(ox.NamedNode(function), RDF + "type", ox.NamedNode(SD + "Function"))
    # Queries match what stands in the graphs; what follows from them stands in a graph too.
    add(service, SD + "defaultEntailmentRegime", ox.NamedNode(ENTAILMENT + "Simple"))
    add(service, SD + "defaultDataset", dataset)
    add(dataset, DCTERMS + "title", ox.Literal(title))
    if described_at:
        add(dataset, DCTERMS + "isVersionOf", ox.NamedNode(described_at))
    default = typed("default", "Graph")
    add(dataset, SD + "defaultGraph", default)
    count(default, status.triples if union else status.graphs.get("", 0))
    named = sorted((iri, size) for iri, size in status.graphs.items() if iri)
    for place, (iri, size) in enumerate(named):
        entry, graph = typed(f"entry{place}", "NamedGraph"), typed(f"graph{place}", "Graph")
        add(dataset, SD + "namedGraph", entry)
        add(entry, SD + "name", ox.NamedNode(iri))
        add(entry, SD + "graph", graph)
        if iri == inferred:
            add(entry, SD + "entailmentRegime", ox.NamedNode(ENTAILMENT + "OWL-RDF-Based"))
            add(entry, SD + "supportedEntailmentProfile", ox.NamedNode(PROFILE + "RL"))
        count(graph, size)
    return triples


def write_graph(triples: list[ox.Triple], format: Format, prefixes: dict[str, str] | None = None) -> bytes:
    """`triples` in one of the RDF formats."""
    rdf_format: ox.RdfFormat = getattr(ox.RdfFormat, format.serializer)
    given = _PREFIXES if prefixes is None else prefixes
    written = ox.serialize(triples, format=rdf_format, prefixes=given)
    return written or b""
