"""The W3C SPARQL manifests, read from ../shared: every test as a value."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox
from tests.conftest import SHARED

W3C = SHARED / "w3c" / "rdf-tests" / "sparql"
BASE = "https://w3c.github.io/rdf-tests/sparql/"
"""The IRI of the suite: every file has one, and relative IRIs in its data are resolved against it."""

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"

SUITES = {
    "sparql10 query": "sparql10/manifest.ttl",
    "sparql11 query": "sparql11/manifest-sparql11-query.ttl",
    "sparql11 update": "sparql11/manifest-sparql11-update.ttl",
    "sparql11 results": "sparql11/manifest-sparql11-results.ttl",
    "sparql11 protocol": "sparql11/protocol/manifest.ttl",
    "sparql11 graph store": "sparql11/graph-store-protocol/manifest.ttl",
    "sparql11 federation syntax": "sparql11/syntax-fed/manifest.ttl",
    "sparql11 service description": "sparql11/service-description/manifest.ttl",
    "sparql12": "sparql12/manifest.ttl",
}
"""Suites by name, each with its manifest."""


@dataclass(frozen=True)
class Dataset:
    """Files of a dataset by IRI: those of the unnamed graph, and (name, file) of the named ones."""

    default: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Case:
    """One test of a manifest. IRIs of files begin with `BASE`."""

    suite: str
    kind: str
    iri: str
    name: str
    text: str = ""
    """The IRI of the query or update."""
    dataset: Dataset = Dataset()
    result: str = ""
    after: Dataset = Dataset()
    is_lax: bool = False
    """Whether fewer duplicates than the result has will do (REDUCED)."""
    node: ox.NamedNode | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """A short name that is stable: the path of the manifest's folder, and the fragment."""
        path, _, fragment = self.iri.rpartition("#")
        return f"{path.removeprefix(BASE).rpartition('/')[0]}#{fragment}"


def path_of(iri: str) -> Path:
    """The file of an IRI of the suite."""
    return W3C / unquote(iri.removeprefix(BASE))


class Manifest:
    """The triples of one manifest file."""

    def __init__(self, iri: str) -> None:
        self.iri = iri
        self.triples: dict[tuple[ox.Triple | ox.NamedNode | ox.BlankNode, str], list[object]] = {}
        # The manifests' own IRIs moved; a test's is that of its file, as the suite is found today.
        for quad in ox.parse(path=str(path_of(iri)), base_iri=iri, format=ox.RdfFormat.TURTLE):
            self.triples.setdefault((quad.subject, quad.predicate.value), []).append(quad.object)

    def all(self, subject: object, predicate: str) -> list[object]:
        return self.triples.get((subject, predicate), [])  # type: ignore[arg-type]

    def one(self, subject: object, predicate: str) -> object | None:
        found = self.all(subject, predicate)
        return found[0] if found else None

    def value(self, subject: object, predicate: str) -> str:
        found = self.one(subject, predicate)
        return found.value if isinstance(found, ox.NamedNode | ox.Literal) else ""

    def items(self, node: object | None) -> Iterator[object]:
        while node is not None and node != ox.NamedNode(RDF + "nil"):
            first = self.one(node, RDF + "first")
            assert first is not None
            yield first
            node = self.one(node, RDF + "rest")


@functools.cache
def manifest(iri: str) -> Manifest:
    return Manifest(iri)


@functools.cache
def cases_of(suite: str) -> tuple[Case, ...]:
    """The tests of one of `SUITES`; none where ../shared is absent."""
    return tuple(_cases(suite, BASE + SUITES[suite])) if W3C.is_dir() else ()


def _cases(suite: str, iri: str) -> Iterator[Case]:
    found = manifest(iri)
    for subject in {s for (s, p) in found.triples if p == MF + "include"}:
        for included in found.items(found.one(subject, MF + "include")):
            assert isinstance(included, ox.NamedNode)
            yield from _cases(suite, included.value)
    for subject in {s for (s, p) in found.triples if p == MF + "entries"}:
        for entry in found.items(found.one(subject, MF + "entries")):
            assert isinstance(entry, ox.NamedNode)
            yield _case(suite, found, entry)


def _case(suite: str, found: Manifest, entry: ox.NamedNode) -> Case:
    kinds = [
        k.value.rpartition("#")[2] for k in found.all(entry, RDF + "type") if isinstance(k, ox.NamedNode)
    ]
    action = found.one(entry, MF + "action")
    is_text = isinstance(action, ox.NamedNode)
    result = found.one(entry, MF + "result")
    fragment = entry.value.rpartition("#")[2]
    return Case(
        suite,
        kinds[0].removesuffix("11"),
        f"{found.iri}#{fragment}",
        found.value(entry, MF + "name") or fragment,
        action.value if is_text else found.value(action, QT + "query") or found.value(action, UT + "request"),  # type: ignore[union-attr]
        Dataset() if action is None or is_text else _dataset(found, action),
        result.value if isinstance(result, ox.NamedNode) else "",
        _dataset(found, result) if isinstance(result, ox.BlankNode) else Dataset(),
        found.value(entry, MF + "resultCardinality") == MF + "LaxCardinality",
        entry,
    )


def _dataset(found: Manifest, node: object) -> Dataset:
    default, named = [], []
    for vocabulary in (QT, UT):
        default += [d.value for d in found.all(node, vocabulary + "data") if isinstance(d, ox.NamedNode)]
        for graph in found.all(node, vocabulary + "graphData"):
            if isinstance(graph, ox.NamedNode):
                named.append((graph.value, graph.value))
            else:
                file = found.value(graph, vocabulary + "graph") or found.value(graph, vocabulary + "data")
                named.append((found.value(graph, RDFS_LABEL) or file, file))
    return Dataset(tuple(default), tuple(sorted(named)))


def graphs_for(found: Manifest, node: object) -> Dataset:
    """The dataset that `node` names directly (protocol tests name theirs beside the action)."""
    return _dataset(found, node)
