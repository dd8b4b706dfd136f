"""The HTML form of a saved query, from its typed parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from onrecord.saved import Parameter
from onrecord.web.choosing import Matches, listed_choices
from onrecord.web.labels import MOST_CHOICES, expand, find_labels, find_members
from onrecord.web.readers import asked_languages
from onrecord.web.site import Site

FIND = "_find."
"""What the name of a field begins with that looks for a value of the parameter called after it."""
MOST_AT_A_GLANCE = 12
"""Choices among which nobody needs to search."""

Control = Literal["select", "text", "number", "date"]

_INPUTS: dict[str, tuple[Control, str]] = {
    "iri": ("text", "id/name or a whole IRI"),
    "string": ("text", ""),
    "language-string": ("text", "text@en"),
    "integer": ("number", ""),
    "decimal": ("text", "1.5"),
    "date": ("date", ""),
    "date-time": ("text", "2020-01-31T00:00:00Z"),
}


@dataclass(frozen=True)
class Choice:
    value: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Field:
    """One parameter as a form control; a list has one input for each value and an empty one.

    `find` is the name of the field that searches for a value, empty where
    there is no need; `matches` is what it found. `names` are those of values
    that stand in a text control.
    """

    parameter: Parameter
    label: str
    control: Control
    values: tuple[str, ...]
    choices: tuple[Choice, ...] = ()
    placeholder: str = ""
    find: str = ""
    matches: Matches | None = None
    names: tuple[tuple[str, str], ...] = ()


def make_fields(
    site: Site,
    parameters: Sequence[Parameter],
    given: Mapping[str, Sequence[str]],
    found: Mapping[str, Matches] | None = None,
) -> list[Field]:
    """The controls of a form for `parameters`, filled with the raw values `given`.

    `found` tells what was found for the parameters that somebody searched a value for.
    """
    fields = [_make_field(site, p, [v for v in given.get(p.name, ()) if v]) for p in parameters]
    matches = found or {}
    return [
        replace(field, find=FIND + name, matches=matches[name])
        if (name := field.parameter.name) in matches
        else field
        for field in fields
    ]


def _make_field(site: Site, parameter: Parameter, given: Sequence[str]) -> Field:
    label = parameter.label or parameter.name
    values = list(given) or ([parameter.default] if parameter.default else [])
    options = _options(site, parameter)
    can_be_found = parameter.type == "iri" or parameter.choices is not None
    find = FIND + parameter.name if can_be_found and not 0 < len(options) <= MOST_AT_A_GLANCE else ""
    if options:
        known = {value for value, _ in options}
        # A value may come in its long form, or be none of those offered.
        chosen = [_shorten(site, value) if parameter.type == "iri" else value for value in values]
        options += [(value, value) for value in chosen if value not in known]
        choices = [Choice(value, text, value in chosen) for value, text in options]
        if not parameter.is_list and not parameter.required:
            choices.insert(0, Choice("", "(open)", not chosen))
        return Field(parameter, label, "select", tuple(chosen), tuple(choices), find=find)
    control, placeholder = _INPUTS.get(parameter.type, ("text", ""))
    shown = (*values, "") if parameter.is_list and values else tuple(values) or ("",)
    return Field(
        parameter,
        label,
        control,
        shown,
        placeholder=parameter.example or placeholder,
        find=find,
        names=_names(site, values) if parameter.type == "iri" else (),
    )


def _options(site: Site, parameter: Parameter) -> list[tuple[str, str]]:
    if parameter.type == "boolean":
        return [("true", "yes"), ("false", "no")]
    if parameter.type == "enumeration":
        return [(value, value) for value in parameter.values]
    if parameter.choices is not None:
        listed = listed_choices(site, parameter)
        if listed is None or parameter.choices.is_open or len(listed.choices) > MOST_CHOICES:
            return []
        return [
            (_shorten(site, value) if parameter.type == "iri" else value, t) for value, t in listed.choices
        ]
    if parameter.type == "iri" and parameter.class_:
        class_iri = expand(parameter.class_, site.space)
        members = find_members(site, class_iri) if class_iri else ()
        if len(members) <= MOST_CHOICES:
            return [(_shorten(site, iri), text) for iri, text in members]
    return []


def _names(site: Site, values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The values that have a label, with it."""
    whole = {value: expand(value, site.space) or value for value in values}
    labels = find_labels(site, whole.values(), asked_languages(site)) if values else {}
    return tuple((value, labels[iri]) for value, iri in whole.items() if iri in labels)


def _shorten(site: Site, value: str) -> str:
    base = site.space.base
    return value.removeprefix(base) if value != base else value
