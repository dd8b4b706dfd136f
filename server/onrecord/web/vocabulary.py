"""The documentation of the vocabulary, generated from the graph: classes, properties, lists of terms."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from onrecord.entities import Definition, read_vocabulary, write_facts
from onrecord.errors import NotFoundError
from onrecord.formats import by_suffix, formats_of
from onrecord.labels import find_labels
from onrecord.solutions import Reader
from onrecord.terms import DCTERMS, ONTOLOGY, OWL, PREFIXES, RDF, RDFS, REC
from onrecord.web.access import allows
from onrecord.web.documents import PAGE, respond_document
from onrecord.web.links import is_absolute_iri, page_link
from onrecord.web.names import Names
from onrecord.web.negotiation import choose, offers_of
from onrecord.web.readers import languages
from onrecord.web.site import site

blueprint = Blueprint("vocabulary", __name__)


@blueprint.get("/ns")
@allows("read")
def show() -> AnyResponse:
    """The vocabulary: a page, or RDF by Accept. Its names are fragments of this document."""
    offer = choose(request.headers.get("Accept"), offers_of("graph"))
    return _page() if offer.format is None else _document(offer.format.suffix)


@blueprint.get("/ns.<suffix>")
@allows("read")
def show_as(suffix: str) -> AnyResponse:
    """The vocabulary in the format of a suffix."""
    if suffix == "html":
        return redirect(url_for("vocabulary.show"), 308)
    format = by_suffix(suffix)
    if format is None or "graph" not in format.kinds:
        known = ", ".join(f.suffix for f in formats_of("graph"))
        raise NotFoundError(f"There is nothing at {request.path}; known suffixes: {known}.")
    return _document(suffix)


def _document(suffix: str) -> Response:
    here = site()
    format = by_suffix(suffix)
    assert format is not None

    def build(asking: Reader) -> bytes:
        facts = read_vocabulary(asking).facts
        if not facts:
            raise _absent()
        return write_facts(facts, format, here.space.inferred_graph, PREFIXES)

    return respond_document(here, format.content_type, (), build)


def _page() -> Response:
    here = site()
    tongues = languages(here)

    def build(asking: Reader) -> str:
        told = read_vocabulary(asking)
        if not told.facts:
            raise _absent()
        defined: list[Definition] = [
            *told.classes,
            *told.properties,
            *(t for group in told.lists for t in group.terms),
        ]
        values = [t.value for d in defined for terms in d.values.values() for t in terms if t.kind == "iri"]
        asked = filter(is_absolute_iri, [ONTOLOGY, *(d.iri for d in defined), *values])
        names = Names(here.space, find_labels(asking, asked, tongues), tongues, page_link)
        return render_template(
            "vocabulary.html",
            told=told,
            names=names,
            ontology=ONTOLOGY,
            downloads=[
                (f.suffix, f.media_type, url_for("vocabulary.show_as", suffix=f.suffix))
                for f in formats_of("graph")
            ],
            rec=REC,
            rdf=RDF,
            rdfs=RDFS,
            owl=OWL,
            dcterms=DCTERMS,
        )

    return respond_document(here, PAGE, tongues, build)


def _absent() -> NotFoundError:
    return NotFoundError("This store does not hold the vocabulary.")
