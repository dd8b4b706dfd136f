"""Results in frames of other pages, oEmbed, and what a link to a page shows before it is opened."""

from __future__ import annotations

import urllib.parse

import pytest
from flask.testing import FlaskClient

TEXT = "# Who <spoke> & what\nSELECT ?s { ?s a ?kind } LIMIT 3"
ADDRESS = "/sparql?" + urllib.parse.urlencode({"query": TEXT})
HTML = {"Accept": "text/html"}


def oembed(client: FlaskClient, **parameters: str) -> tuple[int, dict[str, object]]:
    answer = client.get("/oembed?" + urllib.parse.urlencode(parameters))
    return answer.status_code, answer.get_json()


def test_an_embedded_result_has_no_chrome_and_may_be_framed_by_other_sites(client: FlaskClient) -> None:
    answer = client.get(f"{ADDRESS}&view=embed", headers=HTML)
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    page = answer.get_data(as_text=True)
    assert "<h1>Who &lt;spoke&gt; &amp; what</h1>" in page
    # The rows stand there without a script too.
    assert page.count("<tr") >= 3
    for chrome in ("<form", "<nav", 'class="masthead"', "Sign in"):
        assert chrome not in page


def test_no_other_page_may_be_framed_elsewhere(client: FlaskClient) -> None:
    for address in ("/", ADDRESS, f"{ADDRESS}&view=1", "/sparql?view=embed", "/queries"):
        policy = client.get(address, headers=HTML).headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors 'self'"), address
    sent = client.post("/sparql?view=embed", data={"query": TEXT}, headers=HTML)
    assert sent.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")


def test_a_mistake_in_an_embedded_query_is_told_in_the_frame(client: FlaskClient) -> None:
    answer = client.get("/sparql?query=SELEKT&view=embed", headers=HTML)
    assert answer.status_code == 400
    assert "<nav" not in answer.get_data(as_text=True)


def test_oembed_gives_a_frame_of_the_same_query_and_view(client: FlaskClient) -> None:
    status, told = oembed(client, url=f"http://localhost{ADDRESS}&view=1#view=map", maxwidth="300")
    assert status == 200
    assert (told["version"], told["type"], told["width"], told["height"]) == ("1.0", "rich", 300, 480)
    assert told["title"] == "Who <spoke> & what"
    html = str(told["html"])
    assert html.startswith('<iframe src="http://localhost/sparql?query=') and "<spoke>" not in html
    assert "view=embed#view=map" in html and "view=1" not in html


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 400),
        ({"url": "https://elsewhere.example/sparql?query=ASK{}"}, 404),
        ({"url": "http://localhost.elsewhere.example/sparql?query=ASK{}"}, 404),
        ({"url": "http://localhost/claims"}, 404),
        ({"url": "http://localhost/s/none"}, 404),
        ({"url": f"http://localhost{ADDRESS}", "format": "xml"}, 400),
        ({"url": f"http://localhost{ADDRESS}", "maxwidth": "-1"}, 400),
    ],
)
def test_oembed_names_what_it_cannot_embed(
    client: FlaskClient, parameters: dict[str, str], status: int
) -> None:
    found, problem = oembed(client, **parameters)
    assert (found, problem["status"]) == (status, status)


def test_a_page_tells_what_a_link_to_it_shows(client: FlaskClient) -> None:
    page = client.get(ADDRESS, headers=HTML).get_data(as_text=True)
    assert 'property="og:title" content="Who &lt;spoke&gt; &amp; what &ndash;' in page
    assert 'type="application/json+oembed" href="/oembed?url=' in page
    assert 'property="og:description"' in client.get("/", headers=HTML).get_data(as_text=True)
