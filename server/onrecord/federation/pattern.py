"""The group graph patterns of a query as a tree of elements, each with its place in the text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from onrecord.sparql import Token, declare

ElementKind = Literal[
    "triples",
    "filter",
    "bind",
    "values",
    "optional",
    "minus",
    "lateral",
    "graph",
    "service",
    "group",
    "subselect",
]
"""`group` is a group or the branches of a UNION; `subselect` a group that holds SELECT."""


@dataclass(frozen=True)
class Span:
    """Tokens `first` to before `last`."""

    first: int
    last: int


@dataclass
class Element:
    """One element of a group. `groups` are those inside it, also of EXISTS in its expressions."""

    kind: ElementKind
    span: Span
    groups: list[Group] = field(default_factory=list)
    term: Token | None = None
    """The name after GRAPH or SERVICE."""
    is_silent: bool = False
    target: str = ""
    """The variable after AS, of BIND."""
    variables: frozenset[str] = frozenset()
    """Those that stand in it anywhere."""
    parent: Group | None = None


@dataclass
class Select:
    """A sub-select, or the query itself."""

    projected: frozenset[str] | None
    """Variables projected by their names; None for *."""
    computed: frozenset[str]
    """Those after AS."""
    keys: frozenset[str] | None
    """Variables of GROUP BY; None where nothing is grouped or aggregated."""
    is_sliced: bool
    """Whether it has LIMIT or OFFSET."""
    trailing: Element | None = None
    """The VALUES block after the modifiers."""


@dataclass
class Group:
    """What stands between two braces; `select` where that is a sub-select, whose pattern is `elements`."""

    span: Span
    elements: list[Element] = field(default_factory=list)
    select: Select | None = None
    parent: Element | None = None
    where: Span | None = None
    """The braces of a sub-select's pattern."""

    def walk(self) -> Iterator[Element]:
        """The elements in it at any depth, in the order of the text."""
        for element in self.elements:
            yield element
            for group in element.groups:
                yield from group.walk()


@dataclass
class QueryPattern:
    """A query as far as federation must know it."""

    text: str
    tokens: list[Token]
    prologue: Span
    dataset: Span
    root: Group
    supplied: Mapping[str, str] = field(default_factory=dict)
    """Known prefixes that it uses without declaring them, with their namespaces."""

    @property
    def lead(self) -> str:
        """The declarations of `supplied`, for the text's first line."""
        return declare(self.supplied)

    @property
    def heading(self) -> str:
        """All that names in the text rest on: `lead`, and its own prologue."""
        return self.lead + self.source(self.prologue)

    def source(self, span: Span) -> str:
        """The text of `span`."""
        if span.first >= span.last:
            return ""
        return self.text[self.tokens[span.first].start : self.tokens[span.last - 1].end]

    def names(self, span: Span) -> frozenset[str]:
        """The variables in `span`."""
        return frozenset(t.text[1:] for t in self.tokens[span.first : span.last] if t.kind == "var")
