"""The W3C's OWL 1 test documents with the species that their manifests tell."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from rdflib import OWL, Graph, Namespace, URIRef
from tests.conftest import SHARED

SUITE = SHARED / "w3c" / "owl1-tests"
BASE = "http://www.w3.org/2002/03owlt/"
TEST = Namespace(BASE + "testOntology#")
RDF_TEST = Namespace("http://www.w3.org/2000/10/rdf-tests/rdfcore/testSchema#")


@dataclass(frozen=True)
class Document:
    """One test document: `name` is its address below the suite's, `level` its species: Lite, DL or Full."""

    name: str
    level: str

    def graph(self) -> Graph:
        """Its triples with those of all that it imports."""
        graph = Graph()
        waiting, seen = [self.name], set[str]()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                imported = _parse(SUITE / f"{name}.rdf", BASE + name)
                graph += imported
                waiting += [_local(str(address)) for address in imported.objects(None, OWL.imports)]
        return graph


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each document, or a single one that skips where the documents are absent."""
    if "document" in metafunc.fixturenames:
        found = documents() if SUITE.is_dir() else [None]
        ids = [f"{d.level}-{d.name}" if d else "no-documents" for d in found]
        metafunc.parametrize("document", found, ids=ids)


@cache
def documents() -> list[Document]:
    """The documents whose species a manifest tells, without local tests, modifications and Horst's tests."""
    levels: dict[str, str] = {}
    for manifest in _manifests():
        graph = _parse(manifest, BASE + manifest.relative_to(SUITE).with_suffix("").as_posix())
        for document in graph.subjects(None, RDF_TEST["RDF-XML-Document"]):
            for level in graph.objects(document, TEST.level):
                name = _local(str(document))
                told = str(level).removeprefix(str(TEST))
                assert levels.setdefault(name, told) == told, f"two manifests differ on {name}"
    return [Document(name, level) for name, level in sorted(levels.items())]


def _manifests() -> Iterator[Path]:
    for manifest in sorted(SUITE.glob("*/Manifest*.rdf")):
        folder = manifest.parent.name
        if folder != "localtests" and "horst" not in folder and "-mod" not in manifest.name:
            yield manifest


def _local(address: str) -> str:
    assert address.startswith(BASE), f"{address} is not a document of the suite"
    return address.removeprefix(BASE).removesuffix(".rdf")


def _parse(path: Path, address: str) -> Graph:
    text = path.read_text(encoding="utf-8")
    # Some documents write the datatypes' address without its host.
    for quote in "\"'":
        text = text.replace(f"{quote}/2001/XMLSchema#", f"{quote}http://www.w3.org/2001/XMLSchema#")
    graph = Graph()
    # Some use names that RDF/XML has withdrawn since; rdflib reads them and logs a warning.
    logging.disable(logging.WARNING)
    try:
        graph.parse(data=text, format="xml", publicID=URIRef(address))
    finally:
        logging.disable(logging.NOTSET)
    return graph
