"""/.well-known/void and /dcat: what is served and where to get it, for machines."""

from __future__ import annotations

from collections.abc import Callable

import pyoxigraph as ox
from flask import Blueprint, Response, request, url_for

from onrecord.errors import NotAcceptableError
from onrecord.formats import formats_of
from onrecord.web.access import allows
from onrecord.web.dataset_description import PREFIXES, Served, describe_catalog, describe_void
from onrecord.web.described_graphs import origin_of, respond_graph
from onrecord.web.links import endpoint_url
from onrecord.web.negotiation import choose, choose_named, offer_of
from onrecord.web.site import site

blueprint = Blueprint("dataset", __name__)


@blueprint.get("/.well-known/void")
@allows("read")
def void() -> Response:
    """The VoID description: sizes, partitions by class and property, links elsewhere."""
    return _respond(describe_void)


@blueprint.get("/dcat")
@allows("read")
def catalog() -> Response:
    """The DCAT catalogue: the dataset, its distributions and its service."""
    return _respond(describe_catalog)


def _respond(describe: Callable[[Served], list[ox.Triple]]) -> Response:
    here = site()
    offers = [offer_of(f) for f in formats_of("graph")]
    offer = choose_named(request.args.to_dict(flat=False), "graph") or choose(
        request.headers.get("Accept"), offers
    )
    if offer.format is None:
        raise NotAcceptableError(f"There is no page of this; there is: {', '.join(o.name for o in offers)}.")
    origin = origin_of(here)
    folder = here.folder
    status = here.engine.status()
    served = Served(
        endpoint_url(here.settings.public_url),
        origin + url_for("dataset.void"),
        origin + url_for("dataset.catalog"),
        here.title,
        status,
        folder.description if folder is not None else None,
    )
    return respond_graph(describe(served), offer.format, status, PREFIXES)
