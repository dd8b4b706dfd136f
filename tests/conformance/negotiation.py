"""Content negotiation at the endpoint and the graph store, as the specifications ask for it.

There is no W3C suite for it. The cases are built from RFC 9110 (12.5.1 Accept,
12.5.5 Vary, 9.3.2 HEAD, 15.5.7 and 15.5.16), SPARQL 1.1 Protocol 2.1.5 and
2.1.6, the media types of the result formats, and the Graph Store HTTP
Protocol 5.2. RFC 9110 lets a server answer 406 or disregard Accept where
nothing fits: both pass, a type that was never offered does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox
from tests.conformance.endpoints import Endpoint
from tests.conftest import Response

SELECT, ASK = "SELECT * { VALUES ?x { 1 } }", "ASK {}"
CONSTRUCT = "CONSTRUCT { <urn:s> <urn:p> <urn:o> } {}"
DESCRIBE = "DESCRIBE <urn:s>"

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, NTRIPLES, RDFXML = "text/turtle", "application/n-triples", "application/rdf+xml"
JSONLD, NQUADS, TRIG = "application/ld+json", "application/n-quads", "application/trig"
RESULTS, BOOLEANS = (JSON, XML, CSV, TSV), (JSON, XML)
GRAPHS = (TURTLE, NTRIPLES, RDFXML, JSONLD)
"""The RDF formats that a client may expect of any server; N-Quads and TriG write graphs too."""
ALL_GRAPHS = (*GRAPHS, NQUADS, TRIG)


@dataclass(frozen=True)
class Negotiation:
    """One request, and what may come back."""

    name: str
    target: str
    """A query, or the name of a graph store's address."""
    accept: str | None
    types: tuple[str, ...] = ()
    """The media types that may come."""
    statuses: tuple[int, ...] = (200,)
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    check: str = ""
    """What else is looked at: `vary`, `charset`, or `head`."""


def _each() -> list[Negotiation]:
    """Every format by its own name."""
    found = [Negotiation(f"select as {t}", SELECT, t, (t,)) for t in RESULTS]
    found += [Negotiation(f"ask as {t}", ASK, t, (t,)) for t in BOOLEANS]
    found += [Negotiation(f"construct as {t}", CONSTRUCT, t, (t,)) for t in ALL_GRAPHS]
    found += [Negotiation(f"describe as {t}", DESCRIBE, t, (t,)) for t in (TURTLE, NTRIPLES)]
    found += [Negotiation(f"graph store as {t}", "?default", t, (t,)) for t in GRAPHS]
    return found


def _preferences() -> list[Negotiation]:
    """Wildcards, weights, the precedence of the more specific range."""
    rows: list[tuple[str, str, str | None, tuple[str, ...]]] = [
        ("select without Accept", SELECT, None, RESULTS),
        ("ask without Accept", ASK, None, RESULTS),
        ("construct without Accept", CONSTRUCT, None, ALL_GRAPHS),
        ("select, an empty Accept", SELECT, "", RESULTS),
        ("select as anything", SELECT, "*/*", RESULTS),
        ("construct as anything", CONSTRUCT, "*/*", ALL_GRAPHS),
        ("select as any text", SELECT, "text/*", (CSV, TSV)),
        ("select as any application", SELECT, "application/*", BOOLEANS),
        ("construct as any text", CONSTRUCT, "text/*", (TURTLE,)),
        ("construct as any application", CONSTRUCT, "application/*", ALL_GRAPHS[1:]),
        ("the greater weight", SELECT, f"{JSON};q=0.4, {XML};q=0.6", (XML,)),
        ("the greater weight stands first", SELECT, f"{TSV};q=0.9, {CSV};q=0.8", (TSV,)),
        ("the greater weight of graphs", CONSTRUCT, f"{TURTLE};q=0.1, {NTRIPLES};q=0.2", (NTRIPLES,)),
        ("no weight is one", SELECT, f"{JSON};q=0.9, {CSV}", (CSV,)),
        ("three decimals", SELECT, f"{JSON};q=0.123, {XML};q=0.124", (XML,)),
        ("a weight of zero forbids", SELECT, f"*/*, {JSON};q=0", (XML, CSV, TSV)),
        ("a weight of zero forbids a kind", SELECT, "*/*, application/*;q=0", (CSV, TSV)),
        ("a name before its kind", SELECT, f"text/*;q=0.9, {CSV};q=0.1", (TSV,)),
        ("a kind before anything", SELECT, "*/*;q=0.9, text/*;q=0.1", BOOLEANS),
        ("a name before anything", SELECT, f"*/*;q=0.1, {TSV};q=0.2", (TSV,)),
        ("a weak anything", SELECT, f"{CSV}, */*;q=0.01", (CSV,)),
        ("what nobody offers is passed over", SELECT, f"image/png, {TSV};q=0.1", (TSV,)),
        ("types in capitals", SELECT, "TEXT/CSV", (CSV,)),
        ("a weight in capitals", SELECT, f"{JSON};Q=0.1, {CSV};Q=0.2", (CSV,)),
        ("spaces around the weight", SELECT, f"{JSON} ; q=0.1 , {CSV} ; q=0.2", (CSV,)),
        ("empty elements of the list", SELECT, f", ,{CSV},", (CSV,)),
        ("a charset that is sent", SELECT, f"{CSV};charset=utf-8", (CSV,)),
        ("the header parameter of CSV", SELECT, f"{CSV};header=present", (CSV,)),
        ("a version of RDF", CONSTRUCT, f"{TURTLE};version=1.2", (TURTLE,)),
        (
            "a browser",
            SELECT,
            "text/html;q=0.1, application/xml;q=0.01, */*;q=0.001",
            (*RESULTS, "text/html"),
        ),
        ("the service as Turtle", "", TURTLE, (TURTLE,)),
        ("the service as RDF/XML", "", RDFXML, (RDFXML,)),
        ("the service by weight", "", f"{TURTLE};q=0.1, {NTRIPLES};q=0.9", (NTRIPLES,)),
        ("the graph store by weight", "?default", f"{TURTLE};q=0.1, {NTRIPLES}", (NTRIPLES,)),
        ("the graph store as anything", "?default", "*/*", ALL_GRAPHS),
        ("the graph store without Accept", "?default", None, ALL_GRAPHS),
    ]
    return [Negotiation(name, target, accept, types) for name, target, accept, types in rows]


