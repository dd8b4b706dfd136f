"""/sparql over Flask's test client and a real store: protocol, formats, tags, descriptions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from onrecord.errors import (
    OnrecordError,
    QueryCrashError,
    QueryEvaluationError,
    QueryTimeoutError,
    TooBusyError,
)

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

LABELS = "SELECT ?s ?label { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?label } ORDER BY ?label"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def ask(client: FlaskClient, text: str, accept: str | None = None, **parameters: str) -> TestResponse:
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql", query_string={"query": text, **parameters}, headers=headers)


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_a_query_is_answered_by_get_form_and_direct_post(client: FlaskClient, path: str) -> None:
    answers = [
        client.get(path, query_string={"query": "ASK {}"}),
        client.post(path, data={"query": "ASK {}"}),
        client.post(path, data="ASK {}", content_type="application/sparql-query"),
    ]
    for response in answers:
        assert response.status_code == 200
        assert response.content_type == "application/sparql-results+json; charset=utf-8"
        assert json.loads(response.data)["boolean"] is True


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/json", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv"),
        ("text/tab-separated-values", "text/tab-separated-values"),
    ],
)
def test_rows_come_in_every_result_format(client: FlaskClient, accept: str | None, media_type: str) -> None:
    response = ask(client, LABELS, accept)
    assert response.content_type == f"{media_type}; charset=utf-8"
    assert "العمدة" in response.text


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"),
        ("application/n-triples", "application/n-triples"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/n-quads", "application/n-quads"),
        ("application/trig", "application/trig"),
    ],
)
def test_graphs_come_in_every_rdf_format(client: FlaskClient, accept: str | None, media_type: str) -> None:
    response = ask(client, "CONSTRUCT WHERE { ?s a <https://w3id.org/onrecord/ns#Claim> }", accept)
    assert response.content_type == f"{media_type}; charset=utf-8"
    read = list(ox.parse(response.data, ox.RdfFormat.from_media_type(media_type)))
    assert len(read) == 2


def test_format_overrides_accept(client: FlaskClient) -> None:
    assert ask(client, LABELS, "text/csv", format="xml").mimetype == "application/sparql-results+xml"
    assert ask(client, LABELS, "text/csv", output="tsv").mimetype == "text/tab-separated-values"
    refused = ask(client, LABELS, format="pdf")
    assert refused.status_code == 406
    assert '"pdf"' in json.loads(refused.data)["detail"]


def test_nothing_acceptable_is_406_and_lists_what_there_is(client: FlaskClient) -> None:
    response = ask(client, LABELS, "image/png")
    assert response.status_code == 406
    assert "text/csv" in json.loads(response.data)["detail"]


def test_head_has_the_headers_of_get_and_no_body_and_its_answer_is_closed(
    client: FlaskClient, engine: StoreEngine
) -> None:
    got = ask(client, LABELS)
    got.close()
    head = client.head("/sparql", query_string={"query": LABELS})
    assert head.data == b""
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.content_type == got.content_type
    head.close()
    assert all(answer.closed for answer in engine.answers)


def test_every_answer_is_closed_also_when_it_fails_half_way(client: FlaskClient, engine: StoreEngine) -> None:
    engine.late_failure = QueryCrashError("The engine ended.")
    response = ask(client, LABELS, "text/csv")
    with pytest.raises(QueryCrashError):
        response.get_data()
    response.close()
    assert engine.answers
    assert all(answer.closed for answer in engine.answers)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    ("error", "status"), [(QueryTimeoutError("30 seconds."), 503), (QueryEvaluationError("No."), 400)]
)
def test_an_answer_that_fails_before_its_first_byte_is_a_clean_problem(
    client: FlaskClient, engine: StoreEngine, error: OnrecordError, status: int, method: str
) -> None:
    engine.early_failure = error
    values = {"query": LABELS}
    asked = {"data": values} if method == "POST" else {"query_string": values}
    response = client.open("/sparql", method=method, **asked)  # type: ignore[arg-type]
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert "ETag" not in response.headers
    assert engine.answers
    assert all(answer.closed for answer in engine.answers)


def test_an_answer_of_no_bytes_is_an_answer(client: FlaskClient) -> None:
    response = ask(client, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(false) }", "application/n-triples")
    assert response.status_code == 200
    assert response.data == b""


def test_an_entity_tag_spares_the_second_run(client: FlaskClient, engine: StoreEngine) -> None:
    first = ask(client, LABELS)
    tag = first.headers["ETag"]
    assert first.headers["Onrecord-Generation"] == engine.generation().label
    runs = len(engine.requests)
    again = client.get("/sparql", query_string={"query": LABELS}, headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert "Accept" in again.headers["Vary"]
    assert len(engine.requests) == runs


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_who_has_any_answer_is_told_that_there_is_one_and_who_asks_wrongly_that(
    client: FlaskClient, coding: str
) -> None:
    asked = {"If-None-Match": "*", "Accept-Encoding": coding}
    for method in (client.get, client.head):
        answer = method("/sparql", query_string={"query": LABELS}, headers=asked)
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == ask(client, LABELS).headers["ETag"]
        assert "Content-Type" not in answer.headers
    assert client.get("/sparql", query_string={"query": "SELECT"}, headers=asked).status_code == 400
    assert client.post("/sparql", data={"query": LABELS}, headers=asked).status_code == 200


def test_the_tag_depends_on_text_format_dataset_and_generation(
    client: FlaskClient, engine: StoreEngine
) -> None:
    tags = [
        ask(client, LABELS).headers["ETag"],
        ask(client, LABELS + " ").headers["ETag"],
        ask(client, LABELS, "text/csv").headers["ETag"],
        client.get(
            "/sparql", query_string={"query": LABELS, "default-graph-uri": "https://example.org/g"}
        ).headers["ETag"],
        client.get(
            "/sparql", query_string={"query": LABELS, "named-graph-uri": "https://example.org/g"}
        ).headers["ETag"],
        ask(client, LABELS, "text/html").headers["ETag"],
    ]
    engine.number += 1
    tags.append(ask(client, LABELS).headers["ETag"])
    assert len(set(tags)) == len(tags)
    stale = client.get("/sparql", query_string={"query": LABELS}, headers={"If-None-Match": tags[0]})
    assert stale.status_code == 200


@pytest.mark.parametrize("function", ["NOW()", "RAND()"])
def test_what_differs_each_time_has_no_tag(client: FlaskClient, function: str) -> None:
    text = f"SELECT ({function} AS ?x) {{}}"
    response = client.get("/sparql", query_string={"query": text}, headers={"If-None-Match": "*"})
    assert response.status_code == 200
    assert "ETag" not in response.headers


def test_a_star_never_makes_a_wrong_query_look_unchanged(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "SELECT"}, headers={"If-None-Match": "*"})
    assert response.status_code == 400


def test_a_post_has_no_tag(client: FlaskClient) -> None:
    assert "ETag" not in client.post("/sparql", data={"query": LABELS}).headers


def test_the_protocols_dataset_takes_the_place_of_the_default_graph(client: FlaskClient) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

    def number(**dataset: str) -> int:
        rows = json.loads(client.get("/sparql", query_string={"query": count, **dataset}).data)
        return int(rows["results"]["bindings"][0]["n"]["value"])

    graph = "https://example.org/quay/graph/triples/talk"
    assert 0 < number(**{"default-graph-uri": graph}) < number()
    assert number(**{"named-graph-uri": graph}) == 0


def test_relative_iris_stand_for_the_folders_own(client: FlaskClient) -> None:
    response = ask(client, "ASK { <id/mayor> a ?class }")
    assert json.loads(response.data)["boolean"] is True


@pytest.mark.parametrize("method", ["get", "post"])
def test_updates_of_strangers_are_refused_with_a_sentence(client: FlaskClient, method: str) -> None:
    if method == "get":
        response = client.get("/sparql", query_string={"update": "CLEAR ALL"})
        assert response.status_code == 405
        assert "POST" in response.headers["Allow"]
    else:
        response = client.post("/sparql", data={"update": "CLEAR ALL"})
        assert response.status_code == 401
    assert json.loads(response.data)["detail"].endswith(".")
    direct = client.post("/sparql", data="CLEAR ALL", content_type="application/sparql-update")
    assert direct.status_code == 401


def test_an_update_sent_as_a_query_is_refused(client: FlaskClient) -> None:
    response = ask(client, "CLEAR ALL")
    assert response.status_code == 400
    assert "update" in json.loads(response.data)["detail"]


def test_service_is_refused(client: FlaskClient, engine: StoreEngine) -> None:
    response = ask(client, "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }")
    assert response.status_code == 403
    assert not engine.requests


def test_a_syntax_error_tells_line_column_and_caret(client: FlaskClient) -> None:
    response = ask(client, "SELECT * {\n  ?s ] ?o .\n}")
    problem = json.loads(response.data)
    assert response.status_code == 400
    assert response.content_type == "application/problem+json; charset=utf-8"
    assert (problem["line"], problem["code"]) == (2, "query-syntax")
    line, caret = problem["caret"].split("\n")
    assert line == "  ?s ] ?o ."
    assert caret.index("^") == problem["column"] - 1


@pytest.mark.parametrize(
    ("error", "retry"), [(TooBusyError("All busy."), True), (QueryTimeoutError("30 seconds."), False)]
)
def test_an_engine_that_fails_gives_503(
    client: FlaskClient, engine: StoreEngine, error: Exception, retry: bool
) -> None:
    engine.failure = error  # type: ignore[assignment]
    response = ask(client, LABELS)
    assert response.status_code == 503
    assert ("Retry-After" in response.headers) is retry
    assert "ETag" not in response.headers


def test_without_a_query_rdf_clients_get_the_service_description(client: FlaskClient) -> None:
    response = client.get("/sparql", base_url="http://data.example:8080")
    assert response.content_type == "text/turtle; charset=utf-8"
    graph = rdflib.Graph().parse(data=response.data, format="turtle")
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    (service,) = graph.subjects(rdflib.RDF.type, sd.Service)
    assert graph.value(service, sd.endpoint) == rdflib.URIRef("http://data.example:8080/sparql")
    assert (service, sd.supportedLanguage, sd.SPARQL11Query) in graph
    assert (service, sd.feature, sd.UnionDefaultGraph) in graph
    assert len(list(graph.objects(service, sd.resultFormat))) == 10
    dataset = graph.value(service, sd.defaultDataset)
    names = {str(graph.value(entry, sd.name)) for entry in graph.objects(dataset, sd.namedGraph)}
    assert "https://example.org/quay/graph/triples/talk" in names
    assert client.get("/sparql", headers={"Accept": "application/rdf+xml"}).mimetype == "application/rdf+xml"


@pytest.mark.parametrize(
    "host", ["a b", "a> <b", "<script>", '"', "x/..", "", "user@a", "a:b", "a:1:2", "é.example", "[::1"]
)
@pytest.mark.parametrize("path", ["/sparql", "/", "/sparql?query=ASK{}", "/queries/who-said.json"])
def test_without_a_public_address_a_host_that_is_none_is_refused(
    client: FlaskClient, host: str, path: str
) -> None:
    for headers in ({}, BROWSER):
        if headers and path != "/":
            continue
        response = client.get(path, headers={"Host": host, **headers})
        assert response.status_code == 400
        assert "Host" in response.text
        assert "<script>" not in response.text or response.mimetype != "text/html"


@pytest.mark.parametrize("host", ["a", "a.example", "a-b.c:8080", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_a_host_with_or_without_a_port_is_the_endpoints(client: FlaskClient, host: str) -> None:
    assert f"sd:endpoint <http://{host}/sparql>" in client.get("/sparql", headers={"Host": host}).text


def test_without_a_query_browsers_get_the_form_and_a_post_gets_400(client: FlaskClient) -> None:
    page = client.get("/sparql", headers=BROWSER)
    assert page.content_type == "text/html; charset=utf-8"
    assert '<textarea id="query" name="query"' in page.text
    assert client.get("/sparql?query=", headers=BROWSER).status_code == 200
    assert (
        client.post("/sparql", data={}, content_type="application/x-www-form-urlencoded").status_code == 400
    )


def test_options_answers_the_preflight_of_browsers(client: FlaskClient) -> None:
    response = client.options(
        "/sparql", headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    )
    assert (response.status_code, response.data) == (204, b"")
    assert {"GET", "POST", "HEAD", "OPTIONS"} <= set(response.headers["Allow"].split(", "))
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("path", ["/sparql?query=ASK{}", "/sparql?query=ASK", "/nothing", "/", "/queries"])
def test_every_response_carries_the_guarding_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in headers["Vary"]


def test_another_method_is_405_with_allow(client: FlaskClient) -> None:
    response = client.put("/sparql", data="x")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    assert response.content_type == "application/problem+json; charset=utf-8"


def test_the_one_who_leaves_is_made_known_to_the_engine(client: FlaskClient, engine: StoreEngine) -> None:
    def register(callback: object) -> object:
        return lambda: None

    heard: list[object] = []
    run = engine.query
    engine.query = lambda request, on_leave=None: (heard.append(on_leave), run(request))[1]  # type: ignore[method-assign,assignment]
    client.get("/sparql?query=ASK{}", environ_overrides={"asgi.scope": {"onrecord.on_leave": register}})
    client.get("/sparql?query=ASK{}")
    assert heard == [register, None]


@pytest.mark.parametrize(
    ("name", "query", "begins"),
    [
        ("xlsx", "SELECT ?n { VALUES ?n { 41 42 } }", b"PK"),
        ("md", "SELECT ?n { VALUES ?n { 41 42 } }", b"## Result of a query"),
        ("fragment", "ASK {}", b"<table"),
        ("graphml", "CONSTRUCT { <urn:a> <urn:b> <urn:c> } {}", b"<?xml"),
    ],
)
def test_an_answer_is_written_as_a_document(
    client: FlaskClient, name: str, query: str, begins: bytes
) -> None:
    response = client.get("/sparql", query_string={"query": query, "format": name})
    assert response.status_code == 200
    assert response.data.lstrip().startswith(begins)
    assert "result." in response.headers["Content-Disposition"]


def test_a_document_that_cannot_show_an_answer_is_refused(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "ASK {}", "format": "xlsx"})
    assert response.status_code == 406
