"""Pages about one thing: what is recorded of it, who mentions it, and from which file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response, render_template, url_for

from onrecord.entities import Neighbourhood
from onrecord.formats import formats_of
from onrecord.labels import find_labels
from onrecord.solutions import Reader, Term
from onrecord.terms import RDF, RDFS, REC
from onrecord.web.described import find_described
from onrecord.web.documents import PAGE, respond_document
from onrecord.web.links import is_absolute_iri, page_link
from onrecord.web.names import Names
from onrecord.web.readers import languages, page_number
from onrecord.web.site import Site
from onrecord.web.stories import tell

MOST_VALUES = 300
MOST_MENTIONS = 50
_NEVER_SHOWN_FIRST = frozenset({RDFS + "label", RDFS + "comment", RDF + "type"})


@dataclass(frozen=True)
class Property:
    """The values of one predicate, each with the graphs that hold it."""

    predicate: str
    values: tuple[tuple[Term, tuple[str, ...]], ...]


def show_thing(here: Site, iri: str) -> Response:
    """The page about `iri`. Raises NotFoundError and GoneError."""
    tongues = languages(here)
    page = page_number(MOST_MENTIONS)

    def build(asking: Reader) -> str:
        found = find_described(asking, iri, page, most_outgoing=MOST_VALUES, most_incoming=MOST_MENTIONS)
        story = tell(asking, here, found, page)
        asked = filter(is_absolute_iri, (*story.iris, *found.iris(), *found.newer))
        names = Names(here.space, find_labels(asking, asked, tongues), tongues, page_link)
        return render_template(
            story.template,
            names=names,
            thing=found,
            title=names.of(iri),
            comment=names.best(found.values(RDFS + "comment")),
            kinds=_own_types(found),
            properties=tuple(_properties(found)),
            inferred=here.space.inferred_graph,
            page=page,
            address=(here.space.to_path(iri) or "").removeprefix("/") + ".html",
            downloads=_downloads(here, iri),
            rec=REC,
            **story.values,
        )

    return respond_document(here, PAGE, tongues, build)


def _own_types(found: Neighbourhood) -> tuple[str, ...]:
    """The classes that people gave it; those of the closure where there are no others."""
    told = [f for f in found.outgoing if f.predicate == RDF + "type" and f.object.kind == "iri"]
    own = [f.object.value for f in told if not all(g.endswith("graph/inferred") for g in f.graphs)]
    return tuple(own or (f.object.value for f in told))


def _properties(found: Neighbourhood) -> Iterable[Property]:
    grouped: dict[str, list[tuple[Term, tuple[str, ...]]]] = {}
    for fact in found.outgoing:
        grouped.setdefault(fact.predicate, []).append((fact.object, fact.graphs))
    ordered = sorted(grouped, key=lambda p: (p not in _NEVER_SHOWN_FIRST, p))
    for predicate in ordered:
        yield Property(predicate, tuple(sorted(grouped[predicate], key=lambda v: (v[1], v[0].value))))


def _downloads(here: Site, iri: str) -> list[tuple[str, str, str]]:
    """(name, media type, address) of the RDF documents about `iri`."""
    stem = (here.space.to_path(iri) or "").removeprefix("/")
    return [
        (f.suffix, f.media_type, url_for("entities.resolve", address=f"{stem}.{f.suffix}"))
        for f in formats_of("graph")
    ]
