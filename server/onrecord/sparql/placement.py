"""Whether the slots of a query stand where its parameters are used.

A slot placed wrongly gives no error but a wrong attribution: outside a
sub-select it credits everybody's count to one speaker, inside OPTIONAL it
filters nothing, and a FILTER on an open parameter drops every row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from onrecord.sparql.bounds import check_bounds
from onrecord.sparql.findings import Finding
from onrecord.sparql.positions import position_at
from onrecord.sparql.scopes import Scope, Use, read_scopes
from onrecord.sparql.slots import Slot, find_slots

JOINING_TYPES = frozenset({"iri", "enumeration"})
"""The types whose values may stand in a triple pattern; all others are literals, which go through FILTER:
`7` does not join `7.0`, nor `"harbour"` `"harbour"@en`."""


class SlotParameter(Protocol):
    """What the placement of slots depends on."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def required(self) -> bool: ...


def check_placement(text: str, parameters: Iterable[SlotParameter], path: str) -> tuple[Finding, ...]:
    """What is wrong with the slots of `parameters` in `text`, in the order of the text.

    Raises QueryBoundsError for a text that is nested too deep to be read.

    >>> from types import SimpleNamespace
    >>> who = SimpleNamespace(name="who", type="iri", required=False)
    >>> text = "SELECT * { OPTIONAL { VALUES ?who { UNDEF } ?s ?p ?who } }"
    >>> print(check_placement(text, [who], "queries/x.rq")[0])  # doctest: +ELLIPSIS
    queries/x.rq:1:23: every slot of ?who stands inside OPTIONAL, where it filters nothing. ...
    """
    check_bounds(text)
    known = {parameter.name: parameter for parameter in parameters}
    root = read_scopes(text, known)
    slots = find_slots(text, known)
    found: list[tuple[int, str, str]] = []
    for parameter in known.values():
        own = [slot for slot in slots if slot.name == parameter.name]
        found += _Checker(text, parameter, root, own).run()
    ordered = sorted(set(found))
    return tuple(
        Finding(path, position_at(text, offset), reason, remedy) for offset, reason, remedy in ordered
    )


_Problem = tuple[int, str, str]


class _Checker:
    def __init__(self, text: str, parameter: SlotParameter, root: Scope, slots: list[Slot]) -> None:
        self.text = text
        self.parameter = parameter
        self.name = parameter.name
        self.root = root
        self.slots = slots
        self.slot_scopes = [_scope_at(root, slot.offset) for slot in slots]
        self.uses = [(scope, use) for scope in root.walk() for use in scope.uses if use.name == self.name]

    def run(self) -> Iterator[_Problem]:
        if not self.slots:
            yield 0, f"?{self.name} is a parameter but has no slot.", f"Add {self.slot()} where it is used."
            return
        for slot in self.slots[1:]:
            if slot.default != self.slots[0].default:
                yield (
                    slot.offset,
                    f"this slot of ?{self.name} holds other values than the first one.",
                    "Write the same values in all its slots.",
                )
        yield from self.harmless_slots()
        for scope, use in self.uses:
            yield from self.missing_slot(scope, use)
            yield from self.wrong_use(scope, use)
        yield from self.hidden_by_subselects()

    def slot(self) -> str:
        return f"VALUES ?{self.name} {{ {' '.join(self.slots[0].default) if self.slots else 'UNDEF'} }}"

    def harmless_slots(self) -> Iterator[_Problem]:
        """Rule (b): slots that stand only where they restrict nothing."""
        outer = [[s.kind for s in scope.above() if s.kind in _HARMLESS] for scope in self.slot_scopes]
        if all(outer):
            kind = outer[0][0].upper()
            yield (
                self.slots[0].offset,
                f"every slot of ?{self.name} stands inside {kind}, where it filters nothing.",
                f"Add {self.slot()} to the group around it.",
            )

    def missing_slot(self, scope: Scope, use: Use) -> Iterator[_Problem]:
        """Rule (a), and the same for groups and branches of a UNION."""
        if use.kind == "clause":
            return
        needed = self.where_needed(scope, use)
        if needed in self.slot_scopes:
            return
        if any(s.is_subselect for s in needed.above()):
            where = "sub-select"
        else:
            where = {"minus": "MINUS", "graph": "GRAPH", "optional": "OPTIONAL"}.get(needed.kind, "group")
        place = position_at(self.text, needed.offset)
        yield (
            use.offset,
            f"?{self.name} is used in the {where} that opens at line {place.line}, column {place.column}, "
            "which has no slot for it.",
            f"Add {self.slot()} there.",
        )

    def where_needed(self, scope: Scope, use: Use) -> Scope:
        """The scope that must hold the slot for `use`: its own, or one that its own is joined to."""
        while scope not in self.slot_scopes and scope.parent is not None and not scope.is_subselect:
            joined = scope.kind == "exists" or (use.kind == "pattern" and scope.kind != "group")
            condition = scope.kind == "optional" and use.kind == "filter"
            if not joined and not condition:
                break
            scope = scope.parent
        return scope

    def wrong_use(self, scope: Scope, use: Use) -> Iterator[_Problem]:
        """Rules (c) and (d): unguarded expressions, literals in patterns."""
        if use.kind == "pattern":
            if self.parameter.type not in JOINING_TYPES:
                yield (
                    use.offset,
                    f"?{self.name} is a {self.parameter.type} and stands in a triple pattern, "
                    "where a literal matches only the very same literal.",
                    "Match another variable and compare the two: "
                    f"FILTER(!BOUND(?{self.name}) || ?value = ?{self.name}).",
                )
            return
        is_open = self.slots[0].is_open and not self.parameter.required
        bound_here = any(u.kind == "pattern" for s, u in self.uses if s is scope or s in scope.above())
        if use.kind in ("filter", "bind") and is_open and not use.is_guarded and not bound_here:
            keyword = use.kind.upper()
            yield (
                use.offset,
                f"?{self.name} is used in {keyword} and may be unbound, which gives no value there.",
                f"Write !BOUND(?{self.name}) || before the condition."
                if keyword == "FILTER"
                else f"Use IF(BOUND(?{self.name}), ..., ...) or COALESCE(?{self.name}, ...).",
            )

    def hidden_by_subselects(self) -> Iterator[_Problem]:
        """A sub-select that uses the parameter and does not hand it out, while it is used outside."""
        for select in self.root.walk():
            if not select.is_select or select.parent is None or select.projected & {"*", self.name}:
                continue
            inside = {id(scope) for scope in select.walk()}
            used_inside = any(id(scope) in inside for scope, _ in self.uses)
            used_outside = any(id(scope) not in inside for scope, _ in self.uses)
            if used_inside and used_outside:
                yield (
                    select.offset,
                    f"this sub-select uses ?{self.name} and does not project it, so that its results are "
                    "credited to every value.",
                    f"Add ?{self.name} to its SELECT, and to its GROUP BY if it has one.",
                )


_HARMLESS = frozenset({"optional", "minus", "exists"})


def _scope_at(root: Scope, offset: int) -> Scope:
    """The innermost scope that holds `offset`."""
    inside = root
    for scope in root.walk():  # from the outside in
        if scope.offset <= offset < scope.end:
            inside = scope
    return inside
