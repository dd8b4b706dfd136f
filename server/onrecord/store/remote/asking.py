"""Queries to the remote, as requests of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import pyoxigraph

from onrecord.engine import Generation, QueryRequest
from onrecord.federation.exchange import Cancellation
from onrecord.formats import JSON
from onrecord.store.remote.address import EngineAddress
from onrecord.store.remote.answering import ACCEPT_GRAPH, ACCEPT_RESULTS, RemoteAnswer
from onrecord.store.remote.dataset import Dataset, based
from onrecord.store.remote.faults import read_refusal
from onrecord.store.remote.holdings import NOTHING
from onrecord.store.remote.mending import is_virtuoso
from onrecord.store.remote.transport import EngineRequest, Transport

_FORM = "application/x-www-form-urlencoded"


def ask(
    address: EngineAddress,
    transport: Transport,
    request: QueryRequest,
    dataset: Dataset | None,
    generation: Generation,
    cancellation: Cancellation,
    release: Callable[[], None] = lambda: None,
    seconds: float | None = None,
) -> RemoteAnswer:
    """The answer to `request` over `dataset` (over whatever the remote takes, when it is None).

    By a form, which every server reads; `release` is called when the answer
    is closed, not when this raises. Raises what `engine.Engine.query` does.
    """
    target = address.query
    pairs = [("query", based(request.text, request.base_iri))]
    body = urlencode([*pairs, *(dataset.parameters() if dataset is not None else ())]).encode()
    headers = {
        "Content-Type": _FORM,
        "Accept": ACCEPT_GRAPH if request.kind == "graph" else ACCEPT_RESULTS,
    }
    sent = EngineRequest("POST", target.path, headers, body)
    response = transport.send(target, sent, cancellation, seconds)
    try:
        if response.status != 200:
            raise read_refusal(target.url, response)
        return RemoteAnswer(target.url, request, response, generation, cancellation, release)
    except BaseException:
        response.close()
        raise


def ask_rows(
    address: EngineAddress,
    transport: Transport,
    text: str,
    graphs: Sequence[str],
    seconds: float | None = None,
) -> list[list[str | None]]:
    """The values of the rows of a query of our own, over the named `graphs` and an empty default graph."""
    request = QueryRequest(text, "solutions", JSON)
    dataset = Dataset(graphs_or_nothing(()), tuple(graphs))
    return read_rows(ask(address, transport, request, dataset, _NONE, Cancellation(), seconds=seconds))


def needs_merge(address: EngineAddress, transport: Transport) -> bool:
    """Whether the remote is one that answers wrongly over several graphs: Virtuoso."""
    request = QueryRequest("ASK {}", "boolean", JSON)
    answer = ask(address, transport, request, None, _NONE, Cancellation())
    try:
        return is_virtuoso(answer.server)
    finally:
        answer.close()


def exists(address: EngineAddress, transport: Transport, graph: str) -> bool:
    """Whether the remote, whoever it belongs to, has triples in `graph`."""
    request = QueryRequest(f"SELECT ?s {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} LIMIT 1", "solutions", JSON)
    dataset = Dataset(graphs_or_nothing(()), (graph,))
    return bool(read_rows(ask(address, transport, request, dataset, _NONE, Cancellation())))


def graphs_or_nothing(graphs: Sequence[str]) -> tuple[str, ...]:
    """`graphs`, or the name of a graph that nobody has."""
    return tuple(graphs) or (NOTHING,)


_NONE = Generation("", 0, is_immutable=False)


def read_rows(answer: RemoteAnswer) -> list[list[str | None]]:
    try:
        document = b"".join(answer)
    finally:
        answer.close()
    found = pyoxigraph.parse_query_results(document, pyoxigraph.QueryResultsFormat.JSON)
    assert isinstance(found, pyoxigraph.QuerySolutions)
    return [[getattr(term, "value", None) for term in row] for row in found]
