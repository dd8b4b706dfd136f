"""What machines read before they ask: the API, and the saved queries as examples."""

from __future__ import annotations

import json
from dataclasses import replace

from flask import Blueprint, Response, render_template, request, url_for

from onrecord.errors import NotAcceptableError
from onrecord.formats import formats_of
from onrecord.saved import SavedQuery
from onrecord.saved.executables import PREFIXES, describe_queries
from onrecord.saved.standing import Book
from onrecord.web.access import allows
from onrecord.web.answers import mark
from onrecord.web.description import write_graph
from onrecord.web.feed import write_feed
from onrecord.web.links import absolute, endpoint_url
from onrecord.web.negotiation import choose, choose_named, offer_of
from onrecord.web.openapi import describe_api
from onrecord.web.shared_queries import shared_queries, shown_queries
from onrecord.web.site import Site, site
from onrecord.web.standings import standings

blueprint = Blueprint("machines", __name__)


@blueprint.get("/openapi.json")
@allows("read")
def openapi() -> Response:
    """The OpenAPI 3.1 document."""
    text = json.dumps(_api(site()), ensure_ascii=False, indent=1) + "\n"
    response = Response(text, content_type="application/json; charset=utf-8")
    mark(response, site().engine.generation())
    return response


@blueprint.get("/api")
@allows("read")
def show_api() -> Response:
    """The same for people, to read and to try."""
    here = site()
    text = render_template("api.html", queries=_shown(), endpoint=endpoint_url(here.settings.public_url))
    response = Response(text, content_type="text/html; charset=utf-8")
    mark(response, here.engine.generation())
    return response


@blueprint.get("/.well-known/sparql-examples")
@allows("read")
def examples() -> Response:
    """The queries that the sender is shown, as RDF."""
    here = site()
    offers = [offer_of(f) for f in formats_of("graph")]
    offer = choose_named(request.args.to_dict(flat=False), "graph") or choose(
        request.headers.get("Accept"), offers
    )
    if offer.format is None:
        raise NotAcceptableError(f"There is no page of this; there is: {', '.join(o.name for o in offers)}.")
    endpoint = endpoint_url(here.settings.public_url)
    address = endpoint.removesuffix(url_for("sparql.answer")) + url_for("queries.show", address="")
    triples = list(describe_queries(_shown(), address, endpoint, here.languages[0]))
    body = write_graph(triples, offer.format, PREFIXES)
    response = Response(body, content_type=offer.format.content_type)
    mark(response, here.engine.generation())
    return response


@blueprint.get("/feed.atom")
@allows("read")
def feed() -> Response:
    """What changed of the saved queries: which hold no longer, which hold again, which have a new text."""
    here = site()
    kept = standings()
    book = kept.current(here)[0] if kept is not None else Book()
    queries = shared_queries()
    shown = tuple(change for change in book.changes if not queries.is_hidden(change.name))
    origin = endpoint_url(here.settings.public_url)
    body = write_feed(
        replace(book, changes=shown),
        here.title,
        absolute(url_for("machines.feed"), origin),
        absolute(url_for("queries.index"), origin),
        lambda name: absolute(url_for("queries.show", address=name), origin),
    )
    response = Response(body, content_type="application/atom+xml; charset=utf-8")
    mark(response, here.engine.generation())
    return response


def _api(here: Site) -> dict[str, object]:
    folder = here.folder
    endpoint = endpoint_url(here.settings.public_url)
    server = endpoint.removesuffix("/sparql")
    told = folder.description.description if folder is not None else ""
    return describe_api(here.title, told, server, _shown())


def _shown() -> list[SavedQuery]:
    """The queries that the sender is shown, the folder's and the team's."""
    return [shared.query for shared in shown_queries()]
