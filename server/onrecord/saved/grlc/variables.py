"""The variables of a grlc query that stand for parameters: `?_name`, `?__name`, `?_name_iri` and the like.

The convention is BASIL's: one underscore makes a parameter mandatory, two make it optional; what follows the
name is its type, a language, an XSD datatype, or the prefix and the local name of another datatype.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from onrecord.terms import XSD

_PATTERN = re.compile(r"(_{1,2})([^_]+)(?:_([a-zA-Z0-9]+))?(?:_([a-zA-Z0-9]+))?.*")
_AGGREGATE = re.compile(r"__agg_\d+__")
_TYPES = {
    "integer": "integer",
    "int": "integer",
    "long": "integer",
    "nonNegativeInteger": "integer",
    "positiveInteger": "integer",
    "decimal": "decimal",
    "float": "decimal",
    "double": "decimal",
    "number": "decimal",
    "date": "date",
    "dateTime": "date-time",
    "boolean": "boolean",
}
"""XSD datatypes that a parameter of ours has, or whose values are compared with those of one that has."""
_OTHER_XSD = ("gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay", "time", "duration", "anyURI", "token")
_PLAIN = ("literal", "string")


@dataclass(frozen=True)
class GrlcVariable:
    """One such variable: `original` without its question mark, and what it means.

    `wrapping` is how its text becomes the literal that grlc made of it, with
    `{}` for the text; empty where it is the value itself.
    """

    original: str
    name: str
    type: str
    is_required: bool
    wrapping: str = ""

    @property
    def is_literal(self) -> bool:
        """Whether its value is a literal, which is compared rather than matched."""
        return self.type != "iri"


def read_variable(name: str) -> GrlcVariable | None:
    """What the variable called `name` stands for; None for one that is no parameter.

    >>> read_variable("_town_iri").type, read_variable("__since_date").is_required
    ('iri', False)
    >>> read_variable("_title_en").wrapping, read_variable("town") is None
    ('STRLANG({}, "en")', True)
    """
    found = _PATTERN.fullmatch(name)
    if found is None or _AGGREGATE.fullmatch(name):
        return None
    marks, called, type_, local = found.groups()
    is_required = marks == "_"
    if type_ == "iri":
        return GrlcVariable(name, called, "iri", is_required)
    if type_ is None or type_ in _PLAIN:
        return GrlcVariable(name, called, "string", is_required)
    if type_ in _TYPES:
        return GrlcVariable(name, called, _TYPES[type_], is_required)
    if type_ in _OTHER_XSD:
        return GrlcVariable(name, called, "string", is_required, f"STRDT({{}}, <{XSD}{type_}>)")
    if len(type_) == 2:
        return GrlcVariable(name, called, "string", is_required, f'STRLANG({{}}, "{type_.lower()}")')
    if local is not None:
        return GrlcVariable(name, called, "string", is_required, f"STRDT({{}}, {type_}:{local})")
    return GrlcVariable(name, called, "string", is_required)
