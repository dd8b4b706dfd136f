"""What the names in a SPARQL text stand for: the engine itself says so."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph

from onrecord.errors import StoreError
from onrecord.sparql import parse_engine_error


def resolve_names(prologue: str, names: Sequence[str], base: str | None) -> list[str]:
    """The IRIs that `names` (terms as written under `prologue`) are.

    Raises QuerySyntaxError for a prologue that does not parse.

    >>> resolve_names("PREFIX ex: <http://example.org/>", ["ex:a", "<b>"], "http://example.com/")
    ['http://example.org/a', 'http://example.com/b']
    """
    if not names:
        return []
    asked = " ".join(f"({name} AS ?n{place})" for place, name in enumerate(names))
    query = f"{prologue}\nSELECT {asked} {{}}"
    try:
        found = pyoxigraph.Store().query(query, base_iri=base)
    except SyntaxError as error:
        raise parse_engine_error(str(error), query) from None
    assert isinstance(found, pyoxigraph.QuerySolutions)
    row = next(found)
    iris = []
    for place in range(len(names)):
        term = row[f"n{place}"]
        if not isinstance(term, pyoxigraph.NamedNode):
            raise StoreError(f"The engine does not resolve {names[place]}.")
        iris.append(term.value)
    return iris
