"""Answers in our formats, whichever engine they come from."""

from __future__ import annotations

import json
from typing import IO, Any, Protocol, cast

import pyoxigraph

Results = pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples


class Output(Protocol):
    """Where an answer is written to."""

    def write(self, piece: bytes) -> int: ...


def serialize(results: Results, serializer: str, limit: int | None, output: Output) -> dict[str, object]:
    """Write `results` in the engine's format of that name; what is known at the end.

    With a `limit` the rows after it are left out and the rest is JSON: the
    result then has `rows` and `truncated`.
    """
    if isinstance(results, pyoxigraph.QuerySolutions) and limit is not None:
        return _write_rows(results, limit, output)
    # The serializer asks its output for nothing but `write`.
    file = cast(IO[bytes], output)
    if isinstance(results, pyoxigraph.QueryTriples):
        results.serialize(file, getattr(pyoxigraph.RdfFormat, serializer))
    else:
        results.serialize(file, getattr(pyoxigraph.QueryResultsFormat, serializer))
    return {}


def _write_rows(results: pyoxigraph.QuerySolutions, limit: int, output: Output) -> dict[str, object]:
    """SPARQL 1.1 Query Results JSON of the first `limit` rows."""
    variables = [v.value for v in results.variables]
    output.write(f'{{"head":{{"vars":{json.dumps(variables)}}},"results":{{"bindings":['.encode())
    rows = 0
    truncated = False
    for solution in results:
        if rows == limit:
            truncated = True
            break
        bindings = {name: _json_term(term) for name in variables if (term := solution[name]) is not None}
        output.write((("," if rows else "") + json.dumps(bindings, ensure_ascii=False)).encode())
        rows += 1
    output.write(b"]}}")
    return {"rows": rows, "truncated": truncated}


def _json_term(term: Any) -> dict[str, object]:
    if isinstance(term, pyoxigraph.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, pyoxigraph.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, pyoxigraph.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _json_term(part) for name, part in parts.items()}}
    document: dict[str, object] = {"type": "literal", "value": term.value}
    if term.language:
        document["xml:lang"] = term.language
        if term.direction is not None:
            document["its:dir"] = str(term.direction)
    elif term.datatype.value != "http://www.w3.org/2001/XMLSchema#string":
        document["datatype"] = term.datatype.value
    return document
