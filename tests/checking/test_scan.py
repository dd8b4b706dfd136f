"""The scanner finds each triple that the engine's parser reads, at the place where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from tests.conftest import REPOSITORY

from onrecord.checking.scan import BLANK, key_of, scan
from onrecord.terms import RDF

FILES = sorted(
    path
    for folder in (REPOSITORY, REPOSITORY / "tests" / "second-folder")
    for top in ("ontology", "triples")
    for path in (folder / top).rglob("*.ttl")
)
REST = f"<{RDF}rest>"
"""The cells of a list stand nowhere in the text."""
TRICKY = [
    "@prefix : <urn:x:> . :a.b :c 1.5, .5, 1e3, -7, +1.0E-2, true .",
    "PREFIX é: <urn:x:> é:ü é:b 'it''s' , 'a\\'b' .".replace("''", "\\'"),
    '@prefix e: <urn:x:> . e:a e:b """two "quoted"\n lines""" , "#no comment" . # <urn:x:c> e:d 1 .',
    "@prefix e: <urn:x:> . e:a\\,b e:c%20d e:f:g . e:a e:b e:1 .",
    "@base <https://example.org/a/> . <b> <../c> <#d> , <?e> , <//f.example/g> , <> .",
    "BASE <urn:x:> PREFIX e: <urn:y:> e:a a e:B ; ; e:c e:d , e:e ; .",
    '<urn:x:a> <urn:x:b> "\\u00e9\\U0001F600\\t" , "x"@EN-gb , "1"^^<urn:x:t> .',
    "@prefix e: <urn:x:> . [] e:a [ e:b ( 1 [ e:c e:d ] ( ) ) ] , _:x . _:x.y e:z _:x .",
    "<urn:x:\\u0061> <urn:x:b> <urn:x:c> .",
    "@prefix true: <urn:x:> . true:a true:b false .",
]


def keys(text: str, form: RdfFormat) -> set[tuple[str, str, str]]:
    quads = parse(text, form, base_iri="https://example.com/base/")
    triples = {(key_of(q.subject), key_of(q.predicate), key_of(q.object)) for q in quads}
    return {triple for triple in triples if triple[1] != REST}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_every_triple_of_a_file_is_found(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(scan(text, "https://example.com/base/").triples) == keys(text, RdfFormat.TURTLE)


@pytest.mark.parametrize("text", TRICKY)
def test_every_triple_of_a_tricky_text_is_found(text: str) -> None:
    assert set(scan(text, "https://example.com/base/").triples) == keys(text, RdfFormat.TURTLE)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("PREFIX e: <urn:x:> GRAPH e:g { e:a e:b e:c } e:h { e:a e:b 1 . e:d e:e 2 }", RdfFormat.TRIG),
        ('<urn:x:a> <urn:x:b> "c"@en <urn:x:g> .\n_:a <urn:x:b> <urn:x:c> .\n', RdfFormat.N_QUADS),
        ('<urn:x:a> <urn:x:b> "c" .\n', RdfFormat.N_TRIPLES),
    ],
    ids=["trig", "n-quads", "n-triples"],
)
def test_other_formats_are_read_too(text: str, form: RdfFormat) -> None:
    assert set(scan(text, "https://example.com/base/").triples) == keys(text, form)


def test_a_place_is_that_of_the_terms() -> None:
    text = "@prefix e: <urn:x:> .\ne:a e:b [\n  e:c 'd' ] ,\n  e:e ."
    index = scan(text, "urn:x:")
    place = index.triples["<urn:x:a>", "<urn:x:b>", "<urn:x:e>"]
    assert [text[at : at + 3] for at in (place.subject, place.predicate, place.object)] == [
        "e:a",
        "e:b",
        "e:e",
    ]
    inner = index.pairs[BLANK, "<urn:x:c>"]
    assert text[inner.object :].startswith("'d'")


@pytest.mark.parametrize(
    "text", ["", "]", "}.", "@prefix", "@prefix e:", "e:a e:b", '"', "( (", "a a a", "^^"]
)
def test_a_text_that_does_not_parse_is_scanned_without_an_error(text: str) -> None:
    scan(text, "urn:x:")
