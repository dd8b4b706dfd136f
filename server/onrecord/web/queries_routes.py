"""/queries: the addresses of the catalogue, and of each saved query with its result in every format."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, request

from onrecord.admission import admit
from onrecord.engine import QueryRequest
from onrecord.errors import ParameterError
from onrecord.formats import JSON
from onrecord.saved.unknown_values import list_unknown_values
from onrecord.web import catalogue_pages
from onrecord.web.access import allows
from onrecord.web.answers import link_alternates, mark
from onrecord.web.asked_query import (
    TEXT_SUFFIX,
    AskedQuery,
    choose_offer,
    read_asked_query,
    written_formats,
)
from onrecord.web.choosing import bind_given, find_matches
from onrecord.web.forms import FIND
from onrecord.web.labels import reader
from onrecord.web.links import absolute, endpoint_url
from onrecord.web.negotiation import HTML, Offer
from onrecord.web.pages import PageAnswer, respond, rows_of_page
from onrecord.web.problems import on_error_page
from onrecord.web.protocol import QUERY
from onrecord.web.saved_page import show_page
from onrecord.web.services import federating
from onrecord.web.site import Site, let_keep, site
from onrecord.web.written_answers import link_pages, write_answer

blueprint = Blueprint("queries", __name__)
blueprint.get("/queries")(catalogue_pages.index)
blueprint.get("/queries.json")(catalogue_pages.as_json)


@blueprint.get("/queries/<address>")
@allows("query")
def show(address: str) -> Response:
    """A saved query: its page, its result, or (`.rq`) the text that its parameters run."""
    here = site()
    asked = read_asked_query(here, address)
    on_error_page(lambda problem: show_page(here, asked, problem=problem))
    offer = choose_offer(asked)
    if asked.finds:
        return _find(here, asked, offer)
    if offer is HTML and asked.lacks and not asked.pairs:
        return Response(show_page(here, asked), content_type="text/html; charset=utf-8")
    if asked.suffix == TEXT_SUFFIX and not asked.pairs:
        return _text(asked, "")
    text = bind_given(here, asked.query, asked.given)
    if asked.suffix == TEXT_SUFFIX:
        return _text(asked, text)
    admitted = admit(text, here.settings.query_bytes, federates=True)
    operation = admitted.operation
    elsewhere = federating(operation, [asked.options.federation])
    to_ask = QueryRequest(
        admitted.text,
        asked.kind,
        JSON,
        here.base_iri(endpoint_url(here.settings.public_url)),
        has_dataset_clause=operation.has_dataset_clause,
        federating=elsewhere,
    )
    tagged = not operation.is_nondeterministic
    if tagged and elsewhere is None and asked.shared.record is None:
        # The texts of a team change, and are withdrawn, without a new generation.
        let_keep()
    # Before it is asked: a second query beside one that is being answered would take a second worker.
    unknown = _name_unknown(here, asked) if offer is not HTML and not request.if_none_match else ""
    if offer.format is not None and (asked.options.changes_rows or not offer.format.serializer):
        response = write_answer(here, asked, to_ask, offer.format, tagged=tagged)
    else:

        def page(shown: PageAnswer) -> str:
            return show_page(here, asked, shown=shown, text=text)

        def headers(shown: PageAnswer) -> list[tuple[str, str]]:
            limit = rows_of_page(asked.options)
            return link_pages(
                here, asked, shown.generation, shown.count, limit=limit, truncated=shown.truncated
            )

        response = respond(
            here, to_ask, offer, tagged=tagged, page=page, options=asked.options, headers=headers
        )
    if unknown:
        response.headers["Onrecord-Unknown"] = unknown
    others = [f for f in written_formats(asked.kind) if f is not offer.format]
    public_url = here.settings.public_url
    link_alternates(response, [(absolute(asked.address(f.suffix), public_url), f) for f in others])
    return _named(response, asked)


def _name_unknown(here: Site, asked: AskedQuery) -> str:
    """The parameters with a value that is in no triple, percent-encoded: no rows then are no silence."""
    found = list_unknown_values(reader(here), asked.query, asked.given, here.space)
    return ", ".join(dict.fromkeys(quote(parameter.name) for parameter, _ in found))


def _find(here: Site, asked: AskedQuery, offer: Offer) -> Response:
    """The form with what names led to. Raises ParameterError where no page is asked for."""
    if offer is not HTML:
        raise ParameterError(f'"{FIND}..." looks for names on the page alone. Search them at /search.')
    found = {
        parameter.name: find_matches(here, parameter, asked.finds[parameter.name])
        for parameter in asked.query.parameters
        if parameter.name in asked.finds
    }
    response = Response(show_page(here, asked, found=found), content_type="text/html; charset=utf-8")
    mark(response, here.engine.generation())
    return response


def _text(asked: AskedQuery, text: str) -> Response:
    """The text that is kept, or with parameters the one that is run."""
    body = text if asked.pairs else asked.query.text
    response = Response(body, content_type=f"{QUERY}; charset=utf-8")
    mark(response, site().engine.generation())
    if not asked.pairs:
        response.set_etag(asked.shared.tag if asked.shared.is_newest else asked.query.version)
    return _named(response, asked)


def _named(response: Response, asked: AskedQuery) -> Response:
    if asked.suffix and asked.suffix != "html":
        response.headers["Content-Disposition"] = f'inline; filename="{asked.query.name}.{asked.suffix}"'
    return response
