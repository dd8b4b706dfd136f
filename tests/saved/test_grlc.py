"""Queries of grlc become saved queries that answer the same; what cannot be converted is named."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from onrecord.errors import RequestError
from onrecord.saved import check, parse
from onrecord.saved.grlc import Imported, convert, import_collection, write_converted
from onrecord.terms import IriSpace

SPACE = IriSpace("https://example.org/town/")
PREFIXES = "PREFIX : <https://example.org/town/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
DATA = """
:a :kind :Port ; :name "Ahl"@en, "Ahl"@de ; :code "A1" ; :people 700 ; :since "1999-05-01"^^xsd:date ;
  :year "1999"^^xsd:gYear ; :open true ; :ref "x"^^:code .
:b :kind :Port ; :name "Bay"@en ; :code "B2" ; :people 40 ; :since "2005-01-01"^^xsd:date ;
  :year "2005"^^xsd:gYear ; :open false ; :twin :a ; :ref "y"^^:code .
:c :kind :Town ; :name "Cay" ; :code "C3" ; :people 7 ; :twin :b .
"""


def rows(stem: str, text: str, **given: str) -> list[str]:
    """The local names in the one column of the converted query's answer."""
    made = convert(stem, text)
    assert made.text, made.lost
    query = parse(made.name, "queries/x.rq", made.text)
    assert check(query) == ()
    store = ox.Store()
    store.update(f"{PREFIXES} INSERT DATA {{ {DATA} }}")
    answer = store.query(query.bind(query.read({name: [value] for name, value in given.items()}, SPACE)))
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(row[0].value.rpartition("/")[2] for row in answer)


@pytest.mark.parametrize(
    ("pattern", "given", "expected"),
    [
        ("?t :kind ?_kind_iri", {"kind": "Port"}, ["a", "b"]),
        ("?t :code ?_code", {"code": "A1"}, ["a"]),
        ("?t :code ?_code_literal", {"code": "A1"}, ["a"]),
        ("?t :name ?_name_en", {"name": "Ahl"}, ["a"]),
        ("?t :name ?_name_en", {"name": "Cay"}, []),
        ("?t :people ?_people_integer", {"people": "40"}, ["b"]),
        ("?t :people ?_people_number", {"people": "40"}, ["b"]),
        ("?t :people ?p FILTER(?p > ?_least_integer)", {"least": "39"}, ["a", "b"]),
        ("?t :since ?_since_date", {"since": "2005-01-01"}, ["b"]),
        ("?t :since ?s FILTER(?s >= ?_from_date)", {"from": "2000-01-01"}, ["b"]),
        ("?t :open ?_open_boolean", {"open": "true"}, ["a"]),
        ("?t :year ?_year_gYear", {"year": "1999"}, ["a"]),
        ("?t :ref ?_ref__code", {"ref": "x"}, []),
        ("?t :name ?n FILTER(CONTAINS(LCASE(?n), ?_word))", {"word": "ay"}, ["b", "c"]),
        ("?t :name ?n FILTER REGEX(?n, ?_word, 'i')", {"word": "^A"}, ["a", "a"]),
        # Optional ones restrict nothing while nothing is given.
        ("?t :kind ?__kind_iri", {}, ["a", "b", "c"]),
        ("?t :kind ?__kind_iri", {"kind": "Town"}, ["c"]),
        ("?t :code ?__code", {}, ["a", "b", "c"]),
        ("?t :people ?p FILTER(?p > ?__least_integer && ?p < 500)", {}, ["b", "c"]),
        ("?t :people ?p FILTER(?p > ?__least_integer && ?p < 500)", {"least": "8"}, ["b"]),
        ("?t :people ?p FILTER((?p < 500 && ?p > ?__least_integer))", {}, ["b", "c"]),
        ("?t :people ?p FILTER(?p < 9 && (?p > ?__a_integer || ?p < ?__b_integer))", {"a": "8"}, ["c"]),
        ("?t :people ?p FILTER(?p > ?__least_integer) FILTER(?p < ?__most_integer)", {"most": "9"}, ["c"]),
        ("?t :name ?n FILTER REGEX(?n, ?__word)", {}, ["a", "a", "b", "c"]),
        # Groups of every kind.
        (
            "{ ?t :kind ?_kind_iri } UNION { ?t :twin/:kind ?_kind_iri }",
            {"kind": "Port"},
            ["a", "b", "b", "c"],
        ),
        ("?t :kind :Port MINUS { ?t :code ?_code }", {"code": "A1"}, ["b"]),
        ("?t :kind :Port MINUS { ?t :twin ?_twin_iri }", {"twin": "a"}, ["a"]),
        ("?t :kind :Port FILTER NOT EXISTS { ?t :code ?_code }", {"code": "A1"}, ["b"]),
        ("?t :kind :Port FILTER EXISTS { ?t :twin ?_twin_iri }", {"twin": "a"}, ["b"]),
        ("{ SELECT ?t (COUNT(*) AS ?n) { ?t :kind ?_kind_iri } GROUP BY ?t }", {"kind": "Town"}, ["c"]),
        ("{ SELECT ?t { ?t :code ?_code } LIMIT 5 }", {"code": "C3"}, ["c"]),
        ("?t :kind :Port OPTIONAL { ?t :twin ?w . ?w :code ?_code }", {"code": "A1"}, ["a", "b"]),
    ],
)
def test_a_converted_query_answers_as_grlc_did(
    pattern: str, given: dict[str, str], expected: list[str]
) -> None:
    assert rows("q", f"{PREFIXES}SELECT ?t WHERE {{ {pattern} }}", **given) == expected


