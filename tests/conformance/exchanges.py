"""HTTP exchanges of the protocol suites, as the manifests write them down (ht: vocabulary)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox
from tests.conformance.endpoints import Endpoint
from tests.conformance.manifests import MF, RDF, Case, Dataset, Manifest, graphs_for, manifest
from tests.conftest import Response

HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
SD = "http://www.w3.org/ns/sparql-service-description#"
TABULAR = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
BOOLEAN = ("application/sparql-results+json", "application/sparql-results+xml")
GRAPH = (
    "text/turtle",
    "application/n-triples",
    "application/n-quads",
    "application/rdf+xml",
    "application/ld+json",
    "application/xhtml+xml",
)
FORMATS = {"tabular": TABULAR, "boolean": BOOLEAN, "RDF": GRAPH}


def dataset_of(case: Case) -> Dataset:
    """The graphs that a protocol test wants to find."""
    return graphs_for(*entry_of(case))


def run(endpoint: Endpoint, case: Case) -> None:
    """Send the requests of `case` one after the other; raise AssertionError at the first wrong answer."""
    found, entry = entry_of(case)
    for number, request in enumerate(requests_of(found, entry), 1):
        _exchange(endpoint, found, request, number)


def entry_of(case: Case) -> tuple[Manifest, ox.NamedNode]:
    """The manifest of `case`, and its name there."""
    assert case.node is not None
    return manifest(case.iri.rpartition("#")[0]), case.node


def requests_of(found: Manifest, entry: ox.NamedNode) -> Iterator[object]:
    """The requests of one test, in the order they are sent in."""
    return found.items(found.one(found.one(entry, MF + "action"), HT + "requests"))


def headers_of(found: Manifest, message: object) -> dict[str, str]:
    """The header fields of a request or response."""
    return {
        found.value(h, HT + "fieldName"): found.value(h, HT + "fieldValue")
        for h in found.items(found.one(message, HT + "headers"))
    }


def text_of(found: Manifest, message: object) -> str:
    """The body of a request or response, empty without one."""
    body = found.one(message, HT + "body")
    return found.value(body, CNT + "chars") if body is not None else ""


def check_status(found: Manifest, response: object, answer: Response, said: str) -> None:
    """Raise AssertionError unless the status is one of those that `response` allows."""
    statuses = [
        s.value.rpartition("#")[2]
        for s in found.all(response, MF + "expectedStatus")
        if isinstance(s, ox.NamedNode)
    ]
    if statuses:
        assert any(_is_status(name, answer.status) for name in statuses), f"{said}, expected {statuses}"


def describe(endpoint: Endpoint, case: Case) -> None:
    """The three tests of the service description, whose texts are their names."""
    answer = endpoint.send("GET", endpoint.query, {"Accept": "text/turtle"})
    assert answer.status == 200, answer.text[:300]
    assert answer.headers["content-type"].partition(";")[0] in GRAPH
    quads = list(ox.parse(answer.body, format=ox.RdfFormat.TURTLE, base_iri=endpoint.query))
    assert quads, "the description is empty"
    subjects = {q.subject for q in quads if q.predicate.value == SD + "endpoint"}
    if case.iri.endswith("#has-endpoint-triple"):
        endpoints = {str(q.object) for q in quads if q.predicate.value == SD + "endpoint"}
        assert f"<{endpoint.query}>" in endpoints, f"sd:endpoint is {endpoints}"
    if case.iri.endswith("#conforms-to-schema"):
        services = {
            q.subject
            for q in quads
            if q.predicate.value == RDF + "type" and str(q.object) == f"<{SD}Service>"
        }
        assert services, "there is no sd:Service"
        assert services == subjects, "a service has no endpoint"
        for quad in quads:
            if quad.predicate.value in (
                SD + "feature",
                SD + "supportedLanguage",
                SD + "resultFormat",
                SD + "inputFormat",
                SD + "extensionFunction",
                SD + "endpoint",
            ):
                assert isinstance(quad.object, ox.NamedNode), f"{quad} names nothing"


def _exchange(endpoint: Endpoint, found: Manifest, request: object, number: int) -> None:
    path = found.value(request, HT + "absolutePath")
    headers = headers_of(found, request)
    body = found.one(request, HT + "body")
    data = None
    if body is not None:
        # The charset that the test means, told or not: its text is about bytes.
        encoding = found.value(body, CNT + "characterEncoding") or "UTF-8"
        data = text_of(found, request).encode(encoding)
    kind = " ".join(f"{n}: {v}" for n, v in headers.items()).lower()
    is_update = "sparql-update" in kind or "update=" in path or (data or b"").startswith(b"update=")
    url = (endpoint.update if is_update else endpoint.query) + path.removeprefix("/sparql").removeprefix("/")
    answer = endpoint.send(found.value(request, HT + "methodName"), url, headers, data)
    _check(found, found.one(request, HT + "resp"), answer, number)


def _check(found: Manifest, response: object, answer: Response, number: int) -> None:
    said = f"request {number}: {answer.status} {answer.body[:300]!r}"
    check_status(found, response, answer, said)
    form = found.value(response, MF + "expectedFormat")
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if form:
        assert media_type in FORMATS[form], f"{said}: {media_type} is not {form}"
    expected = found.value(response, MF + "expectedBoolean")
    if expected:
        parsed = ox.parse_query_results(answer.body, format=ox.QueryResultsFormat.from_media_type(media_type))
        assert isinstance(parsed, ox.QueryBoolean)
        assert bool(parsed) == (expected == "true"), said


def _is_status(name: str, status: int) -> bool:
    found = re.fullmatch(r"StatusCode(\d)xx", name)
    if found is not None:
        return status // 100 == int(found[1])
    return {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404, "BadRequest": 400}.get(
        name
    ) == status
