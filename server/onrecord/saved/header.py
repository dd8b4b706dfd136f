"""The header of a saved query: what it answers, its parameters, what it is expected to return."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from onrecord.errors import ParameterError
from onrecord.saved.expectations import Expectation
from onrecord.saved.parameters import TYPES, Choices, Parameter, read_value
from onrecord.saved.strict_yaml import CommentYaml
from onrecord.terms import IriSpace

MARK = "#+"

_KEYS = ("summary", "description", "tags", "author", "parameters", "expect")
_PARAMETER_KEYS = (
    *("type", "list", "label", "help", "default", "required", "class", "values", "example"),
    "choices",
)
_CHOICES_KEYS = ("query", "value", "label", "open")
_CASE_KEYS = ("with", "rows", "contains", "lacks", "hash")
_NAME = re.compile(r"[a-z][A-Za-z0-9_]*")
_VARIABLE = re.compile(r"\w+")
_HASH = re.compile(r"[0-9a-f]{16,64}")
_ANY_SPACE = IriSpace("https://example.org/")
"""Values are checked against no folder here, only whether they can be values at all."""


@dataclass(frozen=True)
class Header:
    """What a saved query says of itself."""

    summary: str
    description: str = ""
    tags: tuple[str, ...] = ()
    author: str = ""
    parameters: tuple[Parameter, ...] = ()
    expectations: tuple[Expectation, ...] = ()


def parse_header(path: str, text: str) -> Header:
    """The header of the query `text`, which stands in the file `path`.

    Raises SavedQueryError with path, line and column of what is wrong.

    >>> parse_header("x.rq", "#+ summary: All.\\n#+ tags: [a, b]\\nSELECT * {}").tags
    ('a', 'b')
    """
    source = CommentYaml(path, text, MARK)
    root = source.root()
    keys = source.mapping(root, "the header", _KEYS)
    summary = source.text(keys["summary"], "summary") if "summary" in keys else ""
    if not summary:
        raise source.error(root, "there is no summary.", f"Add a line: {MARK} summary: What it answers.")
    parameters: tuple[Parameter, ...] = ()
    if "parameters" in keys:
        named = source.mapping(keys["parameters"], "parameters", None)
        parameters = tuple(_read_parameter(source, name, node) for name, node in named.items())
    cases = source.items(keys["expect"], "expect") if "expect" in keys else []
    return Header(
        summary=summary,
        description=source.text(keys["description"], "description") if "description" in keys else "",
        tags=source.texts(keys["tags"], "tags") if "tags" in keys else (),
        author=source.text(keys["author"], "author") if "author" in keys else "",
        parameters=parameters,
        expectations=tuple(_read_expectation(source, case) for case in cases),
    )


def _read_parameter(source: CommentYaml, name: str, node: yaml.Node) -> Parameter:
    if not _NAME.fullmatch(name):
        remedy = "Start with a small letter, then letters, digits and _, as in its variable."
        raise source.error(node, f'"{name[:60]}" cannot name a parameter.', remedy)
    keys = source.mapping(node, f"parameter {name}", _PARAMETER_KEYS)
    if "type" not in keys:
        raise source.error(node, f"parameter {name} has no type.", f"Add one of: {', '.join(TYPES)}.")
    type_ = source.text(keys["type"], "type")
    if type_ not in TYPES:
        raise source.error(keys["type"], f'"{type_[:60]}" is not a type.', f"Use one of: {', '.join(TYPES)}.")
    values = source.texts(keys["values"], "values") if "values" in keys else ()
    if (type_ == "enumeration") != bool(values):
        reason = f"parameter {name} is {'an' if type_ == 'enumeration' else 'no'} enumeration and has "
        reason += "values." if values else "no values."
        raise source.error(node, reason, "Give values to enumerations, and to nothing else.")
    if "class" in keys and type_ != "iri":
        raise source.error(keys["class"], f"parameter {name} has a class and is no iri.", "Leave it out.")
    if "choices" in keys and (type_ in ("boolean", "enumeration") or "class" in keys):
        reason = f"parameter {name} has choices and is {'of a class' if 'class' in keys else type_}."
        raise source.error(keys["choices"], reason, "Keep one of the two.")
    texts = {
        key: source.text(keys[key], key) if key in keys else ""
        for key in ("label", "help", "default", "class", "example")
    }
    flags = {key: source.flag(keys[key], key) if key in keys else False for key in ("list", "required")}
    if flags["required"] and texts["default"]:
        raise source.error(node, f"parameter {name} is required and has a default.", "Keep one of the two.")
    parameter = Parameter(
        name=name,
        type=type_,
        is_list=flags["list"],
        label=texts["label"] or name.replace("_", " ").capitalize(),
        help=texts["help"],
        default=texts["default"],
        required=flags["required"],
        class_=texts["class"],
        values=values,
        example=texts["example"],
        choices=_read_choices(source, f"parameter {name}", keys["choices"]) if "choices" in keys else None,
    )
    for key in ("default", "example"):
        if texts[key]:
            try:
                read_value(parameter, texts[key], _ANY_SPACE)
            except ParameterError as error:
                raise source.error(keys[key], f"the {key} is wrong.", error.detail) from None
    return parameter


def _read_choices(source: CommentYaml, what: str, node: yaml.Node) -> Choices:
    keys = source.mapping(node, f"the choices of {what}", _CHOICES_KEYS)
    told = {key: source.text(keys[key], key) if key in keys else "" for key in ("query", "value", "label")}
    for key in ("query", "value"):
        if not told[key]:
            raise source.error(
                node, f"the choices of {what} have no {key}.", "Write query: NAME, value: COLUMN."
            )
    for key in ("value", "label"):
        if told[key] and not _VARIABLE.fullmatch(told[key]):
            raise source.error(
                keys[key], f'{key} is "{told[key][:60]}".', "Name a variable, without its question mark."
            )
    is_open = source.flag(keys["open"], "open") if "open" in keys else False
    return Choices(told["query"], told["value"], told["label"], is_open, source.line_of(node))


def _read_expectation(source: CommentYaml, node: yaml.Node) -> Expectation:
    keys = source.mapping(node, "an expected case", _CASE_KEYS)
    if not keys.keys() - {"with"}:
        raise source.error(node, "this case expects nothing.", "Add rows, contains or lacks.")
    values = source.mapping(keys["with"], "with", None) if "with" in keys else {}
    rows = source.text(keys["rows"], "rows") if "rows" in keys else None
    if rows is not None and not re.fullmatch("[0-9]{1,9}", rows):
        raise source.error(keys["rows"], f'rows is "{rows[:60]}".', "Give the exact number of rows.")
    digest = source.text(keys["hash"], "hash") if "hash" in keys else None
    if digest is not None and not _HASH.fullmatch(digest):
        raise source.error(keys["hash"], "hash is no hash.", "Give 16 to 64 hexadecimal digits.")
    return Expectation(
        values={name: source.texts(value, name) for name, value in values.items()},
        rows=None if rows is None else int(rows),
        contains=_read_rows(source, keys["contains"], "contains") if "contains" in keys else (),
        lacks=_read_rows(source, keys["lacks"], "lacks") if "lacks" in keys else (),
        hash=digest,
        line=source.line_of(node),
    )


def _read_rows(source: CommentYaml, node: yaml.Node, what: str) -> tuple[dict[str, str], ...]:
    rows = []
    for item in source.items(node, what):
        row = source.mapping(item, f"a row of {what}", None)
        if not row:
            raise source.error(
                item, f"a row of {what} is empty.", "Name at least one variable and its value."
            )
        rows.append({name: source.text(value, name) for name, value in row.items()})
    return tuple(rows)
