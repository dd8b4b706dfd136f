"""Typed parameters: from the texts of a request to RDF terms.

Every value becomes an RDF term here or is refused; no text of a request goes
any further.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from pyoxigraph import Literal, NamedNode

from onrecord.errors import ParameterError
from onrecord.saved.dates import is_date, is_date_time, moment_of
from onrecord.sparql import Term
from onrecord.terms import XSD, IriSpace

MOST_VALUES = 500
"""Of one list; a VALUES block of thousands of rows slows the engine down to seconds."""
LONGEST_VALUE = 10_000
"""Of one value, in characters."""


@dataclass(frozen=True)
class Choices:
    """Where the values of a parameter are listed: the column `value` of the saved query `query`.

    People read its column `label`, if one is named. `is_open` lets other values in, too.
    """

    query: str
    value: str
    label: str = ""
    is_open: bool = False
    line: int = field(default=0, compare=False)
    """Of the header, for messages."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a saved query; its slots are VALUES blocks over the variable of its name.

    An empty `default` leaves the slot as the file has it.
    """

    name: str
    type: str
    is_list: bool = False
    label: str = ""
    help: str = ""
    default: str = ""
    required: bool = False
    class_: str = ""
    """Of an iri: the class that its values belong to, to choose from."""
    values: tuple[str, ...] = ()
    """Of an enumeration: an absolute IRI stands for itself, any other text for a string."""
    example: str = ""
    choices: Choices | None = None


def read(
    parameters: Sequence[Parameter], raw: Mapping[str, Sequence[str]], space: IriSpace
) -> dict[str, list[Term]]:
    """The terms for `parameters` in the texts `raw` of a request, relative IRIs being of `space`.

    A parameter that is absent or empty has its default; without one it is left
    out, and its slots stay as they are. Lists keep their order and lose
    repetitions of a value, however it is written. Raises ParameterError.

    >>> read([Parameter("day", "date")], {"day": ["2018-03-28"]}, IriSpace("https://example.org/"))
    {'day': [<Literal value=2018-03-28 datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#date>>]}
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in raw:
        if name not in known:
            raise ParameterError(_unknown(name, list(known)))
    found: dict[str, list[Term]] = {}
    for name, parameter in known.items():
        given = [text for text in raw.get(name, ()) if _is_given(parameter, text)]
        if not given and parameter.required:
            example = f", for example {name}={parameter.example}" if parameter.example else ""
            raise ParameterError(f'Parameter "{name}" is missing. Give one {parameter.type}{example}.')
        if not given and parameter.default:
            given = [parameter.default]
        if len(given) > 1 and not parameter.is_list:
            raise ParameterError(
                f'Parameter "{name}" is given {len(given)} times and takes one value. Keep one.'
            )
        if len(given) > MOST_VALUES:
            raise ParameterError(
                f'Parameter "{name}" has {len(given):,} values; the limit is {MOST_VALUES:,}. Ask in parts.'
            )
        if given:
            found[name] = _distinct(read_value(parameter, text, space) for text in given)
    return found


def read_value(parameter: Parameter, text: str, space: IriSpace) -> Term:
    """The term that `text` stands for. Raises ParameterError.

    >>> read_value(Parameter("n", "integer"), "+07", IriSpace("https://example.org/")).value
    '7'
    """
    if len(text) > LONGEST_VALUE:
        raise ParameterError(
            f'Parameter "{parameter.name}" has a value of {len(text):,} characters; '
            f"the limit is {LONGEST_VALUE:,}. Shorten it."
        )
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise ParameterError(
            f'Parameter "{parameter.name}" has bytes that are no text in UTF-8. Encode the value in UTF-8.'
        )
    return _READERS[parameter.type](parameter, text, space)


def _distinct(terms: Iterable[Term]) -> list[Term]:
    """The first of those `terms` that are equal in value: two would double what they are compared with."""
    kept: dict[object, Term] = {}
    for term in terms:
        is_dated = isinstance(term, Literal) and term.datatype.value in (XSD + "date", XSD + "dateTime")
        kept.setdefault((moment_of(term.value) if is_dated else None) or term, term)
    return list(kept.values())


def _is_given(parameter: Parameter, text: str) -> bool:
    # A string may be a space; for everything else white space is a form field left empty.
    return text != "" if parameter.type in ("string", "language-string") else text.strip() != ""


def _unknown(name: str, known: list[str]) -> str:
    shown = name.encode("utf-8", "replace").decode()[:60]
    if not known:
        return f'Parameter "{shown}" is not known; this query takes none.'
    near = get_close_matches(name[:60], known, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return f'Parameter "{shown}" is not known; known: {", ".join(known)}.{meant}'


def _wrong(parameter: Parameter, text: str, why: str, remedy: str) -> ParameterError:
    shown = text if len(text) <= 80 else f"{text[:80]}..."
    return ParameterError(f'Parameter "{parameter.name}" is "{shown}", which {why}. {remedy}')


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_ALLOWED_SCHEME = re.compile(r"(?:https?://|urn:)", re.IGNORECASE)
_LANGUAGE_STRING = re.compile(r"(.+)@([A-Za-z]+(?:-[A-Za-z0-9]+)*)", re.DOTALL)
_INTEGER = re.compile(r"([+-]?)0*([0-9]+)")
_DECIMAL = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*))?")
_BOOLEANS = {"true": "true", "1": "true", "false": "false", "0": "false"}


def _read_iri(parameter: Parameter, text: str, space: IriSpace) -> Term:
    iri = text.strip()
    remedy = f"Write it in full, or relative to {space.base}, as in id/name."
    if _SCHEME.match(iri):
        if not _ALLOWED_SCHEME.match(iri):
            raise _wrong(parameter, text, "starts with neither http://, https:// nor urn:", remedy)
    elif iri.startswith(("/", "?", "#")) or ".." in iri.split("/") or "." in iri.split("/"):
        raise _wrong(parameter, text, "is no IRI in the folder's IRI space", remedy)
    else:
        iri = space.base + iri
    try:
        return NamedNode(iri)
    except ValueError as error:
        why = str(error).strip() or "it cannot be read"
        raise _wrong(parameter, text, f"is not an IRI ({why})", remedy) from None


def _read_string(parameter: Parameter, text: str, space: IriSpace) -> Term:
    return Literal(text)


def _read_language_string(parameter: Parameter, text: str, space: IriSpace) -> Term:
    match = _LANGUAGE_STRING.fullmatch(text)
    remedy = "Write the text, @ and a language, as in harbour@en."
    if match is None:
        raise _wrong(parameter, text, "has no language", remedy)
    try:
        return Literal(match[1], language=match[2].lower())
    except ValueError:
        raise _wrong(parameter, text, "has a language tag that is not one", remedy) from None


def _read_integer(parameter: Parameter, text: str, space: IriSpace) -> Term:
    match = _INTEGER.fullmatch(text.strip())
    if match is None:
        raise _wrong(parameter, text, "is not an integer", "Write digits only, as in 40.")
    if len(match[2]) > 18:
        # The engine's integers have 64 bits; a longer one would compare with nothing.
        raise _wrong(parameter, text, "is too large", "Use at most 18 digits.")
    sign = "-" if match[1] == "-" and match[2] != "0" else ""
    return _typed(sign + match[2], "integer")


def _read_decimal(parameter: Parameter, text: str, space: IriSpace) -> Term:
    match = _DECIMAL.fullmatch(text.strip())
    whole, fraction = (match[2], (match[3] or "").rstrip("0")) if match else ("", "")
    if match is None or not any(c.isdigit() for c in text):
        raise _wrong(parameter, text, "is not a decimal number", "Write digits and a point, as in 33.5.")
    if len(whole) > 18 or len(fraction) > 18:
        raise _wrong(parameter, text, "is too long", "Use at most 18 digits before and after the point.")
    number = (whole or "0") + (f".{fraction}" if fraction else "")
    return _typed(("-" if match[1] == "-" and number != "0" else "") + number, "decimal")


def _read_date(parameter: Parameter, text: str, space: IriSpace) -> Term:
    if not is_date(text.strip()):
        raise _wrong(parameter, text, "is not a date", "Write year, month and day, as in 2018-03-28.")
    return _typed(text.strip(), "date")


def _read_date_time(parameter: Parameter, text: str, space: IriSpace) -> Term:
    value = text.strip()
    if not is_date_time(value):
        # In a query string + means a space, so that +02:00 often arrives without its sign.
        if is_date_time(value + "Z"):
            remedy = f"Add one: {value}Z for universal time, or an offset such as +02:00."
            raise _wrong(parameter, text, "has no time zone", remedy)
        remedy = "Write it as in 2018-03-28T09:00:00Z; in an address + is written %2B."
        raise _wrong(parameter, text, "is not a date-time", remedy)
    return _typed(value, "dateTime")


def _read_boolean(parameter: Parameter, text: str, space: IriSpace) -> Term:
    value = _BOOLEANS.get(text.strip())
    if value is None:
        raise _wrong(parameter, text, "is not a boolean", "Write true or false.")
    return _typed(value, "boolean")


def _read_enumeration(parameter: Parameter, text: str, space: IriSpace) -> Term:
    value = text.strip()
    if value not in parameter.values:
        near = get_close_matches(value[:60], parameter.values, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise _wrong(
            parameter, text, "is not one of its values", f"Known: {', '.join(parameter.values)}.{meant}"
        )
    return _read_iri(parameter, value, space) if _ALLOWED_SCHEME.match(value) else Literal(value)


def _typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(XSD + datatype))


_READERS: dict[str, Callable[[Parameter, str, IriSpace], Term]] = {
    "iri": _read_iri,
    "string": _read_string,
    "language-string": _read_language_string,
    "integer": _read_integer,
    "decimal": _read_decimal,
    "date": _read_date,
    "date-time": _read_date_time,
    "boolean": _read_boolean,
    "enumeration": _read_enumeration,
}
TYPES = tuple(_READERS)
