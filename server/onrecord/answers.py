"""Answers for the command line: a query's answer in a named format, or as a table for people."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from onrecord.admission import admit
from onrecord.engine import Engine, Federating, QueryRequest
from onrecord.errors import NotAcceptableError
from onrecord.federation.report import ServiceUse, summarize
from onrecord.folder import Folder
from onrecord.formats import JSON, TURTLE, Format, by_name, formats_of

_WIDEST_CELL = 60


def answer_text(
    engine: Engine,
    text: str,
    format_name: str,
    folder: Folder | None,
    most_bytes: int,
    *,
    offline: bool = False,
    tell_services: Callable[[Sequence[ServiceUse]], None] | None = None,
) -> Iterator[bytes]:
    """The answer to the query `text`, piece by piece, in UTF-8; `table` is for reading only.

    `tell_services` is called with what other endpoints gave, before the first
    piece; `offline` answers SERVICE from what is kept of them.

    Raises what the engine raises, and NotAcceptableError for a format that
    cannot write this kind of answer.
    """
    admitted = admit(text, most_bytes, federates=True)
    kind = admitted.kind
    as_table = format_name == "table"
    chosen: Format | None
    if as_table:
        chosen = TURTLE if kind == "graph" else JSON
    else:
        chosen = by_name(format_name, kind)
    if chosen is None:
        known = ", ".join(f.name for f in formats_of(kind))
        raise NotAcceptableError(f'Format "{format_name}" cannot write this answer; known: table, {known}.')
    base_iri = folder.description.space.base if folder is not None else None
    request = QueryRequest(
        admitted.text,
        kind,
        chosen,
        base_iri,
        has_dataset_clause=admitted.operation.has_dataset_clause,
        federating=Federating(offline=offline) if admitted.operation.services else None,
    )
    answer = engine.query(request)
    try:
        if answer.head.services and tell_services is not None:
            tell_services(summarize(answer.head.services))
        if as_table and kind != "graph":
            yield _table(b"".join(answer), folder).encode()
        else:
            yield from answer
    finally:
        answer.close()


def _table(document: bytes, folder: Folder | None) -> str:
    loaded = json.loads(document)
    if "boolean" in loaded:
        return "yes\n" if loaded["boolean"] else "no\n"
    names = loaded["head"]["vars"]
    rows = [[_cell(row.get(name), folder) for name in names] for row in loaded["results"]["bindings"]]
    widths = [max([_width(name), *(_width(row[i]) for row in rows)]) for i, name in enumerate(names)]
    lines = ["  ".join(_pad(name, width) for name, width in zip(names, widths, strict=True)).rstrip()]
    lines.append("  ".join("-" * width for width in widths))
    lines += ["  ".join(_pad(c, w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.append(f"({len(rows)} row{'' if len(rows) == 1 else 's'})")
    return "\n".join(lines) + "\n"


def _cell(term: dict[str, str] | None, folder: Folder | None) -> str:
    if term is None:
        return ""
    if not isinstance(term["value"], str):
        return "<<( ... )>>"
    value = " ".join(term["value"].split())
    if term["type"] == "uri" and folder is not None:
        value = folder.description.space.shorten(value)
    # Control characters must not reach a terminal.
    value = "".join(c if unicodedata.category(c) != "Cc" else "�" for c in value)
    return value if len(value) <= _WIDEST_CELL else value[: _WIDEST_CELL - 1] + "…"


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
