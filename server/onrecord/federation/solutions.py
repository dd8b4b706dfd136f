"""Solution sequences as federation passes them on: terms as SPARQL writes them.

A term is its SPARQL 1.2 text (`<iri>`, `"x"@ar--rtl`, `"1"^^<...>`, `_:b`,
`<<( s p o )>>`), so that it can stand in a query, be a key, and lie in a
cache as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NewType

import pyoxigraph

from onrecord.sparql import serialize_term

Term = NewType("Term", str)
"""One RDF term as SPARQL 1.2 text."""

Row = tuple[Term | None, ...]
"""The terms of one solution in the order of its sequence's variables; None where unbound."""


@dataclass(frozen=True)
class Solutions:
    """A solution sequence; duplicates and their order count. Names have no question mark."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class BindingsBatch:
    """Bindings to send along: distinct rows in which every variable is bound, to IRIs or literals.

    It is never empty: a batch without variables or rows is no batch.
    """

    variables: tuple[str, ...]
    rows: tuple[tuple[Term, ...], ...]

    @property
    def values(self) -> str:
        """The VALUES block.

        >>> BindingsBatch(("x",), ((Term("<urn:a>"),), (Term("<urn:b>"),))).values
        'VALUES (?x) { (<urn:a>) (<urn:b>) }'
        """
        names = " ".join(f"?{name}" for name in self.variables)
        rows = " ".join(f"({' '.join(row)})" for row in self.rows)
        return f"VALUES ({names}) {{ {rows} }}"

    def split(self, size: int) -> Iterator[BindingsBatch]:
        """Batches of at most `size` rows that together are this one."""
        for start in range(0, len(self.rows), size):
            yield BindingsBatch(self.variables, self.rows[start : start + size])


def encode_term(
    term: pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple,
) -> Term:
    """`term` as SPARQL 1.2 text in which nothing can end early.

    >>> encode_term(pyoxigraph.Literal("a\\nb", language="en"))
    '"a\\\\nb"@en'
    """
    if isinstance(term, pyoxigraph.Triple):
        parts = (encode_term(part) for part in (term.subject, term.predicate, term.object))
        return Term(f"<<( {' '.join(parts)} )>>")
    if isinstance(term, pyoxigraph.BlankNode):
        return Term(f"_:{term.value}")
    return Term(serialize_term(term))


def read_solutions(
    document: bytes, format: pyoxigraph.QueryResultsFormat = pyoxigraph.QueryResultsFormat.JSON
) -> Solutions:
    """The whole solution sequence in a SPARQL results document.

    Raises ValueError for a document that is cut, malformed, or the answer of
    an ASK query; nothing of it may be used then.

    >>> read_solutions(b'{"head": {"vars": ["x"]}, "results": {"bindings": [{}]}}')
    Solutions(variables=('x',), rows=((None,),))
    """
    try:
        results = pyoxigraph.parse_query_results(document, format)
        if not isinstance(results, pyoxigraph.QuerySolutions):
            raise ValueError("a boolean, where solutions were asked for")
        variables = tuple(variable.value for variable in results.variables)
        rows = tuple(_encode_row(list(solution)) for solution in results)
    except SyntaxError as error:
        raise ValueError(str(error)) from None
    return Solutions(variables, rows)


def _encode_row(
    terms: Sequence[
        pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple | None
    ],
) -> Row:
    return tuple(None if term is None else encode_term(term) for term in terms)
