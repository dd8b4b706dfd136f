"""/graphs: the SPARQL 1.1 Graph Store HTTP Protocol, direct and indirect."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, request, url_for

from onrecord.admission import admit_update
from onrecord.engine import (
    GraphWrite,
    QueryRequest,
    UpdateRequest,
    WriteCondition,
    WriteReceipt,
    read_document,
)
from onrecord.errors import MediaTypeError, NotFoundError, RequestError
from onrecord.formats import JSON, TURTLE
from onrecord.solutions import read_boolean
from onrecord.web.access import allows, current_identity, require
from onrecord.web.answers import mark
from onrecord.web.asked_generation import OPTION, choose_generation
from onrecord.web.described_graphs import respond_service
from onrecord.web.links import endpoint_url, is_absolute_iri
from onrecord.web.negotiation import choose, offers_of
from onrecord.web.pages import respond
from onrecord.web.protocol import UPDATE, parse_form, read_body
from onrecord.web.site import Site, on_leave, site
from onrecord.web.uploads import read_parts

blueprint = Blueprint("graphs", __name__)

METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH"]


@blueprint.route("/graphs", methods=METHODS)
@allows("query")
def indirect() -> Response:
    """The graph that `?graph=IRI` or `?default` names; without either all graphs, or by POST a new one."""
    here = _enter()
    graph, generation = _read_parameters()
    if request.method in ("GET", "HEAD"):
        choose_generation(here, generation)
    elif generation:
        raise RequestError(f"{request.method} changes the newest generation; leave _generation out.")
    if graph is not None:
        return _answer(here, graph)
    if request.method == "GET" or request.method == "HEAD":
        return _list(here)
    if request.method != "POST":
        raise RequestError(f"{request.method} needs a graph: name it by ?graph=IRI, or say ?default.")
    created = f"{_root(here)}/{uuid.uuid4()}"
    receipt = _write(here, "post", created)
    response = _wrote(receipt, 201)
    response.headers["Location"] = created
    return response


@blueprint.route("/graphs/<path:name>", methods=METHODS)
@allows("query")
def direct(name: str) -> Response:
    """The graph whose IRI is the address of this request."""
    here = _enter()
    pairs = parse_form(request.query_string, "address")
    reads = request.method in ("GET", "HEAD")
    if any(not reads or name != OPTION for name, _ in pairs):
        raise RequestError("This address names a graph by itself and takes no parameters but _generation.")
    if reads:
        choose_generation(here, [value for _, value in pairs])
    return _answer(
        here, _root(here) + url_for("graphs.direct", name=name).removeprefix(url_for("graphs.indirect"))
    )


def _enter() -> Site:
    """The site, for those who may do what the method does."""
    if request.method not in ("GET", "HEAD"):
        require("write")
    return site()


def _root(here: Site) -> str:
    """The address of the graph store; graphs that are named directly lie below it."""
    return endpoint_url(here.settings.public_url).removesuffix("/sparql") + "/graphs"


def _read_parameters() -> tuple[str | None, list[str]]:
    """The graph that the parameters name, empty for the unnamed one, and values of `_generation`.

    Raises RequestError.
    """
    pairs = parse_form(request.query_string, "address")
    for name, _ in pairs:
        if name not in ("graph", "default", OPTION):
            raise RequestError(f'Parameter "{name}" is not known; known: graph, default, {OPTION}.')
    return _named_graph([pair for pair in pairs if pair[0] != OPTION]), [v for n, v in pairs if n == OPTION]


def _named_graph(known: list[tuple[str, str]]) -> str | None:
    if not known:
        return None
    if len(known) > 1:
        raise RequestError("Name one graph: by ?graph=IRI once, or by ?default.")
    name, value = known[0]
    if name == "default":
        return ""
    if not is_absolute_iri(value):
        raise RequestError(f'graph "{value}" is not an absolute IRI.')
    return value


def _answer(here: Site, graph: str) -> Response:
    if request.method in ("GET", "HEAD"):
        return _read(here, graph)
    if request.method == "PUT":
        receipt = _write(here, "put", graph)
        return _wrote(receipt, 201 if receipt.created else 204)
    if request.method == "POST":
        receipt = _write(here, "post", graph)
        return _wrote(receipt, 201 if receipt.created else 204)
    if request.method == "DELETE":
        deletion = GraphWrite("delete", graph, current_identity().name, condition=_condition())
        return _wrote(here.engine.write(deletion), 204)
    return _patch(here, graph)


def _read(here: Site, graph: str) -> Response:
    """The triples of one graph; the unnamed graph is always there."""
    if graph and not _exists(here, graph):
        raise NotFoundError(f"There is no graph <{graph}>.")
    pattern = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
    # With a dataset clause of its own the unnamed graph is meant, never the union.
    query = QueryRequest(
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}", "graph", TURTLE, has_dataset_clause=True
    )
    offer = choose(request.headers.get("Accept"), offers_of("graph", page=False))
    return respond(here, query, offer, tagged=True, page=lambda shown: "")


def _exists(here: Site, graph: str) -> bool:
    # Servers elsewhere differ in whether an empty graph is one: there it is none.
    pattern = "" if here.engine.generation().is_immutable else "?s ?p ?o"
    query = QueryRequest(f"ASK {{ GRAPH <{graph}> {{ {pattern} }} }}", "boolean", JSON)
    return read_boolean(read_document(here.engine.query(query, on_leave())))


def _list(here: Site) -> Response:
    """The service's description, which names all graphs and tells their sizes."""
    offer = choose(request.headers.get("Accept"), offers_of("graph", page=False))
    assert offer.format is not None
    return respond_service(here, offer.format)


def _write(here: Site, action: str, graph: str) -> WriteReceipt:
    parts = read_parts(request.environ, here.settings.upload_bytes)
    try:
        return here.engine.write(
            GraphWrite(
                "put" if action == "put" else "post",
                graph,
                current_identity().name,
                parts,
                graph or _root(here),
                _condition(),
            )
        )
    finally:
        for part in parts:
            part.data.close()


def _patch(here: Site, graph: str) -> Response:
    if request.mimetype != UPDATE:
        raise MediaTypeError(f'Content-Type "{request.content_type or ""}" is not read here. Send {UPDATE}.')
    body = read_body(request.environ, here.settings.query_bytes)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise RequestError("The body is not UTF-8. Send it as UTF-8.") from None
    text = admit_update(text, here.settings.query_bytes)
    receipt = here.engine.write(
        UpdateRequest(
            text, current_identity().name, graph or _root(here), within=graph, condition=_condition()
        )
    )
    return _wrote(receipt, 204)


def _condition() -> WriteCondition:
    """What If-Match and If-None-Match ask for (RFC 9110, section 13.1).

    An ETag of ours starts with the generation, which is what is compared: a
    graph that another write left alone counts as changed, which is safe.
    """
    match, none_match = request.if_match, request.if_none_match
    if none_match.star_tag:
        return WriteCondition(exists=False)
    if match.star_tag:
        return WriteCondition(exists=True)
    if not match.as_set():
        return WriteCondition()
    seen = [tag.partition(".")[0].partition("-") for tag in match.as_set()]
    store = site().engine.generation().label.partition("-")[0]
    known = [int(number) for uuid, _, number in seen if uuid == store and number.isdigit()]
    return WriteCondition(generation=max(known, default=0))


def _wrote(receipt: WriteReceipt, status: int) -> Response:
    response = Response(status=status)
    mark(response, receipt.generation)
    return response
