"""Headers are read strictly, and each mistake is told with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import SavedQueryError
from onrecord.saved import Parameter, parse_header

QUERY = "SELECT * { ?s ?p ?o }\n"


def header_of(*lines: str) -> str:
    return "".join(f"#+ {line}\n" for line in lines) + QUERY


def error_of(text: str) -> str:
    with pytest.raises(SavedQueryError) as caught:
        parse_header("queries/x.rq", text)
    return caught.value.detail


def test_a_full_header_is_read() -> None:
    text = header_of(
        "summary: What one speaker said, oldest first.",
        "description: >-",
        "  Leave the speaker open",
        "  for everyone.",
        "tags: [speakers, chronology]",
        "author: Someone",
        "parameters:",
        "  speaker: {type: iri, label: Speaker, class: rec:Agent, list: true, example: id/ada}",
        "  after: {type: date, help: The first day., default: 2018-03-28}",
        "  sort_by: {type: enumeration, values: [time, name], required: true}",
        "expect:",
        "  - {with: {speaker: [id/ada, id/bo]}, rows: 2}",
        "  - with: {after: 2018-03-28}",
        "    contains: [{speaker: id/ada, label: no, number: 7.0}]",
        "    lacks:",
        "      - {speaker: id/bo}",
    )
    header = parse_header("queries/x.rq", text)
    assert header.summary == "What one speaker said, oldest first."
    assert header.description == "Leave the speaker open for everyone."
    assert header.tags == ("speakers", "chronology")
    assert header.author == "Someone"
    assert header.parameters == (
        Parameter("speaker", "iri", is_list=True, label="Speaker", class_="rec:Agent", example="id/ada"),
        Parameter("after", "date", label="After", help="The first day.", default="2018-03-28"),
        Parameter("sort_by", "enumeration", label="Sort by", required=True, values=("time", "name")),
    )
    first, second = header.expectations
    assert (first.values, first.rows, first.line) == ({"speaker": ("id/ada", "id/bo")}, 2, 12)
    assert second.contains == ({"speaker": "id/ada", "label": "no", "number": "7.0"},)
    assert second.lacks == ({"speaker": "id/bo"},)


def test_ordinary_comments_may_stand_before_the_header() -> None:
    text = "# Licence: CC BY 4.0\n\n#+ summary: All.\n# another\n" + QUERY
    assert parse_header("queries/x.rq", text).summary == "All."


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["summary: All.", "sumary: All."],
            '2:4: "sumary" is not a key of the header. Did you mean summary? '
            "Known: summary, description, tags, author, parameters, expect.",
        ),
        (
            ["summary: All.", "tags: [a]", "summary: All."],
            '3:4: "summary" stands twice in the header. Keep one.',
        ),
        (["description: All."], "1:4: there is no summary."),
        (["summary: ''"], "1:4: there is no summary."),
        (["- summary"], "1:4: the header must be keys with values."),
        (
            ["summary: All.", "parameters:", "  who: {kind: iri}"],
            '3:12: "kind" is not a key of parameter who.',
        ),
        (["summary: All.", "parameters:", "  who: {label: Who}"], "3:11: parameter who has no type."),
        (
            ["summary: All.", "parameters:", "  who: {type: uri}"],
            '3:18: "uri" is not a type. Use one of: iri,',
        ),
        (["summary: All.", "parameters:", "  Who: {type: iri}"], '"Who" cannot name a parameter.'),
        (["summary: All.", "parameters:", "  w: {type: iri}", "  w: {type: iri}"], '4:6: "w" stands twice'),
        (
            ["summary: All.", "parameters:", "  w: {type: iri, list: yes}"],
            '3:27: list is "yes". Write true or false.',
        ),
        (
            ["summary: All.", "parameters:", "  w: {type: enumeration}"],
            "is an enumeration and has no values.",
        ),
        (
            ["summary: All.", "parameters:", "  w: {type: iri, values: [a]}"],
            "is no enumeration and has values.",
        ),
        (["summary: All.", "parameters:", "  w: {type: date, class: rec:X}"], "has a class and is no iri."),
        (["summary: All.", "parameters:", "  w: {type: date, default: 2018-02-30}"], "the default is wrong."),
        (["summary: All.", "parameters:", "  w: {type: integer, example: seven}"], "the example is wrong."),
        (
            ["summary: All.", "parameters:", "  w: {type: date, required: true, default: 2018-02-03}"],
            "Keep one of",
        ),
        (["summary: All.", "expect: {rows: 1}"], "2:12: expect must be a list."),
        (["summary: All.", "expect:", "  - {with: {w: a}}"], "3:8: this case expects nothing."),
        (
            ["summary: All.", "expect:", "  - {rows: many}"],
            '3:15: rows is "many". Give the exact number of rows.',
        ),
        (["summary: All.", "expect:", "  - {rows: -1}"], 'rows is "-1"'),
        (["summary: All.", "expect:", "  - {contains: [{}]}"], "a row of contains is empty."),
        (["summary: All.", "expect:", "  - {hash: abc}"], "hash is no hash."),
        (["summary: [a"], "1:"),
        (["summary: a: b"], "1:14: the header is not YAML: mapping values are not allowed here."),
        (["summary: &a All.", "description: *a"], "1:13: anchors and aliases are not read."),
        (["summary: !!python/object/apply:os.system [ls]"], "1:13: tags are not read."),
        (["summary: All.", "tags: [[[[[[[[[[a]]]]]]]]]]"], "this is nested too deep."),
        (["summary: All.", "tags: " + "[" * 5_000], "this is nested too deep."),
        (["summary: All.\x00"], "has a character that YAML does not allow."),
        (["summary: All.", "---", "summary: More."], "the header is not YAML"),
    ],
)
def test_each_mistake_is_told_with_its_place(lines: list[str], message: str) -> None:
    detail = error_of(header_of(*lines))
    assert detail.startswith("queries/x.rq:")
    assert message in detail


def test_a_file_without_header_says_how_to_start_one() -> None:
    assert error_of(QUERY) == (
        "queries/x.rq:1: there is no header. Add a first line such as: #+ summary: What it answers."
    )


def test_a_header_line_apart_from_the_header_is_an_error() -> None:
    assert error_of("#+ summary: All.\n" + QUERY + "#+ tags: [a]\n").startswith("queries/x.rq:3:1: ")
    assert error_of(QUERY + "#+ summary: All.\n").startswith("queries/x.rq:2:1: ")


def test_lines_count_from_the_top_of_the_file() -> None:
    assert error_of("# a\n# b\n" + header_of("summary: All.", "nope: x")).startswith("queries/x.rq:4:4: ")


@given(st.text(max_size=200))
def test_any_header_is_read_or_refused(text: str) -> None:
    lines = "".join(f"#+ {line}\n" for line in text.split("\n"))
    try:
        parse_header("queries/x.rq", lines + QUERY)
    except SavedQueryError:
        return


@given(
    st.lists(
        st.sampled_from([*"{}[]:,-&*!|>'\"#%@`\n", " ", "summary", "parameters", "a", "type"]), max_size=60
    )
)
def test_no_soup_of_yaml_raises_anything_else(pieces: list[str]) -> None:
    test_any_header_is_read_or_refused.hypothesis.inner_test("".join(pieces))  # type: ignore[attr-defined]
