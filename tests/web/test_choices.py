"""Choosing the value of a parameter: what another query lists, and what a name in any script leads to."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from tests.web.conftest import with_routes
from tests.web.test_saving import ines, omar, save

from onrecord.folder import Folder

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

__all__ = ["ines", "omar", "with_routes"]

PAGE = {"Accept": "text/html"}
SPEAKERS = """#+ summary: Who spoke.
SELECT DISTINCT ?who ?name { ?s <https://w3id.org/onrecord/ns#speaker> ?who .
  ?who <http://www.w3.org/2000/01/rdf-schema#label> ?name FILTER(LANG(?name) = "en") } ORDER BY ?who
"""
SAID = """#+ summary: What a speaker said.
#+ parameters:
#+   who: {{type: iri, label: Who, choices: {{query: speakers, value: who, label: name{extra}}}}}
#+   word: {{type: string, label: Word}}
SELECT ?who ?claim {{ VALUES ?who {{ UNDEF }} VALUES ?word {{ UNDEF }}
  ?s <https://w3id.org/onrecord/ns#speaker> ?who ; <https://w3id.org/onrecord/ns#makes> ?claim
  FILTER(!BOUND(?word) || CONTAINS(STR(?claim), ?word)) }} ORDER BY ?who ?claim
"""


@pytest.fixture
def said(quay: Folder, engine: StoreEngine) -> None:
    write(quay, engine, speakers=SPEAKERS, said=SAID.format(extra=""))


def write(quay: Folder, engine: StoreEngine, **texts: str) -> None:
    for name, text in texts.items():
        (quay.queries / f"{name.replace('_', '-')}.rq").write_text(text, encoding="utf-8")
    engine.number += 1


@pytest.mark.usefixtures("said")
def test_the_form_offers_what_the_other_query_lists_under_its_names(client: FlaskClient) -> None:
    page = client.get("/queries/said?who=id/mayor", headers=PAGE).text
    options = re.findall(r'<option value="([^"]*)"( selected)?>([^<]*)</option>', page)
    assert [(value, unescape(text)) for value, _, text in options] == [
        ("", "(open)"),
        ("id/captain", "the <b>captain</b>"),
        ("id/mayor", "the mayor"),
    ]
    assert [value for value, chosen, _ in options if chosen] == ["id/mayor"]
    (told,) = [q for q in client.get("/queries.json").json["queries"] if q["name"] == "said"]
    assert told["parameters"][0]["choices"] == {
        "query": "speakers",
        "value": "who",
        "label": "name",
        "open": False,
    }


@pytest.mark.usefixtures("said")
@pytest.mark.parametrize("suffix", [".json", ".csv", ".xlsx", "", "/cite"])
def test_a_value_that_is_no_choice_is_refused_in_every_format(client: FlaskClient, suffix: str) -> None:
    assert client.get(f"/queries/said{suffix}?who=id/mayor").status_code == 200
    refused = client.get(f"/queries/said{suffix}?who=id/quay")
    assert refused.status_code == 400
    assert '"who" is "https://example.org/quay/id/quay"' in refused.json["detail"]
    assert 'the column "who" of the saved query speakers' in refused.json["detail"]


@pytest.mark.usefixtures("said")
def test_choices_are_asked_for_once_in_a_generation_and_follow_the_data(
    client: FlaskClient, engine: StoreEngine
) -> None:
    for _ in range(2):
        assert client.get("/queries/said.json?who=id/mayor").status_code == 200
    assert sum("DISTINCT ?who ?name" in asked.text for asked in engine.requests) == 1
    engine.store.update(
        """INSERT DATA { GRAPH <urn:new> { <urn:s9> <https://w3id.org/onrecord/ns#speaker>
        <https://example.org/quay/id/quay> . <https://example.org/quay/id/quay>
        <http://www.w3.org/2000/01/rdf-schema#label> "the quay again"@en } }"""
    )
    engine.number += 1
    assert client.get("/queries/said.json?who=id/quay").status_code == 200


def test_open_choices_only_propose(client: FlaskClient, quay: Folder, engine: StoreEngine) -> None:
    write(quay, engine, speakers=SPEAKERS, said=SAID.format(extra=", open: true"))
    assert client.get("/queries/said.json?who=id/quay").status_code == 200
    assert 'name="_find.who"' in client.get("/queries/said", headers=PAGE).text


@pytest.mark.parametrize(
    ("speakers", "reason"),
    [
        ("", "no saved query that is served"),
        ("#+ summary: A.\nASK { ?s ?p ?o }", "has no rows"),
        ("#+ summary: A.\nSELECT * { ?who ?p ?name }", "projects *"),
        ("#+ summary: A.\nSELECT ?who { ?who ?p ?name }", 'column "name"'),
        (
            "#+ summary: A.\n#+ parameters: {a: {type: iri, required: true}}\n"
            "SELECT ?who ?name { VALUES ?a { UNDEF } ?who ?a ?name }",
            "needs a value for a",
        ),
        ("#+ summary: A.\nSELECT ?who ?name { SERVICE <urn:x> { ?who ?p ?name } }", "asks other endpoints"),
    ],
)
def test_a_query_whose_choices_nobody_lists_is_not_served(
    client: FlaskClient, quay: Folder, engine: StoreEngine, speakers: str, reason: str
) -> None:
    write(quay, engine, said=SAID.format(extra=""), **({"speakers": speakers} if speakers else {}))
    refused = client.get("/queries/said.json")
    assert refused.status_code == 400
    assert "queries/said.rq:3" in refused.json["detail"]
    assert reason in refused.json["detail"]


@pytest.mark.usefixtures("said")
def test_what_lists_the_choices_is_shown_to_all_who_see_the_question(
    guarded: FlaskClient, ines: dict[str, str], omar: dict[str, str]
) -> None:
    text = SAID.format(extra="").replace("query: speakers", "query: our-speakers")
    listing = SPEAKERS.replace("#+ summary: Who spoke.\n", "")
    assert save(guarded, ines, "our-speakers", text=listing, visibility="private").status_code == 201
    refused = save(guarded, ines, "said-to-us", text=text, visibility="team")
    assert refused.status_code == 422
    assert "which fewer people are shown" in refused.json["detail"]
    tag = guarded.get("/queries/our-speakers.rq", headers=ines).headers["ETag"]
    shown = {"If-Match": tag} | ines
    assert (
        guarded.patch("/queries/our-speakers", json={"visibility": "team"}, headers=shown).status_code == 200
    )
    assert save(guarded, ines, "said-to-us", text=text, visibility="team").status_code == 201
    assert guarded.get("/queries/said-to-us.json?who=id/mayor", headers=omar).status_code == 200
    assert guarded.get("/queries/said-to-us.json?who=id/quay", headers=omar).status_code == 400
    # Renamed, it still lists them; archived, no value can be checked, and that is said.
    guarded.post("/queries/our-speakers/rename", json={"name": "speakers-of-ours"}, headers=ines)
    assert guarded.get("/queries/said-to-us.json?who=id/quay", headers=omar).status_code == 400
    guarded.post("/queries/speakers-of-ours/archive", json={}, headers=ines)
    gone = guarded.get("/queries/said-to-us.json?who=id/mayor", headers=omar)
    assert gone.status_code == 409
    assert "no saved query that is served" in gone.json["detail"]


# By name


def links(page: str) -> list[tuple[str, str]]:
    """Address and text of what was found."""
    part = page.partition('class="matches"')[2].partition("</div>")[0]
    return [
        (unescape(address), unescape(text))
        for address, text in re.findall(r'<a href="([^"]+)"><bdi>([^<]*)</bdi>', part)
    ]


def test_a_name_in_any_script_leads_to_the_members_of_the_class_alone(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    extra = "\n".join(
        f"<https://example.org/quay/id/a{n}> a <https://w3id.org/onrecord/ns#Agent> ; "
        f'<http://www.w3.org/2000/01/rdf-schema#label> "agent {n}"@en .'
        for n in range(1200)
    )
    engine.store.load(extra.encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:many"))
    text = "#+ summary: T.\n#+ parameters:\n#+   who: {type: iri, label: Who, class: rec:Agent}\n"
    text += "#+   n: {type: integer, label: N}\n"
    body = "SELECT ?who { VALUES ?who { UNDEF } VALUES ?n { UNDEF } ?s ?p ?who FILTER(!BOUND(?n) || ?n > 0) }"
    write(quay, engine, many=text + body)
    page = client.get("/queries/many", headers=PAGE).text
    assert "<select" not in page, "1,200 are too many to list"
    found = links(client.get("/queries/many?n=3&_labels=en&_find.who=العمدة&who=", headers=PAGE).text)
    assert found == [("/queries/many?n=3&who=id%2Fmayor&_labels=en", "the mayor")]
    chosen = client.get(found[0][0], headers=PAGE).text
    assert 'value="id/mayor"' in chosen
    assert '<bdi>the mayor</bdi> <code dir="ltr">id/mayor</code>' in chosen
    assert 'name="n" value="3"' in chosen, "the other values of the form are kept"
    assert not links(client.get("/queries/many?_find.who=quay", headers=PAGE).text), "the quay is no agent"
    many = client.get("/queries/many?_find.who=agent", headers=PAGE).text
    assert len(links(many)) == 20
    assert "Some of those" in many


def test_a_list_keeps_what_was_chosen_before(client: FlaskClient, engine: StoreEngine, quay: Folder) -> None:
    text = "#+ summary: T.\n#+ parameters:\n#+   who: {type: iri, list: true}\n"
    write(quay, engine, some=text + "SELECT ?who { VALUES ?who { UNDEF } ?s ?p ?who }")
    page = client.get("/queries/some?who=id/captain&_find.who=mayor", headers=PAGE).text
    assert links(page)[0][0] == "/queries/some?who=id%2Fcaptain&who=id%2Fmayor"


@pytest.mark.usefixtures("said")
def test_a_search_is_for_pages_and_for_parameters_that_have_names(client: FlaskClient) -> None:
    assert client.get("/queries/said.json?_find.who=m").status_code == 400
    for wrong in ("word", "nobody"):
        refused = client.get(f"/queries/said?_find.{wrong}=m", headers=PAGE)
        assert refused.status_code == 400
        assert "known: _find.who" in unescape(refused.text)
    assert client.get("/queries/said.json?_find.who=").status_code == 200, "a field that was left empty"
    nothing = client.get("/queries/said?_find.who=<b>zzz", headers=PAGE).text
    assert "has a name like" in nothing and "<b>zzz" not in nothing
