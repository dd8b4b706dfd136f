"""Bounds on SPARQL text: what would overflow the engine's stack or hang its optimiser.

The engine has no limits of its own. Measured on pyoxigraph 0.5.13 (one core):
a pattern of 100 triples is planned in 1 s, of 200 in 5 s, of 500 not in
minutes; calls of SUBSTR, REGEX, REPLACE or GROUP_CONCAT inside each other
double the time of parsing with each level (16 take 0.2 s, 20 take 4 s, 24 a
minute); chains of 1,000 operators take 0.5 s, 3,000 elements in a group
overflow the stack. The limits keep off what overflows a stack or doubles with
each level. A long pattern is only slow, which the time limit of its worker
bounds, and some long patterns are honest: those are let in.

Data blocks (VALUES, INSERT DATA, DELETE DATA) are bounded by bytes, and in
their nesting.
"""

from __future__ import annotations

from dataclasses import dataclass

from onrecord.errors import QueryBoundsError
from onrecord.sparql.positions import position_at
from onrecord.sparql.tokens import Token, tokenize


@dataclass(frozen=True)
class Bounds:
    """How much of each thing a text may hold."""

    text_bytes: int = 10_000_000
    tokens: int = 50_000
    """Outside data blocks."""
    depth: int = 100
    """Brackets of all kinds inside each other: groups, EXISTS, sub-selects, calls, parentheses, lists."""
    blank_nodes: int = 50
    """`[ ]` inside each other."""
    doubling_calls: int = 10
    """SUBSTR, REGEX, REPLACE and GROUP_CONCAT inside each other."""
    operators: int = 500
    """In one expression."""
    names: int = 2_000
    """Outside all brackets: of prefixes, graphs, projected variables, resources to describe."""
    elements: int = 500
    """Groups, expressions and VALUES blocks of one operation."""
    list_items: int = 250
    """Of one collection in a pattern."""
    path_steps: int = 250
    """Of one property path."""
    triples: int = 500
    """Of one group with the groups that it joins; an item of a collection is two, a step of a path one."""
    all_triples: int = 2_000
    """Of all patterns of one operation."""


BOUNDS = Bounds()

