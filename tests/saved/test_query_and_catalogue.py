"""Saved queries are read from files, checked, bound, and found by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from onrecord.errors import NotFoundError, OnrecordError, ParameterError, SavedQueryError
from onrecord.saved import TYPES, Catalogue, SavedQuery, check, parse
from onrecord.terms import XSD, IriSpace

SPACE = IriSpace("https://example.org/town/")
GOOD = """#+ summary: What one speaker said.
#+ parameters:
#+   speaker: {type: iri, list: true}
#+   after: {type: date-time}
#+ expect:
#+   - {with: {speaker: id/ada}, rows: 1, contains: [{what: the bridge}]}
PREFIX ex: <https://example.org/terms/>
SELECT ?speaker ?what ?at WHERE {
  VALUES ?speaker { UNDEF }
  VALUES ?after { UNDEF }
  ?statement ex:by ?speaker ; ex:says ?what ; ex:at ?at .
  FILTER(!BOUND(?after) || ?at >= ?after)
} ORDER BY ?at ?speaker ?what
"""


def query_of(text: str) -> SavedQuery:
    return parse("x", "queries/x.rq", text)


def town() -> Store:
    store, ex = Store(), "https://example.org/terms/"
    for name, what, at in (
        ("ada", "the bridge", "08"),
        ("bo", "the harbour", "09"),
        ("cy", "the mill", "10"),
    ):
        statement = NamedNode(f"{SPACE.base}statement/{name}")
        store.add(Quad(statement, NamedNode(ex + "by"), NamedNode(f"{SPACE.base}id/{name}")))
        store.add(Quad(statement, NamedNode(ex + "says"), Literal(what)))
        moment = Literal(f"2018-03-28T{at}:00:00Z", datatype=NamedNode(XSD + "dateTime"))
        store.add(Quad(statement, NamedNode(ex + "at"), moment))
    return store


def said(query: SavedQuery, **raw: list[str]) -> list[str]:
    result = town().query(query.bind(query.read(raw, SPACE)))
    assert isinstance(result, QuerySolutions)
    return [row["what"].value for row in result]


def test_a_saved_query_answers_as_its_parameters_say() -> None:
    query = query_of(GOOD)
    assert check(query) == ()
    assert said(query) == ["the bridge", "the harbour", "the mill"]
    assert said(query, speaker=["id/ada"]) == ["the bridge"]
    assert said(query, speaker=["id/cy", "id/ada", "id/cy"]) == ["the bridge", "the mill"]
    assert said(query, after=["2018-03-28T11:00:00+02:00"]) == ["the harbour", "the mill"]
    assert said(query, speaker=["id/nobody"]) == []


def test_the_version_is_the_hash_of_the_text() -> None:
    assert query_of(GOOD).version == query_of(GOOD).version
    assert len(query_of(GOOD).version) == 12
    assert query_of(GOOD).version != query_of(GOOD + "\n").version


def test_the_header_leaves_the_text_valid_sparql() -> None:
    assert len(list(town().query(GOOD))) == 3  # type: ignore[arg-type]


LITERAL = """#+ summary: Any literal.
#+ parameters:
#+   it: {type: TYPE}
SELECT ?what WHERE {
  VALUES ?it { UNDEF }
  ?statement <https://example.org/terms/says> ?what .
  FILTER(!BOUND(?it) || ?what = ?it)
}
"""
IRI = """#+ summary: Any IRI.
#+ parameters:
#+   it: {type: TYPE}
SELECT ?what WHERE {
  VALUES ?it { UNDEF }
  ?statement <https://example.org/terms/by> ?it ; <https://example.org/terms/says> ?what .
}
"""
HOSTILE = [
    *(
        '"',
        "'",
        "\\",
        "} UNION { ?statement ?p ?what }",
        '" } UNION { ?statement ?p ?what } #',
        "UNDEF",
        "id/ada> ?o",
    ),
    *(
        "'''",
        '"""',
        "\\u0022",
        "?what",
        "\n} #",
        "the bridge@en",
        "the bridge",
        "id/ada",
        "1",
        "true",
        "2018-03-28",
    ),
]


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(TYPES), st.one_of(st.text(max_size=30), st.sampled_from(HOSTILE)))
def test_no_text_of_a_request_returns_more_than_the_honest_query(type_: str, text: str) -> None:
    joins = type_ in ("iri", "enumeration")
    type_line = f"{type_}, values: [id/ada, the bridge]" if type_ == "enumeration" else type_
    query = query_of((IRI if joins else LITERAL).replace("TYPE", type_line))
    assert check(query) == ()
    try:
        values = query.read({"it": [text]}, SPACE)
    except ParameterError:
        return
    rows = said(query, it=[text])
    if not values:
        assert rows == said(query)  # an empty value is the default
    elif joins:
        assert rows == (["the bridge"] if str(values["it"][0]) == f"<{SPACE.base}id/ada>" else [])
    else:
        honest = values["it"] == [Literal(text)] and text in ("the bridge", "the harbour", "the mill")
        assert rows == ([text] if honest else [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * {}", "queries/x.rq:1: there is no header."),
        ("#+ summary: A.\nINSERT DATA { }", "queries/x.rq: this is no query."),
        ("#+ summary: A.\nhello", "queries/x.rq: this is no query."),
        ("\ufeff#+ summary: A.\nASK {}", "byte order mark"),
    ],
)
def test_a_malformed_file_is_an_error(text: str, message: str) -> None:
    with pytest.raises(SavedQueryError, match=message):
        query_of(text)


