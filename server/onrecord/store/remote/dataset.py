"""The dataset of a query, spelt out graph by graph, so that it is the same on every server.

Servers differ in what a query without FROM sees: Virtuoso the union of all it
holds, Fuseki the unnamed graph alone. So every request names its graphs by
the protocol's parameters, which go before what the text says (SPARQL 1.1
Protocol, section 2.1.4), and a graph that is not ours is never among them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from onrecord.engine import QueryRequest
from onrecord.errors import UnsupportedError
from onrecord.sparql.operation import split_prologue
from onrecord.sparql.tokens import tokenize
from onrecord.store.naming import resolve_names
from onrecord.store.remote.holdings import NOTHING, Holdings

_NAMES = ("iri", "pname")
SEVERAL_GRAPHS = (
    "The engine elsewhere is Virtuoso 7, which answers property paths over several graphs wrongly. Name one "
    "graph, or in a query none for the union of all."
)


@dataclass(frozen=True)
class Dataset:
    """Graphs of the default graph and named graphs; each list has at least one name.

    `unknown` are graphs that the query names and that are not ours.
    """

    default: tuple[str, ...]
    named: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    def parameters(self) -> list[tuple[str, str]]:
        """As parameters of the protocol."""
        return [("default-graph-uri", iri) for iri in self.default] + [
            ("named-graph-uri", iri) for iri in self.named
        ]


@dataclass(frozen=True)
class NamedInText:
    """The IRIs that a query names by FROM, FROM NAMED and GRAPH."""

    default: tuple[str, ...]
    named: tuple[str, ...]
    graphs: tuple[str, ...]


def choose_dataset(request: QueryRequest, held: Holdings) -> Dataset:
    """The dataset of `request` over what is ours. Raises UnsupportedError."""
    told = names_in(request.text, request.base_iri)
    if request.default_graphs is not None or request.named_graphs is not None:
        default, named = request.default_graphs or (), request.named_graphs or ()
    elif told.default or told.named:
        default, named = told.default, told.named
    elif request.has_dataset_clause:
        default, named = (), held.named  # the unnamed graph is meant, which is empty there
    else:
        default, named = (held.merged,) if held.merged else held.union, held.named
    # GRAPH with a name that no list has is answered wrongly by Virtuoso 7 (true, and a count of 1): so
    # a graph that is nowhere is listed as well, and is empty.
    extra = tuple(iri for iri in told.graphs if iri not in held.named)
    known = {*held.named, held.merged, NOTHING}
    if held.merged and len(set(default)) > 1:
        raise UnsupportedError(SEVERAL_GRAPHS)
    unknown = tuple(dict.fromkeys(iri for iri in (*default, *named, *extra) if iri not in known))
    return Dataset(
        tuple(dict.fromkeys(default)) or (NOTHING,),
        tuple(dict.fromkeys((*named, *extra))) or (NOTHING,),
        unknown,
    )


def names_in(text: str, base_iri: str | None) -> NamedInText:
    """The graphs that a query names. Raises QuerySyntaxError for a prologue that cannot be read.

    >>> names_in("SELECT * FROM <urn:a> FROM NAMED <urn:b> { GRAPH <urn:c> { ?s ?p ?o } }", None)
    NamedInText(default=('urn:a',), named=('urn:b',), graphs=('urn:c',))
    """
    found: dict[str, list[str]] = {"FROM": [], "NAMED": [], "GRAPH": []}
    tokens = list(tokenize(text))
    for keyword, name in pairwise(tokens):
        if keyword.kind != "word" or name.kind not in _NAMES:
            continue
        if keyword.upper in found:
            found[keyword.upper].append(name.text)
    names = [*found["FROM"], *found["NAMED"], *found["GRAPH"]]
    iris = resolve_names(split_prologue(text)[0], names, base_iri)
    first, second = len(found["FROM"]), len(found["FROM"]) + len(found["NAMED"])
    return NamedInText(tuple(iris[:first]), tuple(iris[first:second]), tuple(iris[second:]))


def based(text: str, base_iri: str | None) -> str:
    """`text` with a BASE before it where it has a relative IRI.

    It stands on the first line, so that the lines keep their numbers.

    >>> based("ASK { <id/a> ?p ?o }", "https://example.org/")
    'BASE <https://example.org/> ASK { <id/a> ?p ?o }'
    >>> based("ASK { <urn:a> ?p ?o }", "https://example.org/")
    'ASK { <urn:a> ?p ?o }'
    """
    iris = (token.text[1:-1] for token in tokenize(text) if token.kind == "iri")
    if base_iri is None or not any(_is_relative(iri) for iri in iris):
        return text
    return f"BASE <{base_iri}> {text}"


def _is_relative(iri: str) -> bool:
    scheme, colon, _ = iri.partition(":")
    return not colon or not scheme[:1].isalpha() or not all(c.isalnum() or c in "+-." for c in scheme)


def using_clauses(default: Iterable[str], named: Iterable[str]) -> list[str]:
    """The dataset of an update's WHERE, as USING clauses; never empty."""
    return [f"USING <{iri}>" for iri in default or (NOTHING,)] + [f"USING NAMED <{iri}>" for iri in named]
