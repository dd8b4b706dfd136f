"""/sparql: the SPARQL 1.1 Protocol, the service description, and a plain form for browsers."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from onrecord.admission import admit
from onrecord.engine import QueryRequest
from onrecord.errors import RequestError
from onrecord.formats import JSON, AnswerKind
from onrecord.terms import RDFS, REC
from onrecord.web.access import allows
from onrecord.web.asked_generation import choose_generation
from onrecord.web.asked_query import written_formats
from onrecord.web.catalogue_pages import may_save
from onrecord.web.described_graphs import respond_service
from onrecord.web.editor_facts import can_link, describe_page
from onrecord.web.embedding import is_embedded, let_frame, title_of
from onrecord.web.links import endpoint_url
from onrecord.web.negotiation import HTML, Offer, choose, choose_named, offers_of, without_rows
from onrecord.web.pages import MOST_ROWS, PageAnswer, respond
from onrecord.web.problems import Problem, on_error_page
from onrecord.web.protocol import FORM, QUERY, UPDATE, ProtocolRequest, read_request
from onrecord.web.query_documents import answer_document, find_document
from onrecord.web.services import federating
from onrecord.web.site import Site, let_keep, site, tell_text
from onrecord.web.updates import answer_update

blueprint = Blueprint("sparql", __name__)

EXAMPLE = f"""PREFIX rdfs: <{RDFS}>
PREFIX rec: <{REC}>
SELECT ?speaker ?act ?claim WHERE {{
  ?statement rec:speaker ?speaker ;
    rec:act ?act ;
    rec:makes ?claim .
}}
LIMIT 20"""


@blueprint.route("/sparql", methods=["GET", "POST"])
@allows("query")
def answer() -> Response:
    """The query operation; without a query the form or the service description."""
    on_error_page(lambda problem: _page("", problem=problem))
    here = site()
    asked = read_request(request.environ, here.settings.query_bytes)
    if asked.query or asked.update:
        tell_text(asked.query or asked.update or "")
    if asked.update is not None:
        if asked.generation:
            raise RequestError("An update changes the newest generation; leave _generation out.")
        return answer_update(here, asked)
    choose_generation(here, asked.generation)
    if asked.query is None:
        if request.method == "POST":
            raise RequestError('There is no parameter "query".')
        return _describe(here, asked)
    text = asked.query
    if not text.strip() and request.method != "POST" and _wish(asked, "graph") is HTML:
        return Response(_page(""), content_type="text/html; charset=utf-8")
    on_error_page(lambda problem: _page(text, problem=problem))
    return _answer_query(here, asked, text)


@blueprint.after_request
def _tell_bodies(response: Response) -> Response:
    """OPTIONS tells the types of bodies that are read here."""
    if request.method == "OPTIONS":
        response.headers["Accept-Post"] = ", ".join((FORM, QUERY, UPDATE))
    return response


def answer_kept(asked: ProtocolRequest, text: str) -> Response:
    """The answer to a query that does not stand in the request, as if it did."""
    on_error_page(lambda problem: _page(text, problem=problem))
    return _answer_query(site(), asked, text)


def _answer_query(here: Site, asked: ProtocolRequest, text: str) -> Response:
    if is_embedded():
        let_frame()
    elif request.method == "GET" and "view" in request.args and _wish(asked, "graph") is HTML:
        # The script of the page runs it, and shows the view that stands behind # in the address.
        return Response(_page(text, asked), content_type="text/html; charset=utf-8")
    admitted = admit(text, here.settings.query_bytes, federates=True)
    operation, kind = admitted.operation, admitted.kind
    elsewhere = federating(operation, asked.federation)
    query = QueryRequest(
        admitted.text,
        kind,
        JSON,
        here.base_iri(endpoint_url(here.settings.public_url)),
        asked.default_graphs,
        asked.named_graphs,
        operation.has_dataset_clause,
        federating=elsewhere,
    )
    document = find_document(asked.formats, kind)
    if document is not None:
        return answer_document(here, query, document, _address(text, asked))
    tagged = request.method != "POST" and not operation.is_nondeterministic
    if tagged and elsewhere is None:
        let_keep()
    return respond(
        here,
        query,
        _wish(asked, kind),
        tagged=tagged,
        page=lambda shown: _page(text, asked, shown),
    )


def _wish(asked: ProtocolRequest, kind: AnswerKind) -> Offer:
    accept = request.headers.get("Accept")
    return choose_named(asked.formats, kind) or choose(without_rows(accept, kind), offers_of(kind))


def _describe(here: Site, asked: ProtocolRequest) -> Response:
    offer = _wish(asked, "graph")
    if offer.format is None:
        return Response(_page(""), content_type="text/html; charset=utf-8")
    return respond_service(here, offer.format)


def _page(
    text: str,
    asked: ProtocolRequest | None = None,
    shown: PageAnswer | None = None,
    problem: Problem | None = None,
) -> str:
    here = site()
    dataset = _dataset(asked)
    return render_template(
        "embed.html" if text and is_embedded() else "sparql.html",
        query=text,
        query_title=title_of(text),
        can_link=can_link(),
        may_save=may_save(),
        dataset=dataset,
        facts=describe_page(here, [*dataset, *_modes(asked)]),
        plain=_address(text, asked) if asked and not shown and not problem else "",
        plain_address=_address(text, asked),
        example=EXAMPLE,
        shown=shown,
        problem=problem,
        union=here.settings.union_default_graph,
        most_rows=MOST_ROWS,
        downloads=_downloads(text, asked, shown.kind) if asked and shown else [],
    )


def _dataset(asked: ProtocolRequest | None) -> list[tuple[str, str]]:
    """The parameters that name the dataset of a request, and of which generation it is."""
    if asked is None:
        return []
    told = [("default-graph-uri", iri) for iri in asked.default_graphs or ()]
    told += [("named-graph-uri", iri) for iri in asked.named_graphs or ()]
    return told + [("_generation", value) for value in asked.generation]


def _modes(asked: ProtocolRequest | None) -> list[tuple[str, str]]:
    """The parameters that tell how other endpoints are asked."""
    return [("federation", mode) for mode in asked.federation] if asked is not None else []


def _address(text: str, asked: ProtocolRequest | None, **more: str) -> str:
    """The address at which the endpoint answers `text` over the dataset of `asked`."""
    pairs = [("query", text), *_dataset(asked), *_modes(asked), *more.items()]
    return f"{url_for('sparql.answer')}?{urlencode(pairs)}"


def _downloads(text: str, asked: ProtocolRequest, kind: AnswerKind) -> list[tuple[str, str]]:
    """(format, address) of the same query in each format."""
    return [(f.suffix, _address(text, asked, format=f.name)) for f in written_formats(kind)]
