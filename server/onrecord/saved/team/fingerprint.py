"""The canonical lines of a result, and its hash: equal for equal results, whoever asks, and whenever.

A row is a line: `name=term` for each bound variable, sorted by name,
separated by tabs, terms as in N-Triples. The lines stand in the order of the
rows when ORDER BY names every projected variable, and sorted otherwise, since
the order of the engine then says nothing. A graph's lines are its triples,
sorted; the line of ASK is `true` or `false`. The hash is SHA-256 over the
lines in UTF-8, each ended by a line feed. It is the hash that `expect` takes
in a header.

The label of a blank node says nothing, so in its place stands a digest of
all that is said with it in the result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from onrecord.formats import AnswerKind

_ROUNDS = 4
"""Steps over which what is said with a blank node reaches others."""

_Node = NamedNode | BlankNode | Literal | Triple
_Cells = tuple[tuple[str, _Node], ...]


@dataclass(frozen=True)
class ResultLines:
    """A whole result: its canonical lines in the order in which they were answered, and its hash."""

    kind: AnswerKind
    lines: tuple[str, ...]
    is_ordered: bool
    hash: str


def read_lines(kind: AnswerKind, document: bytes, *, is_ordered: bool) -> ResultLines:
    """The lines of an answer in SPARQL JSON or, of a graph, N-Triples.

    `is_ordered` tells that the query orders its rows totally.

    >>> read_lines("boolean", b'{"head": {}, "boolean": true}', is_ordered=False).lines
    ('true',)
    """
    if kind == "boolean":
        lines: tuple[str, ...] = ("true" if json.loads(document)["boolean"] else "false",)
        return ResultLines(kind, lines, True, _hash(lines))
    rows: list[_Cells]
    if kind == "graph":
        rows = [
            (("0", t.subject), ("1", t.predicate), ("2", t.object))
            for t in parse(document, RdfFormat.N_TRIPLES)
        ]
    else:
        solutions = parse_query_results(document, QueryResultsFormat.JSON)
        assert isinstance(solutions, QuerySolutions)
        names = sorted(variable.value for variable in solutions.variables)
        rows = [tuple((name, term) for name in names if (term := row[name]) is not None) for row in solutions]
    names_of_blank = _name_blank_nodes(rows)
    lines = tuple(_line(kind, row, names_of_blank) for row in rows)
    total = is_ordered and kind == "solutions"
    return ResultLines(kind, lines, total, _hash(lines if total else sorted(lines)))


def _line(kind: AnswerKind, row: _Cells, blank: Mapping[str, str]) -> str:
    if kind == "graph":
        return " ".join(_write(term, blank) for _, term in row) + " ."
    return "\t".join(f"{name}={_write(term, blank)}" for name, term in row)


def _write(term: _Node, blank: Mapping[str, str]) -> str:
    if isinstance(term, BlankNode):
        return f"_:{blank.get(term.value, 'b')}"
    if isinstance(term, Triple):
        parts = (_write(part, blank) for part in (term.subject, term.predicate, term.object))
        return f"<<( {' '.join(parts)} )>>"
    return str(term)


def _name_blank_nodes(rows: Sequence[_Cells]) -> dict[str, str]:
    """Label -> digest of what is said with a blank node, as far as some steps from it."""
    places: dict[str, list[_Cells]] = {}
    for row in rows:
        for label in {term.value for _, term in row if isinstance(term, BlankNode)}:
            places.setdefault(label, []).append(row)
    named = dict.fromkeys(places, "b")
    for _ in range(_ROUNDS if places else 0):
        named = {
            label: hashlib.sha256(
                "\n".join(
                    sorted(
                        "\t".join(
                            f"{name}=_:me"
                            if isinstance(t, BlankNode) and t.value == label
                            else f"{name}={_write(t, named)}"
                            for name, t in row
                        )
                        for row in own
                    )
                ).encode()
            ).hexdigest()[:16]
            for label, own in places.items()
        }
    return named


def _hash(lines: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
