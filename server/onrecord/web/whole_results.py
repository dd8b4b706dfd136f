"""Whole results of saved queries, to be cited and compared: never cut, and never too large to hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from onrecord.admission import admit
from onrecord.engine import Federating, Generation, QueryRequest, read_document
from onrecord.errors import FederationOfflineError, QueryEvaluationError
from onrecord.formats import JSON, NTRIPLES, AnswerKind
from onrecord.saved import SavedQuery
from onrecord.saved.team.fingerprint import ResultLines, read_lines
from onrecord.sparql.projection import read_projection
from onrecord.web.choosing import bind_given
from onrecord.web.links import endpoint_url
from onrecord.web.site import Site, on_leave

_MOST_BYTES = 32 << 20


@dataclass(frozen=True)
class WholeResult:
    """A result with the document that it was read from (SPARQL JSON, of a graph N-Triples)."""

    kind: AnswerKind
    document: bytes
    lines: ResultLines
    generation: Generation


def read_whole(site: Site, query: SavedQuery, given: Mapping[str, Sequence[str]]) -> WholeResult:
    """The result of `query` with the parameters `given`, of the present generation.

    Raises ParameterError, ResultTooLargeError, QueryEvaluationError for a
    query whose answer is another each time, and what the engine raises.
    """
    text = bind_given(site, query, given)
    admitted = admit(text, site.settings.query_bytes, federates=True)
    if admitted.operation.is_nondeterministic:
        raise QueryEvaluationError(
            f"{query.name} uses NOW, RAND, UUID, STRUUID or BNODE, so that its result is another each time. "
            "Take that out of the query to cite or compare it."
        )
    asked = QueryRequest(
        admitted.text,
        admitted.kind,
        JSON,
        site.base_iri(endpoint_url(site.settings.public_url)),
        has_dataset_clause=admitted.operation.has_dataset_clause,
        federating=Federating(replay=True) if admitted.operation.services else None,
    )
    try:
        answer = site.engine.query(
            replace(asked, format=NTRIPLES if admitted.kind == "graph" else JSON), on_leave()
        )
    except FederationOfflineError:
        raise QueryEvaluationError(
            f"{query.name} asks other endpoints, whose answers change. It is cited and compared only with a "
            "pinned generation that keeps what they gave (federation=freeze); name that by _generation."
        ) from None
    document = read_document(
        answer,
        _MOST_BYTES,
        f"The result is larger than {_MOST_BYTES >> 20} MB, the most that is cited or compared. Choose "
        "parameters that give less.",
    )
    ordered = read_projection(text).has_total_order
    lines = read_lines(admitted.kind, document, is_ordered=ordered)
    return WholeResult(admitted.kind, document, lines, answer.head.generation)