def _refusals() -> list[Negotiation]:
    both = (200, 406)
    return [
        Negotiation("nothing fits a select", SELECT, "image/png", RESULTS, both),
        Negotiation("nothing fits a construct", CONSTRUCT, "image/png", ALL_GRAPHS, both),
        Negotiation("results do not fit a graph", CONSTRUCT, CSV, ALL_GRAPHS, both),
        Negotiation("graphs do not fit results", SELECT, TURTLE, RESULTS, both),
        Negotiation("everything is forbidden", SELECT, "*/*;q=0", RESULTS, both),
        Negotiation("nothing fits the graph store", "?default", "image/png", ALL_GRAPHS, both),
        Negotiation("an Accept that is none", SELECT, "garbage", RESULTS, (200, 400, 406)),
        Negotiation("a weight that is none", SELECT, f"{CSV};q=high", RESULTS, (200, 400, 406)),
    ]


def _rest() -> list[Negotiation]:
    text = SELECT.encode()
    query, form = "application/sparql-query", "application/x-www-form-urlencoded"
    kind = (("Content-Type", query),)

    def post(name: str, media_type: str, body: bytes, statuses: tuple[int, ...]) -> Negotiation:
        return Negotiation(name, "", CSV, (CSV,), statuses, "POST", (("Content-Type", media_type),), body)

    return [
        Negotiation("Vary on results", SELECT, CSV, (CSV,), check="vary"),
        Negotiation("Vary on graphs", CONSTRUCT, TURTLE, (TURTLE,), check="vary"),
        Negotiation("Vary on the graph store", "?default", TURTLE, (TURTLE,), check="vary"),
        Negotiation("Vary where nothing fits", SELECT, "image/png", RESULTS, (200, 406), check="vary"),
        Negotiation("CSV is UTF-8", SELECT, CSV, (CSV,), check="charset"),
        Negotiation("TSV is UTF-8", SELECT, TSV, (TSV,), check="charset"),
        Negotiation("HEAD of a select", SELECT, XML, (XML,), method="HEAD", check="head"),
        Negotiation("HEAD of a construct", CONSTRUCT, NTRIPLES, (NTRIPLES,), method="HEAD", check="head"),
        Negotiation("HEAD of a graph", "?default", NTRIPLES, (NTRIPLES,), method="HEAD", check="head"),
        Negotiation("POST by weight", "", f"{JSON};q=0.1, {TSV}", (TSV,), (200,), "POST", kind, text),
        post("a query in UTF-8", f"{query}; charset=utf-8", text, (200,)),
        post("a query in UTF-8, in capitals", f"{query.upper()}; charset=UTF-8", text, (200,)),
        post("a form in UTF-8", f"{form}; charset=utf-8", b"query=" + quote(SELECT).encode(), (200,)),
        post("a body of another type", "image/png", text, (400, 415)),
        post("a query as JSON", "application/json", b'{"query": "ASK {}"}', (400, 415)),
        post("a query in UTF-16", f"{query}; charset=utf-16", SELECT.encode("utf-16"), (400, 415)),
    ]  # fmt: skip


CASES = {case.name.replace(" ", "-"): case for case in (*_each(), *_preferences(), *_refusals(), *_rest())}


def run(endpoint: Endpoint, case: Negotiation) -> None:
    """Send the request of `case`; raise AssertionError for an answer that the specifications do not allow."""
    headers = dict(case.headers)
    if case.accept is not None:
        headers["Accept"] = case.accept
    if case.target.startswith("?"):
        url = endpoint.graphs + case.target
    else:
        url = endpoint.query + (f"?query={quote(case.target)}" if case.target else "")
    answer = endpoint.send(case.method, url, headers, case.body)
    said = f"{answer.status} {answer.headers.get('content-type')} {answer.body[:200]!r}"
    assert answer.status in case.statuses, said
    if case.check == "vary":
        vary = {name.strip().lower() for name in answer.headers.get("vary", "").split(",")}
        assert vary & {"accept", "*"}, f"{said}: Vary is {answer.headers.get('vary')}"
    if answer.status != 200:
        return
    media_type, _, parameters = answer.headers.get("content-type", "").partition(";")
    assert media_type in case.types, f"{said}: it may be {case.types}"
    if case.check == "charset":
        assert parameters.strip().lower() == "charset=utf-8", said
    if case.check == "head":
        assert answer.body == b"", said
    elif media_type != "text/html":
        _read(answer, media_type)


def _read(answer: Response, media_type: str) -> None:
    """The body must be what its type says."""
    graph = ox.RdfFormat.from_media_type(media_type)
    if graph is not None:
        list(ox.parse(answer.body, format=graph, base_iri="http://127.0.0.1/"))
    elif media_type == CSV:
        assert answer.body.splitlines()[0] == b"x", answer.text
    else:
        format = ox.QueryResultsFormat.from_media_type(media_type)
        assert format is not None, media_type
        ox.parse_query_results(answer.body, format=format)
