"""The exchanges of the graph store suite: statuses, the address of a new graph, and the graphs themselves."""

from __future__ import annotations

import pyoxigraph as ox
from tests.conformance.comparing import same_graph
from tests.conformance.endpoints import Endpoint
from tests.conformance.exchanges import check_status, entry_of, headers_of, requests_of, text_of
from tests.conformance.manifests import MF, Case, Manifest
from tests.conftest import Response

HT = "http://www.w3.org/2011/http#"


def run(endpoint: Endpoint, case: Case) -> None:
    """Send the requests of `case` one after the other; raise AssertionError at the first wrong answer."""
    found, entry = entry_of(case)
    known: dict[str, str] = {}
    for number, request in enumerate(requests_of(found, entry), 1):
        path, body = found.value(request, HT + "absolutePath"), text_of(found, request)
        for name, value in known.items():
            path, body = path.replace(name, value), body.replace(name, value)
        url = endpoint.graphs + path.removeprefix("/gsp")
        method = found.value(request, HT + "methodName")
        answer = endpoint.send(method, url, headers_of(found, request), body.encode() if body else None)
        known |= _check(found, request, answer, f"request {number}: {method}", url)


def _check(found: Manifest, request: object, answer: Response, said: str, url: str) -> dict[str, str]:
    """The template variables that the answer gives a value to."""
    response = found.one(request, HT + "resp")
    said = f"{said}: {answer.status} {answer.body[:300]!r}"
    check_status(found, response, answer, said)
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    wanted = {name.lower(): value for name, value in headers_of(found, response).items()}
    expected = text_of(found, response)
    if "content-type" in wanted and found.value(request, HT + "methodName") == "HEAD":
        assert ox.RdfFormat.from_media_type(media_type) is not None, f"{said}: {media_type} is no RDF format"
    if expected:
        format = ox.RdfFormat.from_media_type(media_type)
        assert format is not None, f"{said}: {media_type} is no RDF format"
        read = list(ox.parse(answer.body, format=format, base_iri=url))
        plain = list(ox.parse(expected.encode(), format=ox.RdfFormat.TURTLE, base_iri=url))
        assert same_graph(read, plain), f"{said}, expected {expected}"
    template = found.value(response, MF + "expectedLocation")
    if not template:
        return {}
    assert answer.headers.get("location"), f"{said}: no Location"
    return {template: answer.headers["location"]}
