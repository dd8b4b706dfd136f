"""Labels for IRIs, by one bounded query each: what pages show in place of an IRI."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from onrecord import labels
from onrecord.engine import Generation
from onrecord.errors import OnrecordError
from onrecord.solutions import Reader
from onrecord.terms import PREFIXES, RDF, IriSpace
from onrecord.web.links import is_absolute_iri
from onrecord.web.page_language import page_tongue
from onrecord.web.site import Members, Site, on_leave

MOST_CHOICES = 500


def reader(site: Site) -> Reader:
    """Asks queries of our own for the current request."""
    return Reader(site.engine, on_leave=on_leave())


def find_labels(site: Site, iris: Iterable[str], languages: Sequence[str] | None = None) -> dict[str, str]:
    """`rdfs:label` of those of `iris` that have one, in the best of `languages`, else those of the folder.

    A page is worth more than its labels: without an engine free, there are none.
    """
    try:
        found = labels.find_labels(reader(site), filter(is_absolute_iri, iris), languages or site.languages)
    except OnrecordError:
        return {}
    return {iri: label.text for iri, label in found.items()}


def find_members(site: Site, class_iri: str) -> Members:
    """(IRI, label) of the instances of a class in the default graph, sorted by label.

    More than `MOST_CHOICES` of them mean: there are more than a list can
    offer. Named in the language of the page, else in those of the folder.
    Remembered for a generation; empty when no engine is free.
    """
    try:
        tongues = tuple(dict.fromkeys((page_tongue().code, *site.languages)))
        return site.members(class_iri, tongues, lambda: _query_members(site, class_iri, tongues))
    except OnrecordError:
        return ()


def _query_members(site: Site, class_iri: str, tongues: tuple[str, ...]) -> tuple[Generation, Members]:
    text = (
        f"SELECT DISTINCT ?iri {{ ?iri <{RDF}type> <{class_iri}> FILTER(ISIRI(?iri)) }} "
        f"ORDER BY ?iri LIMIT {MOST_CHOICES + 1}"
    )
    asking = reader(site)
    iris = [row["iri"].value for row in asking.select(text, MOST_CHOICES + 1).rows]
    told = find_labels(site, iris, tongues)
    named = ((iri, told.get(iri) or site.space.shorten(iri)) for iri in iris)
    assert asking.generation is not None
    return asking.generation, tuple(sorted(named, key=lambda pair: (pair[1].casefold(), pair[0])))


def expand(name: str, space: IriSpace) -> str | None:
    """The IRI that `name` abbreviates: a prefixed name of ours, an absolute or a relative IRI.

    >>> expand("rec:Agent", IriSpace("https://example.org/"))
    'https://w3id.org/onrecord/ns#Agent'
    """
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES:
        iri = PREFIXES[prefix] + local
    elif colon:
        iri = name.strip("<>")
    else:
        iri = space.base + name
    return iri if is_absolute_iri(iri) else None
