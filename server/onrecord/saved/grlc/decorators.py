"""The decorators of a grlc query: YAML in the lines that begin with `#+`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

MARK = "#+"

_WITHOUT_EFFECT = {
    "endpoint": "the query asks this server",
    "endpoint_in_url": "the query asks this server",
    "endpoint-method": "this server takes both",
    "method": "this server answers GET, and POST at /sparql",
    "pagination": "ask for pages with _limit and _offset",
    "licence": "the folder has one for all",
    "license": "the folder has one for all",
    "contact": "the folder has none for a query",
    "query": "it names the text itself",
}
"""Decorators that need no counterpart, with the reason."""
_LOST = {
    "transform": "results are not reshaped here",
    "mime": "files and pages elsewhere are not queried here",
}
"""Decorators without which the answer is another one."""


@dataclass
class Decorators:
    """What the decorators say, as far as a saved query can; `notes` and `lost` tell of the rest."""

    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    defaults: dict[str, str] = field(default_factory=dict)
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The values that `enumerate` lists for a parameter; none where the endpoint was asked for them."""
    notes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def split_decorators(text: str) -> tuple[Decorators, str]:
    """The decorators of `text`, and the query without them.

    >>> told, query = split_decorators("#+ summary: All.\\n#+ pagination: 100\\nSELECT * {}")
    >>> told.summary, told.notes, query
    ('All.', ['pagination: ask for pages with _limit and _offset'], 'SELECT * {}')
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    header = [line.removeprefix(MARK).removeprefix(" ") for line in lines if line.startswith(MARK)]
    query = "\n".join(line for line in lines if not line.startswith(MARK))
    told = Decorators()
    try:
        # BaseLoader makes no values of anything: all scalars stay the text that stands there.
        document = yaml.load("\n".join(header), Loader=yaml.BaseLoader)  # noqa: S506
    except yaml.YAMLError:
        told.lost.append("the decorators are not YAML")
        return told, query
    if isinstance(document, Mapping):
        for key, value in document.items():
            _read(told, str(key), value)
    elif document:
        told.lost.append("the decorators are no keys with values")
    return told, query


def _read(told: Decorators, key: str, value: object) -> None:
    if key in ("summary", "title"):
        told.summary = told.summary if key == "title" and told.summary else _line(value)
    elif key == "description":
        told.description = _line(value)
    elif key == "tags":
        told.tags = tuple(_line(tag) for tag in (value if isinstance(value, list) else [value]))
    elif key == "defaults":
        told.defaults = {name: values[0] for name, values in _named(value).items() if values}
    elif key == "enumerate":
        told.values = _named(value)
    elif key in _WITHOUT_EFFECT:
        told.notes.append(f"{key}: {_WITHOUT_EFFECT[key]}")
    else:
        told.lost.append(f"{key}: {_LOST.get(key, 'it is not known here')}")


def _named(value: object) -> dict[str, tuple[str, ...]]:
    """`enumerate` and `defaults`: a list of names or of keys with values, or keys with values."""
    found: dict[str, tuple[str, ...]] = {}
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            for name, told in item.items():
                texts = told if isinstance(told, list) else [told]
                found[str(name)] = tuple(str(text) for text in texts)
        else:
            found[str(item)] = ()
    return found


def _line(value: object) -> str:
    return " ".join(str(value).split())
