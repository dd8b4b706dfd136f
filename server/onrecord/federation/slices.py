"""Sub-selects with LIMIT beside a SERVICE: their rows are taken once.

Without a total order such a sub-select may take other rows each time. The
bindings that are sent and those of the final query must be the same, so its
rows stand in its place from the first time on.
"""

from __future__ import annotations

from onrecord.federation.inline import has_blank_node
from onrecord.federation.pattern import Element, Span
from onrecord.federation.remote import Local
from onrecord.federation.substitution import Substitution, around


def freeze_slices(
    text: Substitution, local: Local, service: Element, wanted: frozenset[str], most_rows: int
) -> None:
    """Put rows in the place of each sliced sub-select that the bindings of `service` depend on.

    One with more rows than `most_rows`, or with blank nodes (which inline data has
    not), stays as it is; no binding is taken from it then.
    """
    if any(outer.kind in ("lateral", "filter", "bind") for outer in around(service)):
        return
    for group in (service.parent, *(outer.parent for outer in around(service))):
        for element in group.elements if group is not None else ():
            if _is_slice(text, element) and element.variables & wanted:
                _freeze(text, local, element, most_rows)


def _is_slice(text: Substitution, element: Element) -> bool:
    if element.kind != "subselect" or text.has(element):
        return False
    group = element.groups[0]
    has_service = any(e.kind == "service" for e in group.walk())
    in_graph = any(outer.kind == "graph" for outer in around(element))
    return group.select is not None and group.select.is_sliced and not has_service and not in_graph


def _freeze(text: Substitution, local: Local, element: Element, most_rows: int) -> None:
    group, pattern = element.groups[0], text.pattern
    assert group.where is not None
    head = group.where.first - (pattern.tokens[group.where.first - 1].upper == "WHERE")
    parts = (
        pattern.heading,
        text.render(Span(group.span.first + 1, head)),
        pattern.source(pattern.dataset),
        text.render(Span(head, group.span.last - 1)),
    )
    rows = local.select(" ".join(parts), most_rows + 1)
    has_blank = any(has_blank_node(term) for row in rows.rows for term in row)
    if len(rows.rows) <= most_rows and not has_blank:
        text.replace(element, rows)