def test_decorators_become_the_header() -> None:
    made = convert(
        "Port_Codes",
        "#+ summary: Codes of ports.\n#+ description: |\n#+   All of\n#+   them.\n#+ tags:\n#+   - ports\n"
        "#+ endpoint: http://example.org/sparql\n#+ method: GET\n#+ pagination: 100\n"
        "#+ endpoint_in_url: False\n"
        "#+ defaults:\n#+   - code: A1\n#+ enumerate:\n#+   - code:\n#+     - A1\n#+     - B2\n"
        f"{PREFIXES}SELECT ?t {{ ?t :code ?_code }}",
    )
    query = parse(made.name, "queries/x.rq", made.text)
    assert (query.name, query.title, query.header.description) == (
        "port-codes",
        "Codes of ports.",
        "All of them.",
    )
    assert query.header.tags == ("ports",)
    (code,) = query.parameters
    assert (code.type, code.values, code.default, code.required) == ("enumeration", ("A1", "B2"), "A1", False)
    assert {note.partition(":")[0] for note in made.notes} >= {"endpoint", "method", "pagination"}
    assert made.lost == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#+ transform: {a: b}\nSELECT * { ?s ?p ?o }", "results are not reshaped"),
        ("INSERT DATA { GRAPH ?_g_iri { ?_data } }", "it is no query"),
        ("SELECT * { ?s ?_p_iri ?o FILTER(?o = '?_p_iri') }", "grlc pastes text"),
        ("SELECT * { ?s ?_p_iri ?_p_en }", "one parameter with two meanings"),
        ("SELECT * { ?s ?p ?o BIND(?__x AS ?y) }", "may be unbound"),
        (
            "#+ enumerate:\n#+   - p:\n#+     - no iri\nSELECT * { ?s ?_p_iri ?o }",
            "not all of its values are",
        ),
        ("#+ defaults:\n#+   - p: not an iri\nSELECT * { ?s ?_p_iri ?o }", "is not an IRI"),
        ("SELECT ?x { { SELECT ?s { ?s ?_p_iri ?o } } ?s ?_p_iri ?x }", "does not project it"),
    ],
)
def test_what_cannot_be_converted_is_named(text: str, reason: str) -> None:
    made = convert("q", text)
    assert made.text == ""
    assert any(reason in told for told in made.lost), made.lost


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#+ mime: text/turtle\nSELECT * { ?s ?p ?o }", "mime: files and pages elsewhere"),
        ("#+ colour: red\nSELECT * { ?s ?p ?o }", "colour: it is not known here"),
        ("#+ summary: a: b: c\nSELECT * { ?s ?p ?o }", "not YAML"),
        ("#+ enumerate:\n#+   - p\nSELECT * { ?s ?_p_iri ?o }", "asked of the endpoint"),
        ("#+ defaults:\n#+   - q: 1\nSELECT * { ?s ?_p_iri ?o }", "no parameter of the query"),
        ("SELECT * { ?s ?_p_iri ?p }", "the parameter p is called pGiven here"),
    ],
)
def test_what_is_lost_on_the_way_is_named(text: str, reason: str) -> None:
    made = convert("q", text)
    assert made.text
    assert any(reason in told for told in made.lost), made.lost


def test_a_collection_is_a_directory_a_file_or_a_list_and_nothing_is_fetched(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "more").mkdir(parents=True)
    for name in ("one.rq", "more/two.sparql", "more/One.rq"):
        (source / name).write_text("#+ summary: T.\nSELECT * { ?s ?p ?o }", encoding="utf-8")
    (source / "shaped.json").write_text("{}", encoding="utf-8")
    (source / "README.md").write_text("", encoding="utf-8")
    (source / "latin.rq").write_bytes(b"# \xe9\nSELECT * { ?s ?p ?o }")
    listed = "queries:\n  - http://example.org/x.rq\n  - one.rq\n"
    (tmp_path / "source" / "urls.yml").write_text(listed, encoding="utf-8")
    imported = import_collection(source)
    assert [made.name for _, made in imported.conversions] == ["one", "two"]
    assert {shown: reason.split(" ")[0] for shown, reason in imported.refused} == {
        "one.rq": "more/One.rq",
        "shaped.json": "queries",
        "latin.rq": "it",
    }
    from_list = import_collection(source / "urls.yml")
    assert [made.name for _, made in from_list.conversions] == ["one"]
    assert from_list.refused[0][0] == "http://example.org/x.rq"
    with pytest.raises(RequestError, match="is not there"):
        import_collection(tmp_path / "nowhere")


def test_texts_that_are_there_are_replaced_only_on_demand(tmp_path: Path) -> None:
    made = Imported((("one.rq", convert("one", "SELECT * { ?s ?p ?o }")),), ())
    (tmp_path / "one.rq").write_text("mine", encoding="utf-8")
    with pytest.raises(RequestError, match=r"one\.rq"):
        write_converted(made, tmp_path)
    assert (tmp_path / "one.rq").read_text(encoding="utf-8") == "mine"
    assert write_converted(made, tmp_path, replaces=True) == [tmp_path / "one.rq"]
    assert write_converted(made, tmp_path) == [tmp_path / "one.rq"], "the same text is no conflict"
