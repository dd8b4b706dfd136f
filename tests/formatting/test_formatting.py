"""Turtle and TriG in canonical form: what it looks like, what it keeps, what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from onrecord.building.formatting import format_file, format_trig, format_turtle, is_formatted
from onrecord.errors import FolderError, FolderSyntaxError, Position

PREFIXES = """@prefix : <https://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def body(text: str) -> str:
    """`text` formatted, without the lines of its prefixes."""
    formatted = format_turtle(PREFIXES + text)
    assert format_turtle(formatted) == formatted
    assert isomorphic(Graph().parse(data=PREFIXES + text), Graph().parse(data=formatted))
    return "".join(line for line in formatted.splitlines(True) if not line.startswith("@prefix")).lstrip("\n")


def test_every_file_of_the_shipped_folder_is_formatted(repository: Path) -> None:
    files = [*(repository / "ontology").rglob("*.ttl"), *(repository / "triples").rglob("*.ttl")]
    assert len(files) >= 6
    assert [file.name for file in files if not is_formatted(file)] == []


def test_subjects_predicates_and_objects_are_sorted_with_the_type_first() -> None:
    text = body(":b :z 2 , 1 ; a :T , :S ; :y :b , :a . <https://example.com/> :p 1 . :a :p 1 .")
    assert text == (
        "<https://example.com/> :p 1 .\n\n:a :p 1 .\n\n:b a :S , :T ;\n    :y :a , :b ;\n    :z 1 , 2 .\n"
    )


def test_prefixes_are_sorted_and_those_not_used_are_left_out() -> None:
    text = format_turtle(
        "PREFIX z: <https://z.example/>\n@prefix none: <https://n.example/> .\n"
        "@prefix a: <https://a.example/> . z:s a:p z:o ."
    )
    assert text == ("@prefix a: <https://a.example/> .\n@prefix z: <https://z.example/> .\n\nz:s a:p z:o .\n")


def test_the_longest_namespace_that_fits_names_an_iri() -> None:
    text = format_turtle(
        "@prefix a: <https://a.example/> . @prefix b: <https://a.example/b/> . "
        "<https://a.example/b/c> a:p <https://a.example/b> , <https://a.example/b/c/d> ."
    )
    assert text.endswith("b:c a:p a:b , <https://a.example/b/c/d> .\n")


def test_the_comment_at_the_head_is_kept() -> None:
    head = '# One.\n#\n# Two, with <iri> and "quotes".\n\n# Three.\n'
    assert format_turtle(f"\n\n{head}\n\n\n{PREFIXES}:a :b :c .").startswith(f"{head}\n@prefix : ")


def test_line_ends_of_other_systems_become_line_feeds() -> None:
    assert format_turtle("# Head.\r\n\r\n<urn:x:a> <urn:x:b> <urn:x:c> .\r\n") == (
        "# Head.\n\n<urn:x:a> <urn:x:b> <urn:x:c> .\n"
    )


def test_a_text_of_comments_alone_stays() -> None:
    assert format_turtle("# Nothing yet.") == "# Nothing yet.\n"
    assert format_turtle("") == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (":a :b :c . # why\n", 4),
        ("# Below the prefixes.\n:a :b :c .\n", 4),
        (":a :b :c .\n# below\n:d :e :f .", 5),
        (':a :b """one\ntwo""" ;\n  # inside\n  :c 1 .', 6),
        ("\n\n:a :b :c .\n\n#", 8),
    ],
)
def test_a_comment_below_the_head_is_refused_and_its_line_named(text: str, line: int) -> None:
    with pytest.raises(
        FolderError, match=rf"^a\.ttl:{line}: a comment below the head of the file would be lost"
    ):
        format_turtle(PREFIXES + text, "a.ttl")


@pytest.mark.parametrize(
    "text",
    [":a :b '# no comment' .", ":a :b '''#\n#''' .", ":a :b <https://example.com/#c> .", r":a :b :c\#d ."],
)
def test_a_number_sign_inside_a_term_is_no_comment(text: str) -> None:
    assert body(text)


def test_a_text_that_does_not_parse_is_refused_with_its_place() -> None:
    with pytest.raises(FolderSyntaxError) as caught:
        format_turtle(":a :b :c .", "triples/a.ttl")
    assert caught.value.position == Position(1, 1)
    assert caught.value.detail.startswith("triples/a.ttl:1:1: The prefix : has not been declared.")


