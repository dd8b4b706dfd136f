"""What the server says of itself, compared with what it holds and does: SD, VoID and DCAT."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, RDF, VOID
from tests.conftest import LiveServer

from onrecord.web.description import FUNCTIONS

SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
SHAPES = Path(__file__).resolve().parents[1] / "web" / "shapes.ttl"
ADDRESSES = ("/sparql", "/.well-known/void", "/dcat")
POINT = '"POINT(1 1)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
METRE = "<http://www.opengis.net/def/uom/OGC/1.0/metre>"


def read(server: LiveServer, path: str) -> rdflib.Graph:
    answer = server.get(path, {"Accept": "text/turtle"})
    assert answer.status == 200, answer.text
    return rdflib.Graph().parse(data=answer.text, format="turtle", publicID=server.url)


def number(graph: rdflib.Graph, subject: rdflib.term.Node, predicate: rdflib.URIRef) -> int:
    return int(str(graph.value(subject, predicate)))


def dataset_of(server: LiveServer) -> rdflib.URIRef:
    return rdflib.URIRef(f"{server.url}/.well-known/void#dataset")


@pytest.mark.filterwarnings(
    "ignore:Dataset.default_context:DeprecationWarning"
)  # pyshacl's own use of rdflib
@pytest.mark.parametrize("path", ADDRESSES)
def test_what_is_said_conforms_to_the_shapes_of_its_recommendation(
    live_server: LiveServer, path: str
) -> None:
    conforms, _, text = pyshacl.validate(read(live_server, path), shacl_graph=str(SHAPES))
    assert conforms, text


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_description_has_every_rdf_format_an_etag_and_a_head(live_server: LiveServer, path: str) -> None:
    turtle = live_server.get(path, {"Accept": "text/turtle"})
    head = live_server.get(path, {"Accept": "text/turtle"}, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["etag"] == turtle.headers["etag"]
    fresh = live_server.get(path, {"Accept": "text/turtle", "If-None-Match": turtle.headers["etag"]})
    assert (fresh.status, fresh.body) == (304, b"")
    for media_type in ("application/ld+json", "application/n-triples", "application/rdf+xml"):
        answer = live_server.get(path, {"Accept": media_type})
        assert answer.headers["content-type"].startswith(media_type)
        format = ox.RdfFormat.from_media_type(media_type)
        assert len(list(ox.parse(answer.body, format=format))) == len(read(live_server, path))
    assert "accept" in turtle.headers["vary"].lower()
    assert turtle.headers["onrecord-generation"]
    assert live_server.get(path, {"Accept": "image/png"}).status == 406


def test_void_counts_what_queries_count(live_server: LiveServer) -> None:
    graph, dataset = read(live_server, "/.well-known/void"), dataset_of(live_server)

    def counted(text: str) -> int:
        return int(live_server.sparql(text)[0]["n"])

    everywhere = "{ GRAPH ?g { ?s ?p ?o } }"
    assert number(graph, dataset, VOID.triples) == counted(f"SELECT (COUNT(*) AS ?n) {everywhere}")
    classes = list(graph.objects(dataset, VOID.classPartition))
    assert number(graph, dataset, VOID.classes) == len(classes) > 10
    for node in classes[::7]:
        pattern = f"GRAPH ?g {{ ?s a <{graph.value(node, VOID['class'])}> }}"
        asked = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {pattern} }}"
        assert number(graph, node, VOID.entities) == counted(asked)
    properties = list(graph.objects(dataset, VOID.propertyPartition))
    assert number(graph, dataset, VOID.properties) == len(properties) > 10
    for node in properties[::9]:
        asked = f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s <{graph.value(node, VOID.property)}> ?o }} }}"
        assert number(graph, node, VOID.triples) == counted(asked)
    version = str(graph.value(dataset, rdflib.URIRef(f"{DCAT}version")))
    assert version == live_server.get("/ns.ttl").headers["onrecord-generation"]


def test_linksets_count_the_links_that_are_there(live_server: LiveServer) -> None:
    graph = read(live_server, "/.well-known/void")
    linksets = list(graph.subjects(RDF.type, VOID.Linkset))
    assert linksets
    for linkset in linksets:
        space = str(graph.value(graph.value(linkset, VOID.objectsTarget), VOID.uriSpace))
        triple = f"?s <{graph.value(linkset, VOID.linkPredicate)}> ?o"
        rows = live_server.sparql(
            f'SELECT DISTINCT ?s ?o {{ GRAPH ?g {{ {triple} FILTER(STRSTARTS(STR(?o), "{space}")) }} }}'
        )
        assert number(graph, linkset, VOID.triples) == len(rows)
        assert number(graph, linkset, VOID.distinctSubjects) == len({row["s"] for row in rows})


def test_the_catalogue_tells_the_licence_of_the_folder_and_addresses_that_answer(
    live_server: LiveServer,
) -> None:
    graph, dataset = read(live_server, "/dcat"), dataset_of(live_server)
    stated = rdflib.Graph().parse(Path(__file__).parents[2] / "ontology" / "dataset.ttl")
    for predicate in (DCTERMS.license, DCTERMS.title, DCTERMS.description, DCTERMS.publisher):
        assert set(graph.objects(dataset, predicate)) == set(stated.objects(None, predicate))
    everything = set()
    for node in graph.objects(dataset, DCAT.distribution):
        address = str(graph.value(node, DCAT.downloadURL))
        answer = live_server.get(address)
        media_type = str(graph.value(node, DCAT.mediaType)).partition("media-types/")[2]
        assert answer.headers["content-type"].partition(";")[0] == media_type
        everything.add(answer.status)
    assert everything == {200}


def test_the_service_does_what_it_says(live_server: LiveServer) -> None:
    graph = read(live_server, "/sparql")
    service = graph.value(predicate=RDF.type, object=SD.Service)
    assert graph.value(service, SD.endpoint) == rdflib.URIRef(f"{live_server.url}/sparql")
    features = {str(feature).partition("#")[2] for feature in graph.objects(service, SD.feature)}
    assert features == {"UnionDefaultGraph", "EmptyGraphs"}
    named = {str(graph.value(g, SD.name)): g for g in graph.subjects(RDF.type, SD.NamedGraph)}
    found = {
        row["g"]: int(row["n"])
        for row in live_server.sparql("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    }
    assert {iri: number(graph, graph.value(g, SD.graph), VOID.triples) for iri, g in named.items()} == found
    inferred = [iri for iri, g in named.items() if graph.value(g, SD.entailmentRegime) is not None]
    assert len(inferred) == 1 and found[inferred[0]] > 0


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_that_is_told_of_is_known(live_server: LiveServer, function: str) -> None:
    tries = (POINT, f"{POINT}, {POINT}", f"{POINT}, {POINT}, {METRE}")
    square = POINT.replace("POINT(1 1)", "POLYGON((0 0,0 2,2 2,2 0,0 0))")
    tries += (square, f"{square}, {square}", f"{POINT}, {square}")
    columns = " ".join(f"(<{function}>({arguments}) AS ?x{i})" for i, arguments in enumerate(tries))
    assert live_server.sparql(f"SELECT {columns} {{}}")[0]
