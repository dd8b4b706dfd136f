"""The hash of a result depends on its rows and on nothing else."""

from __future__ import annotations

import hashlib
import random

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.saved import hash_rows
from onrecord.saved.team.citation import Citation
from onrecord.saved.team.fingerprint import ResultLines, read_lines

DATA = """
<urn:a> <urn:p> _:x , "a\\tb\\nc"@en .
_:x <urn:p> _:y ; <urn:q> 7 .
_:y <urn:q> 8 .
"""


def store(order: int = 0) -> ox.Store:
    """The data, loaded in another order, with other labels of blank nodes."""
    quads = list(ox.parse(DATA, ox.RdfFormat.TURTLE, rename_blank_nodes=True))
    random.Random(order).shuffle(quads)
    loaded = ox.Store()
    for quad in quads:
        loaded.add(ox.Quad(quad.subject, quad.predicate, quad.object, ox.DefaultGraph()))
    return loaded


def lines_of(text: str, loaded: ox.Store, *, is_ordered: bool = False) -> ResultLines:
    results = loaded.query(text)
    if isinstance(results, ox.QueryTriples):
        document = results.serialize(format=ox.RdfFormat.N_TRIPLES) or b""
        return read_lines("graph", document, is_ordered=is_ordered)
    assert isinstance(results, ox.QuerySolutions)
    document = results.serialize(format=ox.QueryResultsFormat.JSON) or b""
    return read_lines("solutions", document, is_ordered=is_ordered)


@pytest.mark.parametrize(
    "text",
    ["SELECT * { ?s ?p ?o }", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "SELECT ?o { ?s <urn:p>+ ?o }"],
)
def test_order_and_labels_of_blank_nodes_do_not_matter(text: str) -> None:
    hashes = {lines_of(text, store(order)).hash for order in range(6)}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("before", "after"), [("7", "9"), ('"a', '"b'), ("<urn:a>", "<urn:b>"), ("_:y ;", "_:x ;")]
)
def test_any_change_of_a_term_is_another_hash(before: str, after: str) -> None:
    text = "SELECT * { ?s ?p ?o }"
    changed = ox.Store()
    changed.load(DATA.replace(before, after, 1).encode(), ox.RdfFormat.TURTLE)
    assert lines_of(text, changed).hash != lines_of(text, store()).hash


def test_a_repeated_row_counts() -> None:
    once = lines_of("SELECT ?x { VALUES ?x { 1 2 } }", ox.Store())
    twice = lines_of("SELECT ?x { VALUES ?x { 1 2 2 } }", ox.Store())
    assert once.hash != twice.hash


def test_the_order_counts_where_the_query_fixes_it() -> None:
    up, down = (f"SELECT ?x {{ VALUES ?x {{ 1 2 }} }} ORDER BY {by}(?x)" for by in ("ASC", "DESC"))
    assert lines_of(up, ox.Store(), is_ordered=True).hash != lines_of(down, ox.Store(), is_ordered=True).hash
    assert lines_of(up, ox.Store()).hash == lines_of(down, ox.Store()).hash


def test_the_hash_is_the_documented_one_and_that_of_expectations() -> None:
    found = lines_of('SELECT ?b ?a { VALUES (?b ?a) { (1 "x\\t"@en) (UNDEF <urn:i>) } }', ox.Store())
    number = '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    written = f'a="x\\t"@en\tb={number}\na=<urn:i>\n'
    assert found.hash == hashlib.sha256(written.encode()).hexdigest()
    rows = [{"a": ox.Literal("x\t", language="en"), "b": ox.Literal(1)}, {"a": ox.NamedNode("urn:i")}]
    assert hash_rows(rows) == found.hash


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=5), max_size=4))
def test_no_text_passes_for_two_rows_or_for_another(texts: list[str]) -> None:
    def hash_of(values: list[str]) -> str:
        rows = " ".join(str(ox.Literal(value)) for value in values)
        return lines_of(f"SELECT ?x {{ VALUES ?x {{ {rows} }} }}", ox.Store()).hash

    assert hash_of(texts) == hash_of(texts[::-1])
    assert hash_of(texts) != hash_of([*texts, "\n"])


def test_bibtex_is_escaped() -> None:
    citation = Citation(
        r"50% of {all} $ & \x", "A_B", "T", "q@1", "https://e.org/q?a={b}&c=%20#d", "2031-06-01T09:00:00Z",
        "g-1", "", "", 1, "row", "ab",
    )  # fmt: skip
    entry = citation.bibtex()
    assert r"{{50\% of \{all\} \$ \& \textbackslash{}x}}" in entry
    assert r"\url{https://e.org/q?a=%7Bb%7D&c=%20#d}" in entry
    assert r"{{A\_B}}" in entry
    assert entry.count("{") - entry.count(r"\{") == entry.count("}") - entry.count(r"\}")
    assert "year = {2031}" in entry and "month = jun" in entry
