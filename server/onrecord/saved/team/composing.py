"""The text of a query from the fields of a form: its header stays the one truth about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from onrecord.errors import SavedQueryError
from onrecord.saved.header import MARK
from onrecord.saved.strict_yaml import CommentYaml

FIELDS = ("summary", "description", "tags", "author", "parameters")
"""The keys of a header that forms ask for one by one, in the order in which they are written."""

_WIDTH = 96


FieldValue = str | Sequence[str] | Mapping[str, object]


def compose(path: str, text: str, fields: Mapping[str, FieldValue]) -> str:
    """`text` with the `fields` (of FIELDS) in its header in place of what stood there.

    An empty field removes its key; a field that is not given leaves it. What
    else the header holds keeps its letters. Raises SavedQueryError for a
    header that cannot be read.

    >>> print(compose("x.rq", "ASK {}", {"summary": "Is there anything?", "tags": ["a", "b"]}))
    #+ summary: Is there anything?
    #+ tags: [a, b]
    ASK {}
    <BLANKLINE>
    """
    lines = normalize(text).split("\n")
    places = _read_places(path, lines)
    kept = [number for number, line in enumerate(lines) if line.strip().startswith(MARK)]
    start = kept[0] if kept else 0
    before, header = lines[:start], {number: lines[number] for number in kept}
    for key in fields:
        for number in places.get(key, ()):
            header.pop(number, None)
    written = [line for key in FIELDS if fields.get(key) for line in _write(key, fields[key])]
    # A key that is not given stays before those that forms do not ask for.
    rest = [line for number, line in enumerate(lines[start:], start) if number not in kept]
    return "\n".join([*before, *written, *header.values(), *rest])


def split(path: str, text: str) -> str:
    """`text` without what forms ask for one by one: what stands in a form's own field for the text.

    >>> split("x.rq", "#+ summary: Anything?\\n#+ tags: [a]\\nASK {}\\n")
    'ASK {}\\n'
    """
    return compose(path, text, dict.fromkeys(("summary", "description", "tags", "author"), ""))


def normalize(text: str) -> str:
    """`text` as it is kept: lines end in a line feed, the last one too, and no byte order mark leads.

    >>> normalize("ASK {}\\r\\n\\r\\n")
    'ASK {}\\n'
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return plain.strip("\n") + "\n"


def _read_places(path: str, lines: Sequence[str]) -> dict[str, range]:
    """The lines of the text that each key of its header takes; none without a header."""
    if not any(line.strip().startswith(MARK) for line in lines):
        return {}
    source = CommentYaml(path, "\n".join(lines), MARK)
    root = source.root()
    if not isinstance(root, yaml.MappingNode):
        raise source.error(root, "the header must be keys with values.", "Write key: value.")
    starts = [(source.text(key, "a key"), source.line_of(key) - 1) for key, _ in root.value]
    if len({line for _, line in starts}) < len(starts):
        raise SavedQueryError(
            f"{path}: the header has several keys in one line. Write each key in a line of its own."
        )
    end = source.first - 1 + len(source.indents)
    ends = [line for _, line in starts[1:]] + [end]
    return {key: range(line, stop) for (key, line), stop in zip(starts, ends, strict=True)}


def _write(key: str, value: FieldValue) -> list[str]:
    if isinstance(value, str):
        dumped = _dump({key: " ".join(value.split())}, flow=False)
    elif isinstance(value, Mapping):
        dumped = _dump({key: dict(value)}, flow=None)
    else:
        dumped = f"{key}: {_dump([' '.join(part.split()) for part in value], flow=True)}"
    return [f"{MARK} {line}" for line in dumped.rstrip("\n").split("\n")]


def _dump(value: object, *, flow: bool | None) -> str:
    dumped = yaml.safe_dump(value, allow_unicode=True, width=_WIDTH, default_flow_style=flow, sort_keys=False)
    return str(dumped)
