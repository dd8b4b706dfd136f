"""Values of parameters that stand nowhere in the graph: a query with them has no rows, whatever was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import NamedNode

from onrecord.saved.parameters import Parameter
from onrecord.saved.query import SavedQuery
from onrecord.solutions import Reader, values_block
from onrecord.terms import IriSpace

_MOST = 500
"""Values that are looked up; a longer list names no entity that somebody took for granted."""


def find_unknown_values(
    reader: Reader, query: SavedQuery, raw: Mapping[str, Sequence[str]], space: IriSpace
) -> Iterator[str]:
    """A sentence for each IRI in `raw` that is to be of a class and is in no triple. One query, or two.

    Raises ParameterError, and what the engine raises.
    """
    unknown = list(list_unknown_values(reader, query, raw, space))
    shown = {iri: space.shorten(iri) for _, iri in unknown}
    near = {iri: f"id/{name.rpartition('/')[2].lower()}" for iri, name in shown.items()}
    there = _known(reader, [space.base + name for name in near.values()])
    for parameter, iri in unknown:
        meant = f" Did you mean {near[iri]}?" if space.base + near[iri] in there else ""
        yield f'{parameter.name} "{shown[iri]}" is in no triple of this graph, so no row can have it.{meant}'


def list_unknown_values(
    reader: Reader, query: SavedQuery, raw: Mapping[str, Sequence[str]], space: IriSpace
) -> Iterator[tuple[Parameter, str]]:
    """Each parameter with an IRI in `raw` that is to be of its class and is in no triple. One query, or none.

    Raises ParameterError, and what the engine raises.
    """
    values = query.read(raw, space)
    named = [
        (parameter, term.value)
        for parameter in query.parameters
        # A parameter without a class may well name what only another endpoint knows.
        for term in (values.get(parameter.name, ()) if parameter.class_ else ())
        if isinstance(term, NamedNode)
    ][:_MOST]
    known = _known(reader, (iri for _, iri in named))
    return ((parameter, iri) for parameter, iri in named if iri not in known)


def _known(reader: Reader, iris: Iterable[str]) -> set[str]:
    """Those of `iris` that stand in a triple as its subject or object."""
    asked = list(dict.fromkeys(iris))
    if not asked:
        return set()
    text = (
        f"SELECT DISTINCT ?iri {{ {values_block('iri', asked)} "
        "FILTER(EXISTS { ?iri ?p ?o } || EXISTS { ?s ?q ?iri }) }"
    )
    return {row["iri"].value for row in reader.select(text, len(asked)).rows}
