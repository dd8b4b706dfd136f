"""A saved query's result as a fragment of HTML, as RDF in every format, and as a page with options."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from onrecord.folder import Folder
from onrecord.formats import Format, formats_of

if TYPE_CHECKING:
    from tests.web.conftest import StoreEngine

PAGE = {"Accept": "text/html"}
CLAIMS = """#+ summary: Claims & <b>more</b>.
SELECT ?claim ?seen { ?claim a <https://w3id.org/onrecord/ns#Claim>
  OPTIONAL { ?claim <https://w3id.org/onrecord/ns#seen> ?seen } } ORDER BY ?claim
"""


class Fragment(HTMLParser):
    """The elements of a fragment, and the text of its cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str] = []
        self.cells: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [value for name, value in attrs if name == "href" and value]
        if tag in ("td", "th", "caption"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and data.strip():
            self.cells[-1] += data


def add_query(quay: Folder, engine: StoreEngine, name: str, text: str) -> None:
    (quay.queries / f"{name}.rq").write_text(text, encoding="utf-8")
    engine.number += 1


def test_a_fragment_is_a_table_alone_that_names_who_said_it_and_where_it_came_from(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    add_query(quay, engine, "claims", CLAIMS)
    response = client.get("/queries/claims.fragment.html")
    assert response.content_type == "text/html; profile=fragment; charset=utf-8"
    found = Fragment(response.text)
    assert found.elements[0] == "table"
    table = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
    assert set(found.elements) <= table | {"a", "cite"}
    assert found.cells[:4] == ["Claims & <b>more</b>.", "claim", "claim speaker", "seen"]
    assert found.cells[4:7] == ["The quay is open.", "the mayor", "<script>alert(1)</script>"]
    assert found.cells[7:9] == ["The quay is shut.", "the <b>captain</b>"]
    assert found.cells[-1].startswith("2 rows. Who said what about the quay, query claims, version ")
    assert found.cells[-1].endswith("Generation: 5f0c1d2e-2.")
    assert found.links == [
        "https://example.org/quay/claim/open",
        "https://example.org/quay/claim/shut",
        "http://localhost/queries/claims",
    ]


def test_a_fragment_is_chosen_by_its_profile_and_never_in_place_of_the_page(client: FlaskClient) -> None:
    def sent(accept: str) -> str:
        return client.get("/queries/who-said", headers={"Accept": accept}).content_type

    assert sent("text/html;profile=fragment, text/html;q=0.1") == "text/html; profile=fragment; charset=utf-8"
    assert sent("text/html") == "text/html; charset=utf-8"
    assert sent("*/*") == "application/sparql-results+json; charset=utf-8"
    links = client.get("/queries/who-said.csv").headers.getlist("Link")
    assert any(
        'who-said.fragment.html>; rel="alternate"; type="text/html; profile=fragment"' in link
        for link in links
    )


def test_a_fragment_says_aloud_that_there_is_more_or_nothing(
    client: FlaskClient, engine: StoreEngine, quay: Folder
) -> None:
    cut = client.get("/queries/who-said.fragment.html?_limit=1")
    assert "The first 1 row; there are more." in cut.text
    assert cut.headers["Onrecord-Truncated"] == "true"
    none = client.get("/queries/about.fragment.html?thing=id/nobody")
    assert "That nothing is recorded does not mean that nothing was said." in none.text
    add_query(quay, engine, "any", "#+ summary: Is there anything?\nASK { ?s ?p ?o }\n")
    assert Fragment(client.get("/queries/any.fragment.html").text).cells[1] == "Yes"
    assert client.get("/queries/labels.fragment.html").status_code == 404


@pytest.mark.parametrize("form", ["construct", "describe"])
@pytest.mark.parametrize("format", formats_of("graph"), ids=lambda f: f.suffix)
def test_a_graph_is_the_same_in_every_format_by_suffix_and_by_accept(
    client: FlaskClient, engine: StoreEngine, quay: Folder, form: str, format: Format
) -> None:
    text = {
        "construct": "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(ISIRI(?s)) }",
        "describe": "DESCRIBE ?s WHERE { ?s a <https://w3id.org/onrecord/ns#Claim> }",
    }[form]
    add_query(quay, engine, form, f"#+ summary: A graph.\n{text}\n")
    expected = {str(triple) for triple in engine.store.query(text, use_default_graph_as_union=True)}
    for response in (
        client.get(f"/queries/{form}.{format.suffix}"),
        client.get(f"/queries/{form}", headers={"Accept": format.media_type}),
    ):
        assert response.mimetype == format.media_type
        rdf_format = getattr(ox.RdfFormat, format.serializer)
        assert {str(quad.triple) for quad in ox.parse(response.data, rdf_format)} == expected
        assert len(expected) > 3


def test_the_page_shows_labels_of_the_language_and_the_evidence_that_are_asked(client: FlaskClient) -> None:
    page = client.get("/queries/who-said?speaker=id/mayor&_labels=ar&_evidence=1", headers=PAGE).text
    assert "العمدة" in page
    assert '<th scope="col">claim speaker</th>' in page
    plain = client.get("/queries/who-said?speaker=id/mayor", headers=PAGE).text
    assert "العمدة" not in plain.split('class="result"')[1]
    assert "claim speaker" not in plain


def test_the_page_keeps_its_options_when_the_form_is_sent(client: FlaskClient) -> None:
    page = client.get("/queries/who-said?_labels=ar&_limit=1&_offset=1", headers=PAGE).text
    assert '<input type="hidden" name="_labels" value="ar">' in page
    assert '<input type="hidden" name="_limit" value="1">' in page
    assert 'name="_offset"' not in page, "another question starts with its first row"


def test_the_page_is_cut_and_leads_to_the_rows_beside_it(client: FlaskClient) -> None:
    first = client.get("/queries/who-said?_limit=1", headers=PAGE)
    assert "The first row" in first.text
    assert 'rel="next"' in first.text
    assert first.headers["Onrecord-Truncated"] == "true"
    (link,) = [told for told in first.headers.getlist("Link") if 'rel="next"' in told]
    second = client.get(link[1 : link.index(">")], headers=PAGE)
    assert "Rows 2 to 2" in second.text
    assert 'rel="prev"' in second.text and 'rel="next"' not in second.text
    assert second.headers["Onrecord-Rows"] == "2-2"
    assert first.headers["ETag"] != second.headers["ETag"]
    after = client.get("/queries/who-said?_limit=1&_offset=9", headers=PAGE).text
    assert "No rows after the first 9" in after


def test_options_of_rows_are_refused_on_the_page_of_a_graph(client: FlaskClient) -> None:
    refused = client.get("/queries/labels?_evidence=1", headers=PAGE)
    assert refused.status_code == 400
    assert "for results that have rows" in refused.text
