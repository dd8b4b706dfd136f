"""Lists of claims: filtered, set side by side, as a matrix, as sides. Every address can be shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request

from onrecord.claims import (
    FILTERS,
    KINDS,
    Search,
    find_accusations,
    find_pairs,
    read_claims,
    read_spans,
    speakers_of,
)
from onrecord.errors import ParameterError
from onrecord.solutions import Reader
from onrecord.terms import TERM
from onrecord.web.access import allows
from onrecord.web.catalogues import mark
from onrecord.web.documents import respond_page
from onrecord.web.drawings import draw_sides
from onrecord.web.filters import options_of, read_day, read_search, show_filters
from onrecord.web.readers import page_number, refuse_unknown
from onrecord.web.site import Site, site
from onrecord.web.stories import ALLIANCES, is_small, list_claims

blueprint = Blueprint("claims", __name__)

MOST_CLAIMS = 25
MOST_PAIRS = 10
MOST_SIDES = 60
Render = Callable[..., str]
_ACCUSED = {
    "subject": mark("Who is accused"),
    "speaker": mark("Who accuses"),
    "object": mark("Target or means"),
}
_CONCERNED = {"about": mark("Who is concerned"), "speaker": mark("According to")}


@blueprint.get("/claims")
@allows("read")
def index() -> Response:
    """Claims by speaker, subject, act, polarity, place and time."""
    here, page = site(), page_number(MOST_CLAIMS)
    search = read_search(here, FILTERS)

    def build(asking: Reader, render: Render) -> str:
        found = list_claims(asking, here, search, page, MOST_CLAIMS)
        claims = read_claims(asking, found.claims)
        iris = [iri for claim in claims for iri in claim.iris()]
        return render("claims.html", iris, claims=claims, more=found.more, **_form(here, search, FILTERS))

    return respond_page(here, page, build)


@blueprint.get("/contradictions")
@allows("read")
def contradictions() -> Response:
    """Claims that a link sets against each other, side by side and without a verdict."""
    here, page = site(), page_number(MOST_PAIRS)
    refuse_unknown("kind")
    kind = request.args.get("kind", KINDS[0])
    if kind not in KINDS:
        raise ParameterError(f'kind "{kind[:40]}" is not known; known: {", ".join(KINDS)}.')
    kinds = {name: f"{TERM}link-kind/{name}" for name in KINDS}

    def build(asking: Reader, render: Render) -> str:
        pairs, more = find_pairs(asking, kinds[kind], page, MOST_PAIRS)
        spans = read_spans(asking, [e for pair in pairs for e in pair.link.evidence])
        iris = [iri for pair in pairs for claim in (pair.left, pair.right) for iri in claim.iris()]
        named = [*kinds.values(), *iris]
        return render(
            "contradictions.html", named, pairs=pairs, more=more, kinds=kinds, kind=kind, spans=spans
        )

    return respond_page(here, page, build)


@blueprint.get("/accusations")
@allows("read")
def accusations() -> Response:
    """Who accuses whom of what, and who denies it, as a matrix."""
    here, page = site(), page_number(MOST_CLAIMS)
    search = read_search(here, _ACCUSED, days=False)

    def build(asking: Reader, render: Render) -> str:
        rows, more = find_accusations(asking, search, page, MOST_CLAIMS, in_text_order=is_small(here))
        denials = [claim for row in rows for given in row.denials.values() for claim, _ in given]
        iris = [iri for claim in (*(row.claim for row in rows), *denials) for iri in claim.iris()]
        form = _form(here, search, _ACCUSED)
        return render("accusations.html", iris, rows=rows, more=more, speakers=speakers_of(rows), **form)

    return respond_page(here, page, build)


@blueprint.get("/alliances")
@allows("read")
def alliances() -> Response:
    """Who is on whose side, according to whom, as of a day."""
    here, page = site(), page_number(MOST_SIDES)
    asked = read_search(here, _CONCERNED, days=False, others=("as_of",))
    day = read_day("as_of")
    search = Search({**asked.iris, "relation": ALLIANCES}, day, day)

    def build(asking: Reader, render: Render) -> str:
        found = list_claims(asking, here, search, page, MOST_SIDES)
        claims = read_claims(asking, found.claims)
        iris = [iri for claim in claims for iri in claim.iris()]
        drawing = draw_sides({c.iri: (c.subjects, c.objects) for c in claims})
        form = _form(here, asked, _CONCERNED)
        return render(
            "alliances.html", iris, claims=claims, more=found.more, drawing=drawing, day=day, **form
        )

    return respond_page(here, page, build)


def _form(here: Site, search: Search, known: Mapping[str, str]) -> dict[str, object]:
    """What the templates need to show the filters and to page on with them."""
    return {
        "fields": show_filters(here, search, known),
        "search": search,
        "options": options_of(here, search),
    }
