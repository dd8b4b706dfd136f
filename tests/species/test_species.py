"""The species check agrees with the W3C's OWL 1 test documents, and the shipped folder is OWL Lite."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.conftest import SHARED_ABSENT
from tests.species.conftest import SUITE, Document, documents

from onrecord.building.species import check_lite, species, statements_of, statements_of_quads
from onrecord.folder import Folder


def test_the_species_of_a_w3c_document_is_the_one_its_manifest_tells(document: Document | None) -> None:
    if document is None:
        pytest.skip(SHARED_ABSENT)
    graph = document.graph()
    assert species(graph) == document.level, check_lite(statements_of(graph))


def test_the_w3c_documents_are_445_of_which_182_are_lite() -> None:
    if not SUITE.is_dir():
        pytest.skip(SHARED_ABSENT)
    assert Counter(d.level for d in documents()) == {"Lite": 182, "DL": 121, "Full": 142}


@pytest.mark.parametrize("folder", [".", "tests/second-folder"], ids=["shipped", "second"])
def test_ontology_and_data_of_a_folder_together_are_owl_lite(folder: str, repository: Path) -> None:
    opened = Folder(repository / folder)
    space = opened.description.space
    # Shapes are no part of the ontology: SHACL is not OWL.
    files = [file for file in opened.files() if file.name != "ontology/shapes.ttl"]
    statements = [s for file in files for s in statements_of_quads(file.quads(space), file.name)]
    assert len(statements) > 100
    findings = check_lite(statements)
    assert not findings, "\n".join(f"{f.source}: {f.detail} {f.remedy}" for f in findings)
