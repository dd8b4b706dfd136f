"""Who belongs to whom is a claim with a speaker, and never a fact of the graph."""

from __future__ import annotations

from tests.questions.asking import (
    NARRATOR,
    PREFIXES,
    TERM,
    Ask,
    Sparql,
    claim,
    columns,
    entity,
    has,
    links_between,
)

NAMESPACE = "https://w3id.org/onrecord/ns#"


def test_the_article_lists_four_members_of_the_alliance_and_leaves_the_list_open(ask: Ask) -> None:
    rows = ask("alliance-members", alliance="id/pro-assad-alliance")
    assert columns(rows, "member", "speaker", "polarity", "voice") == {
        (entity(member), NARRATOR, "affirmed", "voice of the article")
        for member in ("russia-gov", "iran-gov", "shiite-militias-lebanon", "shiite-militias-iraq")
    }
    assert all("open" in row["comment"] for row in rows), "the article does not say that the list is complete"


def test_syria_and_assad_are_no_members_and_no_militia_is_given_a_name(ask: Ask, sparql: Sparql) -> None:
    for outside in ("assad", "syrian-gov", "syrian-army", "assad-allies"):
        assert ask("alliance-members", member=f"id/{outside}") == []
    assert has(ask("alliance-members", member="id/russia-gov"), alliance=entity("pro-assad-alliance"))
    labelled = (
        PREFIXES
        + """SELECT DISTINCT ?thing WHERE {{
          ?thing rdfs:label|rdfs:comment|rec:background ?text FILTER(CONTAINS(LCASE(?text), "{word}")) }}"""
    )
    assert sparql(labelled.format(word="hezbollah")) == []
    assert has(sparql(labelled.format(word="militias")), thing=entity("shiite-militias-lebanon"))


def test_that_iran_is_a_member_is_a_claim_of_the_article_and_no_fact_of_the_graph(
    ask: Ask, sparql: Sparql
) -> None:
    rows = ask("alliance-members", member="id/iran-gov")
    assert columns(rows, "claim", "speaker") == {(claim("alliance-includes-iran"), NARRATOR)}
    assert links_between(sparql, entity("iran-gov"), entity("pro-assad-alliance")) == set()
    assert NAMESPACE + "directlyWithin" in links_between(sparql, entity("douma"), entity("eastern-ghouta"))


def test_that_iran_supports_assad_is_left_to_be_inferred(ask: Ask, sparql: Sparql) -> None:
    rows = ask("relation-family", relation=TERM + "relation/supports")
    assert entity("iran-gov") not in {row["subject"] for row in rows}
    assert has(
        rows,
        claim=claim("alliance-supports-assad"),
        subject=entity("pro-assad-alliance"),
        object=entity("assad"),
        modality="presupposed",
        speaker=NARRATOR,
    )
    assert links_between(sparql, entity("iran-gov"), entity("assad")) == set()


def test_the_allies_spoken_of_later_are_not_taken_for_the_alliance(ask: Ask) -> None:
    rows = ask("possible-identities", entity="id/assad-allies")
    assert {row["other"] for row in rows} == {entity("pro-assad-alliance")}
    alliance = ask("what-a-speaker-said", speaker="id/pro-assad-alliance")
    assert alliance == []
    allies = ask("what-a-speaker-said", speaker="id/assad-allies")
    assert has(allies, claim=claim("offensive-needed-to-stop-mortar-fire"))


def test_no_class_or_property_carries_what_the_article_claims(sparql: Sparql) -> None:
    rows = sparql(
        PREFIXES
        + """SELECT DISTINCT ?property WHERE {
          ?one a rec:Entity ; ?property ?other .
          ?other a rec:Entity .
        }"""
    )
    between = {row["property"] for row in rows}
    assert between <= {
        NAMESPACE + name for name in ("directlyWithin", "within", "contains", "possiblySameAs")
    }
    assert {NAMESPACE + "within", NAMESPACE + "possiblySameAs"} <= between
