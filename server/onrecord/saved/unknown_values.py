"""Values of parameters that stand nowhere in the graph: a query with them has no rows, whatever was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pyoxigraph import NamedNode

from onrecord.saved.query import SavedQuery
from onrecord.solutions import Reader
from onrecord.terms import IriSpace


def find_unknown_values(
    reader: Reader, query: SavedQuery, raw: Mapping[str, Sequence[str]], space: IriSpace
) -> Iterator[str]:
    """A sentence for each IRI in `raw` that is to be of a class and is in no triple.

    Raises ParameterError, and what the engine raises.
    """
    values = query.read(raw, space)
    for parameter in query.parameters:
        # A parameter without a class may well name what only another endpoint knows.
        for term in values.get(parameter.name, ()) if parameter.class_ else ():
            if isinstance(term, NamedNode) and not _is_there(reader, term.value):
                shown = space.shorten(term.value)
                near = f"id/{shown.rpartition('/')[2].lower()}"
                meant = f" Did you mean {near}?" if _is_there(reader, space.base + near) else ""
                told = f'{parameter.name} "{shown}" is in no triple of this graph, so no row can have it.'
                yield told + meant


def _is_there(reader: Reader, iri: str) -> bool:
    thing = str(NamedNode(iri))
    pattern = f"{{ {thing} ?p ?o }} UNION {{ ?s ?q {thing} }}"
    return bool(reader.select(f"SELECT (1 AS ?one) WHERE {{ {pattern} }} LIMIT 1", 1).rows)
