"""Every IRI of the folder is an address: 303 to a page or to RDF, which stand at suffixes of their own."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from onrecord.engine import QueryRequest
from onrecord.entities import find_label_facts, write_facts
from onrecord.formats import Format, by_suffix
from onrecord.solutions import Reader
from onrecord.web.access import allows
from onrecord.web.answers import stream
from onrecord.web.asked_generation import OPTION, choose_generation
from onrecord.web.described import find_described, is_known, nothing_at
from onrecord.web.documents import respond_document
from onrecord.web.graph_pages import show_graph
from onrecord.web.links import is_absolute_iri
from onrecord.web.negotiation import HTML, Offer, choose, offer_of, offers_of
from onrecord.web.readers import page_number
from onrecord.web.site import Site, site
from onrecord.web.things import show_thing
from onrecord.web.turtle import find_prefixes

blueprint = Blueprint("entities", __name__)

MOST_TRIPLES = 1000
"""Triples with the thing as subject, and as object, in one RDF document; the next has the rest."""


@blueprint.get("/<path:address>")
@allows("read")
def resolve(address: str) -> AnyResponse:
    """An IRI of the folder or of its terms (303), or a document about it: a page, or RDF by suffix."""
    here = site()
    choose_generation(here, request.args.getlist(OPTION))
    stem, offer = split_suffix(address)
    if offer is None:
        return _redirect(here, address)
    iri = _find(here, stem)
    if iri is None and _find(here, address) is not None:
        return _redirect(here, address)  # an IRI that itself ends like a file
    if iri is None:
        raise nothing_at(here.space.from_path(stem)[-1])
    if iri in here.engine.status().graphs:
        return _show_graph(here, iri, offer)
    if offer.format is None:
        return show_thing(here, iri)
    return _write(here, iri, offer.format)


def split_suffix(address: str) -> tuple[str, Offer | None]:
    """An address without the suffix that names a representation, and that representation.

    >>> split_suffix("id/harbour.ttl")[0], split_suffix("id/harbour.ttl")[1].name
    ('id/harbour', 'turtle')
    >>> split_suffix("id/harbour")
    ('id/harbour', None)
    """
    stem, dot, suffix = address.rpartition(".")
    if dot and suffix == "html":
        return stem, HTML
    format = by_suffix(suffix) if dot else None
    if format is None or "graph" not in format.kinds:
        return address, None
    return stem, offer_of(format)


def _find(here: Site, address: str) -> str | None:
    """The IRI of which something is recorded, among those that `address` may mean."""
    return next((iri for iri in here.space.from_path(address) if is_known(here, iri)), None)


def _redirect(here: Site, address: str) -> AnyResponse:
    if _find(here, address) is None:
        raise nothing_at(here.space.from_path(address)[-1])
    chosen = choose(request.headers.get("Accept"), offers_of("graph"))
    suffix = chosen.format.suffix if chosen.format is not None else "html"
    options = {key: value for key, value in request.args.items() if key in ("_lang", "_page", OPTION)}
    target = url_for("entities.resolve", address=f"{address}.{suffix}")
    return redirect(f"{target}?{urlencode(options)}" if options else target, 303)


def _write(here: Site, iri: str, format: Format) -> Response:
    page = page_number(MOST_TRIPLES)
    more = False

    def build(asking: Reader) -> bytes:
        nonlocal more
        found = find_described(
            asking, iri, page, own_page=page, most_outgoing=MOST_TRIPLES, most_incoming=MOST_TRIPLES
        )
        more = found.more_outgoing or found.more_incoming
        neighbours = [name for name in found.iris() if name != iri and here.space.to_path(name)]
        labels = find_label_facts(asking, filter(is_absolute_iri, neighbours), 10 * MOST_TRIPLES)
        facts = (*found.outgoing, *found.incoming, *labels)
        text = " ".join(f"<{name}>" for name in found.iris())
        prefixes = find_prefixes(text, here.space)
        return write_facts(facts, format, here.space.inferred_graph, prefixes)

    response = respond_document(here, format.content_type, (), build)
    stem = here.space.to_path(iri) or ""
    response.headers.add("Link", f'<{iri}>; rel="describes"')
    if more:
        following = url_for("entities.resolve", address=f"{stem[1:]}.{format.suffix}", _page=page + 1)
        response.headers.add("Link", f'<{following}>; rel="next"')
    return response


def _show_graph(here: Site, iri: str, offer: Offer) -> Response:
    if offer.format is None:
        return show_graph(here, iri)
    text = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
    return stream(here, QueryRequest(text, "graph", offer.format), tagged=True)
