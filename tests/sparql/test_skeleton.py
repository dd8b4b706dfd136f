"""What was found out about a text holds for those that differ from it in plain constants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.sparql import Skeletons, describe, shape_of, tokenize

TEXTS = [
    'PREFIX x: <urn:p> SELECT * { <urn:a> x:p ?o ; ?p "a b" . FILTER(?o < 5 && ?o > "z") } LIMIT 5',
    "ASK { GRAPH <urn:g> { ?s <urn:p>/<urn:q>* <http://example.org/a#b> } # <urn:comment>\n }",
    'SELECT (COUNT(*) AS ?n) FROM <urn:g> { VALUES ?x { <urn:a> "b" } ?x ?p \'it is "quoted"\' }',
    'ASK { ?s ?p """long "and" <urn:x> too""" . BIND(<urn:f>("a") AS ?b) FILTER(?a<?b) }',
]
IRIS = st.from_regex(r"<[a-z]{1,4}:[A-Za-z0-9/._~#:%=?&+-]{0,12}>", fullmatch=True)
STRINGS = st.from_regex(r"\"[A-Za-z0-9 _.,:;/+-]{1,12}\"", fullmatch=True)


@pytest.mark.parametrize("text", TEXTS)
@given(data=st.data())
def test_a_text_of_a_known_skeleton_is_read_as_the_first_one(text: str, data: st.DataObject) -> None:
    known: Skeletons[object] = Skeletons()
    known.learn(text, "learned")
    other = text
    for old in ("<urn:a>", "<urn:g>", "<urn:p>", '"a b"', '"z"', '"b"', '"a"', "<urn:x>", "<urn:comment>"):
        other = other.replace(old, data.draw(IRIS if old[0] == "<" else STRINGS))
    found = known.find(other)
    if found is None:
        return
    assert (found.shape, found.text) == shape_of(other)
    assert [(t.kind, t.role) for t in tokenize(other)] == [(t.kind, t.role) for t in tokenize(text)]
    first, second = describe(text), describe(other)
    assert (first.form, first.has_dataset_clause, first.services) == (
        second.form,
        second.has_dataset_clause,
        second.services,
    )


def test_only_what_was_learned_is_found() -> None:
    known: Skeletons[int] = Skeletons(2)
    known.learn("ASK { <urn:a> ?p ?o }", 1)
    found = known.find("ASK { <urn:b> ?p ?o }")
    assert found is not None
    assert found.value == 1
    for other in (
        "ASK { <urn:a> ?q ?o }",
        "ASK { <rel> ?p ?o }",
        "ASK { <urn:a\\u0020> ?p ?o }",
        "ASK { \x00 ?p ?o }",
        'ASK { "a" ?p ?o }',
    ):
        assert known.find(other) is None, other
    known.learn("ASK { 1 ?p ?o }", 2)
    known.learn("ASK { 2 ?p ?o }", 3)
    assert known.find("ASK { <urn:b> ?p ?o }") is None, "the oldest has left"


@pytest.mark.parametrize(
    "text", ["ASK { ?s ?p 1 } # <urn:a>", "ASK { VALUES ?x { <urn:a> } }", 'ASK {?s ?p """"a"""}']
)
def test_a_constant_inside_a_comment_a_data_block_or_a_string_is_not_taken_for_one(text: str) -> None:
    known: Skeletons[int] = Skeletons()
    known.learn(text, 1)
    assert known.find(text) is None