def test_a_triple_term_is_refused() -> None:
    with pytest.raises(FolderError, match=r"which RDF 1\.1 does not know"):
        format_turtle("<urn:x:a> <urn:x:b> <<( <urn:x:c> <urn:x:d> <urn:x:e> )>> .")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ('"7"^^xsd:integer', "7"),
        ("-07", "-07"),
        ('"7.0"^^xsd:decimal', "7.0"),
        ('"7"^^xsd:decimal', '"7"^^xsd:decimal'),
        ('"7."^^xsd:decimal', '"7."^^xsd:decimal'),
        ("1.5E3", "1.5E3"),
        ('"INF"^^xsd:double', '"INF"^^xsd:double'),
        ('"true"^^xsd:boolean', "true"),
        ('"1"^^xsd:boolean', '"1"^^xsd:boolean'),
        ('" 7"^^xsd:integer', '" 7"^^xsd:integer'),
        ('"2018-03-28T00:00:00Z"^^xsd:dateTime', '"2018-03-28T00:00:00Z"^^xsd:dateTime'),
        ('"plain"^^xsd:string', '"plain"'),
        ("'single'", '"single"'),
        ("'say \"dire\"'", r'"say \"dire\""'),
        ('"x"@EN-gb', '"x"@en-GB'),
        (r'"\u0041 \\ \t"', r'"A \\ \t"'),
        (r'"a\nb"', '"""a\nb"""'),
        (r'"a\n\"b\"\""', '"""a\n"b\\"\\""""'),
        (r'"a\r\nb\u0000"', '"""a\\r\nb\\u0000"""'),
        (r'"\u202Eright\u2028"', r'"\u202Eright\u2028"'),
        ('"دوما"@ar', '"دوما"@ar'),
    ],
)
def test_a_literal_keeps_every_character_in_its_shortest_form(written: str, canonical: str) -> None:
    formatted = format_turtle(f"{PREFIXES}:a :b {written} .")
    assert formatted.endswith(f":a :b {canonical} .\n")
    assert format_turtle(formatted) == formatted


@pytest.mark.parametrize(
    ("iri", "written"),
    [
        ("https://example.org/a-b.c", ":a-b.c"),
        ("https://example.org/1795-1822", ":1795-1822"),
        ("https://example.org/a:b", ":a:b"),
        ("https://example.org/%41", ":%41"),
        ("https://example.org/é", ":é"),
        ("https://example.org/a.", "<https://example.org/a.>"),
        ("https://example.org/-a", "<https://example.org/-a>"),
        ("https://example.org/a/b", "<https://example.org/a/b>"),
        ("https://example.org/a~b", "<https://example.org/a~b>"),
        ("https://example.org/", "<https://example.org/>"),
    ],
)
def test_a_name_that_would_need_an_escape_is_written_in_full(iri: str, written: str) -> None:
    assert body(f":a :b <{iri}> .") == f":a :b {written} .\n"


@pytest.mark.parametrize(
    "iri", ["", "#a", "id/a", "../a", "../../b/", "/a", "?q", "./a:b", ".//a", "//host/a", "/.//a"]
)
def test_a_relative_iri_stays_relative(iri: str) -> None:
    assert format_turtle(f"<{iri}> <urn:x:b> 1 .") == f"<{iri}> <urn:x:b> 1 .\n"


def test_a_relative_iri_below_a_base_of_the_text_becomes_absolute() -> None:
    text = "@base <https://example.org/x/> . <a> <#b> <../c> ."
    assert (
        format_turtle(text)
        == "<https://example.org/x/a> <https://example.org/x/#b> <https://example.org/c> .\n"
    )


def test_a_blank_node_stands_where_it_is_used() -> None:
    assert body(":s :p _:x ; a :T . _:x :q 2 ; :r 3 . [] a :Alone .") == (
        ":s a :T ;\n    :p [\n        :q 2 ;\n        :r 3\n    ] .\n\n[] a :Alone .\n"
    )


def test_a_blank_node_with_one_property_stands_on_the_line() -> None:
    assert body(":s :p [ :q [ ] ] , [ :q [ :r 1 ; :t 2 ] ] .") == (
        ":s :p [\n        :q [\n            :r 1 ;\n            :t 2\n        ]\n    ] , [ :q [] ] .\n"
    )


def test_a_blank_node_that_is_used_twice_keeps_its_label() -> None:
    assert body("_:who :q 1 . :s :p _:who . :t :p _:who .") == (
        ":s :p _:who .\n\n:t :p _:who .\n\n_:who :q 1 .\n"
    )


def test_a_cycle_of_blank_nodes_keeps_the_label_that_closes_it() -> None:
    assert body("_:a :p [ :q _:a ] .") == "_:a :p [ :q _:a ] .\n"
    assert body("_:a :p _:a .") == "_:a :p _:a .\n"
    assert body("_:a :p _:b . _:b :p _:c . _:c :p _:a .") == "_:a :p [ :p [ :p _:a ] ] .\n"


