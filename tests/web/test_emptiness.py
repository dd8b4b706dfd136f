"""A query without rows is told where its trail ends, and what was near."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from onrecord.emptiness import Emptiness, explain_emptiness
from onrecord.solutions import Reader

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

PREFIXES = """PREFIX rec: <https://w3id.org/onrecord/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX id: <https://example.org/quay/id/>
PREFIX q: <https://example.org/quay/>
"""
PAGE = {"Accept": "text/html"}


def explain(engine: StoreEngine, pattern: str) -> Emptiness | None:
    return explain_emptiness(Reader(engine), f"{PREFIXES}SELECT * WHERE {{\n{pattern}\n}}")


@pytest.mark.parametrize(
    ("pattern", "part", "line", "matched"),
    [
        ("?s rec:speaker id:mayor .\n?s rec:makes ?c ; rec:denies ?d .", "?s rec:denies ?d", 7, 2),
        ("?c rec:subject id:quay .\n?c rec:count 7 .", "?c rec:count 7", 7, 1),
        ("?c rec:count ?n .\nFILTER(?n > 9000)\n?c rec:subject ?q .", "FILTER(?n > 9000)", 7, 2),
        ("VALUES ?s { id:nobody }\n?s rdfs:label ?l .", "?s rdfs:label ?l", 7, 1),
        ("?c a rec:Claim .\nMINUS { ?c rec:subject id:quay }", "MINUS { ?c rec:subject id:quay }", 7, 1),
        ("?c a rec:Nothing .\n?c rec:subject id:quay .", "?c a rec:Nothing", 6, 0),
    ],
)
def test_the_part_after_which_nothing_is_left_is_named_with_its_line(
    engine: StoreEngine, pattern: str, part: str, line: int, matched: int
) -> None:
    found = explain(engine, pattern)
    assert found is not None
    assert (found.part, found.position.line, found.matched) == (part, line, matched)


def test_near_names_are_shown_for_a_label_that_nothing_has(engine: StoreEngine) -> None:
    found = explain(engine, '?a rdfs:label "the mayer"@en .')
    assert found is not None
    assert [(term, names[0].label) for term, names in found.missing] == [('"the mayer"', "the mayor")]


def test_near_names_are_found_in_the_script_in_which_they_were_written(engine: StoreEngine) -> None:
    found = explain(engine, '?a rdfs:label "العمدا"@ar .')
    assert found is not None
    assert found.missing[0][1][0].iri == "https://example.org/quay/id/mayor"


def test_near_names_are_shown_for_an_iri_that_stands_nowhere(engine: StoreEngine) -> None:
    found = explain(engine, "VALUES ?a { id:capten }\n?a rdfs:label ?l .")
    assert found is not None
    assert [(term, names[0].iri) for term, names in found.missing] == [
        ("id:capten", "https://example.org/quay/id/captain")
    ]


def test_a_query_whose_modifiers_remove_the_rows_is_not_explained_by_its_pattern(
    engine: StoreEngine,
) -> None:
    text = f"{PREFIXES}SELECT * WHERE {{ ?s rec:makes ?c }} LIMIT 0"
    assert explain_emptiness(Reader(engine), text) is None


def test_the_page_of_an_empty_result_shows_it_escaped(client: FlaskClient) -> None:
    text = f'{PREFIXES}SELECT * WHERE {{ ?a rdfs:label "the mayer <script>"@en }}'
    page = client.get("/sparql", query_string={"query": text}, headers=PAGE).text
    assert "Where the trail ends" in page
    assert "<script>" not in page
    assert '?a rdfs:label "the mayer <script>"@en' in html.unescape(page)


def test_a_parameter_that_nothing_matches_names_what_is_near(client: FlaskClient) -> None:
    page = client.get("/queries/who-said?speaker=id/capten", headers=PAGE).text
    assert "Where the trail ends" in page
    assert "https://example.org/quay/id/captain" in page
