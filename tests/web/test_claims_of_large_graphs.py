"""In a large graph claims are found in another way, for speed, and they are the same claims."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from tests.web.conftest import StoreEngine

from onrecord.claims import Search, find_claims, finding
from onrecord.solutions import Reader
from onrecord.terms import REC

DATA = f"""
@prefix rec: <{REC}> . @prefix : <urn:x:> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:backs rec:broader :supports . :arms rec:broader :backs . :controls rec:broader :holds .
:c1 a rec:Claim ; rec:subject :a ; rec:relation :arms ; rec:object :b .
:c2 a rec:Claim ; rec:subject :b ; rec:relation :supports ; rec:object :a , :d .
:c3 a rec:Claim ; rec:subject :a ; rec:relation :controls ; rec:object :b .
:c4 a rec:Claim ; rec:subject :d ; rec:relation :backs ; rec:place :a .
:c5 a rec:Claim ; rec:subject :d ; rec:relation :backs ; rec:object :b .
:c6 rec:subject :a ; rec:relation :backs .
:s1 rec:speaker :d ; rec:makes :c1 , :c3 .
"""


@pytest.mark.parametrize(("few", "most_kinds"), [(0, 500), (0, 1), (2_000, 500)])
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"about": ("urn:x:a",), "relation": ("urn:x:supports",)}, {"c1", "c2", "c4"}),
        ({"about": ("urn:x:a",), "relation": ("urn:x:supports", "urn:x:holds")}, {"c1", "c2", "c3", "c4"}),
        ({"about": ("urn:x:a", "urn:x:b"), "relation": ("urn:x:backs",)}, {"c1", "c4", "c5"}),
        ({"about": ("urn:x:a",), "relation": ("urn:x:holds",), "speaker": ("urn:x:d",)}, {"c3"}),
        ({"about": ("urn:x:a",), "relation": ("urn:x:nothing",)}, set()),
    ],
)
def test_beginning_with_the_relation_finds_the_same_claims(
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    most_kinds: int,
    asked: dict[str, tuple[str, ...]],
    found: set[str],
) -> None:
    monkeypatch.setattr(finding, "_FEW", few)
    monkeypatch.setattr(finding, "_MOST_KINDS", most_kinds)
    store = ox.Store()
    store.load(DATA.encode(), format=ox.RdfFormat.TURTLE)
    engine = StoreEngine(store)
    for in_text_order in (True, False):
        page = find_claims(Reader(engine), Search(asked), 1, 20, in_text_order=in_text_order)
        assert {claim.removeprefix("urn:x:") for claim in page.claims} == found
        assert len(page.claims) == len(found), "none comes twice"
