"""Comparing answers: multisets of solutions and graphs, up to the names of blank nodes.

Terms are compared as terms. Only where that fails, they are compared once
more by value: numbers, booleans, dates and times of the same datatype, and
language tags in lower case. The suites leave open whether a literal that was
stored keeps its lexical form (`01` and `1`), and this engine does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

XSD = "http://www.w3.org/2001/XMLSchema#"
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_INTEGERS = {
    XSD + name
    for name in (
        "integer",
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "negativeInteger",
        "nonPositiveInteger",
        "unsignedInt",
        "unsignedLong",
        "unsignedShort",
        "unsignedByte",
    )
}

Row = tuple[object, ...]


def by_value(term: object) -> object:
    """`term`, a number in one lexical form for each value.

    >>> by_value(ox.Literal("01", datatype=ox.NamedNode(XSD + "integer"))).value
    '1'
    """
    if isinstance(term, ox.Triple):
        return ox.Triple(by_value(term.subject), term.predicate, by_value(term.object))  # type: ignore[arg-type]
    if not isinstance(term, ox.Literal):
        return term
    if term.language:
        return ox.Literal(term.value, language=term.language.lower(), direction=term.direction)
    kind = term.datatype.value
    try:
        if kind in _INTEGERS:
            return ox.Literal(str(int(term.value)), datatype=term.datatype)
        if kind == XSD + "decimal":
            return ox.Literal(f"{Decimal(term.value).normalize():f}", datatype=term.datatype)
        if kind == XSD + "double":
            return ox.Literal(repr(float(term.value)), datatype=term.datatype)
        if kind == XSD + "float":
            return ox.Literal(f"{float(term.value):.6e}", datatype=term.datatype)
        if kind == XSD + "boolean":
            return ox.Literal({"1": "true", "0": "false"}.get(term.value, term.value), datatype=term.datatype)
        if kind in (XSD + "dateTime", XSD + "date"):
            return ox.Literal(
                re.sub(r"\.0+(?=Z|[+-]|$)", "", term.value).replace("+00:00", "Z"), datatype=term.datatype
            )
    except (ValueError, InvalidOperation):
        pass
    return term


def same_rows(found: Sequence[Row], expected: Sequence[Row], *, ordered: bool, lax: bool = False) -> bool:
    """Whether two solution sequences are the same, as multisets unless `ordered`.

    `lax` bears fewer duplicates, as REDUCED may give.
    """
    return any(
        _match(
            [tuple(map(change, r)) for r in found], [tuple(map(change, r)) for r in expected], ordered, lax
        )
        for change in (lambda term: term, by_value)
    )


def same_graph(found: Sequence[ox.Quad], expected: Sequence[ox.Quad]) -> bool:
    """Whether two datasets are isomorphic."""
    for change in (lambda term: term, by_value):
        one, other = (
            ox.Dataset(ox.Quad(change(q.subject), q.predicate, change(q.object), q.graph_name) for q in quads)  # type: ignore[arg-type]
            for quads in (found, expected)
        )
        for dataset in (one, other):
            dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        if set(one) == set(other):
            return True
    return False


def _match(found: list[Row], expected: list[Row], ordered: bool, lax: bool) -> bool:
    if lax:
        most = Counter(expected)
        return set(found) == set(expected) and all(n <= most[row] for row, n in Counter(found).items())
    if len(found) != len(expected):
        return False
    if not any(_has_blank(term) for row in expected for term in row):
        return found == expected if ordered else Counter(found) == Counter(expected)
    if ordered:
        return _bind(list(zip(found, expected, strict=True)), {}) is not None
    return _pair(found, expected, {})


def _pair(found: list[Row], expected: list[Row], bound: dict[object, object]) -> bool:
    if not expected:
        return True
    for place, row in enumerate(found):
        extended = _bind([(row, expected[0])], bound)
        if extended is not None and _pair(found[:place] + found[place + 1 :], expected[1:], extended):
            return True
    return False


def _bind(pairs: list[tuple[Row, Row]], bound: dict[object, object]) -> dict[object, object] | None:
    result = dict(bound)
    for one, other in pairs:
        for a, b in zip(one, other, strict=True):
            if not _unify(a, b, result):
                return None
    return result


def _unify(a: object, b: object, bound: dict[object, object]) -> bool:
    if isinstance(a, ox.BlankNode) and isinstance(b, ox.BlankNode):
        if a in bound:
            return bound[a] == b
        if b in bound.values():
            return False
        bound[a] = b
        return True
    if isinstance(a, ox.Triple) and isinstance(b, ox.Triple):
        parts = zip((a.subject, a.predicate, a.object), (b.subject, b.predicate, b.object), strict=True)
        return all(_unify(x, y, bound) for x, y in parts)
    return a == b


def _has_blank(term: object) -> bool:
    if isinstance(term, ox.Triple):
        return _has_blank(term.subject) or _has_blank(term.object)
    return isinstance(term, ox.BlankNode)
