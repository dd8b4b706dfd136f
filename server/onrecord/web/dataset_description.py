"""What is served, told to machines: VoID (counts, partitions, links) and DCAT (where to get it).

Knows no Flask.

The counts are those of the generation that `dcat:version` names, which the
background process made them from; it may lag behind a write for a moment.
Licence, publisher, what it is about in time and space and the like are told
as the folder's `ontology/dataset.ttl` states them, and not at all where it
does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pyoxigraph as ox

from onrecord.engine import EngineStatus
from onrecord.folder import Description
from onrecord.formats import formats_of
from onrecord.terms import DCTERMS, RDF, XSD
from onrecord.web.description import FORMAT_NAMES, VOID, W3C_NAMES, Node

DCAT = "http://www.w3.org/ns/dcat#"
FOAF = "http://xmlns.com/foaf/0.1/"
PREFIXES = {"dcat": DCAT, "dcterms": DCTERMS, "foaf": FOAF, "formats": FORMAT_NAMES, "void": VOID}
EVERYTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_PROTOCOL = "http://www.w3.org/TR/sparql11-protocol/"
_STATED = frozenset(
    [
        DCTERMS + name
        for name in (
            *("title", "description", "license", "rights", "publisher", "creator", "contributor", "language"),
            *("temporal", "spatial", "subject", "issued", "source", "bibliographicCitation"),
        )
    ]
    + [DCAT + name for name in ("keyword", "theme", "contactPoint")]
)


@dataclass(frozen=True)
class Served:
    """A dataset as it is served: where, its state, and how its folder describes it."""

    endpoint: str
    void: str
    """The address of its VoID description; the dataset is the fragment `dataset` of it."""
    dcat: str
    title: str
    status: EngineStatus
    description: Description | None

    @property
    def dataset(self) -> ox.NamedNode:
        return ox.NamedNode(f"{self.void}#dataset")

    @property
    def service(self) -> ox.NamedNode:
        return ox.NamedNode(f"{self.dcat}#service")


def describe_void(served: Served) -> list[ox.Triple]:
    """The VoID description: a document, the dataset with its partitions, and its linksets."""
    document = ox.NamedNode(served.void)
    return [
        _triple(document, RDF + "type", ox.NamedNode(VOID + "DatasetDescription")),
        _triple(document, DCTERMS + "title", ox.Literal(f"{served.title}: what the graph holds")),
        _triple(document, FOAF + "primaryTopic", served.dataset),
        *_dataset(served),
        *_sizes(served),
        *_linksets(served),
    ]


def describe_catalog(served: Served) -> list[ox.Triple]:
    """The DCAT catalogue: the dataset, its distributions, and the endpoint as a service."""
    catalog, dataset, service = ox.NamedNode(served.dcat), served.dataset, served.service
    endpoint = ox.NamedNode(served.endpoint)
    title = ox.Literal(served.title)
    triples = [
        _triple(catalog, RDF + "type", ox.NamedNode(DCAT + "Catalog")),
        _triple(catalog, DCTERMS + "title", title),
        _triple(catalog, DCAT + "dataset", dataset),
        _triple(catalog, DCAT + "service", service),
        _triple(service, RDF + "type", ox.NamedNode(DCAT + "DataService")),
        _triple(service, DCTERMS + "title", ox.Literal(f"{served.title}: SPARQL endpoint")),
        _triple(service, DCAT + "endpointURL", endpoint),
        _triple(service, DCAT + "endpointDescription", endpoint),
        _triple(service, DCAT + "servesDataset", dataset),
        _triple(service, DCTERMS + "conformsTo", ox.NamedNode(_PROTOCOL)),
        *_dataset(served),
    ]
    licence = served.description.licence if served.description else ""
    for format in formats_of("graph"):
        node = ox.NamedNode(f"{served.dcat}#{format.name}")
        address = f"{served.endpoint}?{urlencode({'query': EVERYTHING, 'format': format.name})}"
        triples += [
            _triple(dataset, DCAT + "distribution", node),
            _triple(node, RDF + "type", ox.NamedNode(DCAT + "Distribution")),
            _triple(node, DCTERMS + "title", ox.Literal(f"{served.title}, as {format.media_type}")),
            _triple(node, DCAT + "accessURL", endpoint),
            _triple(node, DCAT + "accessService", service),
            _triple(node, DCAT + "downloadURL", ox.NamedNode(address)),
            _triple(node, DCAT + "mediaType", ox.NamedNode(_MEDIA_TYPES + format.media_type)),
        ]
        if "://" in licence:
            triples.append(_triple(node, DCTERMS + "license", ox.NamedNode(licence)))
    return triples


def _dataset(served: Served) -> Iterator[ox.Triple]:
    """What both descriptions say of the dataset."""
    dataset, status = served.dataset, served.status
    yield _triple(dataset, RDF + "type", ox.NamedNode(VOID + "Dataset"))
    yield _triple(dataset, RDF + "type", ox.NamedNode(DCAT + "Dataset"))
    yield _triple(dataset, VOID + "sparqlEndpoint", ox.NamedNode(served.endpoint))
    number = status.generation.number if status.counted is None else status.counted
    label = replace(status.generation, number=number).told
    if label:
        yield _triple(dataset, DCAT + "version", ox.Literal(label))
    if number == status.generation.number and status.published:
        moment = ox.Literal(status.published, datatype=ox.NamedNode(XSD + "dateTime"))
        yield _triple(dataset, DCTERMS + "modified", moment)
    described = served.description
    if described is None:
        yield _triple(dataset, DCTERMS + "title", ox.Literal(served.title))
        return
    yield _triple(dataset, DCTERMS + "isVersionOf", ox.NamedNode(described.subject))
    yield _triple(dataset, VOID + "uriSpace", ox.Literal(described.space.base))
    yield from _stated(described, dataset)


def _stated(described: Description, dataset: ox.NamedNode) -> Iterator[ox.Triple]:
    """The folder's own statements about itself, with the blank nodes that they lead to."""
    subject: Node = ox.NamedNode(described.subject)
    reached: list[ox.BlankNode] = []
    if not any(f.subject == subject and f.predicate.value == DCTERMS + "title" for f in described.facts):
        yield _triple(dataset, DCTERMS + "title", ox.Literal(described.title))
    for fact in described.facts:
        if fact.subject == subject and fact.predicate.value in _STATED:
            yield ox.Triple(dataset, fact.predicate, fact.object)
            if isinstance(fact.object, ox.BlankNode):
                reached.append(fact.object)
    for node in reached:
        for fact in described.facts:
            if fact.subject == node:
                yield fact
                if isinstance(fact.object, ox.BlankNode) and fact.object not in reached:
                    reached.append(fact.object)


