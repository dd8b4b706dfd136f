"""Solution sequences in Python: terms, rows, and the reader through which pages ask.

What people read (entities, claims, search) is put together from a few
bounded queries of our own; each goes through the engine like any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from onrecord.engine import Engine, Generation, OnLeave, QueryRequest
from onrecord.errors import GenerationMovedError
from onrecord.formats import JSON

TermKind = Literal["iri", "literal", "bnode", "triple"]


@dataclass(frozen=True)
class Term:
    """One RDF term of a result; `parts` are those of a triple term."""

    kind: TermKind
    value: str
    language: str = ""
    datatype: str = ""
    parts: tuple[Term, ...] = ()


Row = Mapping[str, Term]


@dataclass(frozen=True)
class Solutions:
    """The first rows of a solution sequence; `truncated` tells that there are more."""

    rows: tuple[Row, ...]
    truncated: bool


class Reader:
    """Asks several queries of one generation, for one page.

    `generation` is that of the first answer. A later answer of another one
    raises GenerationMovedError, so that no page is put together of two states.
    """

    def __init__(self, engine: Engine, base_iri: str | None = None, on_leave: OnLeave | None = None) -> None:
        self._engine, self._base_iri, self._on_leave = engine, base_iri, on_leave
        self.generation: Generation | None = None
        self.queries = 0

    def select(self, text: str, most: int) -> Solutions:
        """The first `most` rows of a SELECT query. Raises what the engine raises."""
        self.queries += 1
        answer = self._engine.query(
            QueryRequest(text, "solutions", JSON, self._base_iri, row_limit=most), self._on_leave
        )
        try:
            document = b"".join(answer)
        finally:
            answer.close()
        if self.generation not in (None, answer.head.generation):
            raise GenerationMovedError("The data changed while this page was put together. Ask again.")
        self.generation = answer.head.generation
        return Solutions(tuple(read_rows(document)[1]), answer.trailer.truncated)


def read_boolean(document: bytes) -> bool:
    """The answer of an ASK query in SPARQL 1.1 Query Results JSON."""
    return bool(json.loads(document)["boolean"])


def read_rows(document: bytes) -> tuple[tuple[str, ...], list[dict[str, Term]]]:
    """Variables and rows of SPARQL 1.1 Query Results JSON."""
    parsed = json.loads(document)
    rows = [{name: _read_term(term) for name, term in row.items()} for row in parsed["results"]["bindings"]]
    return tuple(parsed["head"]["vars"]), rows


def iris_in(rows: Iterable[Row]) -> list[str]:
    """The distinct IRIs in `rows`, in their order."""
    return list(dict.fromkeys(t.value for row in rows for t in row.values() if t.kind == "iri"))


def values_block(variable: str, iris: Iterable[str]) -> str:
    """A VALUES block for `iris`, in a subselect: the engine joins a long block quickly only from there.

    >>> values_block("s", ["https://example.org/a"])
    '{ SELECT * { VALUES ?s { <https://example.org/a> } } }'
    """
    listed = " ".join(f"<{iri}>" for iri in iris)
    return f"{{ SELECT * {{ VALUES ?{variable} {{ {listed} }} }} }}"


def _read_term(document: Mapping[str, object]) -> Term:
    kind, value = document["type"], document["value"]
    if kind == "uri":
        return Term("iri", str(value))
    if kind == "bnode":
        return Term("bnode", str(value))
    if kind == "triple" and isinstance(value, dict):
        parts = tuple(_read_term(value[name]) for name in ("subject", "predicate", "object"))
        return Term("triple", "", parts=parts)
    language, datatype = str(document.get("xml:lang", "")), str(document.get("datatype", ""))
    return replace(Term("literal", str(value)), language=language, datatype=datatype)