def test_a_list_is_written_in_parentheses() -> None:
    assert body(":s :p ( :a ( ) ( 1 2 ) [ :q 1 ] ) .") == ":s :p ( :a () ( 1 2 ) [ :q 1 ] ) .\n"


def test_a_long_list_has_a_line_for_each_member() -> None:
    members = [f":member-number-{n}" for n in range(10)]
    inner = "".join(f"        {member}\n" for member in members)
    assert body(f":s :p ( {' '.join(members)} ) .") == f":s :p (\n{inner}    ) .\n"


@pytest.mark.parametrize(
    "text",
    [
        ":s :p [ rdf:first 1 ] .",
        ":s :p [ rdf:first 1 ; rdf:rest :t ] .",
        ":s :p [ rdf:first 1 , 2 ; rdf:rest () ] .",
        "_:l rdf:first 1 ; rdf:rest _:l . :s :p _:l .",
        ":s :p _:l . _:l a rdf:List ; rdf:first 1 ; rdf:rest () .",
        "( 1 2 ) :p :o .",
        "() :p () .",
    ],
)
def test_what_only_looks_like_a_list_keeps_its_triples(text: str) -> None:
    assert body(text)


def test_blank_nodes_nested_too_deep_are_refused() -> None:
    deep = "[ :p " * 200 + "1" + " ]" * 200
    with pytest.raises(FolderError, match="more than 60 deep"):
        format_turtle(f"{PREFIXES}:s :p {deep} .")


def test_the_order_of_a_text_does_not_matter() -> None:
    lines = [
        ":a :p [ :q 1 ] , [ :q 2 ] .",
        ":b :p _:x .",
        ":c :p _:x .",
        "_:x a :T .",
        "[] a :U .",
        "[] a :V .",
    ]
    assert body("\n".join(lines)) == body("\n".join(reversed(lines)))


def test_graphs_of_trig_are_blocks_sorted_by_name() -> None:
    text = format_trig(
        "@prefix : <https://example.org/> . GRAPH :h { :b :p [ :q 1 ; :r '''x\ny''' ] . :a :p 1 } :d :p 1 . "
        ":g { :c a :T ; :p _:x } :i { _:x :p 1 } [] { :e :p 1 } _:n { :f :p _:n }"
    )
    assert text == (
        "@prefix : <https://example.org/> .\n\n"
        ":d :p 1 .\n\n"
        ":g {\n    :c a :T ;\n        :p _:x .\n}\n\n"
        ":h {\n    :a :p 1 .\n\n"
        '    :b :p [\n            :q 1 ;\n            :r """x\ny"""\n        ] .\n}\n\n'
        ":i {\n    _:x :p 1 .\n}\n\n"
        "[] {\n    :e :p 1 .\n}\n\n"
        "_:n {\n    :f :p _:n .\n}\n"
    )
    assert format_trig(text) == text


def test_a_file_is_formatted_by_its_suffix(tmp_path: Path) -> None:
    turtle, trig, other = (tmp_path / f"a{suffix}" for suffix in (".ttl", ".trig", ".nt"))
    turtle.write_text("<urn:x:a>  <urn:x:b> 1 .")
    trig.write_text("<urn:x:g> {<urn:x:a>  <urn:x:b> 1}")
    other.write_text("")
    assert format_file(turtle) == "<urn:x:a> <urn:x:b> 1 .\n"
    assert format_file(trig) == "<urn:x:g> {\n    <urn:x:a> <urn:x:b> 1 .\n}\n"
    with pytest.raises(FolderError, match=r"a\.nt cannot be formatted"):
        format_file(other)
    with pytest.raises(FolderError, match=r"none\.ttl cannot be read"):
        format_file(tmp_path / "none.ttl")


def test_a_file_is_formatted_only_when_no_byte_differs(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    formatted = "# Head.\n\n<urn:x:a> <urn:x:b> 1 .\n"
    for text, expected in [
        (formatted.encode(), True),
        (formatted.replace("\n", "\r\n").encode(), False),
        (formatted.encode("utf-8-sig"), False),
        (formatted.encode() + b"\n", False),
    ]:
        file.write_bytes(text)
        assert is_formatted(file) is expected
        assert format_file(file) == formatted


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_bytes(b"# Head.\n<urn:x:a> <urn:x:b> '\xe9' .\n")
    with pytest.raises(FolderSyntaxError, match=r"^triples/a\.ttl:2:1: The line is not UTF-8"):
        format_file(file, "triples/a.ttl")
