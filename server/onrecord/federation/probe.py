"""Which local bindings a SERVICE joins with: the query that finds them.

The probe holds only what the rows of the SERVICE are joined with in the end,
so what it leaves out costs rows and never changes an answer. Walking outwards
from the SERVICE:

- in its own group, in a plain group, a branch of UNION and GRAPH: every
  element that joins, before or after it;
- out of OPTIONAL, MINUS, LATERAL and EXISTS in BIND: what stands before them.
  Further out only what is joined by variables that are bound before them;
- out of FILTER EXISTS: every element; further out as above;
- out of a sub-select: what is joined by variables that it hands out as they
  are, and nothing where it is cut by LIMIT or OFFSET.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from onrecord.federation.pattern import Element, Group, QueryPattern, Span
from onrecord.federation.reach import Certain, plain
from onrecord.sparql import Token

_CHANGING = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
_SEES_BEFORE = frozenset({"optional", "minus", "lateral", "bind"})
_JOINING = frozenset({"triples", "values", "graph", "group", "subselect", "service"})


@dataclass(frozen=True)
class Probe:
    """A SELECT over the variables `columns`; some may be unbound in some rows."""

    columns: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class _Piece:
    """One element of a level; `graph` is the name of the GRAPH around it."""

    element: Element
    level: int
    certain: frozenset[str]
    graph: str = ""
    graph_variable: str = ""

    @property
    def variables(self) -> frozenset[str]:
        return self.element.variables | ({self.graph_variable} if self.graph_variable else set())


@dataclass(frozen=True)
class _Fence:
    """Further out, an element may share with what is `inside` only what is `allowed`."""

    inside: frozenset[str]
    allowed: frozenset[str]

    def admits(self, variables: frozenset[str]) -> bool:
        return variables & self.inside <= self.allowed


def make_probe(
    pattern: QueryPattern,
    service: Element,
    wanted: frozenset[str],
    answered: Mapping[int, frozenset[str]],
    render: Callable[[Span], str],
) -> Probe | None:
    """The probe for `service`, whose rows can be restricted by the variables `wanted`.

    `answered` has the certain columns of what stands as inline data already,
    by its first token; `render` writes a span with that data in it. None
    where nothing local is joined with it.
    """
    return _Prober(pattern, service, wanted, answered, render).run()


class _Prober:
    def __init__(
        self,
        pattern: QueryPattern,
        service: Element,
        wanted: frozenset[str],
        answered: Mapping[int, frozenset[str]],
        render: Callable[[Span], str],
    ) -> None:
        self.pattern = pattern
        self.service = service
        self.wanted = wanted
        self.answered = answered
        self.render = render
        self.certain = Certain(pattern, answered)

    def run(self) -> Probe | None:
        pieces = self.assemble(self.connected(list(self.collect())))
        found: set[str] = set()
        for piece in pieces:
            found |= piece.certain
            if piece.element.kind == "bind":
                found.add(piece.element.target)
            elif piece.element.kind == "values":
                found |= piece.element.variables
        columns = tuple(sorted(found & self.wanted))
        if not columns:
            return None
        body = " . ".join(self.write(piece) for piece in pieces)
        names = " ".join(f"?{name}" for name in columns)
        source = self.pattern.source
        text = (
            f"{self.pattern.heading} SELECT DISTINCT {names} {source(self.pattern.dataset)} "
            f"WHERE {{ {body} }}"
        )
        return Probe(columns, text)

    def write(self, piece: _Piece) -> str:
        text = self.render(piece.element.span)
        return f"GRAPH {piece.graph} {{ {text} }}" if piece.graph else text

    def collect(self) -> Iterator[_Piece]:
        """All pieces, the innermost level first."""
        fences: list[_Fence] = []
        child: Element = self.service
        level = 0
        while True:
            group = child.parent
            assert group is not None
            bound: frozenset[str] = frozenset()
            for piece in self.siblings(group, child, level):
                if all(fence.admits(piece.variables) for fence in fences):
                    bound |= piece.certain
                    yield piece
            if child.kind in _SEES_BEFORE or child.kind == "filter":
                fences.append(_Fence(child.variables, bound))
            if group.select is not None and group.parent is not None:
                if group.select.is_sliced:
                    return
                inside = self.pattern.names(group.where or group.span)
                fences.append(_Fence(inside, plain(group.select, inside)))
            if group.parent is None:
                return
            child = group.parent
            level += 1

    def graph_around(self, element: Element) -> tuple[str, str]:
        """The name of the GRAPH that `element` stands in, and its variable if it is one."""
        group = element.parent
        while group is not None and group.parent is not None:
            around = group.parent
            if around.kind == "graph" and around.term is not None:
                term = around.term
                return term.text, term.text[1:] if term.kind == "var" else ""
            group = around.parent
        return "", ""

    def siblings(self, group: Group, child: Element, level: int) -> Iterator[_Piece]:
        elements = list(group.elements)
        if group.select is not None and group.select.trailing is not None and group.select.keys is None:
            elements.append(group.select.trailing)
        before = child.kind in _SEES_BEFORE
        graph, variable = self.graph_around(child)
        for element in elements:
            if element is child:
                if before:
                    return
                continue
            if self.joins(element):
                yield self.piece(element, level, graph, variable)

    def piece(self, element: Element, level: int, graph: str, variable: str) -> _Piece:
        certain = self.certain.of(element)
        is_data = element.kind in ("filter", "bind", "values") or element.span.first in self.answered
        if is_data or not graph:
            return _Piece(element, level, certain)
        return _Piece(element, level, certain | {variable} if variable else certain, graph, variable)

    def joins(self, element: Element) -> bool:
        """Whether `element` can stand in a probe as it is."""
        span = element.span
        tokens = self.pattern.tokens[span.first : span.last]
        for token, following in pairwise(tokens):
            if token.kind == "word" and token.upper in _CHANGING and following.is_op("("):
                return False
        if span.first in self.answered:
            return True
        inside = [e for group in element.groups for e in group.walk()]
        if any(e.kind == "service" and e.span.first not in self.answered for e in [element, *inside]):
            return False
        sliced = any(
            g.select is not None and g.select.is_sliced for e in [element, *inside] for g in e.groups
        )
        if sliced:
            return False
        if element.kind in ("filter", "bind"):
            return not element.groups
        return element.kind in _JOINING

    def connected(self, pieces: list[_Piece]) -> list[_Piece]:
        """Those pieces that are joined, at whatever distance, with the wanted variables."""
        reached = set(self.wanted)
        while True:
            joined = [p for p in pieces if p.variables & reached]
            grown = reached.union(*(p.variables for p in joined))
            if grown == reached:
                return joined
            reached = grown

    def assemble(self, pieces: list[_Piece]) -> list[_Piece]:
        """The pieces in an order in which they can be written, without those that cannot."""
        kept: list[_Piece] = []
        seen: set[str] = set()
        labels: set[str] = set()
        for piece in sorted(pieces, key=lambda p: (-p.level, p.element.span.first)):
            element = piece.element
            if element.kind == "filter":
                continue
            used = {t.text for t in self.tokens_of(element) if t.kind == "bnode"}
            if used & labels:
                continue
            if element.kind == "bind":
                inputs = element.variables - {element.target}
                if element.target in seen or not inputs <= self.bound_at(piece.level, kept):
                    continue
            labels |= used
            seen |= piece.variables
            kept.append(piece)
        filters = [p for p in pieces if p.element.kind == "filter"]
        kept += [p for p in filters if p.element.variables <= self.bound_at(p.level, kept)]
        return kept

    def tokens_of(self, element: Element) -> list[Token]:
        return self.pattern.tokens[element.span.first : element.span.last]

    @staticmethod
    def bound_at(level: int, kept: list[_Piece]) -> frozenset[str]:
        return frozenset().union(*(p.certain for p in kept if p.level == level))
