"""Filters of claims in an address: read, checked, and shown as a form that can be sent again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import request

from onrecord.claims import Search
from onrecord.errors import ParameterError
from onrecord.terms import REC
from onrecord.web.labels import MOST_CHOICES, expand, find_members
from onrecord.web.site import Site

MOST_VALUES = 20
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CLASSES = {
    "speaker": "Agent",
    "about": "Entity",
    "subject": "Entity",
    "object": "Entity",
    "act": "SpeechAct",
    "voice": "Voice",
    "relation": "Relation",
    "polarity": "Polarity",
    "modality": "Modality",
    "attribution": "Attribution",
    "place": "Location",
    "source": "Source",
}
"""The class whose instances a filter may name."""


@dataclass(frozen=True)
class Filter:
    """One field of the form: a list of choices, or a text field where there are too many to list."""

    name: str
    label: str
    values: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    """(value, words)."""


def read_search(
    here: Site, known: Mapping[str, str], *, days: bool = True, others: Sequence[str] = ()
) -> Search:
    """The search that the current address asks for, with the filters `known`; `others` are read elsewhere.

    Raises ParameterError for a name that is not known and for a value that is none.
    """
    allowed = [*known, *(("after", "before") if days else ()), *others]
    for name in request.args:
        if name not in allowed and not name.startswith("_"):
            raise ParameterError(f'Parameter "{name[:40]}" is not known; known: {", ".join(allowed)}.')
    iris = {name: _iris(here, name) for name in known}
    after, before = (read_day(name) if days else "" for name in ("after", "before"))
    return Search(iris, after, before)


def read_day(name: str) -> str:
    """The day that a parameter names, as an ISO date; empty without it. Raises ParameterError."""
    text = request.args.get(name, "").strip()
    try:
        if text and (_DAY.fullmatch(text) is None or not date.fromisoformat(text)):
            raise ValueError
    except ValueError:
        raise ParameterError(f'{name} "{text[:40]}" is no day; a day looks like 2018-03-29.') from None
    return text


def show_filters(here: Site, search: Search, known: Mapping[str, str]) -> tuple[Filter, ...]:
    """The form that asks `search`, with the choices of each filter."""
    fields = []
    for name, label in known.items():
        values = tuple(here.space.shorten(iri) for iri in search.iris.get(name, ()))
        members = find_members(here, REC + _CLASSES[name])
        choices = tuple((here.space.shorten(iri), words) for iri, words in members)
        fields.append(Filter(name, label, values, choices if len(choices) <= MOST_CHOICES else ()))
    return tuple(fields)


def options_of(here: Site, search: Search) -> dict[str, list[str] | str]:
    """What an address needs to ask `search` again."""
    found: dict[str, list[str] | str] = {
        name: [here.space.shorten(iri) for iri in iris] for name, iris in search.iris.items() if iris
    }
    return found | {name: day for name, day in (("after", search.after), ("before", search.before)) if day}


def _iris(here: Site, name: str) -> tuple[str, ...]:
    found = []
    for value in dict.fromkeys(v.strip() for v in request.args.getlist(name)):
        if value:
            iri = expand(value, here.space)
            if iri is None:
                raise ParameterError(
                    f'{name} "{value[:80]}" is no IRI and no name of one; a name looks like id/NAME.'
                )
            found.append(iri)
    if len(found) > MOST_VALUES:
        raise ParameterError(f"{name} is given {len(found)} times; at most {MOST_VALUES} are read.")
    return tuple(found)
