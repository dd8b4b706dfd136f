"""Which variables a pattern binds in every solution, and for which bindings may be sent along.

Both answers are on the safe side: a variable that is left out costs an
exchange of more rows, one too many would change the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from onrecord.federation.pattern import Element, Group, QueryPattern, Select
from onrecord.sparql import Token

_OPENERS = frozenset({"(", "[", "{|", "<<", "<<("})
_CLOSERS = frozenset({")", "]", "|}", ">>", ")>>"})
_BREAKING = frozenset({"optional", "minus", "bind", "lateral"})
"""Elements that see what stands before them: bindings put before them could change what they give."""


class Certain:
    """What each element of one query binds for certain.

    `answered` has, for each SERVICE that has been answered, the columns that
    are bound in all its rows.
    """

    def __init__(self, pattern: QueryPattern, answered: Mapping[int, frozenset[str]]) -> None:
        self._pattern = pattern
        self._answered = answered

    def of_group(self, group: Group) -> frozenset[str]:
        """Variables that every solution of `group` binds."""
        found: set[str] = set()
        for element in group.elements:
            found |= self.of(element)
        if group.select is None:
            return frozenset(found)
        return frozenset(found) & plain(group.select, frozenset(found))

    def of(self, element: Element) -> frozenset[str]:
        """Variables that every solution of `element` binds."""
        if element.kind == "triples":
            return element.variables
        if element.kind == "values":
            return values_certain(self._pattern, element)
        if element.kind == "graph":
            inner = self.of_group(element.groups[0])
            assert element.term is not None
            return inner | {element.term.text[1:]} if element.term.kind == "var" else inner
        if element.kind in ("group", "subselect"):
            return frozenset.intersection(*map(self.of_group, element.groups))
        if element.kind == "service":
            return self._answered.get(element.span.first, frozenset())
        return frozenset()


def visible(group: Group) -> frozenset[str]:
    """The variables that solutions of `group` may bind (SPARQL 1.1, 18.2.1).

    Computed columns of a sub-select count, those of MINUS and FILTER do not.
    """
    found: set[str] = set()
    for element in group.elements:
        if element.kind in ("triples", "values"):
            found |= element.variables
        elif element.kind == "bind":
            found.add(element.target)
        elif element.kind not in ("filter", "minus"):
            found |= frozenset().union(*map(visible, element.groups))
            if element.term is not None and element.term.kind == "var":
                found.add(element.term.text[1:])
    select = group.select
    if select is None:
        return frozenset(found)
    if select.trailing is not None:
        found |= select.trailing.variables
    return frozenset(found if select.projected is None else select.projected | select.computed)


def plain(select: Select, inside: frozenset[str]) -> frozenset[str]:
    """Those variables of `inside` that `select` hands out as they are, grouped by or not at all."""
    handed = inside if select.projected is None else inside & select.projected
    return handed if select.keys is None else handed & select.keys


def values_certain(pattern: QueryPattern, element: Element) -> frozenset[str]:
    """The variables of a VALUES block, none of them where it has UNDEF."""
    tokens = pattern.tokens[element.span.first : element.span.last]
    data = " ".join(t.text for t in tokens if t.in_data)
    return frozenset() if "UNDEF" in data.upper() else element.variables


def sendable(pattern: QueryPattern, body: Group) -> frozenset[str]:
    """The variables of the body of a SERVICE for which VALUES may stand first in it.

    That block then only restricts the rows: joining it first gives what
    joining it last gives. So the body must bind the variable by patterns
    that every solution matches and that stand before whatever looks back.
    """
    if body.select is not None:
        if body.select.is_sliced or body.select.trailing is not None:
            return frozenset()
        inside = _sendable(pattern, body.elements)
        return plain(body.select, inside) - body.select.computed
    return _sendable(pattern, body.elements)


def _sendable(pattern: QueryPattern, elements: Iterable[Element]) -> frozenset[str]:
    found: set[str] = set()
    links: list[tuple[frozenset[str], frozenset[str]]] = []
    targets: set[str] = set()
    looks_back = False
    for element in elements:
        looks_back = looks_back or element.kind in _BREAKING
        if element.kind == "bind":
            targets.add(element.target)
        if looks_back:
            continue
        if element.kind == "triples":
            for bound, link in _read_triples(pattern.tokens[element.span.first : element.span.last]):
                found |= bound
                links += [link] if link else []
        elif element.kind == "values":
            found |= values_certain(pattern, element)
        elif element.kind == "graph":
            assert element.term is not None
            found |= _in_group(pattern, element.groups[0])
            found |= {element.term.text[1:]} if element.term.kind == "var" else set()
        elif element.kind in ("group", "subselect"):
            found |= frozenset.intersection(*(_in_group(pattern, g) for g in element.groups))
    # A path of length zero binds one end to the other, so what binds one binds both.
    for _ in links:
        for one, other in links:
            if one <= found or other <= found:
                found |= one | other
    return frozenset(found - targets)


def _in_group(pattern: QueryPattern, group: Group) -> frozenset[str]:
    inside = _sendable(pattern, group.elements)
    return inside if group.select is None else plain(group.select, inside)


_Link = tuple[frozenset[str], frozenset[str]]


def _read_triples(tokens: list[Token]) -> Iterator[tuple[frozenset[str], _Link | None]]:
    """For each triple what it binds, and the ends of a path that may have length zero."""
    for statement in _split(tokens, "."):
        subject, rest = _take_term(statement)
        if not rest:
            yield _sure(subject), None
        for listed in _split(rest, ";"):
            path, objects = _take_path(listed)
            for object_ in _split(objects, ","):
                if not _is_nullable(path):
                    yield _sure(subject) | _names(path) | _sure(object_), None
                    continue
                one, other = _sure(subject), _sure(object_)
                if not _names(subject) or not _names(object_):
                    # With a term at one end, length zero binds the other to that term.
                    yield one | other, None
                else:
                    yield frozenset(), (one, other) if one and other else None


def _names(tokens: Iterable[Token]) -> frozenset[str]:
    return frozenset(t.text[1:] for t in tokens if t.kind == "var")


def _sure(tokens: list[Token]) -> frozenset[str]:
    """The variables of a term, none of them where it holds a path that may have length zero."""
    if len(tokens) > 1 and any(t.is_op("*", "?") for t in tokens):
        return frozenset()
    return _names(tokens)


def _split(tokens: list[Token], separator: str) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "op":
            depth += (token.text in _OPENERS) - (token.text in _CLOSERS)
        if depth == 0 and token.is_op(separator):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _take_term(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """The term that `tokens` start with, and the rest."""
    end = _bracket_end(tokens, 0)
    while end < len(tokens) and tokens[end].is_op("~", "^^"):
        end += 2
    while end < len(tokens) and tokens[end].kind == "lang":
        end += 1
    return tokens[:end], tokens[end:]


def _take_path(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """The predicate or path that `tokens` start with, and the objects."""
    index, wants_step = 0, True
    while index < len(tokens):
        token = tokens[index]
        if wants_step:
            if not token.is_op("^", "!"):
                wants_step = False
                index = _bracket_end(tokens, index)
                continue
        elif token.is_op("/", "|"):
            wants_step = True
        elif not token.is_op("*", "+", "?"):
            break
        index += 1
    return tokens[:index], tokens[index:]


def _bracket_end(tokens: list[Token], index: int) -> int:
    depth = 0
    while index < len(tokens):
        token = tokens[index]
        if token.kind == "op":
            depth += (token.text in _OPENERS) - (token.text in _CLOSERS)
        index += 1
        if depth <= 0:
            break
    return index


def _is_nullable(path: list[Token]) -> bool:
    """Whether a path may have length zero."""
    return any(
        all(_step_is_nullable(step) for step in _split(sequence, "/")) for sequence in _split(path, "|")
    )


def _step_is_nullable(step: list[Token]) -> bool:
    while step and step[0].is_op("^"):
        step = step[1:]
    if not step or step[0].is_op("!"):
        return False
    if step[-1].is_op("*", "?"):
        return True
    if step[-1].is_op("+"):
        return _step_is_nullable(step[:-1])
    return step[0].is_op("(") and _is_nullable(step[1:-1])