def test_names_are_small_letters_digits_and_hyphens() -> None:
    for name in ("", "A", "a b", "a/b", "a.b", "ä", "a" * 101):
        with pytest.raises(SavedQueryError, match="cannot name a query"):
            parse(name, "queries/x.rq", GOOD)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("rows: 1, contains", "hash: 0123456789abcdef, contains", None),
        ("ORDER BY ?at ?speaker ?what", "ORDER BY ?at", None),
        (
            "{with: {speaker: id/ada}, rows: 1",
            "{with: {speeker: id/ada}, rows: 1",
            'Parameter "speeker" is not known',
        ),
        (
            "{what: the bridge}",
            "{whot: the bridge}",
            '"whot" is no column of the result. Known: speaker, what, at.',
        ),
        ("{with: {speaker: id/ada}", "{with: {after: today}", "is not a date-time"),
        ("VALUES ?speaker { UNDEF }", "", "?speaker is a parameter but has no slot."),
    ],
)
def test_check_finds_what_would_answer_wrongly(old: str, new: str, reason: str | None) -> None:
    assert old in GOOD
    found = [str(finding) for finding in check(query_of(GOOD.replace(old, new)))]
    assert found == [] if reason is None else any(reason in finding for finding in found)


@pytest.mark.parametrize("order", ["ORDER BY ?at", "ORDER BY ?at ?speaker STR(?what)", ""])
def test_a_hash_without_total_order_is_refused(order: str) -> None:
    text = GOOD.replace("rows: 1", "hash: 0123456789abcdef").replace("ORDER BY ?at ?speaker ?what", order)
    assert ["order of the rows is not fixed" in str(f) for f in check(query_of(text))] == [True]
    assert check(query_of(GOOD.replace("rows: 1", "hash: 0123456789abcdef"))) == ()
    every = text.replace("SELECT ?speaker ?what ?at", "SELECT *")
    assert len(check(query_of(every))) == 1


def test_a_query_out_of_bounds_is_found_and_not_read() -> None:
    deep = "#+ summary: Deep.\nSELECT * " + "{" * 5_000 + "}" * 5_000
    assert "brackets inside each other; the limit is 100." in str(check(query_of(deep))[0])


def write(directory: Path, **files: str | bytes) -> Path:
    directory.mkdir(exist_ok=True)
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (directory / f"{name.replace('_', '-')}.rq").write_bytes(data)
    return directory


def test_a_catalogue_reads_all_queries_in_order(tmp_path: Path) -> None:
    directory = write(tmp_path / "queries", what_one_said=GOOD, all_said=GOOD)
    (directory / "notes.txt").write_text("no query")
    catalogue = Catalogue.read(directory)
    assert [query.name for query in catalogue] == ["all-said", "what-one-said"]
    assert [query.path for query in catalogue.queries] == ["queries/all-said.rq", "queries/what-one-said.rq"]
    assert len(catalogue) == 2
    assert catalogue.findings == ()
    assert catalogue.get("all-said").text == GOOD


def test_malformed_files_are_findings_and_the_others_are_served(tmp_path: Path) -> None:
    misplaced = GOOD.replace("  VALUES ?speaker { UNDEF }\n", "")
    directory = write(
        tmp_path / "queries",
        good=GOOD,
        header="#+ summary: A.\n#+ nope: x\nASK {}",
        bytes=b"#+ summary: \xff\nASK {}",
        slots=misplaced,
        Upper=GOOD,
    )
    (directory / "directory.rq").mkdir()
    catalogue = Catalogue.read(directory)
    assert [query.name for query in catalogue] == ["good"]
    assert [str(f).split(" ")[0] for f in catalogue.findings] == [
        "queries/Upper.rq:",
        "queries/bytes.rq:1:1:",
        "queries/directory.rq:",
        "queries/header.rq:2:4:",
        "queries/slots.rq:1:1:",
    ]


def test_a_directory_that_is_not_there_has_no_queries(tmp_path: Path) -> None:
    assert len(Catalogue.read(tmp_path / "queries")) == 0


def test_an_unknown_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    catalogue = Catalogue.read(write(tmp_path / "queries", contradictions=GOOD, denials=GOOD))
    with pytest.raises(NotFoundError) as caught:
        catalogue.get("contradiction")
    assert caught.value.detail == 'There is no saved query "contradiction". Did you mean contradictions?'


def test_a_query_that_cannot_be_served_says_why(tmp_path: Path) -> None:
    catalogue = Catalogue.read(write(tmp_path / "queries", broken="ASK {}"))
    with pytest.raises(
        SavedQueryError, match=r'"broken" cannot be served: queries/broken.rq:1:1: there is no header'
    ):
        catalogue.get("broken")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_file_is_a_query_or_refused(text: str) -> None:
    try:
        check(query_of(f"#+ summary: A.\n{text}"))
    except OnrecordError:
        return
