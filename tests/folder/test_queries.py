"""Every saved query of a folder answers as its header says, over HTTP on the folder as it is served."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode
from tests.conftest import LiveServer

from onrecord.saved import Catalogue, Expectation, Parameter, ResultTerm, SavedQuery, check, compare, parse
from onrecord.terms import IriSpace

TESTS = Path(__file__).resolve().parents[1]
SHIPPED = TESTS.parent / "queries"
SECOND = TESTS / "second-folder"
SPACES = {
    SHIPPED: IriSpace("https://w3id.org/onrecord/ghouta/"),
    SECOND / "queries": IriSpace("https://example.org/harbour-strike/"),
}

FILES = [(directory, path.stem) for directory in SPACES for path in sorted(directory.glob("*.rq"))]


def read(directory: Path, name: str) -> SavedQuery:
    return parse(name, f"queries/{name}.rq", (directory / f"{name}.rq").read_text(encoding="utf-8"))


def all_cases() -> Iterator[tuple[Path, str, Expectation]]:
    for directory, name in FILES:
        for case in read(directory, name).expectations:
            yield directory, name, case


def all_examples() -> Iterator[tuple[Path, str, Parameter]]:
    for directory, name in FILES:
        for parameter in read(directory, name).parameters:
            if parameter.example:
                yield directory, name, parameter


CASES = list(all_cases())
EXAMPLES = list(all_examples())
shipped_only = [name for directory, name in FILES if directory == SHIPPED]


@pytest.fixture(scope="module")
def servers(
    live_server: LiveServer, serve_folder: Callable[[Path], AbstractContextManager[LiveServer]]
) -> Iterator[dict[Path, LiveServer]]:
    """The server of each directory of queries."""
    with serve_folder(SECOND) as second:
        yield {SHIPPED: live_server, SECOND / "queries": second}


def term_of(value: dict[str, str]) -> ResultTerm:
    """A term of SPARQL 1.1 Query Results JSON (section 3.2.2)."""
    if value["type"] == "uri":
        return NamedNode(value["value"])
    if value["type"] == "bnode":
        return BlankNode(value["value"])
    if "xml:lang" in value:
        return Literal(value["value"], language=value["xml:lang"])
    if "datatype" in value:
        return Literal(value["value"], datatype=NamedNode(value["datatype"]))
    return Literal(value["value"])


def rows_of(server: LiveServer, name: str, parameters: dict[str, list[str]]) -> list[dict[str, ResultTerm]]:
    """The solutions of a saved query; for ASK one empty row or none."""
    response = server.get(f"/queries/{name}.json?{urllib.parse.urlencode(parameters, doseq=True)}")
    assert response.status == 200, response.text
    document = json.loads(response.body)
    if "boolean" in document:
        return [{}] if document["boolean"] else []
    return [
        {column: term_of(value) for column, value in row.items()} for row in document["results"]["bindings"]
    ]


def names_values(query: SavedQuery) -> bool:
    """Whether some case expects rows by their values, not by their number alone."""
    return any(any(row for row in case.contains) for case in query.expectations)


def test_there_are_at_least_twenty_five_shipped_queries() -> None:
    assert len(shipped_only) >= 25


@pytest.mark.parametrize(("directory", "name"), FILES, ids=[name for _, name in FILES])
def test_the_header_is_valid_and_the_check_finds_nothing(directory: Path, name: str) -> None:
    query = read(directory, name)
    assert check(query) == ()
    assert query.header.summary.endswith((".", "?"))
    assert query.header.tags
    assert query.expectations


@pytest.mark.parametrize("directory", SPACES, ids=["shipped", "second"])
def test_the_catalogue_serves_every_file(directory: Path) -> None:
    catalogue = Catalogue.read(directory)
    assert catalogue.findings == ()
    assert [query.name for query in catalogue] == [name for where, name in FILES if where == directory]


@pytest.mark.parametrize("directory", SPACES, ids=["shipped", "second"])
def test_at_least_half_of_the_queries_expect_named_values(directory: Path) -> None:
    queries = Catalogue.read(directory).queries
    assert 2 * sum(names_values(query) for query in queries) >= len(queries)


@pytest.mark.parametrize("name", shipped_only)
def test_every_shipped_query_expects_named_values_and_gives_an_example_for_each_parameter(name: str) -> None:
    query = read(SHIPPED, name)
    assert names_values(query)
    assert [parameter.name for parameter in query.parameters if not parameter.example] == []


@pytest.mark.parametrize("name", shipped_only)
def test_the_body_of_a_shipped_query_names_nothing_of_the_folder(name: str) -> None:
    body = "\n".join(
        line for line in read(SHIPPED, name).text.splitlines() if not line.startswith("#")
    ).lower()
    assert SPACES[SHIPPED].base.lower() not in body
    assert "ghouta" not in body
    assert "343dbc8f" not in body


@pytest.mark.parametrize(
    ("directory", "name", "case"), CASES, ids=[f"{name}:{case.line}" for _, name, case in CASES]
)
def test_a_case_of_the_header_holds(
    directory: Path, name: str, case: Expectation, servers: dict[Path, LiveServer]
) -> None:
    parameters = {parameter: list(values) for parameter, values in case.values.items()}
    rows = rows_of(servers[directory], name, parameters)
    assert compare(case, rows, SPACES[directory]) is None


@pytest.mark.parametrize(
    ("directory", "name", "parameter"),
    EXAMPLES,
    ids=[f"{name}:{parameter.name}" for _, name, parameter in EXAMPLES],
)
def test_the_example_of_a_parameter_finds_rows(
    directory: Path, name: str, parameter: Parameter, servers: dict[Path, LiveServer]
) -> None:
    with_example = rows_of(servers[directory], name, {parameter.name: [parameter.example]})
    assert with_example
    without = rows_of(servers[directory], name, {})
    assert len(with_example) <= len(without), "a parameter narrows, and never adds rows"


@pytest.mark.parametrize("name", shipped_only)
def test_a_shipped_query_gives_the_same_rows_in_the_same_order_each_time_and_none_twice(
    name: str, servers: dict[Path, LiveServer]
) -> None:
    first = rows_of(servers[SHIPPED], name, {})
    assert rows_of(servers[SHIPPED], name, {}) == first
    shown = [tuple(sorted((column, str(term)) for column, term in row.items())) for row in first]
    assert len(set(shown)) == len(shown)
