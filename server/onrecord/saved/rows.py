"""The rows of a query's answer as RDF terms, to be compared and chosen from."""

from __future__ import annotations

import pyoxigraph

from onrecord.admission import admit
from onrecord.engine import Engine, Federating, QueryRequest, read_document
from onrecord.formats import JSON, NTRIPLES, AnswerKind
from onrecord.saved.expectations import Row
from onrecord.terms import IriSpace

MOST_ROWS = 100_000
"""Rows of one result that are read."""


def read_result_rows(
    engine: Engine, text: str, space: IriSpace, most_bytes: int, *, federates: bool = False
) -> list[Row]:
    """The rows that the query `text` answers, at most one more than MOST_ROWS.

    For ASK one empty row or none, for graphs an empty row a triple. Raises what the engine raises.
    With `federates` SERVICE is answered from what is kept or frozen, and nobody is asked;
    `engine` must be one that federates.
    """
    admitted = admit(text, most_bytes, federates=federates)
    asked = QueryRequest(
        admitted.text,
        admitted.kind,
        NTRIPLES if admitted.kind == "graph" else JSON,
        space.base,
        has_dataset_clause=admitted.operation.has_dataset_clause,
        federating=Federating(offline=True) if admitted.operation.services else None,
        row_limit=MOST_ROWS + 1 if admitted.kind == "solutions" else None,
    )
    answer = engine.query(asked)
    document = read_document(answer)
    return read_document_rows(admitted.kind, document)


def read_document_rows(kind: AnswerKind, document: bytes) -> list[Row]:
    """As `read_result_rows`, of a document: SPARQL JSON, or N-Triples where `kind` is a graph."""
    if kind == "graph":
        return [{} for _ in pyoxigraph.parse(document, pyoxigraph.RdfFormat.N_TRIPLES)]
    results = pyoxigraph.parse_query_results(document, pyoxigraph.QueryResultsFormat.JSON)
    if isinstance(results, pyoxigraph.QueryBoolean):
        return [{}] if results else []
    assert isinstance(results, pyoxigraph.QuerySolutions)
    names = [variable.value for variable in results.variables]
    rows: list[Row] = []
    for solution in results:
        terms = zip(names, list(solution), strict=True)
        rows.append({name: term for name, term in terms if term is not None})
    return rows
