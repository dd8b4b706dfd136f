"""Slots and guarded filters in place of grlc's variables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from onrecord.saved.grlc.variables import GrlcVariable
from onrecord.sparql.scopes import Scope, Use, read_scopes
from onrecord.sparql.tokens import Token, tokenize

_AROUND = ("optional", "exists")
"""Groups that see what is bound around them, so that the slot stands there."""


@dataclass(frozen=True)
class Placed:
    """A variable of grlc with the name of its parameter, and the text of its slots' content.

    `joins` tells that its value may stand in a triple pattern.
    """

    variable: GrlcVariable
    name: str
    content: str
    joins: bool

    @property
    def expression(self) -> str:
        """Its value in an expression."""
        wrapping = self.variable.wrapping
        return wrapping.format(f"?{self.name}") if wrapping else f"?{self.name}"

    @property
    def guard(self) -> str:
        """What lets every row through while no value is given; empty where one always is."""
        return "" if self.content != "UNDEF" or self.variable.is_required else f"!BOUND(?{self.name}) || "


@dataclass
class _Edits:
    """Replacements of pieces of a text, and insertions before an offset in the order in which they come."""

    replaced: dict[tuple[int, int], str] = field(default_factory=dict)
    inserted: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def apply(self, text: str) -> str:
        places = [(start, 0, "".join(texts), start) for start, texts in self.inserted.items()]
        places += [(start, 1, new, end) for (start, end), new in self.replaced.items()]
        parts, offset = [], 0
        for start, _, new, end in sorted(places):
            parts += [text[offset:start], new]
            offset = end
        return "".join([*parts, text[offset:]])


def place_slots(text: str, placed: Sequence[Placed]) -> str:
    """`text` with a slot for each of `placed` in the groups that use it.

    A literal in a triple pattern becomes a variable of its own that is
    compared with the parameter; a filter lets everything through while an
    optional parameter is open.
    """
    by_variable = {one.variable.original: one for one in placed}
    tokens = list(tokenize(text))
    taken = {token.text[1:] for token in tokens if token.kind == "var"} | {one.name for one in placed}
    values = {one.name: _free(f"{one.name}Value", taken) for one in placed}
    root = read_scopes(text, by_variable)
    uses: dict[int, tuple[Scope, Use]] = {}
    for group in root.walk():
        if not _is_template(text, group):
            uses |= {use.offset: (group, use) for use in group.uses}
    edits = _Edits()
    slots: dict[int, dict[str, str]] = defaultdict(dict)
    compared: dict[int, dict[str, str]] = defaultdict(dict)
    guarded: set[tuple[int, str]] = set()
    for index, token in enumerate(tokens):
        one = by_variable.get(token.text[1:]) if token.kind == "var" else None
        if one is None:
            continue
        scope, use = uses.get(token.start) or (None, None)
        is_value = use is not None and use.kind == "pattern" and not one.joins
        if use is not None and use.kind in ("filter", "bind"):
            written = one.expression
        else:
            is_shown = not one.joins and _stands_in_pattern(one, uses)
            written = f"?{values[one.name] if is_value or (use is None and is_shown) else one.name}"
        edits.replaced[token.start, token.end] = written
        if scope is None or use is None or use.kind == "clause":
            continue
        for group in _groups_for(scope, compares=is_value or use.kind != "pattern"):
            slots[group.offset][one.name] = f" VALUES ?{one.name} {{ {one.content} }}"
        if is_value:
            condition = f"?{values[one.name]} = {one.expression}"
            compared[scope.offset][one.name] = f" FILTER({one.guard}{condition})"
        if use.kind == "filter" and one.guard and not use.is_guarded:
            _guard(edits, tokens, index, one, guarded)
    for offset in {*slots, *compared}:
        edits.inserted[offset + 1] += [*slots[offset].values(), *compared[offset].values()]
    return edits.apply(text)


def names_in_strings(text: str, originals: Mapping[str, object] | Sequence[str]) -> list[str]:
    """Those of the variables `originals` that stand inside a string or an IRI, where grlc pastes text."""
    pasted = [token.text for token in tokenize(text) if token.kind in ("string", "iri", "data")]
    return [name for name in originals if any(f"?{name}" in piece for piece in pasted)]


def _groups_for(scope: Scope, *, compares: bool) -> list[Scope]:
    """The groups that need a slot for a use in `scope`."""
    groups = []
    while scope.kind in (*_AROUND, "minus") and scope.parent is not None:
        if scope.kind == "minus" and compares:
            groups.append(scope)  # a filter in MINUS sees nothing of what is around it
        scope = scope.parent
    return [*groups, scope]


def _guard(
    edits: _Edits, tokens: Sequence[Token], index: int, one: Placed, done: set[tuple[int, str]]
) -> None:
    """Let the condition that the token at `index` belongs to hold while the parameter is open.

    That is one of those which `&&` joins: the others hold in any case.
    """
    keyword = next(place for place in range(index, -1, -1) if tokens[place].upper.endswith("FILTER"))
    bracket = next(place for place in range(keyword + 1, len(tokens)) if tokens[place].is_op("("))
    first, last = keyword + 1, _closing(tokens, bracket)
    while tokens[first].is_op("(") and _closing(tokens, first) == last:
        first, last = _conjunct(tokens, first + 1, last - 1, index)
    if (first, one.name) in done:
        return
    done.add((first, one.name))
    edits.inserted[tokens[first].start].append(f"({one.guard}")
    edits.inserted[tokens[last].end].append(")")


def _conjunct(tokens: Sequence[Token], first: int, last: int, index: int) -> tuple[int, int]:
    """The first and last token of the part between `&&` that holds `index`."""
    start, depth = first, 0
    for place in range(first, last + 1):
        depth += tokens[place].is_op("(", "{") - tokens[place].is_op(")", "}")
        if depth == 0 and tokens[place].is_op("&&"):
            if place > index:
                return start, place - 1
            start = place + 1
    return start, last


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """The index of the bracket that closes the one at `opening`, or of the last token."""
    depth = 0
    for place in range(opening, len(tokens)):
        depth += tokens[place].is_op("(") - tokens[place].is_op(")")
        if depth == 0:
            return place
    return len(tokens) - 1


def _stands_in_pattern(one: Placed, uses: Mapping[int, tuple[Scope, Use]]) -> bool:
    return any(use.name == one.variable.original and use.kind == "pattern" for _, use in uses.values())


def _is_template(text: str, scope: Scope) -> bool:
    """Whether the group is what CONSTRUCT makes, or stands in that."""
    return any(text[: group.offset].rstrip().upper().endswith("CONSTRUCT") for group in scope.above())


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name
