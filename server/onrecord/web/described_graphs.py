"""Graphs that describe the service: written down, with an ETag that changes when they do."""

from __future__ import annotations

import hashlib

import pyoxigraph as ox
from flask import Response, url_for

from onrecord.engine import EngineStatus
from onrecord.formats import Format
from onrecord.web.answers import is_fresh, mark, not_modified
from onrecord.web.description import describe_service, write_graph
from onrecord.web.links import endpoint_url
from onrecord.web.site import Site


def respond_graph(
    triples: list[ox.Triple], format: Format, status: EngineStatus, prefixes: dict[str, str] | None = None
) -> Response:
    """`triples` as `format`, or 304 to a client that has them."""
    body = write_graph(triples, format, prefixes)
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    if is_fresh(tag, status.generation):
        return not_modified(tag, status.generation)
    response = Response(body, content_type=format.content_type)
    response.headers["ETag"] = tag
    mark(response, status.generation)
    return response


def respond_service(here: Site, format: Format) -> Response:
    """The service description of this server."""
    status = here.engine.status()
    folder = here.folder
    triples = describe_service(
        endpoint_url(here.settings.public_url),
        status,
        union=here.settings.union_default_graph,
        title=here.title,
        inferred=here.space.inferred_graph if folder is not None else "",
        federates=bool(here.settings.federate),
        described_at=dataset_iri(here),
        embedded=not here.settings.engine,
    )
    return respond_graph(triples, format, status)


def dataset_iri(here: Site) -> str:
    """The IRI under which this server describes its dataset."""
    return origin_of(here) + url_for("dataset.void") + "#dataset"


def origin_of(here: Site) -> str:
    """The public address that paths of this server are appended to."""
    return endpoint_url(here.settings.public_url).removesuffix(url_for("sparql.answer"))
