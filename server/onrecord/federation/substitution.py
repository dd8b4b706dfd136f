"""A query's text in which elements give way to inline data, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from onrecord.errors import FederationError, Position
from onrecord.federation.inline import inline
from onrecord.federation.pattern import Element, QueryPattern, Span
from onrecord.federation.solutions import Solutions
from onrecord.sparql import describe, position_at, refuse_remote


class Substitution:
    """The text of `pattern`, and what stands as inline data in it already.

    `certain` has the columns of that data which are bound in all its rows, by
    the first token of what it stands for.
    """

    def __init__(self, pattern: QueryPattern, most: int) -> None:
        self.pattern = pattern
        self.certain: dict[int, frozenset[str]] = {}
        self._replaced: dict[int, tuple[int, str]] = {}
        self._outline: dict[int, tuple[int, str]] = {}
        self._size = len(pattern.text)
        self._most = most

    def has(self, element: Element) -> bool:
        """Whether inline data stands for `element`."""
        return element.span.first in self._replaced

    def drop(self, index: int) -> None:
        """Leave out the token at `index`."""
        self._replaced[index] = self._outline[index] = (index + 1, "")

    def replace(self, element: Element, rows: Solutions) -> None:
        """Put `rows` in the place of `element`. Raises FederationError when the text becomes too long."""
        text = inline(rows)
        self._size += len(text)
        if self._size > self._most:
            raise FederationError(
                f"{self.where(element)}: the answers of other servers are longer than {self._most:,} "
                "characters. Ask them for less."
            )
        first, last = element.span.first, element.span.last
        self._replaced[first] = (last, text)
        self._outline[first] = (last, inline(Solutions(rows.variables, ())))
        self.certain[first] = frozenset(
            name for i, name in enumerate(rows.variables) if all(row[i] is not None for row in rows.rows)
        )

    def finish(self) -> str:
        """The whole text. Raises ServiceRefusedError if anything in it still asks another server."""
        everything = Span(0, len(self.pattern.tokens))
        # The rows are data, each term encoded; reading megabytes of them again would tell nothing.
        refuse_remote(describe(self._render(everything, self._outline)))
        return self.pattern.lead + self.render(everything)

    def render(self, span: Span) -> str:
        """The text of `span` with the inline data that stands in it."""
        return self._render(span, self._replaced)

    def _render(self, span: Span, replaced: dict[int, tuple[int, str]]) -> str:
        parts: list[str] = []
        index = start = span.first
        while index < span.last:
            if index in replaced:
                parts += [self.pattern.source(Span(start, index)), replaced[index][1]]
                index = start = replaced[index][0]
            else:
                index += 1
        parts.append(self.pattern.source(Span(start, span.last)))
        return " ".join(part for part in parts if part)

    def skeleton(self, services: Iterable[Element]) -> str:
        """The text with each SERVICE as a plain group, every character in its place."""
        characters = list(self.pattern.text)

        def blank(first: int, last: int) -> None:
            for offset in range(self.pattern.tokens[first].start, self.pattern.tokens[last - 1].end):
                if characters[offset] != "\n":
                    characters[offset] = " "

        for service in services:
            blank(service.span.first, service.groups[0].span.first)
            for nested in (e for e in service.groups[0].walk() if e.kind == "service"):
                blank(nested.span.first, nested.span.last)
        return "".join(characters)

    def visible_outside(self, element: Element, inside: frozenset[str]) -> tuple[str, ...]:
        """Those of the variables `inside` an element that the rest of the query can see, in order."""
        tokens, span = self.pattern.tokens, element.span
        outside = [*tokens[: span.first], *tokens[span.last :]]
        for before, token in zip([None, *outside], outside, strict=False):
            if before is None or not token.is_op("*"):
                continue
            if before.upper in ("SELECT", "DISTINCT", "REDUCED", "DESCRIBE") or before.is_op("("):
                return tuple(sorted(inside))
        return tuple(sorted(inside & {t.text[1:] for t in outside if t.kind == "var"}))

    def position(self, element: Element) -> Position:
        """Where `element` starts."""
        return position_at(self.pattern.text, self.pattern.tokens[element.span.first].start)

    def where(self, element: Element) -> str:
        """The same for a message."""
        place = self.position(element)
        return f"Line {place.line}, column {place.column}"


def around(element: Element) -> Iterator[Element]:
    """The elements that `element` stands in, the nearest first."""
    group = element.parent
    while group is not None and group.parent is not None:
        yield group.parent
        group = group.parent.parent
