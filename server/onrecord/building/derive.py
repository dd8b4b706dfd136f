"""What the build writes for authors, so that natural queries find it.

- `conveys` for every statement that relays, down the chain: what an agency
  passed on is found where it is asked for, and who makes a claim stays `makes`.
- The direct property between two claims for every *certain* ClaimLink, so
  that an uncertain denial never reads as a plain one. Which property a kind
  of link writes is said by the kind itself (`rec:directProperty`).
"""

from __future__ import annotations

from pyoxigraph import NamedNode

from onrecord.building.triples import Quads, Triple
from onrecord.terms import REC, TERM

_CONVEYS = NamedNode(REC + "conveys")


def derive(store: Quads) -> set[Triple]:
    """The derived triples that stand in no graph of `store` yet."""
    found = _conveyed(store) | _linked(store)
    return {t for t in found if next(iter(store.quads_for_pattern(*t, None)), None) is None}


def _conveyed(store: Quads) -> set[Triple]:
    relayed: dict[NamedNode, set[NamedNode]] = {}
    for relay, told in _pairs(store, "relays"):
        relayed.setdefault(relay, set()).add(told)
    made: dict[NamedNode, set[NamedNode]] = {}
    for statement, claim in _pairs(store, "makes"):
        made.setdefault(statement, set()).add(claim)
    found: set[Triple] = set()
    for relay in relayed:
        seen: set[NamedNode] = set()
        stack = [*relayed[relay]]
        while stack:
            told = stack.pop()
            if told not in seen:
                seen.add(told)
                stack.extend(relayed.get(told, ()))
                found.update((relay, _CONVEYS, claim) for claim in made.get(told, ()))
    return found


def _linked(store: Quads) -> set[Triple]:
    certain = NamedNode(TERM + "certainty/certain")
    writes = dict(_pairs(store, "directProperty"))
    origin = dict(_pairs(store, "from"))
    target = dict(_pairs(store, "to"))
    kinds = dict(_pairs(store, "kind"))
    found: set[Triple] = set()
    for link, certainty in _pairs(store, "certainty"):
        prop = writes.get(kinds[link]) if link in kinds else None
        if certainty == certain and prop is not None and link in origin and link in target:
            found.add((origin[link], prop, target[link]))
    return found


def _pairs(store: Quads, name: str) -> list[tuple[NamedNode, NamedNode]]:
    quads = store.quads_for_pattern(None, NamedNode(REC + name), None, None)
    return [
        (q.subject, q.object)
        for q in quads
        if isinstance(q.subject, NamedNode) and isinstance(q.object, NamedNode)
    ]
