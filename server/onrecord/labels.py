"""Labels for IRIs: what people read in place of an IRI, in the best language there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onrecord.solutions import Reader, Term, values_block
from onrecord.terms import RDFS, SKOS

MOST_LABELS = 2000


@dataclass(frozen=True)
class Label:
    """A label and its language (BCP 47, empty where it has none)."""

    text: str
    language: str = ""


def find_labels(reader: Reader, iris: Iterable[str], languages: Sequence[str]) -> dict[str, Label]:
    """The label of those of `iris` that have one, at most `MOST_LABELS` of them.

    It is an `rdfs:label`, or a `skos:prefLabel`: ontologies that are to give one row a name to
    whoever asks for `rdfs:label` have translations there.

    `iris` must be absolute; raises what the engine raises.
    """
    asked = list(dict.fromkeys(iris))[:MOST_LABELS]
    if not asked:
        return {}
    text = (
        f"SELECT ?iri ?label {{ {values_block('iri', asked)} ?iri <{RDFS}label>|<{SKOS}prefLabel> ?label }}"
    )
    rows = reader.select(text, 8 * MOST_LABELS).rows
    return best_labels(((row["iri"].value, row["label"]) for row in rows), languages)


def best_labels(pairs: Iterable[tuple[str, Term]], languages: Sequence[str]) -> dict[str, Label]:
    """For each IRI the label whose language stands first in `languages`; then one without language.

    >>> best_labels([("i:a", Term("literal", "ميناء", "ar")), ("i:a", Term("literal", "Port", "en"))], ["en"])
    {'i:a': Label(text='Port', language='en')}
    """
    best: dict[str, tuple[tuple[int, str], Label]] = {}
    for iri, label in pairs:
        rank = rank_language(label.language, languages)
        candidate = ((rank, label.value), Label(label.value, label.language))
        if iri not in best or candidate[0] < best[iri][0]:
            best[iri] = candidate
    return {iri: label for iri, (_, label) in best.items()}


def best_text(texts: Iterable[Term], languages: Sequence[str]) -> Label | None:
    """The one of several literals of one property that suits `languages` best.

    >>> best_text([Term("literal", "Hafen", "de"), Term("literal", "port", "en")], ["en"]).text
    'port'
    """
    found = best_labels((("", text) for text in texts), languages)
    return found.get("")


def rank_language(language: str, languages: Sequence[str]) -> int:
    """The place of `language` in `languages` by its primary subtag; what is not there comes last.

    >>> rank_language("en-gb", ["ar", "en"]), rank_language("", ["en"]), rank_language("ru", ["en"])
    (1, 1, 2)
    """
    primary = language.partition("-")[0].lower()
    return languages.index(primary) if primary in languages else len(languages) + bool(primary)
