"""The engine alone, asked as an endpoint is: no server, no text of ours between."""

from __future__ import annotations

import pyoxigraph as ox
from tests.conformance.endpoints import Endpoint
from tests.conftest import Response

_RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    "text/csv": ox.QueryResultsFormat.CSV,
}


class Engine(Endpoint):
    """pyoxigraph in this process."""

    def __init__(self) -> None:
        super().__init__("pyoxigraph", "", "", "")
        object.__setattr__(self, "_store", ox.Store())

    def ask(self, text: str, accept: str) -> Response:
        store: ox.Store = self._store  # type: ignore[attr-defined]
        media_type = accept.partition(",")[0]
        try:
            found = store.query(text, base_iri="http://127.0.0.1/sparql")
            if isinstance(found, ox.QueryTriples):
                body = found.serialize(format=ox.RdfFormat.N_TRIPLES)
                media_type = "application/n-triples"
            else:
                body = found.serialize(format=_RESULTS[media_type])
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            return _refusal(error)
        return Response(200, {"content-type": media_type}, body or b"")

    def change(self, text: str, **parameters: list[str]) -> Response:
        store: ox.Store = self._store  # type: ignore[attr-defined]
        try:
            store.update(text, base_iri="http://127.0.0.1/sparql")
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            return _refusal(error)
        return Response(204, {}, b"")


def _refusal(error: Exception) -> Response:
    status = 400 if isinstance(error, SyntaxError) else 500
    return Response(status, {"content-type": "text/plain"}, str(error).encode())
