"""`onrecord explain`: a proof that people can read, or one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.test_serve import onrecord, sentence
from tests.conftest import REPOSITORY

ARTICLE = "article/343dbc8f"


def explained(*arguments: str | Path) -> str:
    answer = onrecord("explain", *arguments)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    return answer.stdout


def test_a_derived_triple_names_axioms_triples_and_files() -> None:
    assert explained("id/douma", "a", "rec:Entity") == (
        "id/douma a rec:Entity\n"
        "  follows by subclass from\n"
        "    id/douma a rec:Location\n"
        "      stands in triples/entities.ttl\n"
        "    rec:Location rdfs:subClassOf rec:Entity\n"
        "      stands in ontology/onrecord.ttl\n"
    )


def test_containment_is_explained_step_by_step() -> None:
    told = explained("id/douma", "rec:within", "id/syria")
    assert told.startswith("id/douma rec:within id/syria\n  follows by transitive property from\n")
    assert "    rec:within a owl:TransitiveProperty\n      stands in ontology/onrecord.ttl\n" in told
    assert "rec:directlyWithin id/syria\n          stands in triples/reference.ttl\n" in told


def test_what_a_relay_conveys_names_the_chain() -> None:
    statement, claim = (
        f"{ARTICLE}/statement/p13s1-narrator-reports",
        f"{ARTICLE}/claim/people-remain-in-recaptured-towns",
    )
    told = explained(statement, "rec:conveys", claim).splitlines()
    assert told[1] == "  follows by what a relay conveys from"
    assert [line.split()[1] for line in told[2::2]] == ["rec:relays", "rec:makes"]
    assert {line.strip() for line in told[3::2]} == {
        f"stands in triples/{ARTICLE.replace('le/', 'les/')}.ttl"
    }


def test_a_direct_link_names_the_claim_link_it_was_written_from() -> None:
    claim = f"{ARTICLE}/claim/commander-talks-stopped"
    told = explained(claim, "rec:contradicts", f"{ARTICLE}/claim/alloush-talks-continue")
    assert "follows by symmetric property from" in told
    assert "follows by certain link between claims from" in told
    assert f"{ARTICLE}/link/alloush-contradicts-commander rec:certainty term:certainty/certain" in told


@pytest.mark.parametrize(
    "arguments",
    [
        ("id/douma", "rdfs:label", '"Douma"@en'),
        (
            "https://w3id.org/onrecord/ghouta/id/douma",
            "http://www.w3.org/2000/01/rdf-schema#label",
            '"Douma"@en',
        ),
        ("<https://w3id.org/onrecord/ghouta/id/douma>", "rdfs:label", '"Douma"@en'),
    ],
)
def test_an_asserted_triple_says_where_it_stands_however_its_names_are_written(
    arguments: tuple[str, ...],
) -> None:
    assert explained(*arguments) == 'id/douma rdfs:label "Douma"@en\n  stands in triples/entities.ttl\n'


def test_another_folder_has_names_of_its_own() -> None:
    second = REPOSITORY / "tests" / "second-folder"
    told = explained("id/north-quay", "rec:within", "id/marenia", "--folder", second)
    assert "stands in triples/" in told
    assert "id/north-quay" in sentence(onrecord("explain", "id/north-quay", "rec:within", "id/marenia"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("id/syria", "rec:within", "id/douma"),
            "id/syria rec:within id/douma neither stands in the folder nor follows from it.",
        ),
        (("id/dooma", "a", "rec:Entity"), "It tells nothing of id/dooma: is the name right?"),
        (("id/douma", "rec:inside", "id/syria"), "It uses rec:inside nowhere: is the name right?"),
        (("id/douma", "rdfs:label", "Douma town"), "a literal keeps its quotation marks"),
        (("id/douma", "rdfs:label", '"Douma'), '"Douma is no literal.'),
        (("foaf:x", "a", "rec:Entity"), '"foaf:x" is no name: known prefixes are'),
    ],
)
def test_what_does_not_follow_or_is_no_term_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    assert said in sentence(onrecord("explain", *arguments))
