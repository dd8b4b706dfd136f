"""VoID and DCAT: what the folder states of itself is told, what it does not state is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.namespace import DCAT, DCTERMS, VOID

from onrecord.config import Settings
from onrecord.folder import Folder
from onrecord.web import create_app

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

STATED = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
<https://example.org/quay/> dcterms:publisher <https://example.org/desk> ;
  dcterms:temporal [ a dcterms:PeriodOfTime ; dcat:startDate "2018-01-01" ;
    rec:note [ dcterms:title "deep" ] ] ;
  dcterms:spatial <https://example.org/quay/id/quay> ;
  rec:secret "not for the catalogue" .
<https://example.org/other> dcterms:creator "somebody else" .
"""
SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
PUBLIC = Settings(public_url="https://graph.example/g")


def read(client: FlaskClient, path: str) -> rdflib.Graph:
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200, answer.text
    return rdflib.Graph().parse(data=answer.text, format="turtle")


@pytest.fixture
def stated(engine: StoreEngine, quay: Folder) -> FlaskClient:
    """The small folder, which states more of itself, behind a public address."""
    file = quay.path / "ontology" / "dataset.ttl"
    file.write_text(file.read_text() + STATED)
    return create_app(engine, Folder(quay.path), PUBLIC).test_client()


@pytest.mark.parametrize("path", ["/.well-known/void", "/dcat"])
def test_what_the_folder_states_is_told_with_its_blank_nodes_and_nothing_else(
    stated: FlaskClient, path: str
) -> None:
    graph = read(stated, path)
    dataset = rdflib.URIRef("https://graph.example/g/.well-known/void#dataset")
    assert str(graph.value(dataset, DCTERMS.publisher)) == "https://example.org/desk"
    assert str(graph.value(dataset, DCTERMS.spatial)) == "https://example.org/quay/id/quay"
    period = graph.value(dataset, DCTERMS.temporal)
    assert str(graph.value(period, DCAT.startDate)) == "2018-01-01"
    assert rdflib.Literal("deep") in set(graph.objects())
    assert not {"not for the catalogue", "somebody else"} & {str(o) for o in graph.objects()}
    assert str(graph.value(dataset, VOID.sparqlEndpoint)) == "https://graph.example/g/sparql"


def test_a_folder_that_states_no_publisher_has_none(client: FlaskClient) -> None:
    graph = read(client, "/dcat")
    assert not list(graph.objects(None, DCTERMS.publisher))
    assert {str(o) for o in graph.objects(None, DCTERMS.license)} == {
        "https://creativecommons.org/licenses/by/4.0/"
    }


def test_links_are_told_as_linksets_and_those_within_the_dataset_are_not(
    client: FlaskClient, engine: StoreEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = "http://www.w3.org/2004/02/skos/core#exactMatch"
    links = {exact: {"https://other.example/item/": [5, 4], "https://example.org/quay/id/": [2, 2]}}
    status = engine.status()
    monkeypatch.setattr(engine, "status", lambda: replace(status, links=links))
    graph = read(client, "/.well-known/void")
    (linkset,) = graph.subjects(VOID.linkPredicate, rdflib.URIRef(exact))
    assert int(str(graph.value(linkset, VOID.triples))) == 5
    assert int(str(graph.value(linkset, VOID.distinctSubjects))) == 4
    target = graph.value(linkset, VOID.objectsTarget)
    assert str(graph.value(target, VOID.uriSpace)) == "https://other.example/item/"


def test_what_was_not_counted_and_what_another_engine_does_is_not_told(
    engine: StoreEngine, quay: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = create_app(engine, quay, Settings(engine="http://127.0.0.1:9/sparql")).test_client()
    counted = engine.status()
    monkeypatch.setattr(engine, "status", lambda: replace(counted, classes={}, properties={}))
    graph = read(client, "/.well-known/void")
    assert not list(graph.objects(None, VOID.classes)) and not list(graph.objects(None, VOID.properties))
    assert list(graph.objects(None, VOID.triples))
    service = read(client, "/sparql")
    assert not list(service.objects(None, SD.extensionFunction))
    assert SD.EmptyGraphs not in set(service.objects(None, SD.feature))


def test_an_empty_store_describes_itself_without_a_folder(engine: StoreEngine) -> None:
    client = create_app(engine, None, Settings(empty=True)).test_client()
    for path in ("/.well-known/void", "/dcat", "/sparql"):
        assert len(read(client, path)) > 5


@pytest.mark.parametrize("path", ["/.well-known/void", "/dcat", "/.well-known/sparql-examples"])
def test_there_is_no_page_of_a_description_and_that_is_said(client: FlaskClient, path: str) -> None:
    assert client.get(f"{path}?format=html").status_code == 406
    assert client.get(path, headers={"Accept": "text/html,*/*;q=0.5"}).mimetype == "text/turtle"
