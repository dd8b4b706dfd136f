"""An invented folder of two sources, in an IRI space of its own, built and served like the shipped one.

It is served with the shipped queries beside its own, since these must hold
for any folder.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import Literal, RdfFormat
from tests.conftest import LiveServer, serve

TESTS = Path(__file__).resolve().parents[1]
SECOND = TESTS / "second-folder"
TEXTS = TESTS / "second-folder-texts"
SHIPPED_QUERIES = TESTS.parent / "queries"
SHIPPED = sorted(path.stem for path in SHIPPED_QUERIES.glob("*.rq"))

SPACE = "https://example.org/harbour-strike/"
HARBOUR_WIRE = SPACE + "article/cc64bdae"
COASTAL_DISPATCH = SPACE + "article/eee91120"
KIND = "https://w3id.org/onrecord/term/link-kind/"
REC = "https://w3id.org/onrecord/ns#"
PREFIX = f"PREFIX rec: <{REC}>\n"

Row = dict[str, str]


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("harbour") / "folder"
    shutil.copytree(SECOND, folder)
    for query in SHIPPED_QUERIES.glob("*.rq"):
        assert not (folder / "queries" / query.name).exists(), (
            "the second folder's queries have names of their own"
        )
        shutil.copy(query, folder / "queries")
    with serve(folder, tmp_path_factory.mktemp("harbour-store")) as server:
        yield server


def entity(slug: str) -> str:
    return SPACE + "id/" + slug


def has(rows: list[Row], **values: str) -> bool:
    """Whether some row has all of `values`."""
    return any(values.items() <= row.items() for row in rows)


def test_the_folder_as_it_stands_is_served_in_its_own_iri_space(tmp_path: Path) -> None:
    with serve(SECOND, tmp_path / "store") as server:
        rows = server.sparql(PREFIX + "SELECT ?source WHERE { ?source a rec:Source }")
        assert {row["source"] for row in rows} == {HARBOUR_WIRE, COASTAL_DISPATCH}
        graphs = {
            row["graph"]
            for row in server.sparql("SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } }")
        }
    assert {SPACE + "graph/triples/articles/cc64bdae", SPACE + "graph/ontology/onrecord"} <= graphs
    assert all(graph.startswith(SPACE + "graph/") for graph in graphs)


def test_nothing_of_the_shipped_folder_is_served_with_it(harbour: LiveServer) -> None:
    query = 'SELECT DISTINCT ?name WHERE {{ ?name ?p ?o FILTER(STRSTARTS(STR(?name), "{space}")) }}'
    assert harbour.sparql(query.format(space="https://w3id.org/onrecord/ghouta/")) == []
    assert has(harbour.sparql(query.format(space=SPACE)), name=entity("north-quay"))


def test_the_two_sources_contradict_each_other_on_the_talks(harbour: LiveServer) -> None:
    rows = harbour.ask("sources-against-each-other", kind=KIND + "contradicts")
    assert [(row["speaker1Label"], row["source1"], row["speaker2Label"], row["source2"]) for row in rows] == [
        ("Tomas Berrin", COASTAL_DISPATCH, "harbour board", HARBOUR_WIRE)
    ]
    within_one = harbour.ask("contradictions", speaker="id/tomas-berrin")
    assert has(within_one, speaker2=entity("harbour-board"), basis="cue word in the text", cue="although")


def test_an_uncertain_contradiction_is_not_written_as_a_plain_one(harbour: LiveServer) -> None:
    talks = f"{COASTAL_DISPATCH}/claim/berrin-talks-go-on"
    rows = harbour.sparql(PREFIX + f"SELECT ?other WHERE {{ <{talks}> rec:contradicts ?other }}")
    assert [row["other"] for row in rows] == [f"{COASTAL_DISPATCH}/claim/board-talks-broken-off"]
    links = harbour.ask("what-bears-on-a-claim", claim=talks, kind=KIND + "contradicts")
    assert has(links, other=f"{HARBOUR_WIRE}/claim/board-talks-broken-off", certainty="likely")


def test_the_denial_names_whom_it_answers(harbour: LiveServer) -> None:
    rows = harbour.ask("denials")
    assert [(row["speaker"], row["accuser"], row["denied"]) for row in rows] == [
        (
            entity("tomas-berrin"),
            entity("harbour-board"),
            f"{HARBOUR_WIRE}/claim/board-members-damaged-cranes",
        )
    ]
    silence = f"{COASTAL_DISPATCH}/claim/captain-gives-no-figure"
    assert silence not in {row["claim"] for row in rows}
    assert has(harbour.ask("about-an-entity", entity="id/tug-captain"), claim=silence, polarity="negated")


def test_the_chain_of_attribution_ends_at_the_narrator_of_its_own_source(harbour: LiveServer) -> None:
    rows = harbour.ask("chain-of-attribution", claim="article/cc64bdae/claim/verlund-dockers-stay-away")
    assert [(row["step"], row["speaker"]) for row in rows] == [
        ("1", entity("asa-verlund")),
        ("2", entity("radio-tarnhaven")),
        ("3", f"{HARBOUR_WIRE}/narrator"),
    ]
    radio = harbour.ask("state-media", condition="id/city-run")
    assert has(radio, outlet=entity("radio-tarnhaven"), role="relays", speaker=entity("asa-verlund"))


def test_one_speaker_in_two_sources_is_one_speaker_and_its_claims_stay_two(harbour: LiveServer) -> None:
    rows = harbour.ask("what-a-speaker-said", speaker="id/harbour-board")
    assert {
        (HARBOUR_WIRE, f"{HARBOUR_WIRE}/claim/board-talks-broken-off"),
        (COASTAL_DISPATCH, f"{COASTAL_DISPATCH}/claim/board-talks-broken-off"),
    } <= {(row["source"], row["claim"]) for row in rows}
    same = harbour.sparql(
        PREFIX
        + f"SELECT ?other WHERE {{ <{HARBOUR_WIRE}/claim/board-talks-broken-off> rec:sameContentAs ?other }}"
    )
    assert [row["other"] for row in same] == [f"{COASTAL_DISPATCH}/claim/board-talks-broken-off"]


def test_a_crowd_keeps_the_hedges_of_both_who_count_it(harbour: LiveServer) -> None:
    rows = harbour.ask("counts-with-hedges", counts="id/marchers")
    assert len(rows) == 2
    assert has(rows, speaker=entity("dockers-league"), hedge="some", figure="2000")
    assert has(rows, speaker=entity("harbour-board"), hedge="dozens", atLeast="24", boundsBy="convention")
    assert not has(rows, speaker=entity("harbour-board"), figure="2000")


def test_a_number_is_a_bound_and_not_a_string(harbour: LiveServer) -> None:
    rows = harbour.ask("crowd-figures", least="999")
    assert {row["figure"] for row in rows} == {"1200", "2000"}
    assert {row["figure"] for row in harbour.ask("crowd-figures", least="1200")} == {"1200", "2000"}
    assert {row["figure"] for row in harbour.ask("crowd-figures", least="1201")} == {"2000"}


def test_an_entity_is_found_by_its_arabic_label(harbour: LiveServer) -> None:
    rows = harbour.ask("entities-by-label", label="تارنهافن@ar")
    assert [(row["entity"], row["english"]) for row in rows] == [(entity("tarnhaven"), "Tarnhaven")]
    assert harbour.ask("entities-by-label", label="تارنهافن@en") == []


def test_arabic_labels_double_no_row(harbour: LiveServer) -> None:
    rows = harbour.ask("alliance-members", alliance="id/quayside-pact")
    assert [row["member"] for row in rows] == [
        entity("crane-crews"),
        entity("dockers-league"),
        entity("pilots-guild"),
    ]
    assert {row["allianceLabel"] for row in rows} == {"Quayside Pact"}


def test_containment_leads_through_the_reference_graph(harbour: LiveServer) -> None:
    rows = harbour.ask("place-and-within", place="id/marenia")
    assert has(rows, spot=entity("north-quay"), speaker=f"{HARBOUR_WIRE}/narrator")
    assert has(rows, spot=entity("north-quay"), speaker=entity("tug-captain"))
    assert entity("port-sabel") not in {row["spot"] for row in rows}
    holders = harbour.ask("control-of-places", place="id/tarnhaven")
    assert [(row["holder"], row["relation"], row["speaker"]) for row in holders] == [
        (entity("dockers-league"), "controls", f"{HARBOUR_WIRE}/narrator"),
        (entity("harbour-board"), "gains control of", entity("tug-captain")),
    ]


def test_what_was_said_on_a_day_is_not_what_happened_on_it(harbour: LiveServer) -> None:
    rows = harbour.ask("claims-of-a-day", day="2031-05-13")
    talks, march = (
        f"{HARBOUR_WIRE}/claim/board-talks-broken-off",
        f"{COASTAL_DISPATCH}/claim/board-dozens-marched",
    )
    assert has(rows, claim=talks, sense="said", fit="that day", speaker=entity("harbour-board"))
    assert not has(rows, claim=talks, sense="happened")
    assert has(rows, claim=march, sense="happened", fit="that day")
    assert not has(rows, claim=march, sense="said")


def test_a_relation_of_the_folders_own_joins_a_family_of_ours(harbour: LiveServer) -> None:
    rows = harbour.ask("relation-family", relation="https://w3id.org/onrecord/term/relation/harms")
    assert {(row["speaker"], row["reading"], row["polarity"]) for row in rows} == {
        (entity("harbour-board"), "damages", "affirmed"),
        (entity("tomas-berrin"), "damages", "negated"),
    }


def test_unnamed_speakers_are_found_in_both_sources(harbour: LiveServer) -> None:
    rows = harbour.ask("unnamed-speakers")
    assert {(row["source"], row["speaker"]) for row in rows} == {
        (HARBOUR_WIRE, entity("senior-pilot")),
        (COASTAL_DISPATCH, entity("tug-captain")),
    }


def asks_wikidata(name: str) -> bool:
    return "SERVICE" in (SHIPPED_QUERIES / f"{name}.rq").read_text("utf-8")


@pytest.mark.parametrize("name", [n for n in SHIPPED if asks_wikidata(n)])
def test_a_shipped_query_that_asks_wikidata_names_the_flag_where_nothing_is_frozen(
    harbour: LiveServer, name: str
) -> None:
    response = harbour.get(f"/queries/{name}.json")
    assert response.status == 403
    assert "--federate wikidata" in response.text


@pytest.mark.parametrize("name", [n for n in SHIPPED if not asks_wikidata(n)])
def test_a_shipped_query_finds_something_in_another_folder_too(harbour: LiveServer, name: str) -> None:
    rows = harbour.ask(name)
    assert rows
    for row in rows:
        if "claim" in row:
            assert {"speaker", "speakerLabel"} <= row.keys()
            assert {"label", "denial"} & row.keys()


def test_every_span_stands_in_its_text_where_it_says() -> None:
    texts = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.read_text("utf-8") for path in TEXTS.glob("*.txt")
    }
    facts: dict[str, dict[str, str]] = {}
    for file in (SECOND / "triples" / "articles").glob("*.ttl"):
        for quad in pyoxigraph.parse(path=file, format=RdfFormat.TURTLE):
            value = quad.object.value if isinstance(quad.object, Literal) else str(quad.object).strip("<>")
            facts.setdefault(str(quad.subject).strip("<>"), {})[quad.predicate.value.removeprefix(REC)] = (
                value
            )
    spans = {name: fact for name, fact in facts.items() if "/span/" in name}
    assert len(spans) > 20
    for name, span in spans.items():
        text = texts[facts[span["inSource"]]["sha256"]]
        words = text[int(span["start"]) : int(span["end"])]
        assert name == f"{span['inSource']}/span/{span['start']}-{span['end']}"
        assert span["sha256"] == hashlib.sha256(words.encode()).hexdigest(), name
        assert span["anchor"] == " ".join(words.split()[:5]), name
    assert {facts[source]["sha256"] for source in (HARBOUR_WIRE, COASTAL_DISPATCH)} == texts.keys()
    assert {len(text) for text in texts.values()} == {
        int(facts[source]["characters"]) for source in (HARBOUR_WIRE, COASTAL_DISPATCH)
    }