def _sizes(served: Served) -> Iterator[ox.Triple]:
    dataset, status = served.dataset, served.status
    yield _count(dataset, VOID + "triples", status.triples)
    # An older generation, or an engine elsewhere, may not be counted by class or property.
    if status.classes or not status.triples:
        yield _count(dataset, VOID + "classes", len(status.classes))
    if status.properties or not status.triples:
        yield _count(dataset, VOID + "properties", len(status.properties))
    for format in formats_of("graph"):
        yield _triple(dataset, VOID + "feature", ox.NamedNode(FORMAT_NAMES + W3C_NAMES[format.name]))
    parts = (
        ("class", status.classes, "classPartition", "class", "entities"),
        ("property", status.properties, "propertyPartition", "property", "triples"),
    )
    for name, counts, partition, about, size in parts:
        for place, (iri, number) in enumerate(sorted(counts.items())):
            node = ox.BlankNode(f"{name}{place}")
            yield _triple(dataset, VOID + partition, node)
            yield _triple(node, VOID + about, ox.NamedNode(iri))
            yield _count(node, VOID + size, number)


def _linksets(served: Served) -> Iterator[ox.Triple]:
    """A linkset for each predicate and each IRI space that it leads to, outside of the dataset's own."""
    own = served.description.space.base if served.description else None
    links = (
        (predicate, space, numbers)
        for predicate, spaces in sorted(served.status.links.items())
        for space, numbers in sorted(spaces.items())
        if own is None or not space.startswith(own)
    )
    for place, (predicate, space, (number, subjects)) in enumerate(links, 1):
        linkset = ox.NamedNode(f"{served.void}#links-{place}")
        target = ox.NamedNode(f"{served.void}#target-{place}")
        yield _triple(served.dataset, VOID + "subset", linkset)
        yield _triple(linkset, RDF + "type", ox.NamedNode(VOID + "Linkset"))
        yield _triple(linkset, VOID + "linkPredicate", ox.NamedNode(predicate))
        yield _triple(linkset, VOID + "subjectsTarget", served.dataset)
        yield _triple(linkset, VOID + "objectsTarget", target)
        yield _count(linkset, VOID + "triples", number)
        yield _count(linkset, VOID + "distinctSubjects", subjects)
        yield _triple(target, RDF + "type", ox.NamedNode(VOID + "Dataset"))
        yield _triple(target, VOID + "uriSpace", ox.Literal(space))


def _triple(subject: Node, predicate: str, value: Node | ox.Literal) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


def _count(subject: Node, predicate: str, number: int) -> ox.Triple:
    return _triple(subject, predicate, ox.Literal(str(number), datatype=ox.NamedNode(XSD + "integer")))
