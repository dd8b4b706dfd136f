"""The first page, readiness and what robots may read."""

from __future__ import annotations

import re

from flask import Blueprint, Response, current_app, render_template, send_from_directory, url_for

from onrecord.terms import REC
from onrecord.web.access import allows
from onrecord.web.catalogues import mark
from onrecord.web.coded_responses import told_tag
from onrecord.web.labels import find_members
from onrecord.web.links import endpoint_url, page_link
from onrecord.web.site import site
from onrecord.web.sparql_routes import EXAMPLE

blueprint = Blueprint("home", __name__)

_COUNTED = (
    ("Claim", mark("claim"), mark("claims")),
    ("Statement", mark("statement"), mark("statements")),
    ("Agent", mark("agent"), mark("people, groups, media")),
    ("Location", mark("place"), mark("places")),
    ("Source", mark("article"), mark("articles")),
)
_DAY, _YEAR = 86_400, 31_536_000
_DIGESTED = re.compile(r"^vendor/.*-[A-Z0-9]{8}\.js$")
_MOST_FEATURED = 8
_MOST_ARTICLES = 8


@blueprint.get("/")
@allows("read")
def index() -> str:
    """What this graph holds and how to ask it."""
    here = site()
    status = here.engine.status()
    folder = here.folder
    sizes = [(status.classes.get(REC + name, 0), one, many) for name, one, many in _COUNTED]
    return render_template(
        "home.html",
        description=folder.description if folder else None,
        counts=[size for size in sizes if size[0]],
        triples=status.triples,
        generation=status.generation,
        featured=here.catalogue().featured(_MOST_FEATURED),
        queries=len(here.catalogue().queries),
        origin=endpoint_url(here.settings.public_url).removesuffix("/sparql"),
        example=EXAMPLE,
        articles=find_members(here, REC + "Source")[:_MOST_ARTICLES]
        if status.classes.get(REC + "Source")
        else (),
        link_of=page_link,
    )


@blueprint.get("/robots.txt")
@allows("public")
def robots() -> Response:
    """Pages may be indexed; ad-hoc queries cost work and are not for robots."""
    text = f"User-agent: *\nDisallow: {url_for('sparql.answer')}\n"
    return Response(text, content_type="text/plain; charset=utf-8")


@blueprint.get("/static/<path:name>")
@allows("public")
def static(name: str) -> Response:
    """Stylesheets and scripts; their addresses carry a digest, so they may be kept."""
    folder = current_app.root_path + "/static"
    age = _YEAR if _DIGESTED.search(name) else _DAY
    response = send_from_directory(folder, name, max_age=age, conditional=False)
    # Read here rather than handed to the gateway, so that it is sent compressed, under a tag of its own.
    response.direct_passthrough = False
    known = told_tag(response.headers["ETag"])
    if known is not None:
        response.status_code = 304
        response.headers["ETag"] = known
        response.set_data(b"")
    return response
