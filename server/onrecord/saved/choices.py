"""Parameters whose values another saved query lists: that it is there, projects them, and what it lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from onrecord.engine import Engine
from onrecord.errors import ParameterError, Position, SavedQueryError
from onrecord.saved.parameters import Parameter, read_value
from onrecord.saved.rows import MOST_ROWS, read_result_rows
from onrecord.sparql import Finding, Term
from onrecord.sparql.projection import read_projection
from onrecord.terms import IriSpace

if TYPE_CHECKING:
    from onrecord.saved.query import SavedQuery


@dataclass(frozen=True)
class ChoiceList:
    """What a parameter may be, as (text of a request, what people read), in the order of the listing query.

    `complete` is False where that query has more rows than are read.
    """

    choices: tuple[tuple[str, str], ...]
    terms: frozenset[Term]
    complete: bool = True


def check_choices(query: SavedQuery, find: Callable[[str], SavedQuery | None]) -> Iterator[Finding]:
    """What is wrong with the queries that list choices for `query`; `find` gives those that are served.

    >>> from onrecord.saved.query import parse
    >>> header = "#+ summary: A.\\n#+ parameters: {who: {type: iri, choices: {query: b, value: c}}}\\n"
    >>> query = parse("a", "queries/a.rq", header + "ASK { VALUES ?who { UNDEF } ?who ?p ?o }")
    >>> print(next(check_choices(query, lambda name: None)).reason)
    the choices of who come from "b", which is no saved query that is served.
    """
    for parameter in query.parameters:
        told = parameter.choices
        if told is None:
            continue
        wrong = find_fault(parameter, find(told.query))
        if wrong is not None:
            place = Position(told.line, 1) if told.line else None
            yield Finding(query.path, place, f"the choices of {parameter.name} {wrong[0]}", wrong[1])


def find_fault(parameter: Parameter, source: SavedQuery | None) -> tuple[str, str] | None:
    """Why `source` (None without one) lists no choices for `parameter`, and the remedy; None if it does."""
    told = parameter.choices
    assert told is not None
    if source is None:
        return f'come from "{told.query}", which is no saved query that is served.', "Name one that is."
    if source.operation.form != "select":
        return f'come from "{told.query}", which has no rows.', "Name a SELECT query."
    if source.operation.services:
        return f'come from "{told.query}", which asks other endpoints.', "Name one that asks only this one."
    lacking = [p.name for p in source.parameters if p.required and not p.default]
    if lacking:
        return (
            f'come from "{told.query}", which needs a value for {", ".join(lacking)}.',
            "Give it a default there.",
        )
    projected = read_projection(source.text).variables
    if projected is None:
        return f'come from "{told.query}", which projects *.', "Write its variables out there."
    for name in (told.value, told.label):
        if name and name not in projected:
            return (
                f'are its column "{name}", which "{told.query}" does not project.',
                f"Known: {', '.join(projected)}.",
            )
    return None


def read_choices(
    engine: Engine, source: SavedQuery, parameter: Parameter, space: IriSpace, most_bytes: int
) -> ChoiceList:
    """What `source` lists for `parameter`, with its default parameters. Raises what the engine raises.

    A row whose value is not of the parameter's type is left out.
    """
    told = parameter.choices
    assert told is not None
    rows = read_result_rows(engine, source.bind(source.read({}, space)), space, most_bytes)
    found: dict[Term, tuple[str, str]] = {}
    for row in rows[:MOST_ROWS]:
        term = row.get(told.value)
        text = _text_for(parameter, term) if isinstance(term, (NamedNode, Literal)) else None
        if text is None:
            continue
        try:
            value = read_value(parameter, text, space)
        except ParameterError:
            continue
        label = row.get(told.label)
        shown = space.shorten(text) if isinstance(term, NamedNode) else text
        name = label.value if isinstance(label, (NamedNode, Literal)) else shown
        found.setdefault(value, (text, name))
    return ChoiceList(tuple(found.values()), frozenset(found), len(rows) <= MOST_ROWS)


def refuse_other_values(parameter: Parameter, terms: list[Term], listed: ChoiceList) -> None:
    """Raises ParameterError for the first of `terms` that is not listed, unless the choices are open."""
    told = parameter.choices
    assert told is not None
    if told.is_open:
        return
    if not listed.complete:
        raise SavedQueryError(
            f'"{told.query}" lists more than {MOST_ROWS:,} values for "{parameter.name}", too many to check. '
            "Write open: true into its choices."
        )
    for term in terms:
        if term not in listed.terms:
            known = [text for text, _ in listed.choices]
            near = get_close_matches(term.value[:200], known[:5000], n=1)
            meant = f" Did you mean {near[0]}?" if near else ""
            raise ParameterError(
                f'Parameter "{parameter.name}" is "{term.value[:80]}", which is none of its choices.{meant} '
                f'They are the column "{told.value}" of the saved query {told.query}.'
            )


def refuse_unlisted(
    engine: Engine,
    query: SavedQuery,
    given: Mapping[str, Sequence[str]],
    find: Callable[[str], SavedQuery | None],
    space: IriSpace,
    most_bytes: int,
) -> None:
    """Raises ParameterError for a value in `given` that is none of its choices, and what the engine raises.

    `find` gives the queries that are served.
    """
    values = query.read(given, space)
    for parameter in query.parameters:
        told = parameter.choices
        if told is not None and not told.is_open and any(given.get(parameter.name, ())):
            source = find(told.query)
            fault = find_fault(parameter, source)
            if source is None or fault is not None:
                raise SavedQueryError(f"The choices of {parameter.name} {fault[0] if fault else ''}")
            listed = read_choices(engine, source, parameter, space, most_bytes)
            refuse_other_values(parameter, values.get(parameter.name, []), listed)


def _text_for(parameter: Parameter, term: NamedNode | Literal) -> str | None:
    """How a request would give `term`; None where it cannot."""
    if isinstance(term, NamedNode) != (parameter.type == "iri"):
        return None
    if parameter.type == "language-string" and isinstance(term, Literal):
        return f"{term.value}@{term.language}" if term.language else None
    return term.value
