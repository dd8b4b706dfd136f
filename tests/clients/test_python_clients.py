"""Clients written in Python read and write here as they do elsewhere."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from xml.dom.minidom import Document

import pandas
import pytest
import rdflib
import SPARQLWrapper as wrapper  # noqa: N813
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from sparql_dataframe import get as get_dataframe
from tests.clients.conftest import ROWS, SELECT, Writable

EX = rdflib.Namespace("http://example.org/")
CONSTRUCT = "CONSTRUCT WHERE { ?s <http://example.org/times> ?o }"
ASK = "ASK { ?s <http://example.org/times> 10 }"


def client(writable: Writable, text: str, format: str, method: str = "GET") -> wrapper.SPARQLWrapper:
    made = wrapper.SPARQLWrapper(writable.endpoint)
    made.setQuery(text)
    made.setReturnFormat(format)
    made.setMethod(method)
    return made


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("only_by_accept", [False, True])
@pytest.mark.parametrize("format", [wrapper.JSON, wrapper.XML, wrapper.CSV, wrapper.TSV])
def test_sparqlwrapper_reads_rows_in_every_format(
    writable: Writable, format: str, method: str, only_by_accept: bool
) -> None:
    asking = client(writable, SELECT, format, method)
    asking.setOnlyConneg(only_by_accept)
    answer = asking.query()
    found = answer.convert()
    if format == wrapper.JSON:
        assert [b["who"]["value"] for b in found["results"]["bindings"]] == [
            EX[name].toPython() for name in ROWS
        ]
    elif format == wrapper.XML:
        assert isinstance(found, Document)
        assert len(found.getElementsByTagName("result")) == len(ROWS)
    else:
        lines = found.decode().splitlines()
        assert len(lines) == 1 + len(ROWS)
        assert lines[0] == ("who,times" if format == wrapper.CSV else "?who\t?times")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # used by SPARQLWrapper itself
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("format", [wrapper.TURTLE, wrapper.N3, wrapper.RDFXML, wrapper.XML, wrapper.JSONLD])
def test_sparqlwrapper_reads_graphs_in_every_format(writable: Writable, format: str, method: str) -> None:
    found = client(writable, CONSTRUCT, format, method).query().convert()
    if isinstance(found, bytes):
        found = rdflib.Graph().parse(data=found, format="turtle")
    assert isinstance(found, rdflib.Graph)
    assert {(s, float(o)) for s, o in found.subject_objects(EX.times)} == {
        (EX[n], t) for n, t in ROWS.items()
    }


@pytest.mark.parametrize("format", [wrapper.JSON, wrapper.XML])
def test_sparqlwrapper_reads_a_boolean(writable: Writable, format: str) -> None:
    found = client(writable, ASK, format).query().convert()
    assert (found["boolean"] is True) if format == wrapper.JSON else "true" in found.toxml()


def test_sparqlwrapper_posts_a_text_directly(writable: Writable) -> None:
    asking = client(writable, SELECT, wrapper.JSON, wrapper.POST)
    asking.setRequestMethod(wrapper.POSTDIRECTLY)
    assert len(asking.query().convert()["results"]["bindings"]) == len(ROWS)


@pytest.mark.parametrize("how", [wrapper.URLENCODED, wrapper.POSTDIRECTLY])
def test_sparqlwrapper_writes_with_a_token_and_not_without(writable: Writable, how: str) -> None:
    asking = client(writable, "INSERT DATA { <urn:w> <urn:p> 1 }", wrapper.JSON, wrapper.POST)
    asking.setRequestMethod(how)
    with pytest.raises(Exception, match="401"):
        asking.query()
    asking.addCustomHttpHeader("Authorization", f"Bearer {writable.token}")
    asking.query()
    assert client(writable, "ASK { <urn:w> <urn:p> 1 }", wrapper.JSON).query().convert()["boolean"] is True


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("format", ["xml", "json", "csv"])
def test_rdflib_reads_a_remote_store(writable: Writable, method: str, format: str) -> None:
    store = SPARQLStore(writable.endpoint, method=method, returnFormat=format)
    graph = rdflib.Graph(store)
    assert {str(row[0]) for row in graph.query(SELECT)} == {str(EX[name]) for name in ROWS}  # type: ignore[index]
    if format != "csv":  # which has no datatypes, and whose booleans rdflib does not read
        assert (EX.captain, EX.times, rdflib.Literal(10)) in graph
        assert bool(graph.query(ASK)) is True
    assert len(list(graph.triples((None, EX.times, None)))) == len(ROWS)
    built = graph.query(CONSTRUCT).graph
    assert built is not None
    assert set(built.subjects(EX.times)) == {EX[name] for name in ROWS}


def test_rdflib_writes_to_a_remote_store(writable: Writable) -> None:
    store = SPARQLUpdateStore(
        writable.endpoint, writable.endpoint, headers={"Authorization": f"Bearer {writable.token}"}
    )
    graph = rdflib.Graph(store, identifier=EX.notes)
    fact = (EX.quay, rdflib.RDFS.label, rdflib.Literal('the "quay"\n', lang="en"))
    graph.add(fact)
    assert list(graph) == [fact]
    graph.update("INSERT { ?s <urn:seen> true } WHERE { ?s ?p ?o }")
    assert len(graph) == 2
    graph.remove((EX.quay, None, None))
    assert len(graph) == 0


def test_pandas_reads_an_address(writable: Writable) -> None:
    address = f"{writable.endpoint}?{urlencode({'query': SELECT, 'format': 'csv'})}"
    table = pandas.read_csv(address)
    assert dict(zip(table["who"].str.rpartition("/")[2], table["times"], strict=True)) == ROWS
    packed = pandas.read_csv(address, storage_options={"Accept-Encoding": "gzip, identity;q=0"})
    assert packed.equals(table)
    document = json.loads(pandas.io.common.urlopen(address.replace("csv", "json")).read())
    assert len(document["results"]["bindings"]) == len(ROWS)


@pytest.mark.parametrize("post", [False, True])
def test_sparql_dataframe_reads_a_table(writable: Writable, post: bool) -> None:
    table = get_dataframe(writable.endpoint, SELECT, post)
    assert list(table["times"]) == list(ROWS.values())
