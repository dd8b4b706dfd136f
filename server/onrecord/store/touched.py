"""Which triples a write may add or remove, told before it is applied.

Whoever keeps something in step with the store need look at these alone. The
set may hold more than what changes, never less; where that would take long or
cannot be told, it is None, and everything has to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import IO

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Store, Triple

from onrecord.sparql import UpdateOperation, describe, tokenize
from onrecord.store.patterns import construct_pattern, resolve

MOST = 20_000
"""More triples are not listed."""

Touched = set[Triple] | None
Using = tuple[Sequence[str], Sequence[str]]
_FRESH = ("[", "(", "<<", "<<(", "~", "{|")
"""What makes a blank node of its own in a template."""
_UNSURE = ("LIMIT", "OFFSET", "SAMPLE", "GROUP_CONCAT")
"""What may choose other rows when it is asked again."""


def touched_by_graph(store: Store, graph: str) -> Touched:
    """The triples of a graph (`""` is the unnamed one), as for a write that removes them."""
    name = NamedNode(graph) if graph else DefaultGraph()
    return _bounded(quad.triple for quad in store.quads_for_pattern(None, None, None, name))


def touched_by_data(data: IO[bytes], count: int) -> Touched:
    """The triples of an upload of `count` N-Quads, whose blank nodes the store names anew."""
    if count > MOST:
        return None
    found = _bounded(quad.triple for quad in pyoxigraph.parse(data, pyoxigraph.RdfFormat.N_QUADS))
    return None if found is None or any(map(_has_blank_node, found)) else found


def touched_by_update(
    store: Store,
    operations: Iterable[UpdateOperation],
    base: str | None,
    using: Using,
) -> Touched:
    """What `operations`, run on `store` one after another, may touch.

    `using` are the IRIs of the protocol's dataset: of the default graph, and
    of named graphs. A WHERE that sees what an operation before it wrote is
    not evaluated beforehand.
    """
    found: set[Triple] = set()
    written = False
    for operation in operations:
        if operation.pattern and written:
            return None
        touched = _touched(store, operation, base, using)
        if touched is None or len(found) + len(touched) > MOST:
            return None
        found |= touched
        written = True
    return found


def _touched(store: Store, operation: UpdateOperation, base: str | None, using: Using) -> Touched:
    if operation.kind == "create":
        return set()
    if operation.block:
        return _touched_by_block(operation, base)
    if operation.kind in ("clear", "drop") and operation.target in ("graph", "default"):
        names = resolve(operation, operation.graphs, base) or [""]
        return touched_by_graph(store, names[0])
    if operation.pattern:
        return _touched_by_pattern(store, operation, base, using)
    return None


def _touched_by_block(operation: UpdateOperation, base: str | None) -> Touched:
    """The triples of a data block. Its blank nodes are new ones each time that it is run."""
    aside = Store()
    aside.update(f"{operation.prologue}\nINSERT DATA {operation.block}", base_iri=base)
    triples = _bounded(quad.triple for quad in aside)
    return None if triples is None or any(map(_has_blank_node, triples)) else triples


def _touched_by_pattern(store: Store, operation: UpdateOperation, base: str | None, using: Using) -> Touched:
    fragments = [f for template in _templates(operation) for f in template]
    if any(t.text.startswith("_:") or t.is_op(*_FRESH) for f in fragments for t in tokenize(f)):
        return None
    if describe(operation.pattern).is_nondeterministic or any(
        t.kind == "word" and t.upper in _UNSURE for t in tokenize(operation.pattern)
    ):
        return None
    # A fragment may end in a comment.
    query = operation.ask_triples("\n.\n".join(fragments))
    try:
        return _bounded(construct_pattern(store, operation, query, base, *using))
    except (SyntaxError, ValueError, RuntimeError, OSError):
        return None


def _templates(operation: UpdateOperation) -> Iterable[list[str]]:
    """The triples of each template as they are written, without the GRAPH around them."""
    head = operation.head
    tokens = list(tokenize(head))
    depth, start = 0, 0
    fragments: list[str] = []
    for place, token in enumerate(tokens):
        if token.is_op("{", "}"):
            if depth:
                end = token.start
                if token.is_op("{"):
                    # GRAPH and its name belong to no triple.
                    end = tokens[place - 2].start
                fragment = head[start:end].strip().strip(".").strip()
                fragments += [fragment] if fragment else []
            depth += 1 if token.is_op("{") else -1
            start = token.end
            if not depth:
                yield fragments
                fragments = []


def _bounded(triples: Iterable[Triple]) -> Touched:
    found = set(islice(triples, MOST + 1))
    return found if len(found) <= MOST else None


def _has_blank_node(triple: Triple) -> bool:
    parts = (triple.subject, triple.object)
    return any(
        isinstance(part, BlankNode) or (isinstance(part, pyoxigraph.Triple) and _has_blank_node(part))
        for part in parts
    )
