"""Citing a result and asking later whether it is still the same; comparing; permalinks; the catalogue."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from tests.web.conftest import StoreEngine
from tests.web.test_saving import PARAMETRIZED, TEXT, desk, ines, omar, save  # noqa: F401
from tests.web.test_sign_in import HTML, field_of

from onrecord.config import Settings
from onrecord.folder import Folder
from onrecord.web import create_app

CHANGE = """PREFIX rec: <https://w3id.org/onrecord/ns#>
INSERT DATA { GRAPH <urn:g> {
  <https://example.org/quay/claim/new> a rec:Claim ; rec:subject <https://example.org/quay/id/quay>
} }"""


def cite(client: FlaskClient, address: str = "about/cite?thing=id/quay") -> dict[str, object]:
    response = client.get(f"/queries/{address}")
    assert response.status_code == 200, response.text
    return json.loads(response.data)


def test_a_citation_names_all_that_the_result_rests_on(guarded: FlaskClient, engine: StoreEngine) -> None:
    told = cite(guarded)
    assert told["query"] == "about@1"
    assert told["rows"] == 2
    assert told["generation"] == engine.generation().label
    base = "claim=<https://example.org/quay/claim/"
    lines = f"{base}open>\n{base}shut>\n"
    assert told["resultHash"] == hashlib.sha256(lines.encode()).hexdigest()
    assert str(told["resultHash"]) in str(told["text"])
    address = urlsplit(str(told["address"]))
    assert address.netloc == "localhost"
    cited = guarded.get(f"{address.path}?{address.query}", headers={"Accept": "text/csv"})
    assert cited.status_code == 200
    assert cited.text.count("\n") == 3


def test_asking_again_tells_same_or_changed(guarded: FlaskClient, engine: StoreEngine) -> None:
    digest = str(cite(guarded)["resultHash"])
    ask = f"about@1/cite?thing=id/quay&_verify={digest}"
    assert cite(guarded, ask)["same"] is True
    assert "The same result" in guarded.get(f"/queries/{ask}", headers=HTML).text
    engine.store.update(CHANGE)
    engine.number += 1
    assert cite(guarded, ask)["same"] is False
    page = guarded.get(f"/queries/{ask}", headers=HTML).text
    assert "Not the same result" in page
    assert digest in page
    assert cite(guarded, f"about@1/cite?thing=id/mayor&_verify={digest}")["same"] is False
    old = guarded.get(f"/queries/about@1/cite?thing=id/quay&_generation={'5f0c1d2e-1'}")
    assert old.status_code == 410


def test_a_citation_comes_as_bibtex(guarded: FlaskClient) -> None:
    for response in (
        guarded.get("/queries/about/cite.bib?thing=id/quay"),
        guarded.get("/queries/about/cite?thing=id/quay", headers={"Accept": "application/x-bibtex"}),
    ):
        assert response.mimetype == "application/x-bibtex"
        assert response.text.startswith("@misc{about-1-")
        assert "thing=id%2Fquay" in response.text
    page = guarded.get("/queries/about/cite?thing=id/quay", headers=HTML).text
    assert 'href="/queries/about@1/cite.bib?thing=id%2Fquay"' in page
    assert "Cite this result" in guarded.get("/queries/about?thing=id/quay", headers=HTML).text


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("about/cite", 400, "thing"),
        ("about/cite?thing=id/quay&_verify=abc", 400, "_verify"),
        ("about/cite?thing=id/quay&_limit=1", 400, "_limit"),
        ("about/cite.doc?thing=id/quay", 404, ".doc"),
        ("about@9/cite?thing=id/quay", 404, "9"),
        ("nothing/cite", 404, "nothing"),
    ],
)
def test_what_cannot_be_cited_is_named(guarded: FlaskClient, address: str, status: int, said: str) -> None:
    response = guarded.get(f"/queries/{address}")
    assert response.status_code == status
    assert said in json.loads(response.data)["detail"]


def test_a_result_of_chance_is_not_cited(guarded: FlaskClient, ines: dict[str, str]) -> None:  # noqa: F811
    save(guarded, ines, text="SELECT (RAND() AS ?r) {}")
    refused = guarded.get("/queries/claims/cite")
    assert refused.status_code == 400
    assert "RAND" in refused.json["detail"]


def test_two_versions_are_compared_row_by_row(guarded: FlaskClient, ines: dict[str, str]) -> None:  # noqa: F811
    tag = save(guarded, ines).headers["ETag"]
    text = 'SELECT ?claim { VALUES ?claim { <https://example.org/quay/claim/open> "new" } } ORDER BY ?claim'
    guarded.put("/queries/claims", json={"title": "T.", "text": text}, headers=ines | {"If-Match": tag})
    told = guarded.get("/queries/claims/compare?_from=1&_to=2").json
    assert (told["same"], told["rows"]) == (False, [2, 2])
    assert told["removed"] == ["claim=<https://example.org/quay/claim/shut>"]
    assert told["added"] == ['claim="new"']
    page = guarded.get("/queries/claims/compare?_from=1", headers=HTML).text
    assert "The quay is shut." in page
    assert "The quay is open." not in page
    assert guarded.get("/queries/claims/compare?_from=1&_to=1").json["same"] is True
    for wrong in ("", "?_from=7", "?_from=1&_too=2", "?_from=1&thing=1"):
        assert guarded.get(f"/queries/claims/compare{wrong}").status_code in (400, 404)


# Permalinks


def test_the_same_query_has_the_same_address_for_ever(guarded: FlaskClient, ines: dict[str, str]) -> None:  # noqa: F811
    made = guarded.post("/s", data={"query": TEXT})
    assert made.status_code == 201, made.text
    again = guarded.post("/s", data=TEXT.encode(), content_type="application/sparql-query", headers=ines)
    assert again.json["address"] == made.json["address"] == made.headers["Location"]
    other = guarded.post("/s", data={"query": TEXT, "default-graph-uri": "urn:none"})
    assert other.json["address"] != made.json["address"]
    assert guarded.get(made.json["address"], headers={"Accept": "text/csv"}).text.count("\n") == 3
    assert guarded.get(other.json["address"], headers={"Accept": "text/csv"}).text.count("\n") == 1
    assert guarded.get(made.json["address"] + "?format=tsv").mimetype == "text/tab-separated-values"
    page = guarded.get(made.json["address"], headers=HTML).text
    assert "The quay is open." in page
    assert "rec:Claim }" in page
    assert guarded.get("/s/0123").status_code == 404


def test_a_permalink_is_made_from_the_page(guarded: FlaskClient) -> None:
    page = guarded.get("/sparql", query_string={"query": TEXT}, headers=HTML).text
    assert "Link to this query" in page
    done = guarded.post("/s", data={"query": TEXT}, headers=HTML)
    assert done.status_code == 303
    assert done.headers["Location"].startswith("/s/")


def test_permalinks_are_bounded(
    guarded: FlaskClient, settings: Settings, engine: StoreEngine, quay: Folder, state: Path
) -> None:
    assert guarded.post("/s", data={"query": "#" * 60_000 + "\nASK {}"}).status_code == 413
    assert guarded.post("/s", data={"query": " "}).status_code == 404
    assert guarded.post("/s", data={"query": "CLEAR ALL"}).status_code == 400
    assert (
        guarded.post("/s", data={"query": "ASK {}"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    statuses = [guarded.post("/s", data={"query": f"ASK {{ ?s ?p {n} }}"}).status_code for n in range(40)]
    assert statuses == [201] * 30 + [429] * 10
    assert guarded.post("/s", data={"query": "ASK { ?s ?p 1 }"}).status_code == 201, "it is there already"
    closed = create_app(engine, quay, replace(settings, permalinks="token"), state).test_client()
    assert closed.post("/s", data={"query": "ASK {}"}).status_code == 403


def test_who_is_signed_in_makes_a_permalink_with_the_forms_token(desk: FlaskClient) -> None:  # noqa: F811
    assert desk.post("/s", data={"query": TEXT}).status_code == 403
    field = field_of(desk.get("/sparql", query_string={"query": TEXT}, headers=HTML).text)
    assert desk.post("/s", data={"query": TEXT, "_csrf": field}).status_code == 201


# The catalogue


def names(client: FlaskClient, question: str, sender: dict[str, str] | None = None) -> list[str]:
    return [q["name"] for q in client.get(f"/queries.json{question}", headers=sender or {}).json["queries"]]


def test_the_catalogue_is_searched_in_every_field_whatever_the_spelling(
    guarded: FlaskClient,
    ines: dict[str, str],  # noqa: F811
) -> None:
    save(guarded, ines, "koeln", title="Wer über Köln sprach.", tags=["städte"])
    save(guarded, ines, "idlib", title="من تكلّم عن إدلب", description="Said of Idlib.")
    assert names(guarded, "?q=koln") == ["koeln"]
    assert names(guarded, "?q=KÖLN+sprach") == ["koeln"]
    assert names(guarded, "?q=stadte") == ["koeln"]
    assert names(guarded, "?q=ادلب") == ["idlib"]
    assert names(guarded, "?q=who+said") == ["who-said"]
    assert names(guarded, "?q=ines") == ["idlib", "koeln"]
    assert names(guarded, "?q=nothing-like-it") == []
    assert names(guarded, "?tag=speakers&tag=nothing") == []
    page = guarded.get("/queries?q=<b>", headers=HTML).text
    assert "No saved query is like that." in page
    assert "&lt;b&gt;" in page


def test_the_catalogue_is_sorted(guarded: FlaskClient, ines: dict[str, str]) -> None:  # noqa: F811
    save(guarded, ines, "zz", title="About all.")
    assert names(guarded, "?sort=title")[0] == "zz"
    assert names(guarded, "?sort=author")[0] == "zz"
    assert names(guarded, "?sort=changed")[0] == "zz"
    assert names(guarded, "") == ["about", "labels", "who-said", "zz"]
    assert guarded.get("/queries.json?sort=colour").status_code == 400


def test_the_catalogue_remembers_how_large_a_result_was_on_this_generation(
    guarded: FlaskClient, engine: StoreEngine
) -> None:
    def size(name: str) -> object:
        return next(q["size"] for q in guarded.get("/queries.json").json["queries"] if q["name"] == name)

    assert size("who-said") is None
    guarded.get("/queries/who-said?speaker=id/mayor", headers=HTML)
    assert size("who-said") is None, "that was a part of it"
    guarded.get("/queries/who-said", headers=HTML)
    assert size("who-said") == 2
    assert "2 rows" in guarded.get("/queries", headers=HTML).text
    assert names(guarded, "?sort=size")[0] == "who-said"
    engine.number += 1
    assert size("who-said") is None
