"""`onrecord wikidata pull` against a real endpoint: what is copied, its origin, and where it shows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from tests.conftest import LiveServer
from tests.wikidata.conftest import Run
from tests.wikidata_shape.generator import FIRST
from tests.wikidata_shape.proxy import Traffic

WD, WDT = "http://www.wikidata.org/entity/", "http://www.wikidata.org/prop/direct/"
PROV = "http://www.w3.org/ns/prov#"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


def copied(folder: Path) -> set[tuple[object, object, object]]:
    (file,) = (folder / "copies").iterdir()
    return {(q.subject, q.predicate, q.object) for q in parse(path=str(file), format=RdfFormat.TURTLE)}


def objects(triples: set[tuple[object, object, object]], predicate: str) -> list[object]:
    return [o for _, p, o in triples if p == NamedNode(predicate)]


def test_a_copy_holds_chosen_facts_labels_and_where_they_are_from(
    traffic: Traffic, run: Run, folder_copy: Path
) -> None:
    done = run("pull", folder_copy, "--endpoint", traffic.url, "--language", "en", "--language", "ar")
    assert done.returncode == 0, done.stderr
    triples = copied(folder_copy)
    douma = NamedNode(WD + "Q403446")
    assert (douma, NamedNode(WDT + "P131"), NamedNode(WD + "Q232399")) in triples
    assert (douma, NamedNode(RDFS_LABEL), Literal("دوما", language="ar")) in triples
    point = Literal(
        "Point(36.4027 33.57175)", datatype=NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")
    )
    assert (douma, NamedNode(WDT + "P625"), point) in triples
    war = NamedNode(WD + "Q8465")  # linked to by nobody, named by a linked item
    assert (war, NamedNode(RDFS_LABEL), Literal("civil war", language="en")) in triples
    assert not [o for o in objects(triples, RDFS_LABEL) if isinstance(o, Literal) and o.language == "ru"]
    assert not objects(triples, WDT + "P150"), "not among the chosen properties"
    assert set(objects(triples, PROV + "hadPrimarySource")) == {NamedNode(traffic.url)}
    assert len(objects(triples, PROV + "generatedAtTime")) == 1
    plans = {
        o.value
        for o in objects(triples, "http://www.w3.org/1999/02/22-rdf-syntax-ns#value")
        if isinstance(o, Literal)
    }
    assert len(plans) == 2 and all(plan.startswith("SELECT ?item") for plan in plans)
    assert len(traffic.queries) == 2, "one request for all items, one for the labels of what they name"


def test_properties_are_chosen_by_their_numbers(traffic: Traffic, run: Run, folder_copy: Path) -> None:
    assert run("pull", folder_copy, "--endpoint", traffic.url, "--property", "P36").returncode == 0
    triples = copied(folder_copy)
    assert objects(triples, WDT + "P36") == [NamedNode(WD + "Q3766")]
    assert not objects(triples, WDT + "P17")
    refused = run("pull", folder_copy, "--endpoint", traffic.url, "--property", "capital")
    assert refused.returncode == 1 and "write P131, for one" in refused.stderr


def test_a_copy_is_a_graph_of_its_own_outside_the_default_graph_and_nothing_follows_from_it(
    traffic: Traffic,
    run: Run,
    folder_copy: Path,
    serve_folder: Callable[..., AbstractContextManager[LiveServer]],
) -> None:
    assert run("pull", folder_copy, "--endpoint", traffic.url).returncode == 0
    (file,) = (folder_copy / "copies").iterdir()
    label = f"<{WD}Q403446> <{RDFS_LABEL}> ?label"
    with serve_folder(folder_copy) as server:
        assert server.sparql(f"SELECT ?label {{ {label} }}") == []
        (found,) = server.sparql(f"SELECT ?graph ?label {{ GRAPH ?graph {{ {label} }} }}")
        graph = f"https://w3id.org/onrecord/ghouta/graph/copies/{file.stem}"
        assert found == {"graph": graph, "label": "Douma"}
        joined = server.sparql(
            f"SELECT ?unit {{ ?place <https://w3id.org/onrecord/ns#wikidata> ?item . "
            f"?place <{RDFS_LABEL}> 'Douma'@en GRAPH <{graph}> {{ ?item <{WDT}P131> ?unit }} }}"
        )
        assert joined == [{"unit": WD + "Q232399"}]
        inferred = "https://w3id.org/onrecord/ghouta/graph/inferred"
        assert not server.sparql(f"SELECT * {{ GRAPH <{inferred}> {{ <{WD}Q403446> ?p ?o }} }}")
        # What the union holds otherwise is what it held before.
        assert (
            server.sparql("SELECT (COUNT(*) AS ?n) { ?c a <https://w3id.org/onrecord/ns#Claim> }")[0]["n"]
            != "0"
        )


@pytest.fixture
def wide_folder(tmp_path: Path) -> Path:
    """A folder that links to 120 of the invented items."""
    folder = tmp_path / "wide"
    (folder / "ontology").mkdir(parents=True)
    (folder / "triples").mkdir()
    (folder / "ontology" / "dataset.ttl").write_text(
        '<https://example.org/wide/> <https://w3id.org/onrecord/ns#iriSpace> "https://example.org/wide/" .'
    )
    link = "<https://w3id.org/onrecord/ns#wikidata>"
    lines = [f"<https://example.org/wide/id/{n}> {link} <{WD}Q{FIRST + 1 + 997 * n}> ." for n in range(120)]
    (folder / "triples" / "links.nt").write_text("\n".join(lines))
    return folder


def test_a_run_that_broke_off_goes_on_where_it_stopped(traffic: Traffic, run: Run, wide_folder: Path) -> None:
    traffic.refuse_after = 1
    broken = run("pull", wide_folder, "--endpoint", traffic.url)
    assert broken.returncode == 1 and traffic.url in broken.stderr and "go on from there" in broken.stderr
    assert not (wide_folder / "copies").exists(), "half a copy is none"
    assert "50 of 120 items" in broken.stderr
    traffic.refuse_after = None
    traffic.clear()
    done = run("pull", wide_folder, "--endpoint", traffic.url)
    assert done.returncode == 0, done.stderr
    facts = [query for query in traffic.queries if "P131" in query]
    assert [query.count(f"(<{WD}") for query in facts] == [50, 20], "the first fifty were answered before"
    items = {s for s, p, _ in copied(wide_folder) if p == NamedNode(WDT + "P17")}
    assert len(items) == 120
    traffic.clear()
    assert run("pull", wide_folder, "--endpoint", traffic.url).returncode == 0
    assert traffic.queries == []


def test_without_a_contact_nothing_is_asked(traffic: Traffic, run: Run, folder_copy: Path) -> None:
    refused = run("pull", folder_copy, "--endpoint", traffic.url, contact="")
    assert refused.returncode == 1 and "--federation-contact" in refused.stderr
    assert traffic.queries == []
