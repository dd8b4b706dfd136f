"""Search over names in any script."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from onrecord.claims import Facts, read_claims, read_facts
from onrecord.errors import ParameterError
from onrecord.solutions import Reader
from onrecord.terms import RDF, REC
from onrecord.web.access import allows
from onrecord.web.documents import respond_page
from onrecord.web.links import is_absolute_iri
from onrecord.web.readers import page_number
from onrecord.web.site import site

blueprint = Blueprint("search", __name__)

MOST_HITS = 20
_TOO_WIDE = frozenset({REC + "Entity", REC + "Record", REC + "Term"})


@blueprint.get("/search")
@allows("read")
def show() -> Response:
    """The things whose names fit `q`, whatever the script or the spelling."""
    here, page = site(), page_number(MOST_HITS)
    asked = request.args.get("q", "").strip()
    if len(asked) > 200:
        raise ParameterError(f"q is {len(asked)} characters long; at most 200 are read.")

    def build(asking: Reader, render: Callable[..., str]) -> str:
        found = here.index.search(asked, page, MOST_HITS) if asked else None
        hits = [hit for hit in found.hits if is_absolute_iri(hit.iri)] if found else []
        types = read_facts(asking, [hit.iri for hit in hits], [RDF + "type"])
        kinds = {hit.iri: _kinds(types, hit.iri) for hit in hits}
        claims = {
            c.iri: c for c in read_claims(asking, [h.iri for h in hits if REC + "Claim" in kinds[h.iri]])
        }
        iris = [*kinds, *(kind for told in kinds.values() for kind in told)]
        return render(
            "search.html",
            [*iris, *(iri for claim in claims.values() for iri in claim.iris())],
            asked=asked,
            found=found,
            hits=hits,
            kinds=kinds,
            claims=claims,
            more=found is not None and found.more,
            lags=found is not None and found.generation != (asking.generation or found.generation),
        )

    return respond_page(here, page, build)


def _kinds(types: Facts, iri: str) -> tuple[str, ...]:
    return tuple(kind for kind in types.iris(iri, RDF + "type") if kind not in _TOO_WIDE)
