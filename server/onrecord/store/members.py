"""A generation without the graphs that its union default graph leaves out.

The engine asks the union of all graphs of a store much faster than that of a
list of them: a look-up over 25 took 0.31 ms of processor time, over all of
them 0.04 ms (pyoxigraph 0.5.13). So a build publishes beside its generation a
copy (hard links) from which the graphs apart were removed, where the merge of
repeated triples would lie if there were any.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Sequence
from pathlib import Path

from pyoxigraph import NamedNode, Store

from onrecord.store.overlap import size_of

MOST_REMOVED = 100_000
"""Triples; what is larger is not removed, since removing takes memory for each."""
_GRAPH = re.compile(r"GRAPH[\s<?$:#]|\\", re.IGNORECASE)


def write_members(store: Store, apart: Sequence[str], target: Path) -> bool:
    """Write what `store` holds without the graphs `apart` to the new directory `target`.

    On disk when this returns True; False where that is not worth its price.
    """
    graphs = [NamedNode(iri) for iri in apart]
    if not graphs or sum(size_of(store, graph, MOST_REMOVED + 1) for graph in graphs) > MOST_REMOVED:
        return False
    store.backup(str(target))
    copy = Store(str(target))
    for graph in graphs:
        copy.remove_graph(graph)
    copy.flush()
    del copy
    gc.collect()
    return True


def may_name_graphs(text: str) -> bool:
    """Whether the query `text` may ask a named graph; true of some that do not.

    >>> may_name_graphs("SELECT * { graph?g { ?s ?p ?o } }"), may_name_graphs("ASK { <urn:graph/1> ?p ?o }")
    (True, False)
    """
    return _GRAPH.search(text) is not None


def can_read(path: Path) -> bool:
    """Whether a store lies at `path` that can be opened."""
    try:
        opened = Store.read_only(str(path))
        next(iter(opened.quads_for_pattern(None, None, None, None)), None)
    except (OSError, RuntimeError):
        return False
    return True
