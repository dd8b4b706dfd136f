"""The time line and the map: drawn on the server, with the uncertainty and the source of every position."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from onrecord.claims import find_moments, read_claims
from onrecord.entities import find_points
from onrecord.errors import ParameterError
from onrecord.solutions import Reader
from onrecord.web.access import allows
from onrecord.web.documents import respond_page
from onrecord.web.drawings import WIDTH, draw_map, make_axis
from onrecord.web.readers import page_number, refuse_unknown
from onrecord.web.site import site
from onrecord.web.stories import is_small

blueprint = Blueprint("drawn", __name__)

MOST_MOMENTS = 40
MOST_POINTS = 200
_SHOWN = ("happened", "said")


@blueprint.get("/timeline")
@allows("read")
def timeline() -> Response:
    """What is said to have happened when, or what was said when, with open and uncertain bounds drawn."""
    here, page = site(), page_number(MOST_MOMENTS)
    refuse_unknown("show")
    show = request.args.get("show", _SHOWN[0])
    if show not in _SHOWN:
        raise ParameterError(f'show "{show[:40]}" is not known; known: {", ".join(_SHOWN)}.')

    def build(asking: Reader, render: Callable[..., str]) -> str:
        in_order = is_small(here)
        moments, more = find_moments(asking, page, MOST_MOMENTS, sayings=show == "said", in_order=in_order)
        claims = {} if show == "said" else {c.iri: c for c in read_claims(asking, [m.what for m in moments])}
        axis = make_axis(moments)
        iris = [iri for m in moments for iri in (m.what, m.time)]
        return render(
            "timeline.html",
            [*iris, *(iri for claim in claims.values() for iri in claim.iris())],
            moments=[(moment, axis.bar(moment)) for moment in moments],
            claims=claims,
            axis=axis,
            width=WIDTH,
            more=more,
            show=show,
            in_order=in_order,
        )

    return respond_page(here, page, build)


@blueprint.get("/map")
@allows("read")
def show_map() -> Response:
    """The places that have coordinates, with where those are from; no tiles, no other server."""
    here, page = site(), page_number(MOST_POINTS)
    refuse_unknown()

    def build(asking: Reader, render: Callable[..., str]) -> str:
        points, cut = find_points(asking)
        start = (page - 1) * MOST_POINTS
        shown = points[start : start + MOST_POINTS]
        iris = [iri for p in shown for iri in (p.place, p.kind, p.source) if iri]
        more = len(points) > start + MOST_POINTS
        return render("map.html", iris, drawing=draw_map(shown), more=more, cut=cut)

    return respond_page(here, page, build)
