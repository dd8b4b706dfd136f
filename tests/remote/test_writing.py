"""Writes through an engine elsewhere: to graphs of the endpoint alone, one at a time, read back at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest
from tests.conftest import LiveServer, Response, serve
from tests.remote.engines import Remote

from onrecord.identity.tokens import TokenBook

SPACE = "https://w3id.org/onrecord/ghouta/"
FOLDER_GRAPH = f"{SPACE}graph/triples/entities"
OURS = "https://example.org/notes"
THEIRS = "https://example.com/theirs"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Editor:
    """An editor's way to a server over an engine elsewhere."""

    server: LiveServer
    remote: Remote
    token: str
    has_written: bool = False

    def send(self, method: str, path: str, body: bytes | None = None, content_type: str = FORM) -> Response:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
        response = self.server.get(path, headers, body, method)
        self.has_written = self.has_written or response.status < 300
        return response

    def update(self, text: str, **more: str) -> Response:
        return self.send("POST", "/sparql", urlencode({"update": text, **more}).encode())

    def values(self, graph: str = OURS) -> list[str]:
        rows = self.server.sparql(f"SELECT ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} }} ORDER BY ?o")
        return [row["o"] for row in rows]


@pytest.fixture(scope="module")
def start_editor(
    start_remote: Callable[[str], Remote], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Editor]]:
    with ExitStack() as stack:
        known: dict[str, Editor] = {}

        def start(name: str) -> Editor:
            if name not in known:
                remote, state = start_remote(name), tmp_path_factory.mktemp("writing")
                _, secret = TokenBook(state).create("editor")
                server = stack.enter_context(serve(None, state, *remote.options))
                known[name] = Editor(server, remote, secret)
            return known[name]

        yield start
        for editor in known.values():
            editor.update("DROP ALL")


@pytest.fixture(params=["oxigraph", "virtuoso"])
def editor(request: pytest.FixtureRequest, start_editor: Callable[[str], Editor]) -> Editor:
    found = start_editor(str(request.param))
    if found.has_written:
        assert found.update("DROP ALL").status == 204
        found.has_written = False
    return found


def test_a_write_is_read_back_at_once_and_stands_in_the_union(editor: Editor) -> None:
    response = editor.update(f'INSERT DATA {{ GRAPH <{OURS}> {{ <urn:a> <urn:b> "one", "zwei"@de }} }}')
    assert response.status == 204
    assert "onrecord-generation" not in response.headers
    assert editor.values() == ["one", "zwei"]
    assert editor.server.sparql('SELECT ?s { ?s <urn:b> "one" }') == [{"s": "urn:a"}]


def test_patterns_see_what_with_and_using_say(editor: Editor) -> None:
    editor.update(
        f"INSERT DATA {{ GRAPH <{OURS}> {{ <urn:a> <urn:b> 1 }} }} ; "
        f"INSERT DATA {{ GRAPH <{OURS}/2> {{ <urn:a> <urn:b> 5 }} }}"
    )
    assert (
        editor.update(f"WITH <{OURS}> DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p 2 }} WHERE {{ ?s ?p ?o }}").status
        == 204
    )
    assert editor.values() == ["2"]
    copy = f"INSERT {{ GRAPH <{OURS}> {{ <urn:c> <urn:b> ?o }} }} USING <{OURS}/2> WHERE {{ ?s ?p ?o }}"
    assert editor.update(copy).status == 204
    assert editor.values() == ["2", "5"]


def test_a_where_without_a_dataset_sees_no_graph_but_by_name(editor: Editor) -> None:
    text = f"INSERT {{ GRAPH <{OURS}> {{ ?s <urn:copied> 1 }} }} WHERE {{ ?s a ?c }}"
    assert editor.update(text).status == 204
    assert editor.values() == []
    named = (
        f"INSERT {{ GRAPH <{OURS}> {{ ?s <urn:copied> 1 }} }} "
        f"WHERE {{ GRAPH <{FOLDER_GRAPH}> {{ ?s a ?c FILTER(?s = <{SPACE}id/douma>) }} }}"
    )
    assert editor.update(named).status == 204
    assert editor.values() == ["1"]


REFUSED = (
    f"INSERT DATA {{ GRAPH <{FOLDER_GRAPH}> {{ <urn:a> <urn:b> 1 }} }}",
    f"CLEAR GRAPH <{FOLDER_GRAPH}>",
    f"DROP GRAPH <{SPACE}graph/inferred>",
    "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
    f"COPY <{OURS}> TO <{FOLDER_GRAPH}>",
)


def test_graphs_of_the_folder_are_refused(editor: Editor) -> None:
    before = editor.values(FOLDER_GRAPH)
    for text in REFUSED:
        response = editor.update(text)
        assert response.status == 403, text
        assert "belongs to the folder" in response.text
    assert editor.values(FOLDER_GRAPH) == before


