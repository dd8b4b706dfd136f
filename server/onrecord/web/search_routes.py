"""Search over names in any script."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, Response, request

from onrecord.claims import Facts, read_claims, read_facts
from onrecord.errors import ParameterError
from onrecord.labels import find_labels
from onrecord.search import NameIndex
from onrecord.solutions import Reader
from onrecord.terms import RDF, REC
from onrecord.web.access import allows
from onrecord.web.documents import respond_document, respond_page
from onrecord.web.links import is_absolute_iri, link_of
from onrecord.web.names import Names
from onrecord.web.readers import languages, page_number
from onrecord.web.site import Site, site

blueprint = Blueprint("search", __name__)

MOST_HITS = 20
JSON = "application/json"
_TOO_WIDE = frozenset({REC + "Entity", REC + "Record", REC + "Term"})


@blueprint.get("/search")
@allows("read")
def show() -> Response:
    """The things whose names fit `q`, whatever the script or the spelling: a page, or JSON by Accept."""
    here, page = site(), page_number(MOST_HITS)
    asked = request.args.get("q", "").strip()
    if len(asked) > 200:
        raise ParameterError(f"q is {len(asked)} characters long; at most 200 are read.")
    if request.accept_mimetypes.best_match(("text/html", JSON), "text/html") == JSON:
        return _tell(here, asked, page)

    index = here.index.open() if asked else None

    def build(asking: Reader, render: Callable[..., str]) -> str:
        found = index.search(asked, page, MOST_HITS) if index is not None else None
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

    return respond_page(here, page, build, _name(index))


def _tell(here: Site, asked: str, page: int) -> Response:
    """The hits for programs: each with its IRI, label, the name that fits, and the labels of its classes."""
    tongues = languages(here)
    index = here.index.open() if asked else None

    def build(asking: Reader) -> str:
        found = index.search(asked, page, MOST_HITS) if index is not None else None
        hits = [hit for hit in found.hits if is_absolute_iri(hit.iri)] if found else []
        types = read_facts(asking, [hit.iri for hit in hits], [RDF + "type"])
        kinds = {hit.iri: _kinds(types, hit.iri) for hit in hits}
        iris = [*kinds, *(kind for told in kinds.values() for kind in told)]
        named = Names(here.space, find_labels(asking, iris, tongues), tongues, link_of)
        document = {
            "hits": [
                {
                    "iri": hit.iri,
                    "label": named.text(hit.iri),
                    "name": hit.text,
                    "language": hit.language,
                    "fits": hit.how,
                    "kinds": [named.text(kind) for kind in kinds[hit.iri]],
                }
                for hit in hits
            ],
            "more": found is not None and found.more,
        }
        return json.dumps(document, ensure_ascii=False) + "\n"

    return respond_document(here, f"{JSON}; charset=utf-8", tongues, build, _name(index))


def _name(index: NameIndex | None) -> str:
    """What an answer that comes from `index` too has in its ETag: it may be of an older generation."""
    return index.generation.label if index is not None else ""


def _kinds(types: Facts, iri: str) -> tuple[str, ...]:
    return tuple(kind for kind in types.iris(iri, RDF + "type") if kind not in _TOO_WIDE)
