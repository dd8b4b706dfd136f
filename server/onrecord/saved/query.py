"""One saved query: a text with a header, and slots for its parameters."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from onrecord.errors import OnrecordError, Position, QueryBoundsError, SavedQueryError
from onrecord.saved.expectations import Expectation
from onrecord.saved.header import Header, parse_header
from onrecord.saved.parameters import Parameter, read
from onrecord.sparql import Finding, Operation, Term, bind, check_bounds, check_placement, describe
from onrecord.sparql.projection import read_projection
from onrecord.terms import IriSpace

NAME = re.compile(r"[a-z0-9-]{1,100}")


@dataclass(frozen=True)
class SavedQuery:
    """A saved query; `path` is where its file stands, for messages."""

    name: str
    path: str
    text: str
    header: Header

    @property
    def title(self) -> str:
        """What it answers, in one sentence."""
        return self.header.summary

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, in the order of the header."""
        return self.header.parameters

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """The cases of its header."""
        return self.header.expectations

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits of the SHA-256 of its text."""
        return hashlib.sha256(self.text.encode("utf-8", "replace")).hexdigest()[:12]

    @cached_property
    def operation(self) -> Operation:
        """What its text asks for."""
        return describe(self.text)

    def read(self, raw: Mapping[str, Sequence[str]], space: IriSpace) -> dict[str, list[Term]]:
        """The terms for its parameters in the texts of a request. Raises ParameterError."""
        return read(self.parameters, raw, space)

    def bind(self, values: Mapping[str, Sequence[Term]]) -> str:
        """The SPARQL text with `values` in its slots; a parameter without values keeps its default."""
        return bind(self.text, values)


def parse(name: str, path: str, text: str) -> SavedQuery:
    """The saved query in `text`. Raises SavedQueryError.

    >>> parse("all", "queries/all.rq", "#+ summary: Everything.\\nSELECT * { ?s ?p ?o }").title
    'Everything.'
    """
    if not NAME.fullmatch(name):
        raise SavedQueryError(
            f'{path}: "{name[:60]}" cannot name a query. '
            "Name the file with small letters, digits and hyphens."
        )
    if text.startswith("\ufeff"):
        raise SavedQueryError(
            f"{path}:1:1: the file starts with a byte order mark. Save it as UTF-8 without one."
        )
    query = SavedQuery(name, path, text, parse_header(path, text))
    if query.operation.form not in ("select", "ask", "construct", "describe"):
        raise SavedQueryError(
            f"{path}: this is no query. Write SELECT, ASK, CONSTRUCT or DESCRIBE after the header."
        )
    return query


def check(query: SavedQuery) -> tuple[Finding, ...]:
    """What would make `query` answer wrongly: its bounds, its slots, cases that cannot be compared.

    >>> check(parse("all", "queries/all.rq", "#+ summary: Everything.\\nSELECT * { ?s ?p ?o }"))
    ()
    """
    try:
        check_bounds(query.text)
        placed = check_placement(query.text, query.parameters, query.path)
    except QueryBoundsError as error:
        return (Finding(query.path, None, error.detail, "Split the query."),)
    return (*placed, *(finding for case in query.expectations for finding in _check_case(query, case)))


def _check_case(query: SavedQuery, case: Expectation) -> list[Finding]:
    place = Position(case.line, 1)
    found = []
    projection = read_projection(query.text)
    try:
        query.read(case.values, IriSpace("https://example.org/"))
    except OnrecordError as error:
        found.append(Finding(query.path, place, error.detail, ""))
    if case.hash is not None and not projection.has_total_order:
        reason = "a hash is expected, and the order of the rows is not fixed."
        found.append(
            Finding(query.path, place, reason, "Name every projected variable in ORDER BY, or drop the hash.")
        )
    named = dict.fromkeys(name for row in (*case.contains, *case.lacks) for name in row)
    if query.operation.form != "select" and named:
        reason = "rows are expected of a query that returns none."
        found.append(
            Finding(query.path, place, reason, "Expect rows: 1 for ASK that is true, rows: 0 for false.")
        )
    elif projection.variables is not None:
        for name in named:
            if name not in projection.variables:
                known = ", ".join(projection.variables)
                found.append(
                    Finding(query.path, place, f'"{name}" is no column of the result.', f"Known: {known}.")
                )
    return found