NOT_OURS = (
    f"INSERT DATA {{ GRAPH <{THEIRS}> {{ <urn:a> <urn:b> 1 }} }}",
    f"DROP GRAPH <{THEIRS}>",
    f"COPY <{THEIRS}> TO <{OURS}>",
    f"INSERT {{ GRAPH <{OURS}> {{ ?s ?p ?o }} }} WHERE {{ GRAPH <{THEIRS}> {{ ?s ?p ?o }} }}",
    f"INSERT {{ GRAPH <{OURS}> {{ ?s ?p ?o }} }} USING <{THEIRS}> WHERE {{ ?s ?p ?o }}",
    f"DROP GRAPH <{SPACE}graph/holdings>",
)


def test_graphs_of_others_are_neither_written_nor_read(editor: Editor) -> None:
    editor.remote.run(f"INSERT DATA {{ GRAPH <{THEIRS}> {{ <urn:a> <urn:b> <urn:theirs> }} }}")
    try:
        for text in NOT_OURS:
            assert editor.update(text).status == 403, text
        assert editor.values() == []
    finally:
        editor.remote.run(f"DROP SILENT GRAPH <{THEIRS}>")


def test_drop_all_means_the_graphs_of_the_endpoint(editor: Editor) -> None:
    editor.remote.run(f"INSERT DATA {{ GRAPH <{THEIRS}> {{ <urn:a> <urn:b> <urn:theirs> }} }}")
    editor.update(f"INSERT DATA {{ GRAPH <{OURS}> {{ <urn:a> <urn:b> 1 }} }}")
    assert editor.update("DROP ALL").status == 204
    assert editor.values() == []
    assert editor.values(FOLDER_GRAPH)
    asked = editor.server.get(f"/sparql?query={quote(f'ASK {{ GRAPH <{THEIRS}> {{ ?s ?p ?o }} }}')}")
    assert asked.status == 403  # it is there still, and nobody's here
    editor.remote.run(f"DROP SILENT GRAPH <{THEIRS}>")


def test_the_unnamed_graph_is_501(editor: Editor) -> None:
    unnamed = (
        "INSERT DATA { <urn:a> <urn:b> 1 }",
        f"COPY DEFAULT TO <{OURS}>",
        "INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
    )
    for text in unnamed:
        response = editor.update(text)
        assert response.status == 501, text
        assert "GRAPH <...>" in response.text


def test_what_does_not_parse_never_reaches_the_engine(editor: Editor) -> None:
    response = editor.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> } }")
    assert response.status == 400
    assert response.json()["code"] == "query-syntax"


def test_graphs_are_put_posted_patched_read_and_deleted(editor: Editor) -> None:
    path = f"/graphs?graph={quote(OURS)}"
    turtle = "text/turtle"
    assert editor.send("PUT", path, b"<urn:a> <urn:b> 1, [ <urn:c> 2 ] .", turtle).status == 201
    assert editor.send("PUT", path, b"<urn:a> <urn:b> 1 .", turtle).status == 204
    assert editor.send("POST", path, b"<urn:a> <urn:b> 2 .", turtle).status == 204
    assert editor.values() == ["1", "2"]
    patch = b"DELETE WHERE { ?s ?p 1 }"
    assert editor.send("PATCH", path, patch, "application/sparql-update").status == 204
    read = editor.server.get(path, {"Accept": "application/n-triples"})
    assert read.text.split() == ["<urn:a>", "<urn:b>", '"2"^^<http://www.w3.org/2001/XMLSchema#integer>', "."]
    assert editor.send("DELETE", path).status == 204
    assert editor.server.get(path).status == 404
    assert editor.send("DELETE", path).status == 404
    assert editor.send("PUT", "/graphs?default", b"<urn:a> <urn:b> 1 .", turtle).status == 501
    assert editor.send("PUT", f"/graphs?graph={quote(FOLDER_GRAPH)}", b"", turtle).status == 403


def test_writers_at_once_lose_nothing(start_editor: Callable[[str], Editor]) -> None:
    editor = start_editor("oxigraph")
    editor.update(f"DROP ALL ; INSERT DATA {{ GRAPH <{OURS}> {{ <urn:a> <urn:count> 0 }} }}")
    more = (
        f"WITH <{OURS}> DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p ?n }} WHERE {{ ?s ?p ?o BIND(?o + 1 AS ?n) }}"
    )
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(editor.update(more).status)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [204] * 6
    assert editor.values() == ["6"]


def test_a_reader_without_a_token_does_not_write(editor: Editor) -> None:
    body = urlencode({"update": f"DROP GRAPH <{OURS}>"}).encode()
    assert editor.server.get("/sparql", {"Content-Type": FORM}, body, "POST").status == 401
