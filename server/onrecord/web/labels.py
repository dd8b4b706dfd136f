"""Labels for IRIs, by one bounded query each: what pages show in place of an IRI."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from onrecord.engine import Generation, QueryRequest
from onrecord.errors import OnrecordError
from onrecord.formats import JSON
from onrecord.terms import PREFIXES, RDF, RDFS, IriSpace
from onrecord.web.links import is_absolute_iri
from onrecord.web.results import Term, read_rows
from onrecord.web.site import Site, on_leave

MOST_LABELS = 2000
MOST_CHOICES = 500


def select(site: Site, text: str, most: int) -> tuple[Generation, list[dict[str, Term]]]:
    """The first `most` rows of a query of our own, and the generation that they are of."""
    answer = site.engine.query(QueryRequest(text, "solutions", JSON, row_limit=most), on_leave())
    try:
        return answer.head.generation, read_rows(b"".join(answer))[1]
    finally:
        answer.close()


def find_labels(site: Site, iris: Iterable[str]) -> dict[str, str]:
    """`rdfs:label` of those of `iris` that have one, in the best language there is.

    A page is worth more than its labels: without an engine free, there are none.
    """
    asked = [iri for iri in dict.fromkeys(iris) if is_absolute_iri(iri)][:MOST_LABELS]
    if not asked:
        return {}
    # The engine joins a long VALUES block quickly only from inside a subselect.
    values = " ".join(f"<{iri}>" for iri in asked)
    text = (
        f"SELECT ?iri ?label {{ {{ SELECT * {{ VALUES ?iri {{ {values} }} }} }} ?iri <{RDFS}label> ?label }}"
    )
    try:
        rows = select(site, text, 8 * MOST_LABELS)[1]
    except OnrecordError:
        return {}
    return best_labels(((row["iri"].value, row["label"]) for row in rows), site.languages)


def best_labels(pairs: Iterable[tuple[str, Term]], languages: Sequence[str]) -> dict[str, str]:
    """For each IRI the label whose language stands first in `languages`; then one without language.

    >>> best_labels([("i:a", Term("literal", "ميناء", "ar")), ("i:a", Term("literal", "Port", "en"))], ["en"])
    {'i:a': 'Port'}
    """
    best: dict[str, tuple[tuple[int, str], str]] = {}
    for iri, label in pairs:
        primary = label.language.partition("-")[0]
        rank = languages.index(primary) if primary in languages else len(languages) + bool(primary)
        candidate = ((rank, label.value), label.value)
        if iri not in best or candidate[0] < best[iri][0]:
            best[iri] = candidate
    return {iri: label for iri, (_, label) in best.items()}


def find_members(site: Site, class_iri: str) -> tuple[tuple[str, str], ...]:
    """(IRI, label) of the instances of a class in the default graph, sorted by label.

    More than `MOST_CHOICES` of them mean: there are more than a list can
    offer. Remembered for a generation; empty when no engine is free.
    """
    try:
        return site.members(class_iri, lambda: _query_members(site, class_iri))
    except OnrecordError:
        return ()


def _query_members(site: Site, class_iri: str) -> tuple[Generation, tuple[tuple[str, str], ...]]:
    text = (
        f"SELECT DISTINCT ?iri {{ ?iri <{RDF}type> <{class_iri}> FILTER(ISIRI(?iri)) }} "
        f"ORDER BY ?iri LIMIT {MOST_CHOICES + 1}"
    )
    generation, rows = select(site, text, MOST_CHOICES + 1)
    iris = [row["iri"].value for row in rows]
    labels = find_labels(site, iris)
    named = ((iri, labels.get(iri) or site.space.shorten(iri)) for iri in iris)
    return generation, tuple(sorted(named, key=lambda pair: (pair[1].casefold(), pair[0])))


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
