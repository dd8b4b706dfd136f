"""A triple that stands in several graphs counts once in the default graph, whatever was written how."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyoxigraph
import pytest
from tests.waiting import wait_until
from tests.writing.conftest import FOLDER_GRAPH, Write, Written, serve_written

from onrecord.engine import QueryRequest
from onrecord.formats import JSON
from onrecord.store.merging import UnionMerge
from onrecord.store.overlap import count_repeats
from onrecord.store.state import StateDirectory
from onrecord.store.touched import touched_by_update

ALL = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
REPEATED = "<https://example.org/small/id/1> <https://example.org/p> '1' ."
MINE = "<urn:a> <urn:p> 'mine' ."


def _seen(w: Written) -> tuple[int, int]:
    """Rows of the default graph, and how many of them are different."""
    ((n,),) = w.rows(ALL)
    ((distinct,),) = w.rows("SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }")
    return int(n), int(distinct)


def _put(w: Written, graph: str, triples: str) -> None:
    answer = w.send("PUT", f"/graphs?graph={graph}", triples.encode(), "text/turtle")
    assert answer.status in (201, 204), answer.text


def _ask(w: Written, text: str, **dataset: tuple[str, ...]) -> int:
    request = QueryRequest(text, "solutions", JSON, has_dataset_clause="FROM" in text, **dataset)  # type: ignore[arg-type]
    answer = w.engine.query(request)
    try:
        document = json.loads(b"".join(answer))
    finally:
        answer.close()
    return int(document["results"]["bindings"][0]["n"]["value"])


def test_each_way_of_writing_a_repeated_triple_leaves_it_counted_once(write: Write) -> None:
    with write("--workers", "1") as w:
        before = _seen(w)
        assert before[0] == before[1]
        told = w.engine.status().triples
        w.update(f"INSERT DATA {{ GRAPH <urn:g:1> {{ {REPEATED} {MINE} }} }}")
        assert _seen(w) == (before[0] + 1, before[0] + 1)
        w.update("INSERT { GRAPH <urn:g:2> { ?s ?p ?o } } WHERE { GRAPH <urn:g:1> { ?s ?p ?o } }")
        w.update("COPY <urn:g:1> TO <urn:g:3>")
        _put(w, "urn:g:4", f"{MINE} <urn:b> <urn:p> [ <urn:q> 1 ] .")
        w.update(f"INSERT DATA {{ {MINE} }} ; INSERT {{ ?s <urn:q> 2 }} WHERE {{ ?s <urn:p> 'mine' }}")
        assert _seen(w) == (before[0] + 4, before[0] + 4)
        # Named graphs are what they were, in the same query too.
        assert w.rows("SELECT ?g { GRAPH ?g { <urn:a> <urn:p> ?o } ?x <urn:p> ?o }") == [
            (f"urn:g:{n}",) for n in (1, 2, 3, 4)
        ]
        w.update("DROP ALL")
        assert _seen(w) == before
        w.update(f"INSERT DATA {{ {MINE} GRAPH <urn:g:1> {{ {MINE} }} }}")
        w.update(f"DELETE DATA {{ GRAPH <urn:g:1> {{ {MINE} }} }}")
        assert _seen(w) == (before[0] + 1, before[0] + 1)
        newest = StateDirectory(w.store).newest()
        assert newest is not None and newest.repeated == 0
        w.update(f"INSERT DATA {{ GRAPH <urn:g:1> {{ {MINE} }} GRAPH <urn:g:2> {{ {MINE} }} }}")
        wait_until(lambda: (status := w.engine.status()).counted == status.generation.number)
        assert w.engine.status().triples == told + 1, "one triple more, whichever graphs hold it"


def test_a_kept_generation_and_a_restart_and_a_rebuild_count_once_too(numbers: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with serve_written(numbers, store, "--workers", "1") as w:
        first = w.engine.generation().number
        w.update(f"INSERT DATA {{ GRAPH <urn:g> {{ {REPEATED} }} }}")
        w.update(f"INSERT DATA {{ GRAPH <urn:g> {{ {MINE} }} }}")
        plain = _ask(w, ALL, generation=first)  # type: ignore[arg-type]
        assert _ask(w, ALL, generation=first + 1) == plain  # type: ignore[arg-type]
        assert _seen(w) == (plain + 1, plain + 1)
    # The merge of the newest generation is lost: it is made again.
    newest = StateDirectory(store).newest()
    assert newest is not None
    for path in StateDirectory(store).merge_path(newest.number).iterdir():
        path.unlink()
    with serve_written(numbers, store, "--workers", "1") as w:
        assert _seen(w) == (plain + 1, plain + 1)
        (numbers / "triples" / "more.ttl").write_text(f"{REPEATED}\n{MINE}\n")
        w.engine.rebuild()
        assert _seen(w) == (plain + 1, plain + 1)


def test_graphs_that_a_query_joins_by_from_count_each_triple_once(write: Write) -> None:
    with write("--workers", "1") as w:
        w.update(f"INSERT DATA {{ GRAPH <urn:g:1> {{ {REPEATED} {MINE} }} GRAPH <urn:g:2> {{ {MINE} }} }}")
        count = "(COUNT(*) AS ?n)"
        assert _ask(w, f"SELECT {count} FROM <urn:g:1> FROM <urn:g:2> {{ ?s ?p ?o }}") == 2
        both = f"PREFIX g: <urn:g:> SELECT {count} FROM g:1 FROM <{FOLDER_GRAPH}> FROM NAMED g:2 "
        assert _ask(w, both + "{ ?s ?p ?o }") == 4
        assert _ask(w, both + "{ ?s ?p ?o GRAPH ?g { ?s ?p ?o } }") == 1
        told = _ask(w, f"SELECT {count} {{ ?s ?p ?o }}", default_graphs=("urn:g:1", "urn:g:2", "urn:g:1"))
        assert told == 2


def test_a_plain_default_graph_takes_no_merge(tmp_path: Path) -> None:
    with serve_written(None, tmp_path / "store", "--empty", "--workers", "1") as w:
        w.update(f"INSERT DATA {{ {MINE} GRAPH <urn:g:1> {{ {MINE} }} }}")
        assert _seen(w) == (1, 1)
        assert not list((tmp_path / "store" / "generations").glob("*.union"))


# -- in one process, at random ---------------------------------------------------------------------


def _random_update(chance: random.Random) -> str:
    def triple() -> str:
        return f"<urn:s:{chance.randrange(4)}> <urn:p> {chance.randrange(3)} ."

    def graph() -> str:
        return f"<urn:g:{chance.randrange(4)}>"

    def block() -> str:
        return f"{{ {triple()} GRAPH {graph()} {{ {triple()} {triple()} }} }}"

    return chance.choice(
        (
            f"INSERT DATA {block()}",
            f"DELETE DATA {block()}",
            f"DELETE DATA {block()} ; INSERT DATA {block()}",
            f"CLEAR SILENT GRAPH {graph()}",
            f"DROP SILENT GRAPH {graph()}",
            "CLEAR DEFAULT",
            f"DELETE WHERE {{ GRAPH {graph()} {{ <urn:s:1> ?p ?o }} }}",
            f"DELETE {{ ?s ?p ?o }} INSERT {{ GRAPH {graph()} {{ ?s ?p ?o . }} . ?s <urn:p> 7 }} "
            f"WHERE {{ GRAPH {graph()} {{ ?s ?p ?o }} }} ; INSERT DATA {block()}",
            f"WITH {graph()} INSERT {{ ?s <urn:p> 1 }} USING {graph()} WHERE {{ ?s ?p ?o }}",
            f"COPY SILENT {graph()} TO {graph()}",
            f"INSERT {{ GRAPH {graph()} {{ [] <urn:p> ?o }} }} WHERE {{ ?s ?p ?o }}",
            f"CREATE SILENT GRAPH {graph()}",
        )
    )


@pytest.mark.parametrize("beside", [(), ("urn:g:0",)])
@pytest.mark.parametrize("seed", range(6))
def test_the_merge_is_the_union_after_any_updates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, beside: tuple[str, ...]
) -> None:
    """Against the definition: of every triple one, of every named graph all."""
    from onrecord.sparql import read_update

    if beside:
        monkeypatch.setattr("onrecord.store.merging.SMALL_FOLDER", 0)
    apart = ["urn:g:3"]
    chance = random.Random(seed)
    store = pyoxigraph.Store(str(tmp_path / "live"))
    merge = UnionMerge(tmp_path / "union")
    merge.restart(0)
    former: Path | None = None
    for number in range(25):
        text = _random_update(chance)
        with merge.watch(store, touched_by_update(store, read_update(text), None, ((), ())), apart):
            store.update(text)
        if chance.random() < 0.4:
            continue
        repeats = merge.settle(store, apart)
        assert repeats == count_repeats(store, apart) == _repeats(store, apart)
        target = tmp_path / f"{number}.union"
        beside_told: tuple[str, ...] = ()
        if repeats:
            folder = [g for g in beside if store.contains_named_graph(pyoxigraph.NamedNode(g))]
            beside_told = merge.write(store, folder, apart, former, target)
            _compare(store, pyoxigraph.Store.read_only(str(target)), apart, beside_told)
        merge.published()
        former = target if repeats else None
        if chance.random() < 0.3:  # the writer ends and starts again
            merge.restart(repeats)
            merge.remember(beside_told)


def _repeats(store: pyoxigraph.Store, apart: list[str]) -> int:
    quads = [q for q in store if str(getattr(q.graph_name, "value", "")) not in apart]
    return len(quads) - len({q.triple for q in quads})


def _compare(
    store: pyoxigraph.Store, merged: pyoxigraph.Store, apart: list[str], beside: tuple[str, ...]
) -> None:
    unnamed = pyoxigraph.DefaultGraph()
    assert {q for q in merged if q.graph_name != unnamed} == {q for q in store if q.graph_name != unnamed}
    assert set(merged.named_graphs()) == set(store.named_graphs())
    own = [q.triple for q in merged.quads_for_pattern(None, None, None, unnamed)]
    held = [q.triple for q in merged if str(getattr(q.graph_name, "value", "")) in beside]
    union = {q.triple for q in store if str(getattr(q.graph_name, "value", "")) not in apart}
    assert len(own) + len(held) == len(union)
    assert {*own, *held} == union
