"""The files of the shipped folder as graphs, and the texts of its sources where they are at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, Graph, URIRef
from rdflib.namespace import Namespace
from rdflib.term import Node

REPOSITORY = Path(__file__).resolve().parents[2]
ARTICLES = REPOSITORY.parent / "shared" / "article"
REC = Namespace("https://w3id.org/onrecord/ns#")
ONTOLOGY = [f"ontology/{name}.ttl" for name in ("arabic", "dataset", "onrecord", "terms")]


@pytest.fixture(scope="session")
def graphs() -> dict[str, Graph]:
    """Every file of the folder's knowledge, by its path in the folder."""
    triples = sorted(str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "triples").rglob("*.ttl"))
    return {name: Graph().parse(REPOSITORY / name, format="turtle") for name in ONTOLOGY + triples}


@pytest.fixture(scope="session")
def ontology(graphs: dict[str, Graph]) -> Graph:
    return graphs["ontology/onrecord.ttl"]


@pytest.fixture(scope="session")
def everything(graphs: dict[str, Graph]) -> Graph:
    """All files as one graph."""
    union = Graph()
    for graph in graphs.values():
        for triple in graph:
            union.add(triple)
    return union


@pytest.fixture(scope="session")
def data(graphs: dict[str, Graph]) -> Graph:
    """The individuals: terms, entities, reference and articles as one graph."""
    union = Graph()
    for name, graph in graphs.items():
        if name.startswith("triples/") or name == "ontology/terms.ttl":
            for triple in graph:
                union.add(triple)
    return union


@pytest.fixture(scope="session")
def members(everything: Graph, ontology: Graph) -> Callable[[URIRef], set[Node]]:
    """Everything that is typed with a class or with one below it."""

    def members_of(top: URIRef) -> set[Node]:
        classes = set(ontology.transitive_subjects(RDFS.subClassOf, top))
        return {node for cls in classes for node in everything.subjects(RDF.type, cls)}

    return members_of


@pytest.fixture(scope="session")
def texts(everything: Graph) -> dict[Node, str]:
    """The text of each source, found by its SHA-256 beside the repository."""
    if not ARTICLES.is_dir():
        pytest.skip("no ../shared/article beside the repository: spans are not compared with the text")
    by_digest = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in ARTICLES.glob("*.txt")}
    found = {}
    for source in everything.subjects(RDF.type, REC.Source):
        path = by_digest[str(everything.value(source, REC.sha256))]
        found[source] = path.read_bytes().decode("utf-8")
    return found
