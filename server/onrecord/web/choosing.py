"""How people choose the value of a parameter: from a class, from another query, or by a name."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from flask import current_app
from werkzeug.routing import RequestRedirect

from onrecord.engine import Generation
from onrecord.errors import ConflictError, GoneError, NotFoundError, OnrecordError, Position, SavedQueryError
from onrecord.saved import (
    ChoiceList,
    Parameter,
    SavedQuery,
    check_choices,
    find_fault,
    read_choices,
    refuse_other_values,
)
from onrecord.saved.team import VISIBILITIES, Visibility
from onrecord.search import fold, romanize
from onrecord.solutions import values_block
from onrecord.sparql import Finding, Term
from onrecord.terms import RDF
from onrecord.web.labels import expand, find_labels, reader
from onrecord.web.links import is_absolute_iri
from onrecord.web.shared_queries import SharedQuery, shared_queries
from onrecord.web.site import Site

KEY = "onrecord.choices"
MOST_MATCHES = 20
_PAGE = 200
"""Names that are looked at together."""
_MOST_PAGES = 5


@dataclass(frozen=True)
class Match:
    """Something that a name led to: the text that chooses it, its label, and the name that fitted."""

    value: str
    label: str
    matched: str = ""
    language: str = ""


@dataclass(frozen=True)
class Matches:
    """What the name `asked` led to; `more` tells that there are others, `lags` that it is of older data."""

    asked: str
    matches: tuple[Match, ...]
    more: bool = False
    lags: bool = False


@dataclass
class ChoiceBook:
    """What other queries list as choices, remembered for one generation."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _generation: Generation | None = None
    _lists: dict[tuple[str, str, Parameter], ChoiceList] = field(default_factory=dict)

    def read(self, here: Site, source: SavedQuery, parameter: Parameter) -> ChoiceList:
        """What `source` lists for `parameter`. Raises what the engine raises."""
        generation, key = here.engine.generation(), (source.name, source.version, parameter)
        with self._lock:
            if self._generation == generation and key in self._lists:
                return self._lists[key]
        found = read_choices(here.engine, source, parameter, here.space, here.settings.query_bytes)
        with self._lock:
            if self._generation != generation or not generation.is_immutable:
                self._generation, self._lists = generation, {}
            self._lists[key] = found
        return found


def bind_given(here: Site, query: SavedQuery, given: Mapping[str, Sequence[str]]) -> str:
    """The SPARQL text of `query` with the texts `given` in a request as its parameters.

    Raises ParameterError, also for a value that is none of its choices.
    """
    values = query.read(given, here.space)
    for parameter in query.parameters:
        # A default is its author's, and stays what it was when the data changes.
        if parameter.choices is not None and any(given.get(parameter.name, ())):
            _refuse_others(here, parameter, values.get(parameter.name, []))
    return query.bind(values)


def check_shared_choices(query: SavedQuery, visibility: Visibility) -> Iterator[Finding]:
    """What is wrong with the choices of `query`, to be shown to the readers of `visibility`.

    Whoever is shown it must be shown the queries that list its choices.
    """
    sources = {query.name: query}
    for parameter in query.parameters:
        told = parameter.choices
        if told is None or told.query == query.name:
            continue
        shared = _find_shared(told.query)
        if shared is None:
            continue
        sources[told.query] = shared.query
        if VISIBILITIES.index(shared.visibility) < VISIBILITIES.index(visibility):
            yield Finding(
                query.path,
                Position(told.line, 1),
                f'the choices of {parameter.name} come from "{told.query}", which fewer people are shown.',
                f"Show that one to the same people first, or this one to the {shared.visibility} only.",
            )
    yield from check_choices(query, sources.get)


def listed_choices(here: Site, parameter: Parameter) -> ChoiceList | None:
    """The choices of a parameter that has them; None where the sender cannot be shown them now."""
    try:
        source = _source(parameter)
        return _book().read(here, source, parameter) if source is not None else None
    except OnrecordError:
        return None


def find_matches(here: Site, parameter: Parameter, asked: str) -> Matches:
    """What the name `asked`, in any script and spelling, may mean as a value of `parameter`.

    Raises UnavailableError while the index of names is being built.
    """
    if parameter.choices is not None:
        return _match_listed(here, parameter, asked)
    class_iri = expand(parameter.class_, here.space) if parameter.class_ else None
    found: list[Match] = []
    index, more = here.index.open(), False
    for page in range(1, _MOST_PAGES + 1):
        hits = index.search(asked, page, _PAGE)
        iris = [hit.iri for hit in hits.hits if is_absolute_iri(hit.iri)]
        members = _members_among(here, iris, class_iri) if class_iri else set(iris)
        for hit in hits.hits:
            if hit.iri in members:
                value = hit.iri.removeprefix(here.space.base) or hit.iri
                found.append(Match(value, hit.text, hit.text, hit.language))
        more = hits.more
        if not more or len(found) > MOST_MATCHES:
            break
    lags = index.generation != here.engine.generation()
    return Matches(asked, _with_labels(here, found[:MOST_MATCHES]), more or len(found) > MOST_MATCHES, lags)


def _match_listed(here: Site, parameter: Parameter, asked: str) -> Matches:
    listed = listed_choices(here, parameter)
    wanted, latin = fold(asked), romanize(asked)
    found = [
        Match(value, label)
        for value, label in (listed.choices if listed is not None else ())
        if wanted in fold(label) or wanted in fold(value) or (latin and latin in romanize(label))
    ]
    return Matches(asked, tuple(found[:MOST_MATCHES]), len(found) > MOST_MATCHES)


def _with_labels(here: Site, matches: list[Match]) -> tuple[Match, ...]:
    """The matches under the name that the rest of the page uses."""
    whole = {match.value: expand(match.value, here.space) or match.value for match in matches}
    labels = find_labels(here, whole.values())
    return tuple(
        Match(m.value, labels.get(whole[m.value], m.matched), m.matched, m.language) for m in matches
    )


def _members_among(here: Site, iris: Sequence[str], class_iri: str) -> set[str]:
    if not iris:
        return set()
    text = f"SELECT DISTINCT ?iri {{ {values_block('iri', iris)} ?iri <{RDF}type> <{class_iri}> }}"
    return {row["iri"].value for row in reader(here).select(text, len(iris)).rows}


def _refuse_others(here: Site, parameter: Parameter, terms: list[Term]) -> None:
    assert parameter.choices is not None
    if parameter.choices.is_open:
        return
    source = _source(parameter)
    fault = find_fault(parameter, source)
    if source is None or fault is not None:
        reason = fault[0] if fault else ""
        raise ConflictError(
            f'No value of "{parameter.name}" can be checked, since its choices {reason} The author of the '
            "query can name other choices."
        )
    refuse_other_values(parameter, terms, _book().read(here, source, parameter))


def _source(parameter: Parameter) -> SavedQuery | None:
    """The query that lists the choices, if the sender is shown it."""
    assert parameter.choices is not None
    shared = _find_shared(parameter.choices.query)
    return shared.query if shared is not None else None


def _find_shared(name: str) -> SharedQuery | None:
    try:
        return shared_queries().find(name)
    except RequestRedirect:  # it was renamed
        shelf = shared_queries().shelf
        record = shelf.successor(name) if shelf is not None else None
        return shared_queries().share(record) if record is not None and not record.is_archived else None
    except (NotFoundError, GoneError, SavedQueryError):
        return None


def _book() -> ChoiceBook:
    return cast(ChoiceBook, current_app.extensions.setdefault(KEY, ChoiceBook()))
