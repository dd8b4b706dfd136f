"""The shapes give the same results here as in pyshacl alone, which runs SPARQL constraints by rdflib."""

from __future__ import annotations

import pyshacl
import pytest
from rdflib import SH, BNode, Graph, URIRef
from tests.conftest import REPOSITORY

from onrecord.checking.knowledge import Knowledge, shapes_of
from onrecord.checking.reading import read_folder
from onrecord.checking.shacl import ShapesError, validate
from onrecord.folder import Folder

SECOND = REPOSITORY / "tests" / "second-folder"
FAULTS = """@prefix id: <https://example.org/harbour-strike/id/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rec: <https://w3id.org/onrecord/ns#> .

id:tomas-berrin rec:about id:asa-verlund ; owl:sameAs id:tug-captain ; rec:wikidata <urn:x:Q1> .
id:marenia a id:Enemy ; rec:latitude 91.0 .
id:talk a rec:Statement ; rec:speaker id:marenia .
id:span a rec:TextSpan ; rec:start 9 ; rec:end 5000000 ;
    rec:inSource <https://example.org/harbour-strike/article/cc64bdae> .
<https://example.org/harbour-strike/article/cc64bdae/claim/dockers-walk-out> rec:contradicts
    <https://example.org/harbour-strike/article/cc64bdae/claim/pact-includes-league> .
"""


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Graph, Knowledge]:
    """The shapes, and the second folder with faults."""
    folder = tmp_path_factory.mktemp("faulty")
    for path in SECOND.rglob("*.ttl"):
        target = folder / path.relative_to(SECOND)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (folder / "triples" / "faults.ttl").write_text(FAULTS)
    contents = read_folder(Folder(folder))
    return shapes_of(contents.readings), Knowledge(contents)


def test_the_engine_and_pyshacl_find_the_same(faulty: tuple[Graph, Knowledge]) -> None:
    shapes, knowledge = faulty
    _, report, _ = pyshacl.validate(knowledge.graph, shacl_graph=shapes, inplace=True)
    assert isinstance(report, Graph)
    wanted = set()
    for result in report.subjects(None, SH.ValidationResult):
        path = report.value(result, SH.resultPath)
        message = report.value(result, SH.resultMessage)
        wanted.add(
            (report.value(result, SH.focusNode), None if isinstance(path, BNode) else path, str(message))
        )
    found = validate(shapes, knowledge.graph, knowledge.store)
    assert {(r.focus, r.path, r.message) for r in found} == wanted
    names = {r.shape.rsplit("/", 1)[-1] for r in found}
    assert {"no-fact", "identifier", "direct-link", "span-inside-source", "nothing-merged"} <= names


def test_every_breach_names_its_shape(faulty: tuple[Graph, Knowledge]) -> None:
    shapes, knowledge = faulty
    for result in validate(shapes, knowledge.graph, knowledge.store):
        assert result.shape.startswith("https://w3id.org/onrecord/shape/"), result


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('sh:property [ sh:path rec:end ; sh:minCount "one" ]', "sh:minCount"),
        ('sh:sparql [ sh:select "SELECT $this { $this ?p " ]', "cannot be read"),
        (
            'sh:sparql [ sh:select "SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }" ]',
            "127.0.0.1",
        ),
    ],
    ids=["constraint", "query", "service"],
)
def test_a_shape_that_cannot_be_run_is_named(faulty: tuple[Graph, Knowledge], text: str, reason: str) -> None:
    shapes = Graph().parse(
        data=f"PREFIX sh: <{SH}> PREFIX rec: <https://w3id.org/onrecord/ns#>"
        f"<urn:x:shape> a sh:NodeShape ; sh:targetClass rec:TextSpan ; {text} ."
    )
    with pytest.raises(ShapesError, match=reason) as caught:
        validate(shapes, faulty[1].graph, faulty[1].store)
    assert caught.value.shape == "urn:x:shape"


def test_a_query_of_a_shape_may_tell_its_values_in_the_message(faulty: tuple[Graph, Knowledge]) -> None:
    shapes = Graph().parse(
        data=f"PREFIX sh: <{SH}> <urn:x:shape> a sh:NodeShape ; sh:targetNode <urn:x:focus> ;"
        'sh:sparql [ sh:message "It has {?value}." ; sh:select "SELECT $this (7 AS ?value) {}" ] .'
    )
    (result,) = validate(shapes, faulty[1].graph, faulty[1].store)
    assert (result.focus, result.message) == (URIRef("urn:x:focus"), "It has 7.")
