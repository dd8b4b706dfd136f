"""A SPARQL text with its tokens, to find places in it and to replace them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from onrecord.sparql.tokens import Token, tokenize

_OPENERS = ("(", "{", "[", "<<(", "<<", "{|")
_CLOSERS = (")", "}", "]", ")>>", ">>", "|}")

Edit = tuple[int, int, str]
"""Offsets of what is replaced, and what stands there then."""


@dataclass(frozen=True)
class TokenText:
    """A text; places in it are indices of its tokens."""

    text: str

    @cached_property
    def tokens(self) -> Sequence[Token]:
        """The tokens in order."""
        return tuple(tokenize(self.text))

    @cached_property
    def _partners(self) -> dict[int, int]:
        open_ones: list[int] = []
        found: dict[int, int] = {}
        for index, token in enumerate(self.tokens):
            if token.is_op(*_OPENERS):
                open_ones.append(index)
            elif token.is_op(*_CLOSERS) and open_ones:
                found[open_ones.pop()] = index
        return found

    def close_of(self, index: int) -> int:
        """The bracket that closes the one at `index`, `index` itself where no bracket opens."""
        if not self.is_op(index, *_OPENERS):
            return index
        return self._partners.get(index, len(self.tokens) - 1)

    def is_word(self, index: int, *words: str) -> bool:
        """Whether one of these keywords stands at `index`."""
        return 0 <= index < len(self.tokens) and (
            self.tokens[index].kind == "word" and self.tokens[index].upper in words
        )

    def is_op(self, index: int, *texts: str) -> bool:
        """Whether one of these operators or brackets stands at `index`."""
        return 0 <= index < len(self.tokens) and self.tokens[index].is_op(*texts)

    def words(self, start: int, end: int) -> set[str]:
        """The words between two places, in capitals."""
        return {t.upper for t in self.tokens[start:end] if t.kind == "word"}

    def selects(self) -> Iterator[SelectClause]:
        """The SELECT clauses that have a pattern, in the order of the text."""
        for index in range(len(self.tokens)):
            if self.is_word(index, "SELECT"):
                clause = self._read_select(index)
                if clause is not None:
                    yield clause

    def _read_select(self, index: int) -> SelectClause | None:
        first = index + 1 + self.is_word(index + 1, "DISTINCT", "REDUCED")
        end = first
        while end < len(self.tokens) and not (
            self.is_word(end, "WHERE", "FROM") or self.is_op(end, "{", "}")
        ):
            end = self.close_of(end) + 1
        pattern = end
        while pattern < len(self.tokens) and not self.is_op(pattern, "{", "}"):
            pattern += 1
        if not self.is_op(pattern, "{"):
            return None
        close = after = self.close_of(pattern)
        after += 1
        while after < len(self.tokens) and not self.is_op(after, "}"):
            after = self.close_of(after) + 1
        return SelectClause(index, first, end, pattern, close, after, self.words(close, after))


@dataclass(frozen=True)
class SelectClause:
    """A SELECT and its pattern: indices of its word, of the projection, and of the pattern's braces."""

    word: int
    first: int
    end: int
    pattern: int
    close: int
    after: int
    """Of what follows its modifiers."""
    modifiers: set[str]
    """The words after the pattern: GROUP, LIMIT and so on."""


def edit(text: str, edits: Iterable[Edit]) -> str:
    """`text` with `edits`, none of which overlaps another.

    >>> edit("SELECT ?s", [(7, 9, "?t"), (0, 0, "# ")])
    '# SELECT ?t'
    """
    parts, done = [], 0
    for start, end, new in sorted(edits):
        parts += [text[done:start], new]
        done = end
    return "".join([*parts, text[done:]])
