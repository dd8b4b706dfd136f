"""The groups of a query as a tree, with where each variable of interest is used.

A variable belongs to the group it stands in: a plain group, a branch of a
UNION and a sub-select see nothing of the groups around them while they are
evaluated. That is what decides where a slot must stand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from onrecord.sparql.tokens import Token, tokenize

ScopeKind = Literal["group", "optional", "minus", "exists", "graph"]
UseKind = Literal["pattern", "filter", "bind", "clause"]
"""`clause` is a SELECT clause or solution modifier, `bind` also any other expression in a group."""

_KINDS: dict[str, ScopeKind] = {
    "OPTIONAL": "optional",
    "MINUS": "minus",
    "EXISTS": "exists",
    "LATERAL": "optional",
}


@dataclass(frozen=True)
class Use:
    """One place where a variable is used; `is_guarded` if an unbound value does no harm there."""

    name: str
    kind: UseKind
    offset: int
    is_guarded: bool


@dataclass
class Scope:
    """What stands between two braces, or the whole text for the root."""

    kind: ScopeKind
    offset: int
    parent: Scope | None
    end: int = sys.maxsize
    children: list[Scope] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    is_select: bool = False
    """Whether it is a sub-select, or the query itself: it holds a SELECT clause instead of patterns."""
    projected: set[str] = field(default_factory=set)
    """What its SELECT clause names; "*" for all."""

    def walk(self) -> Iterator[Scope]:
        """This scope and those inside it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def above(self) -> Iterator[Scope]:
        """This scope and those around it, the nearest first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    @property
    def is_subselect(self) -> bool:
        """Whether it is the WHERE group of a sub-select."""
        return self.parent is not None and self.parent.is_select and self.parent.parent is not None


def read_scopes(text: str, names: Iterable[str]) -> Scope:
    """The groups of `text` and the uses of the variables `names` in them.

    >>> root = read_scopes("SELECT ?x { ?x ?p ?o FILTER(?o > 1) }", ["x", "o"])
    >>> [(u.name, u.kind) for u in root.children[0].uses]
    [('x', 'pattern'), ('o', 'pattern'), ('o', 'filter')]
    """
    reader = _Reader(list(tokenize(text)), frozenset(names))
    root = Scope("group", 0, None, is_select=True)
    reader.read_group(0, root)
    return root


class _Reader:
    def __init__(self, tokens: list[Token], names: frozenset[str]) -> None:
        self.tokens = tokens
        self.names = names

    def before(self, index: int, distance: int = 1) -> str:
        return self.tokens[index - distance].upper if index >= distance else ""

    def read_group(self, index: int, scope: Scope) -> int:
        """Read the tokens of `scope` from `index` on; the index after its closing brace."""
        in_select_clause = False
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.in_data and token.is_op("{"):
                index = self.skip(index)
                continue
            if token.is_op("}"):
                scope.end = token.end
                return index + 1
            if token.is_op("{", "{|"):
                in_select_clause = False
                if token.text == "{":
                    index = self.open(index, scope)
                    continue
            elif token.is_op("(") and token.role in ("expression", "unclear"):
                index = self.read_expression(index, scope, self.use_kind(index, scope), frozenset())
                continue
            elif token.kind == "word":
                if token.upper.startswith("SELECT"):
                    scope.is_select = in_select_clause = True
                elif token.upper == "WHERE":
                    in_select_clause = False
            elif in_select_clause and token.is_op("*"):
                scope.projected.add("*")
            elif token.kind == "var" and token.text[1:] in self.names:
                if in_select_clause:
                    scope.projected.add(token.text[1:])
                is_slot = self.before(index).endswith("VALUES")
                if not scope.is_select and not is_slot:
                    scope.uses.append(Use(token.text[1:], "pattern", token.start, True))
            index += 1
        return index

    def open(self, index: int, scope: Scope) -> int:
        kind = _KINDS.get(self.before(index), "group")
        if self.before(index, 2) in ("GRAPH", "SERVICE", "SILENT"):
            kind = "graph"
        child = Scope(kind, self.tokens[index].start, scope)
        scope.children.append(child)
        return self.read_group(index + 1, child)

    def skip(self, index: int) -> int:
        """The index after the bracket that closes the one at `index`."""
        depth = 0
        for place in range(index, len(self.tokens)):
            if self.tokens[place].is_op("{", "("):
                depth += 1
            elif self.tokens[place].is_op("}", ")"):
                depth -= 1
                if depth == 0:
                    return place + 1
        return len(self.tokens)

    def use_kind(self, index: int, scope: Scope) -> UseKind:
        if scope.is_select:
            return "clause"
        place = index - 1
        while place >= 0 and self.tokens[place].kind in ("word", "iri", "pname"):
            if self.tokens[place].upper.endswith("FILTER"):
                return "filter"
            place -= 1
        return "bind"

    def read_expression(self, index: int, scope: Scope, kind: UseKind, guarded: frozenset[str]) -> int:
        """Read the bracket at `index` and what is in it; the index after its end."""
        end = self.skip(index)
        word = self.before(index)
        guarded |= self.guards(index, end)
        if word == "COALESCE":
            guarded |= self.names
        elif word == "IF":
            guarded |= self.asked_if_bound(index, end)
        index += 1
        while index < end - 1:
            token = self.tokens[index]
            if token.is_op("{"):
                index = self.open(index, scope)
                continue
            if token.is_op("("):
                index = self.read_expression(index, scope, kind, guarded)
                continue
            name = token.text[1:]
            if token.kind == "var" and name in self.names:
                if self.before(index) == "AS":
                    scope.projected.add(name)
                elif word != "BOUND":
                    scope.uses.append(Use(name, kind, token.start, name in guarded))
            index += 1
        return end

    def guards(self, index: int, end: int) -> frozenset[str]:
        """The names that are safe in the bracket at `index`: `!BOUND(?v)` is one side of an || there."""
        parts: list[list[Token]] = [[]]
        has_or, depth = False, 0
        for token in self.tokens[index + 1 : end - 1]:
            depth += token.is_op("(", "{") - token.is_op(")", "}")
            if depth == 0 and token.is_op("||"):
                has_or = True
                parts.append([])
            else:
                parts[-1].append(token)
        found = (_not_bound(part) for part in parts) if has_or else ()
        return frozenset(name for name in found if name is not None)

    def asked_if_bound(self, index: int, end: int) -> frozenset[str]:
        """The names that the first argument of IF asks BOUND of."""
        found, depth = set(), 0
        for place in range(index + 1, end - 1):
            token = self.tokens[place]
            depth += token.is_op("(", "{") - token.is_op(")", "}")
            if depth == 0 and token.is_op(","):
                break
            if token.kind == "var" and self.before(place, 2) == "BOUND":
                found.add(token.text[1:])
        return frozenset(found)


def _not_bound(part: list[Token]) -> str | None:
    """The name in `!BOUND(?name)` when `part` is just that, else None."""
    while len(part) > 2 and part[0].is_op("(") and part[-1].is_op(")"):
        part = part[1:-1]
    if len(part) == 5 and part[0].is_op("!") and part[1].upper == "BOUND" and part[3].kind == "var":
        return part[3].text[1:]
    return None
