"""The catalogue of saved queries: for people, and as JSON."""

from __future__ import annotations

import json

from flask import Response, render_template, request, url_for

from onrecord.formats import KIND_OF_FORM
from onrecord.saved import Parameter
from onrecord.saved.standing import Book
from onrecord.web.access import allows, current_identity, may
from onrecord.web.answers import mark
from onrecord.web.asked_query import written_formats
from onrecord.web.catalogue_listing import SORTS, Sizes, read_listing
from onrecord.web.links import absolute
from onrecord.web.negotiation import HTML, Offer, choose
from onrecord.web.queries_graph import catch_up
from onrecord.web.result_sizes import known_sizes
from onrecord.web.shared_queries import SharedQuery, shared_queries
from onrecord.web.site import Site, site
from onrecord.web.standings import standings

_OFFERS = (HTML, Offer("json", ("application/json",)))


@allows("read")
def index() -> Response:
    """All saved queries, or those with `?tag=`."""
    if choose(request.headers.get("Accept"), _OFFERS) is not HTML:
        return as_json()
    here = site()
    catch_up(here)
    shared, findings = _list()
    listing = read_listing()
    sizes = known_sizes(here)
    tags = sorted({t for s in shared for t in s.query.header.tags} | set(listing.tags))
    kept = standings()
    book, up_to_date = kept.current(here) if kept is not None else (Book(), True)
    text = render_template(
        "catalogue.html",
        queries=listing.choose(shared, sizes),
        total=len(shared),
        listing=listing,
        sorts=SORTS,
        sizes=sizes,
        tags=tags,
        tag=listing.tags[0] if len(listing.tags) == 1 else "",
        findings=findings,
        standings=book.standings,
        up_to_date=up_to_date,
        may_write=may_save(),
    )
    return _marked(here, text, "text/html")


@allows("read")
def as_json() -> Response:
    """The catalogue for machines, searched, narrowed and sorted as the page is."""
    here = site()
    catch_up(here)
    shared, findings = _list()
    sizes = known_sizes(here)
    document = {
        "generation": here.engine.generation().label,
        "queries": [_summarize(here, one, sizes) for one in read_listing().choose(shared, sizes)],
        "findings": findings,
    }
    return _marked(here, json.dumps(document, ensure_ascii=False, indent=2) + "\n", "application/json")


def may_save() -> bool:
    """Whether the sender may save queries here."""
    return shared_queries().shelf is not None and may(current_identity(), "write")


def _list() -> tuple[list[SharedQuery], list[str]]:
    """The queries that the sender is shown, by name, and what keeps others from being offered."""
    team, refused = shared_queries().team_queries()
    both = [*shared_queries().folder_queries(), *team]
    findings = [*(str(finding) for finding in site().catalogue().findings), *refused]
    return sorted(both, key=lambda shared: shared.query.name), findings


def _summarize(here: Site, shared: SharedQuery, sizes: Sizes) -> dict[str, object]:
    query = shared.query
    size = sizes.get((query.name, query.version))
    address = absolute(url_for("queries.show", address=query.name), here.settings.public_url)
    return {
        "name": query.name,
        "summary": query.title,
        "description": query.header.description,
        "tags": list(query.header.tags),
        "version": query.version,
        "number": shared.number or None,
        "origin": shared.origin,
        "author": shared.author or None,
        "visibility": shared.visibility,
        "saved": shared.saved or None,
        "size": size.size if size is not None else None,
        "sizeIsMore": size.is_more if size is not None else None,
        "address": address,
        "formats": [f.suffix for f in written_formats(KIND_OF_FORM.get(query.operation.form, "solutions"))],
        "parameters": [
            {
                "name": p.name,
                "type": p.type,
                "list": p.is_list,
                "label": p.label,
                "help": p.help,
                "required": p.required,
                "default": p.default,
                "example": p.example,
                "class": p.class_,
                "values": list(p.values),
                "choices": _tell_choices(p),
            }
            for p in query.parameters
        ],
    }


def _tell_choices(parameter: Parameter) -> dict[str, object] | None:
    told = parameter.choices
    if told is None:
        return None
    return {"query": told.query, "value": told.value, "label": told.label or None, "open": told.is_open}


def _marked(here: Site, text: str, media_type: str) -> Response:
    response = Response(text, content_type=f"{media_type}; charset=utf-8")
    mark(response, here.engine.generation())
    return response
