"""What is told of a generation to machines: JSON, and RDF in the terms of PROV."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from onrecord.engine import KeptGeneration
from onrecord.terms import DCTERMS, RDF, RDFS, XSD

PROV = "http://www.w3.org/ns/prov#"
VOID = "http://rdfs.org/ns/void#"
SPDX = "http://spdx.org/rdf/terms#"
PREFIXES = {"spdx": SPDX, "prov": PROV, "void": VOID, "dcterms": DCTERMS, "rdfs": RDFS, "xsd": XSD}


def as_document(kept: KeptGeneration, address: str) -> dict[str, object]:
    """A generation as a JSON object; what nobody counted is null."""
    return {
        "number": kept.generation.number,
        "label": kept.generation.label,
        "address": address,
        "published": kept.published,
        "writes": [{"by": write.by, "what": write.what} for write in kept.writes],
        "changed": {graph: {"added": more, "removed": less} for graph, (more, less) in kept.changed.items()}
        if kept.changed is not None
        else None,
        "triples": sum(kept.graphs.values()) if kept.graphs is not None else None,
        "contentHash": kept.content_hash or None,
        "pin": {"by": kept.pin.by, "since": kept.pin.since} if kept.pin is not None else None,
        "atRest": kept.is_at_rest,
    }


def describe_generation(kept: KeptGeneration, address: str) -> Iterator[ox.Triple]:
    """A generation as a revision of the one before, made by the activities that wrote it."""
    entity = ox.NamedNode(address)

    def triple(subject: ox.NamedNode | ox.BlankNode, predicate: str, value: str, datatype: str) -> ox.Triple:
        return ox.Triple(
            subject, ox.NamedNode(predicate), ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))
        )

    yield ox.Triple(entity, ox.NamedNode(RDF + "type"), ox.NamedNode(PROV + "Entity"))
    yield triple(entity, DCTERMS + "identifier", kept.generation.label, "string")
    yield triple(entity, PROV + "generatedAtTime", kept.published, "dateTime")
    if kept.graphs is not None:
        yield triple(entity, VOID + "triples", str(sum(kept.graphs.values())), "integer")
    if kept.content_hash:
        checksum = ox.BlankNode(f"g{kept.generation.number}hash")
        yield ox.Triple(entity, ox.NamedNode(SPDX + "checksum"), checksum)
        sha256 = ox.NamedNode(SPDX + "checksumAlgorithm_sha256")
        yield ox.Triple(checksum, ox.NamedNode(SPDX + "algorithm"), sha256)
        yield triple(checksum, SPDX + "checksumValue", kept.content_hash, "hexBinary")
    for place, write in enumerate(kept.writes):
        activity = ox.BlankNode(f"g{kept.generation.number}w{place}")
        agent = ox.BlankNode(f"g{kept.generation.number}a{place}")
        yield ox.Triple(entity, ox.NamedNode(PROV + "wasGeneratedBy"), activity)
        yield ox.Triple(activity, ox.NamedNode(RDF + "type"), ox.NamedNode(PROV + "Activity"))
        yield triple(activity, RDFS + "label", write.what, "string")
        yield ox.Triple(activity, ox.NamedNode(PROV + "wasAssociatedWith"), agent)
        yield ox.Triple(agent, ox.NamedNode(RDF + "type"), ox.NamedNode(PROV + "Agent"))
        yield triple(agent, RDFS + "label", write.by, "string")
