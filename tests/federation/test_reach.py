"""For which variables of a SERVICE bindings may be sent along."""

from __future__ import annotations

import pytest

from onrecord.federation.pattern_reader import read_pattern
from onrecord.federation.reach import sendable


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("?x <urn:p> ?y", "x y"),
        ("?x <urn:p>* ?y", ""),
        ("?x <urn:p>? ?y", ""),
        ("?x (<urn:p>|<urn:q>*) ?y", ""),
        ("?x <urn:p>+ ?y", "x y"),
        ("?x <urn:a>/<urn:p>* ?y", "x y"),
        ("?x <urn:p>* <urn:z>", "x"),
        ("?x <urn:p>* ?y . ?y <urn:q> ?z", "x y z"),
        ("[ <urn:p>* ?x ] <urn:q> ?y", "y"),
        ("?x <urn:p> ?y OPTIONAL { ?x <urn:q> ?z }", "x y"),
        ("OPTIONAL { ?x <urn:q> ?z } ?x <urn:p> ?y", ""),
        ("?x <urn:p> ?y BIND(1 AS ?z)", "x y"),
        ("?x <urn:p> ?y BIND(1 AS ?z) ?x <urn:q> ?z", "x y"),
        ("{ ?x <urn:p> ?y } UNION { ?x <urn:q> ?z }", "x"),
        ("VALUES (?x ?y) { (1 UNDEF) }", ""),
        ("SELECT ?x (COUNT(*) AS ?n) { ?x <urn:p> ?y } GROUP BY ?x", "x"),
        ("SELECT ?x (COUNT(*) AS ?n) { ?x <urn:p> ?y } GROUP BY ?y", ""),
        ("SELECT ?x ?y { ?x <urn:p> ?y } LIMIT 3", ""),
        ("GRAPH ?g { ?x <urn:p> ?y }", "g x y"),
        ("?x <urn:p> ?y {| <urn:q> ?z |}", "x y z"),
    ],
)
def test_bindings_are_sent_only_for_what_every_row_binds_first(body: str, names: str) -> None:
    pattern = read_pattern(f"SELECT * {{ SERVICE <urn:e> {{ {body} }} }}")
    (service,) = pattern.root.elements
    assert sendable(pattern, service.groups[0]) == frozenset(names.split())
