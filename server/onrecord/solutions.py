"""Solution sequences in Python: terms, rows, and the reader through which pages ask.

What people read (entities, claims, search) is put together from a few
bounded queries of our own; each goes through the engine like any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import pyoxigraph

from onrecord.engine import Engine, Generation, OnLeave, QueryRequest, read_document
from onrecord.errors import GenerationMovedError
from onrecord.formats import JSON, Format
from onrecord.terms import RDF, XSD

TermKind = Literal["iri", "literal", "bnode", "triple"]

NUMBERS = frozenset(
    XSD + name
    for name in (
        *("integer", "decimal", "double", "float", "int", "long", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    )
)
"""Datatypes whose values are numbers."""


@dataclass(frozen=True)
class Term:
    """One RDF term of a result; `parts` are those of a triple term."""

    kind: TermKind
    value: str
    language: str = ""
    datatype: str = ""
    direction: str = ""
    """Base direction of a literal (RDF 1.2): "ltr", "rtl" or none."""
    parts: tuple[Term, ...] = ()


Row = Mapping[str, Term]


@dataclass(frozen=True)
class Solutions:
    """The first rows of a solution sequence; `truncated` tells that there are more."""

    rows: tuple[Row, ...]
    truncated: bool


@dataclass(frozen=True)
class SolutionSequence:
    """Rows in their order under `variables` (without question marks); `truncated`: there are more."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]
    truncated: bool = False


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
        document = read_document(answer)
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


def write_rows(sequence: SolutionSequence, format: Format) -> bytes:
    """The sequence in one of the SPARQL results formats (`format.serializer` names the engine's).

    >>> from onrecord.formats import CSV
    >>> write_rows(SolutionSequence(("x",), ({"x": Term("literal", "a,b")},)), CSV)
    b'x\\r\\n"a,b"\\r\\n'
    """
    bindings = [{name: _write_term(term) for name, term in row.items()} for row in sequence.rows]
    document = {"head": {"vars": list(sequence.variables)}, "results": {"bindings": bindings}}
    written = json.dumps(document, ensure_ascii=False).encode()
    if format.serializer == "JSON":
        return written
    results = pyoxigraph.parse_query_results(written, pyoxigraph.QueryResultsFormat.JSON)
    assert isinstance(results, pyoxigraph.QuerySolutions)
    return results.serialize(format=getattr(pyoxigraph.QueryResultsFormat, format.serializer)) or b""


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
    direction = str(document.get("its:dir", ""))
    return replace(Term("literal", str(value)), language=language, datatype=datatype, direction=direction)


def _write_term(term: Term) -> dict[str, object]:
    if term.kind == "triple":
        subject, predicate, object_ = (_write_term(part) for part in term.parts)
        return {
            "type": "triple",
            "value": {"subject": subject, "predicate": predicate, "object": object_},
        }
    if term.kind != "literal":
        return {"type": "uri" if term.kind == "iri" else "bnode", "value": term.value}
    document: dict[str, object] = {"type": "literal", "value": term.value}
    if term.language:
        document["xml:lang"] = term.language
    if term.direction:
        document["its:dir"] = term.direction
    if term.datatype and term.datatype not in (RDF + "langString", RDF + "dirLangString"):
        document["datatype"] = term.datatype
    return document
