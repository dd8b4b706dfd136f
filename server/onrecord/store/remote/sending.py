"""Updates and whole graphs on their way to the remote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO
from urllib.parse import quote, urlencode

import pyoxigraph

from onrecord.errors import UnsupportedError
from onrecord.federation.endpoints import Target
from onrecord.federation.exchange import Cancellation
from onrecord.store.remote.address import EngineAddress
from onrecord.store.remote.faults import read_refusal
from onrecord.store.remote.transport import EngineRequest, Transport

_FORM = "application/x-www-form-urlencoded"
_NTRIPLES = "application/n-triples"
BATCH_TRIPLES = 300
"""Triples in one INSERT of a push: Virtuoso compiles each text, and a long one takes it long."""
_DONE = (200, 201, 202, 204)


def send_update(address: EngineAddress, transport: Transport, text: str, seconds: float) -> None:
    """Have the remote run an update. Raises what a query raises, and QueryEvaluationError for a refusal."""
    target = address.update
    body = urlencode([("update", text)]).encode()
    headers = {"Content-Type": _FORM, "Accept": "*/*"}
    _send(transport, target, EngineRequest("POST", target.path, headers, body), seconds)


def put_graph(
    address: EngineAddress, transport: Transport, graph: str, data: IO[bytes], size: int, seconds: float
) -> None:
    """Put `size` bytes of N-Triples in the place of `graph`, by the Graph Store Protocol."""
    _send_graph(address, transport, "PUT", graph, data, size, seconds)


def post_graph(
    address: EngineAddress, transport: Transport, graph: str, data: IO[bytes], size: int, seconds: float
) -> None:
    """Merge `size` bytes of N-Triples into `graph`, by the Graph Store Protocol."""
    _send_graph(address, transport, "POST", graph, data, size, seconds)


def insert_texts(
    graph: str, triples: Iterable[pyoxigraph.Triple], most: int = BATCH_TRIPLES
) -> Iterator[str]:
    """Updates that insert `triples`, about `most` by each; no blank node stands in two of them.

    >>> a, p = pyoxigraph.NamedNode("urn:a"), pyoxigraph.NamedNode("urn:p")
    >>> list(insert_texts("urn:g", [pyoxigraph.Triple(a, p, a)]))
    ['INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:p> <urn:a> .\\n } }']
    """
    for batch in _batches(triples, most):
        lines = "".join(f"{triple} .\n" for triple in batch)
        if any(_blank_nodes(triple) for triple in batch):
            # Virtuoso takes no blank node in INSERT DATA; in a template each makes a new one, once.
            yield f"INSERT {{ GRAPH <{graph}> {{ {lines} }} }} WHERE {{}}"
        else:
            yield f"INSERT DATA {{ GRAPH <{graph}> {{ {lines} }} }}"


def _send_graph(
    address: EngineAddress,
    transport: Transport,
    method: str,
    graph: str,
    data: IO[bytes],
    size: int,
    seconds: float,
) -> None:
    target = address.graph_store
    if target is None:
        raise UnsupportedError(
            f"<{graph}> has too many triples for one update, and no Graph Store Protocol of the engine is "
            "known here. Who runs this server names it by --engine-graph-store."
        )
    path = f"{target.path}{'&' if '?' in target.path else '?'}graph={quote(graph, safe='')}"
    request = EngineRequest(method, path, {"Content-Type": _NTRIPLES, "Accept": "*/*"}, data, size)
    _send(transport, target, request, seconds)


def _send(transport: Transport, target: Target, request: EngineRequest, seconds: float) -> None:
    response = transport.send(target, request, Cancellation(), seconds)
    try:
        if response.status not in _DONE:
            raise read_refusal(target.url, response)
        # Read to its end: some servers work on until they have said all.
        while response.read():
            pass
    finally:
        response.close()


def _batches(triples: Iterable[pyoxigraph.Triple], most: int) -> Iterator[list[pyoxigraph.Triple]]:
    """Triples that share blank nodes stay together, however many they are."""
    plain: list[pyoxigraph.Triple] = []
    bound = _Components()
    for triple in triples:
        if nodes := _blank_nodes(triple):
            bound.add(triple, nodes)
            continue
        plain.append(triple)
        if len(plain) >= most:
            yield plain
            plain = []
    if plain:
        yield plain
    batch: list[pyoxigraph.Triple] = []
    for component in bound.components():
        batch += component
        if len(batch) >= most:
            yield batch
            batch = []
    if batch:
        yield batch


class _Components:
    """Triples by the blank nodes that hang together (union-find)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._triples: list[tuple[str, pyoxigraph.Triple]] = []

    def add(self, triple: pyoxigraph.Triple, nodes: list[str]) -> None:
        first = self._root(nodes[0])
        for other in nodes[1:]:
            self._parent[self._root(other)] = first
        self._triples.append((nodes[0], triple))

    def components(self) -> list[list[pyoxigraph.Triple]]:
        found: dict[str, list[pyoxigraph.Triple]] = {}
        for node, triple in self._triples:
            found.setdefault(self._root(node), []).append(triple)
        return list(found.values())

    def _root(self, node: str) -> str:
        self._parent.setdefault(node, node)
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node


def _blank_nodes(triple: pyoxigraph.Triple) -> list[str]:
    found = []
    for term in (triple.subject, triple.object):
        if isinstance(term, pyoxigraph.BlankNode):
            found.append(term.value)
        elif isinstance(term, pyoxigraph.Triple):
            found += _blank_nodes(term)
    return found
