"""A build publishes its generation beside a copy without the graphs apart, which answers the same."""

from __future__ import annotations

from pathlib import Path

from tests.writing.conftest import Write

from onrecord.store.state import StateDirectory

APART = "SELECT (COUNT(*) AS ?n) { GRAPH <%s> { ?s ?p ?o } }"
QUERIES = (
    "SELECT ?s ?p ?o { ?s ?p ?o }",
    "SELECT ?s { ?s ?p ?o FILTER NOT EXISTS { ?o ?q ?s } }",
    "SELECT ?g ?s { graph?g { ?s ?p ?o } ?s ?p ?o }",
    "SELECT ?s ?o { ?s !(<urn:none>|^<urn:none>) ?o }",
)


def test_after_a_build_and_after_a_write_the_default_graph_holds_the_same(
    write: Write, numbers: Path
) -> None:
    (numbers / "queries" / "all.rq").write_text("#+ summary: Everything.\nSELECT * { ?s ?p ?o }\n")
    with write("--workers", "1") as w:
        state = StateDirectory(w.store)
        built = state.newest()
        assert built is not None and built.apart and not built.repeated
        assert state.merge_path(built.number).is_dir()
        ((told,),) = w.rows(APART % built.apart[0])
        assert int(told) > 0, "a graph apart is there to be named"
        of_build = [sorted(w.rows(query)) for query in QUERIES]
        assert all(rows for rows in of_build)
        assert len(of_build[0]) == w.engine.status().triples - int(told)
        w.update("INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> 1 } }")
        w.update("DROP GRAPH <urn:g>")
        newest = state.newest()
        assert newest is not None and not state.merge_path(newest.number).exists()
        assert [sorted(w.rows(query)) for query in QUERIES] == of_build