_DOUBLING = ("SUBSTR", "REGEX", "REPLACE", "GROUP_CONCAT")
_OPERATORS = frozenset({"||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "!"})
_OPERAND_KINDS = frozenset({"iri", "pname", "bnode", "var", "string", "number"})
_OPENERS = frozenset({"(", "[", "{", "{|", "<<", "<<("})
_CLOSERS = frozenset({")", "]", "}", "|}", ">>", ")>>"})


def check_bounds(text: str, bounds: Bounds = BOUNDS) -> None:
    """Return nothing when `text` is within `bounds`; otherwise raise QueryBoundsError.

    The error names what is too much, the number, the limit and the place.

    >>> check_bounds("SELECT * { ?s ?p ?o }")
    >>> check_bounds("ASK { ?s ?p " + "[ ?p " * 60 + "1" + " ]" * 60 + "}")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    onrecord.errors.queries.QueryBoundsError: ...: 51 blank nodes inside each other; the limit is 50.
    """
    refuse_long_text(text, bounds.text_bytes)
    _Checker(text, bounds).run()


def refuse_long_text(text: str, most_bytes: int) -> None:
    """Return nothing when `text` has at most `most_bytes` in UTF-8; otherwise raise QueryBoundsError.

    >>> refuse_long_text("ASK {}", 100)
    """
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    if size > most_bytes:
        raise QueryBoundsError(
            f"The text has {size:,} bytes; the limit is {most_bytes:,}. "
            "Ask for less at once, or load data instead of writing it into the text."
        )


class _Frame:
    """An open bracket; the first frame stands for the text outside all brackets."""

    __slots__ = ("bracket", "is_apart", "is_doubling", "is_template", "items", "joined", "steps")

    def __init__(self, bracket: Token | None, is_template: bool) -> None:
        self.bracket = bracket
        self.is_template = is_template  # of CONSTRUCT, INSERT or DELETE: nothing is joined there
        self.is_doubling = False
        self.is_apart = False  # a branch of a UNION, EXISTS and MINUS: planned on their own
        self.items = 0
        self.joined = 0
        self.steps = 0

    @property
    def is_expression(self) -> bool:
        return self.bracket is not None and self.bracket.role in ("expression", "unclear")


class _Checker:
    def __init__(self, text: str, bounds: Bounds) -> None:
        self.text = text
        self.bounds = bounds
        self.frames = [_Frame(None, is_template=False)]
        self.last: Token | None = None
        self.tokens = 0
        self.start_operation()

    def start_operation(self) -> None:
        self.names = self.elements = self.operators = self.triples = 0
        self.fresh = True  # the next term starts a triple

    def run(self) -> None:
        for token in tokenize(self.text):
            if token.in_data:
                if token.kind == "op":
                    self.see_bracket(token)
                continue
            self.tokens += 1
            self.limit(token, self.tokens, self.bounds.tokens, "tokens")
            if token.kind == "op":
                self.see_operator(token)
            elif token.kind in _OPERAND_KINDS or token.text in ("a", "true", "false"):
                self.see_term(token)
            elif token.kind == "word" and not self.frames[-1].is_expression:
                self.fresh = True
                if token.upper.endswith("VALUES"):
                    self.add_element(token)
            self.last = token

    def limit(self, token: Token, number: int, most: int, what: str) -> None:
        if number > most:
            place = position_at(self.text, token.start)
            raise QueryBoundsError(
                f"Line {place.line}, column {place.column}: {number:,} {what}; the limit is {most:,}."
            )

    def see_term(self, token: Token) -> None:
        top = self.frames[-1]
        if token.role == "list":
            # A collection, or a path or the variables of VALUES in parentheses. A path is
            # told by its operators.
            if not top.is_template and self.last is not None and not self.last.is_op("/", "|", "^", "!"):
                top.items += 1
                self.limit(token, top.items, self.bounds.list_items, "items in a list")
                self.add_triples(token, 2)
        elif top.bracket is None:
            self.names += 1
            self.limit(token, self.names, self.bounds.names, "names outside brackets")
        elif self.fresh and not top.is_expression:
            top.steps = 0
            self.add_triples(token, 1)
        self.fresh = False

    def see_operator(self, token: Token) -> None:
        text, top = token.text, self.frames[-1]
        if text in _OPENERS or text in _CLOSERS:
            self.see_bracket(token)
        elif top.is_expression:
            if text in _OPERATORS:
                self.operators += 1
                self.limit(token, self.operators, self.bounds.operators, "operators in one expression")
        elif text in ("/", "|", "^"):
            top.steps += 1
            self.limit(token, top.steps, self.bounds.path_steps, "steps in a path")
            self.add_triples(token, int(text == "/"))
        elif text == ";" and top.bracket is None:
            self.start_operation()
        elif text in (".", ";", ","):
            self.fresh = True
        elif text == "~":
            self.add_triples(token, 1)

    def see_bracket(self, token: Token) -> None:
        if token.text in _CLOSERS:
            self.close()
            return
        top = self.frames[-1]
        word = self.last.upper if self.last is not None and self.last.kind == "word" else ""
        is_template = top.is_template or (
            token.text == "{" and word.endswith(("CONSTRUCT", "INSERT", "DELETE"))
        )
        frame = _Frame(token, is_template)
        self.frames.append(frame)
        self.limit(token, len(self.frames) - 1, self.bounds.depth, "brackets inside each other")
        if token.in_data:
            return
        if frame.is_expression:
            if not top.is_expression:
                self.operators = 0
                self.add_element(token)
            frame.is_doubling = word.endswith(_DOUBLING)
            number = sum(f.is_doubling for f in self.frames) if frame.is_doubling else 0
            what = "calls of SUBSTR, REGEX, REPLACE or GROUP_CONCAT inside each other"
            self.limit(token, number, self.bounds.doubling_calls, what)
        elif token.text == "{":
            frame.is_apart = word.endswith(("UNION", "EXISTS", "MINUS"))
            self.add_element(token)
        elif token.text != "(":
            self.add_triples(token, int(token.text != "["))
            number = sum(f.bracket is not None and f.bracket.text == "[" for f in self.frames)
            self.limit(token, number, self.bounds.blank_nodes, "blank nodes inside each other")
        self.fresh = token.text in ("{", "[", "{|")

    def close(self) -> None:
        if len(self.frames) > 1:
            closed = self.frames.pop()
            if not closed.is_apart:
                self.frames[-1].joined += closed.joined
        self.fresh = not self.frames[-1].is_expression

    def add_element(self, token: Token) -> None:
        self.elements += 1
        self.limit(token, self.elements, self.bounds.elements, "groups, expressions and VALUES blocks")

    def add_triples(self, token: Token, number: int) -> None:
        if self.frames[-1].is_template:
            return
        self.frames[-1].joined += number
        self.triples += number
        joined = 0
        for frame in reversed(self.frames):
            joined += frame.joined
            if frame.is_apart:
                break
        self.limit(token, joined, self.bounds.triples, "triples in one pattern")
        self.limit(token, self.triples, self.bounds.all_triples, "triples in all patterns")
