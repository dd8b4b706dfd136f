"""The folder's graphs belong to its files; what the endpoint writes survives rebuilds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.writing.conftest import FOLDER_GRAPH, Written, serve_written

from onrecord.errors import FolderError, FolderGraphError

INFERRED = "https://example.org/small/graph/inferred"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    from tests.processes.conftest import DATASET

    folder = tmp_path_factory.mktemp("folder")
    for name in ("ontology", "triples", "queries"):
        (folder / name).mkdir()
    (folder / "ontology" / "dataset.ttl").write_text(DATASET)
    (folder / "triples" / "numbers.ttl").write_text(
        '<https://example.org/small/id/1> <https://example.org/p> "1" .\n'
    )
    with serve_written(folder, tmp_path_factory.mktemp("store") / "store", "--workers", "1") as written:
        yield written


G = f"<{FOLDER_GRAPH}>"


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT DATA {{ GRAPH {G} {{ <urn:a> <urn:b> 1 }} }}",
        f"DELETE DATA {{ <urn:a> <urn:b> 1 . GRAPH{G}{{ <urn:a> <urn:b> 1 }} }}",
        f"INSERT DATA {{ GRAPH # {{ a comment\n {G} # }}\n {{ <urn:a> <urn:b> 1 }} }}",
        f"INSERT DATA {{ GRAPH <{FOLDER_GRAPH[:-4]}\\u0062ers> {{ <urn:a> <urn:b> 1 }} }}",
        f"PREFIX g: <{FOLDER_GRAPH[:-7]}> INSERT DATA {{ GRAPH g:numbers {{ <urn:a> <urn:b> 1 }} }}",
        "BASE <https://example.org/small/graph/x> INSERT DATA { GRAPH <triples/numbers> { <a> <b> 1 } }",
        "INSERT DATA { GRAPH <graph/triples/numbers> { <urn:a> <urn:b> 1 } }",
        f"WITH {G} DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        f"DELETE {{ GRAPH {G} {{ ?s ?p ?o }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"DELETE WHERE {{ GRAPH {G} {{ ?s ?p ?o }} }}",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "INSERT { GRAPH ?g { <urn:a> <urn:b> 1 } } WHERE "
        f'{{ BIND(IRI(CONCAT("{FOLDER_GRAPH[:-3]}", "ers")) AS ?g) }}',
        f"INSERT DATA {{ <urn:a> <urn:g> {G} }} ; "
        "INSERT { GRAPH ?g { ?s <urn:b> 1 } } WHERE { ?s <urn:g> ?g }",
        f"DROP GRAPH {G}",
        f"CLEAR SILENT GRAPH {G}",
        f"CREATE SILENT GRAPH {G}",
        f"COPY DEFAULT TO {G}",
        f"ADD <urn:x> TO GRAPH {G}",
        f"MOVE {G} TO <urn:x>",
        f"DROP GRAPH <{INFERRED}>",
    ],
)
def test_no_update_writes_a_graph_of_the_folder(served: Written, text: str) -> None:
    before = served.count()
    response = served.post_update(text)
    assert response.status == 403, response.text
    document = response.json()
    assert document["code"] == "folder-graph"
    told = str(document["detail"])
    assert (f"<{INFERRED}>" if INFERRED in text else "triples/numbers.ttl") in told
    assert served.count() == before


def test_rows_that_chance_sends_to_a_graph_of_the_folder_are_refused_or_left_out(served: Written) -> None:
    before = served.count()
    text = (
        f"INSERT {{ GRAPH ?g {{ <urn:a> <urn:r> ?n }} }} WHERE {{ VALUES ?n {{ 1 2 3 4 5 6 7 8 }} "
        f"BIND(IF(RAND() < 0.1, {G}, <urn:chance>) AS ?g) }}"
    )
    for _ in range(10):
        assert served.post_update(text).status in (204, 403)
    assert served.rows(f"SELECT ?o {{ GRAPH {G} {{ ?s <urn:r> ?o }} }}") == []
    served.update("DROP SILENT GRAPH <urn:chance>")
    assert served.count() == before


def test_drop_all_and_clear_named_mean_what_the_endpoint_wrote(served: Written) -> None:
    before = served.count()
    fill = "INSERT DATA { <urn:a> <urn:b> 1 . GRAPH <urn:g> { <urn:a> <urn:b> 2 } }"
    for text, left in (
        ("DROP ALL", 0),
        ("CLEAR ALL", 0),
        ("DROP NAMED", 1),
        ("CLEAR NAMED", 1),
        (
            "INSERT DATA { GRAPH <urn:h> { <urn:a> <urn:b> 3 } } ; DROP ALL ; "
            "INSERT DATA { <urn:a> <urn:b> 9 }",
            1,
        ),
    ):
        served.update(fill)
        served.update(text)
        assert served.count() == before + left, text
        served.update("DROP DEFAULT")


def test_variable_graphs_of_the_endpoint_are_written(served: Written) -> None:
    served.update("INSERT DATA { GRAPH <urn:g1> { <urn:a> <urn:b> 1 } GRAPH <urn:g2> { <urn:a> <urn:b> 2 } }")
    served.update(
        "DELETE { GRAPH ?g { ?s ?p ?o } } INSERT { GRAPH ?g { ?s ?p 7 } } "
        "WHERE { GRAPH ?g { ?s ?p ?o . FILTER(?s = <urn:a>) } }"
    )
    assert served.rows("SELECT ?g ?o { GRAPH ?g { <urn:a> <urn:b> ?o } }") == [
        ("urn:g1", "7"),
        ("urn:g2", "7"),
    ]
    served.update("DROP ALL")


def test_graphs_of_the_endpoint_survive_a_rebuild_and_the_folders_are_replaced(served: Written) -> None:
    served.update("INSERT DATA { <urn:a> <urn:b> 1 . GRAPH <urn:g> { <urn:a> <urn:b> 2 } }")
    (served.folder / "triples" / "numbers.ttl").write_text(
        '<https://example.org/small/id/2> <https://example.org/p> "2" .\n'
    )
    served.engine.rebuild()
    assert served.rows("SELECT ?o { <urn:a> <urn:b> ?o }") == [("1",), ("2",)]
    assert served.rows("SELECT ?o { ?s <https://example.org/p> ?o }") == [("2",)]
    served.update("DROP ALL")


def test_a_file_that_would_write_a_graph_of_the_endpoint_is_refused(served: Written) -> None:
    served.update(
        "INSERT DATA { GRAPH <https://example.org/small/graph/triples/late> { <urn:a> <urn:b> 2 } }"
    )
    late = served.folder / "triples" / "late.ttl"
    late.write_text("<urn:a> <urn:b> 3 .\n")
    with pytest.raises(FolderError, match=r"late\.ttl.*endpoint"):
        served.engine.rebuild()
    served.update("DROP ALL")
    served.engine.rebuild()
    with pytest.raises(FolderGraphError, match=r"triples/late\.ttl"):
        served.update("DROP GRAPH <https://example.org/small/graph/triples/late>")
    late.unlink()
    served.engine.rebuild()


def test_an_empty_store_owns_nothing(tmp_path: Path) -> None:
    with serve_written(None, tmp_path / "store", "--empty", "--workers", "1") as w:
        w.update("INSERT DATA { <urn:a> <urn:b> 1 . GRAPH <urn:g> { <urn:a> <urn:b> 2 } }")
        w.update("INSERT { GRAPH ?g { ?s ?p 3 } } WHERE { GRAPH ?g { ?s ?p ?o } }")
        assert w.count() == 3
        w.update("DROP ALL")
        assert w.count() == 0
