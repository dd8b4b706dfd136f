"""The build: what it loads, what it replaces, what it tells authors."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from onrecord.building import build as module
from onrecord.building.build import BuildReport, build
from onrecord.errors import FolderError
from onrecord.folder import Folder

SPACE = "https://example.org/x/"
DESCRIPTION = f'<{SPACE}> <https://w3id.org/onrecord/ns#iriSpace> "{SPACE}" .\n'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of nothing but its description, to write files into."""
    for name in ("ontology", "triples"):
        (tmp_path / name).mkdir()
    (tmp_path / "ontology" / "dataset.ttl").write_text(DESCRIPTION)
    return tmp_path


def run(store: Store, path: Path, *drop: str) -> BuildReport:
    return build(store, Folder(path), drop, lambda text: None)


def counts(store: Store) -> dict[str, int]:
    found: dict[str, int] = {}
    for quad in store:
        name = str(getattr(quad.graph_name, "value", "")).removeprefix(SPACE + "graph/")
        found[name] = found.get(name, 0) + 1
    return found


def test_each_file_is_a_graph_and_the_report_names_it(files: Path) -> None:
    (files / "triples" / "a.ttl").write_text("<a> <p> 1 , 2 .")
    (files / "triples" / "b.trig").write_text("<https://example.org/named> { <b> <p> 1 }")
    store = Store()
    report = run(store, files)
    assert counts(store) == {"ontology/dataset": 1, "triples/a": 2, "https://example.org/named": 1}
    assert report.files[SPACE + "graph/triples/a"] == "triples/a.ttl"
    assert report.files["https://example.org/named"] == "triples/b.trig"
    assert report.graphs == (*report.files, SPACE + "graph/inferred")


@pytest.mark.parametrize("batch", [1, 2, 100_000])
def test_a_triple_in_several_files_is_told_for_each_pair(
    files: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(module, "_BATCH", batch)
    (files / "triples" / "a.ttl").write_text("<a> <p> 1 , 2 , 2 . <a> <q> 1 .")
    (files / "triples" / "b.ttl").write_text("<a> <p> 1 , 2 , 3 . <a> <p> 2 .")
    (files / "triples" / "c.ttl").write_text("<a> <p> 2 .")
    warnings = run(Store(), files).warnings
    assert [warning.split(". ")[0] for warning in warnings] == [
        "triples/b.ttl repeats 2 triples of triples/a.ttl",
        "triples/c.ttl repeats 1 triple of triples/a.ttl",
        "triples/c.ttl repeats 1 triple of triples/b.ttl",
    ]


def test_a_triple_repeated_from_a_graph_of_the_endpoint_is_no_matter_for_authors(files: Path) -> None:
    (files / "triples" / "a.ttl").write_text("<a> <p> 1 .")
    store = Store()
    store.add(Quad(NamedNode(SPACE + "a"), NamedNode(SPACE + "p"), Literal(1), NamedNode("urn:endpoint")))
    assert run(store, files).warnings == ()


def test_blank_nodes_of_two_files_stay_apart(files: Path) -> None:
    (files / "triples" / "a.ttl").write_text("_:x <p> 1 .")
    (files / "triples" / "b.ttl").write_text("_:x <p> 1 .")
    store = Store()
    assert run(store, files).warnings == ()
    assert len({str(q.subject) for q in store if q.predicate.value == SPACE + "p"}) == 2


@pytest.mark.parametrize("elsewhere", [NamedNode("urn:endpoint"), DefaultGraph()])
def test_nothing_is_inferred_from_graphs_of_the_endpoint_and_nothing_withheld_for_them(
    files: Path, elsewhere: NamedNode | DefaultGraph
) -> None:
    rdfs = "http://www.w3.org/2000/01/rdf-schema#"
    (files / "triples" / "a.ttl").write_text(f"<p> <{rdfs}subPropertyOf> <q> . <a> <p> <b> .")
    own = Store()
    run(own, files)
    inferred = {
        str(quad) for quad in own.quads_for_pattern(None, None, None, NamedNode(SPACE + "graph/inferred"))
    }
    assert inferred, "the control infers"
    store = Store()
    for subject, predicate, target in (
        (SPACE + "p", rdfs + "domain", "urn:Secret"),
        (SPACE + "c", SPACE + "p", SPACE + "d"),
        (SPACE + "a", SPACE + "q", SPACE + "b"),
    ):
        store.add(Quad(NamedNode(subject), NamedNode(predicate), NamedNode(target), elsewhere))
    run(store, files)
    found = store.quads_for_pattern(None, None, None, NamedNode(SPACE + "graph/inferred"))
    assert {str(quad) for quad in found} == inferred


@pytest.mark.parametrize("elsewhere", [None, NamedNode("urn:endpoint"), DefaultGraph()])
def test_a_rebuild_replaces_the_graphs_of_the_folder_and_no_other(
    files: Path, elsewhere: NamedNode | DefaultGraph | None
) -> None:
    (files / "triples" / "a.ttl").write_text("<a> <p> 1 .")
    (files / "triples" / "b.ttl").write_text("<b> <p> 1 .")
    store = Store()
    report = run(store, files)
    if elsewhere is not None:
        store.add(Quad(NamedNode("urn:s"), NamedNode("urn:p"), Literal("kept"), elsewhere))
    (files / "triples" / "b.ttl").unlink()
    run(store, files, *report.graphs)
    kept = {} if elsewhere is None else {str(getattr(elsewhere, "value", "")): 1}
    assert counts(store) == {"ontology/dataset": 1, "triples/a": 1, **kept}


def test_two_files_that_write_one_graph_are_refused(files: Path) -> None:
    (files / "triples" / "a.ttl").write_text("<a> <p> 1 .")
    (files / "triples" / "b.trig").write_text(f"<{SPACE}graph/triples/a> {{ <b> <p> 1 }}")
    with pytest.raises(FolderError, match=r"triples/b\.trig and triples/a\.ttl both write the graph"):
        run(Store(), files)


def test_the_graph_of_the_closure_is_the_builds_own(files: Path) -> None:
    (files / "triples" / "inferred.trig").write_text(f"<{SPACE}graph/inferred> {{ <b> <p> 1 }}")
    with pytest.raises(FolderError, match="which the build fills"):
        run(Store(), files)
