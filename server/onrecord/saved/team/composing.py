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
    places, told = _read_header(path, lines)
    changed = {key: value for key, value in fields.items() if key not in told or _plain(value) != told[key]}
    kept = [number for number, line in enumerate(lines) if line.strip().startswith(MARK)]
    start = kept[0] if kept else 0
    before, header = lines[:start], {number: lines[number] for number in kept}
    written: list[str] = []
    for key in FIELDS:
        own = [header.pop(number) for number in places.get(key, ())]
        if key not in changed:
            written += own
        elif changed[key]:
            written += _write(key, changed[key])
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


def _plain(value: FieldValue) -> object:
    """A field as it is told in a header, so that the two can be compared."""
    if isinstance(value, str):
        return " ".join(value.split())
    return None if isinstance(value, Mapping) else [" ".join(part.split()) for part in value]


def _read_header(path: str, lines: Sequence[str]) -> tuple[dict[str, range], dict[str, object]]:
    """The lines that each key of the header takes, and what it tells where that is a text or texts."""
    if not any(line.strip().startswith(MARK) for line in lines):
        return {}, {}
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
    told: dict[str, object] = {}
    for key, node in root.value:
        if isinstance(node, yaml.ScalarNode):
            told[source.text(key, "a key")] = " ".join(str(node.value).split())
        elif isinstance(node, yaml.SequenceNode) and all(isinstance(n, yaml.ScalarNode) for n in node.value):
            told[source.text(key, "a key")] = [" ".join(str(n.value).split()) for n in node.value]
    return {key: range(line, stop) for (key, line), stop in zip(starts, ends, strict=True)}, told


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
