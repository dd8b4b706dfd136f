"""One query of grlc, made into a saved query; what cannot be is named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onrecord.errors import OnrecordError
from onrecord.saved.grlc.decorators import Decorators, split_decorators
from onrecord.saved.grlc.rewriting import Placed, names_in_strings, place_slots
from onrecord.saved.grlc.variables import GrlcVariable, read_variable
from onrecord.saved.parameters import Parameter, read_value
from onrecord.saved.query import check, parse
from onrecord.saved.team.composing import compose
from onrecord.sparql import check_bounds, describe, serialize_term, tokenize
from onrecord.terms import IriSpace

_NOWHERE = IriSpace("https://example.org/")
_ABSOLUTE = re.compile(r"(?:https?://|urn:)\S+")


@dataclass(frozen=True)
class Conversion:
    """What became of one file.

    `text` is the saved query's, empty where there is none. `notes` tell what
    needs no counterpart, `lost` what is missing or was read otherwise.
    """

    name: str
    text: str
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def convert(stem: str, text: str) -> Conversion:
    """The saved query that the grlc query `text`, in a file called `stem`, becomes.

    >>> made = convert("Towns", "#+ summary: Towns.\\nSELECT ?t { ?t a ?_kind_iri }")
    >>> print(made.text)
    #+ summary: Towns.
    #+ parameters:
    #+   kind: {type: iri, label: Kind, required: true}
    SELECT ?t { VALUES ?kind { UNDEF } ?t a ?kind }
    <BLANKLINE>
    """
    name = re.sub("[^a-z0-9]+", "-", stem.lower()).strip("-") or "query"
    told, query = split_decorators(text)
    notes = [*told.notes, *([f"the file {stem} is called {name} here"] if name != stem else [])]
    lost = list(told.lost)
    if "transform" in {entry.partition(":")[0] for entry in lost}:
        return Conversion(name, "", tuple(notes), tuple(lost))
    try:
        made = _convert(name, told, query, notes, lost)
    except _CannotError as error:
        return Conversion(name, "", tuple(notes), (*lost, str(error)))
    except OnrecordError as error:
        return Conversion(name, "", tuple(notes), (*lost, error.detail))
    return Conversion(name, made, tuple(notes), tuple(lost))


class _CannotError(Exception):
    """Why a query cannot be converted."""


def _convert(name: str, told: Decorators, query: str, notes: list[str], lost: list[str]) -> str:
    if describe(query).form not in ("select", "ask", "construct", "describe"):
        raise _CannotError("it is no query; updates are not saved here")
    check_bounds(query)
    variables = _variables(query)
    pasted = names_in_strings(query, [variable.original for variable in variables])
    if pasted:
        raise _CannotError(f"?{pasted[0]} stands inside a string, an IRI or VALUES, where grlc pastes text")
    others = {t.text[1:] for t in tokenize(query) if t.kind == "var"} - {v.original for v in variables}
    parameters: dict[str, Mapping[str, object]] = {}
    placed = []
    for variable in variables:
        called = _call(variable.name, others | set(parameters))
        if called != variable.name:
            lost.append(
                f"the parameter {variable.name} is called {called} here, since ?{variable.name} is taken"
            )
        parameter = _parameter(called, variable, told, lost)
        parameters[called] = _describe(parameter)
        content = "UNDEF"
        if parameter.default:
            content = serialize_term(read_value(parameter, parameter.default, _NOWHERE))
        joins = parameter.type == "iri" or (parameter.type == "enumeration" and not variable.wrapping)
        placed.append(Placed(variable, called, content, joins))
    for known in {*told.defaults, *told.values} - {v.name for v in variables}:
        lost.append(f"{known} is told of in the decorators and is no parameter of the query")
    fields: dict[str, str | Sequence[str] | Mapping[str, object]] = {
        "summary": told.summary or f"{name.replace('-', ' ').capitalize()}.",
        "description": told.description,
        "tags": told.tags,
        "parameters": parameters,
    }
    if not told.summary:
        notes.append("it has no summary, so its name stands for one")
    path = f"queries/{name}.rq"
    made = compose(path, place_slots(query.strip("\n") + "\n", placed), fields)
    findings = check(parse(name, path, made))
    if findings:
        raise _CannotError(" ".join(f"{f.reason} {f.remedy}".strip() for f in findings))
    return made


def _variables(query: str) -> list[GrlcVariable]:
    """The parameters of `query`, in the order of the text; each original name once."""
    found: dict[str, GrlcVariable] = {}
    meanings: dict[str, GrlcVariable] = {}
    for token in tokenize(query):
        variable = read_variable(token.text[1:]) if token.kind == "var" else None
        if variable is None:
            continue
        other = meanings.setdefault(variable.name, variable)
        if other.original != variable.original:
            raise _CannotError(
                f"?{other.original} and ?{variable.original} are one parameter with two meanings; "
                "write it in one way"
            )
        found.setdefault(variable.original, variable)
    return list(found.values())


def _call(name: str, taken: set[str]) -> str:
    called = name[:1].lower() + name[1:]
    called = called if re.fullmatch("[a-z][A-Za-z0-9_]*", called) else f"p{name}"
    while called in taken:
        called += "Given"
    return called


def _parameter(called: str, variable: GrlcVariable, told: Decorators, lost: list[str]) -> Parameter:
    values = told.values.get(variable.name, ())
    if variable.name in told.values and not values:
        lost.append(
            f"the values of {variable.name} were asked of the endpoint; name a query that lists them: choices"
        )
    default = told.defaults.get(variable.name, "")
    type_ = variable.type
    if values:
        type_ = "enumeration"
        if variable.type == "iri" and not all(_ABSOLUTE.fullmatch(value) for value in values):
            raise _CannotError(f"{variable.name} is an IRI, and not all of its values are")
        if variable.type not in ("iri", "string"):
            # Its values are of a datatype, which texts are not: any value of the type may be given.
            lost.append(f"{variable.name} takes any {variable.type}; its values were {', '.join(values)}")
            type_, values = variable.type, ()
        elif default and default not in values:
            values = (*values, default)
    return Parameter(
        called,
        type_,
        label=variable.name.capitalize(),
        default=default,
        required=variable.is_required and not default,
        values=values,
    )


def _describe(parameter: Parameter) -> dict[str, object]:
    """A parameter as the header has it."""
    told: dict[str, object] = {"type": parameter.type, "label": parameter.label}
    told |= {"required": True} if parameter.required else {}
    told |= {"default": parameter.default} if parameter.default else {}
    return told | ({"values": list(parameter.values)} if parameter.values else {})
