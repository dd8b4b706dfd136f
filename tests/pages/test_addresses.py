"""Every IRI is an address: a page for people, RDF for machines, and the right status for both."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
from tests.conftest import REPOSITORY, LiveServer

SPACE = "https://w3id.org/onrecord/ghouta/"
REC = "https://w3id.org/onrecord/ns#"
PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FORMATS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "trig": ("application/trig", ox.RdfFormat.TRIG),
    "nq": ("application/n-quads", ox.RdfFormat.N_QUADS),
}
CLAIM = "article/343dbc8f/claim/commander-talks-stopped"
ADDRESSES = [
    "id/douma",
    "article/343dbc8f",
    "article/343dbc8f/narrator",
    CLAIM,
    "article/343dbc8f/statement/p8s1-commander-says",
    "article/343dbc8f/link/alloush-contradicts-commander",
    "article/343dbc8f/span/1938-1982",
    "term/relation/controls",
]


def ask(
    server: LiveServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request, redirects not followed."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    try:
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        # A field that comes several times is one list (RFC 9110, 5.3).
        told: dict[str, str] = {}
        for name, value in response.getheaders():
            told[name.lower()] = f"{told[name.lower()]}, {value}" if name.lower() in told else value
        return response.status, told, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ADDRESSES)
def test_an_iri_redirects_to_a_page_or_to_data_and_both_are_there(live_server: LiveServer, path: str) -> None:
    status, headers, _ = ask(live_server, f"/{path}", Accept=PAGE["Accept"])
    assert (status, headers["location"]) == (303, f"/{path}.html")
    assert "Accept" in headers["vary"]
    status, headers, body = ask(live_server, headers["location"])
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert f'<code dir="ltr">{"https://w3id.org/onrecord/" if path.startswith("term") else SPACE}{path}<' in (
        body.decode()
    )
    status, headers, _ = ask(live_server, f"/{path}", Accept="*/*")
    assert (status, headers["location"]) == (303, f"/{path}.ttl")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_thing_is_written_in_each_format_with_its_own_triples_and_its_neighbours_labels(
    live_server: LiveServer, suffix: str
) -> None:
    media_type, format = FORMATS[suffix]
    _, headers, _ = ask(live_server, f"/{CLAIM}", Accept=media_type)
    assert headers["location"] == f"/{CLAIM}.{suffix}"
    status, headers, body = ask(live_server, f"/{CLAIM}.{suffix}")
    assert (status, headers["content-type"]) == (200, f"{media_type}; charset=utf-8")
    triples = {(str(q.subject), str(q.predicate), str(q.object)) for q in ox.parse(body, format)}
    claim = f"<{SPACE}{CLAIM}>"
    assert (claim, f"<{REC}object>", f"<{SPACE}id/stopped>") in triples
    assert any(s == f"<{SPACE}id/stopped>" and p.endswith("rdf-schema#label>") for s, p, _ in triples)
    assert any(p == f"<{REC}makes>" and o == claim for _, p, o in triples), "who made it comes with it"


def test_triples_hold_what_was_written_and_trig_also_what_was_worked_out(live_server: LiveServer) -> None:
    turtle = ask(live_server, f"/{CLAIM}.ttl")[2]
    assert not [q for q in ox.parse(turtle, ox.RdfFormat.TURTLE) if q.predicate.value == REC + "contradicts"]
    trig = ask(live_server, f"/{CLAIM}.trig")[2]
    graphs = {
        str(q.graph_name)
        for q in ox.parse(trig, ox.RdfFormat.TRIG)
        if q.predicate.value == REC + "contradicts"
    }
    assert graphs == {f"<{SPACE}graph/inferred>"}


def test_an_address_where_nothing_is_recorded_is_not_found(live_server: LiveServer) -> None:
    for path in (
        "/id/nobody",
        "/id/nobody.html",
        "/id/nobody.ttl",
        "/term/voice/none",
        "/id/a%3E%20b",
        "/ns.exe",
    ):
        status, headers, body = ask(live_server, path)
        assert (status, headers["content-type"].partition(";")[0]) == (404, "application/problem+json"), path
        assert "nothing at" in json.loads(body)["detail"]


def test_a_format_that_nobody_has_is_not_acceptable(live_server: LiveServer) -> None:
    status, _, body = ask(live_server, "/id/douma", Accept="image/png")
    assert status == 406
    assert "text/turtle" in json.loads(body)["detail"]


def test_a_client_that_has_the_document_is_told_so(live_server: LiveServer) -> None:
    for path in ("/id/douma.ttl", "/id/douma.html", "/ns.ttl"):
        _, headers, _ = ask(live_server, path)
        status, again, body = ask(live_server, path, If_None_Match=headers["etag"])
        assert (status, body) == (304, b"")
        assert again["etag"] == headers["etag"]


def test_a_page_in_another_language_is_another_page(live_server: LiveServer) -> None:
    _, english, body = ask(live_server, "/id/douma.html", Accept_Language="en")
    _, arabic, arabic_body = ask(live_server, "/id/douma.html", Accept_Language="ar")
    assert english["etag"] != arabic["etag"]
    assert "Accept-Language" in english["vary"]
    assert ">Douma</h1>" in body.decode()
    assert '<h1 dir="auto" lang="ar">دوما</h1>' in arabic_body.decode()
    assert '<h1 dir="auto" lang="ar">دوما</h1>' in ask(live_server, "/id/douma.html?_lang=ar")[2].decode()
    assert ask(live_server, "/id/douma.html?_lang=%3Cb%3E")[0] == 400


def test_a_page_tells_in_which_file_each_value_stands_and_what_was_worked_out(
    live_server: LiveServer,
) -> None:
    page = ask(live_server, "/id/douma.html")[2].decode()
    assert ">triples/entities</a>" in page
    assert ">triples/reference</a>" in page
    assert 'class="voice-inferred"' in page


def test_the_vocabulary_is_documented_from_the_graph(live_server: LiveServer) -> None:
    status, _, body = ask(live_server, "/ns", Accept=PAGE["Accept"])
    page = body.decode()
    assert status == 200
    assert '<article class="definition" id="Claim"' in page
    assert '<article class="definition" id="speaker"' in page
    assert "A claim is never asserted by the graph" in page
    assert 'href="/term/relation/controls.html"' in page
    turtle = ask(live_server, "/ns", Accept="text/turtle")[2]
    subjects = {str(q.subject) for q in ox.parse(turtle, ox.RdfFormat.TURTLE)}
    assert f"<{REC}Claim>" in subjects


def test_a_named_graph_has_a_page_and_can_be_fetched_whole(live_server: LiveServer) -> None:
    page = ask(live_server, "/graph/triples/entities.html")[2].decode()
    assert "from the file <code>triples/entities.ttl</code>" in page
    data = ask(live_server, "/graph/triples/entities.nt")[2]
    written = {
        (str(t.subject), str(t.predicate), str(t.object)) for t in ox.parse(data, ox.RdfFormat.N_TRIPLES)
    }
    file = (REPOSITORY / "triples" / "entities.ttl").read_bytes()
    assert written == {
        (str(t.subject), str(t.predicate), str(t.object)) for t in ox.parse(file, ox.RdfFormat.TURTLE)
    }


def test_head_answers_like_get_without_a_body(live_server: LiveServer) -> None:
    status, headers, body = ask(live_server, "/id/douma.ttl", "HEAD")
    assert (status, body) == (200, b"")
    assert headers["etag"]


@pytest.fixture(scope="module")
def hub(
    tmp_path_factory: pytest.TempPathFactory, serve_folder: Callable[..., AbstractContextManager[LiveServer]]
) -> Iterator[LiveServer]:
    """A folder without claims: plain RDF with a hub, odd names, a record gone and one superseded."""
    folder = tmp_path_factory.mktemp("plain") / "folder"
    (folder / "ontology").mkdir(parents=True)
    (folder / "triples").mkdir()
    (folder / "ontology" / "dataset.ttl").write_text(
        '<https://example.org/plain/> <http://purl.org/dc/terms/title> "Plain RDF" ;'
        f' <{REC}iriSpace> "https://example.org/plain/" .'
    )
    lines = [
        "@prefix : <https://example.org/plain/id/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .",
        f"@prefix rec: <{REC}> .",
        ':hub rdfs:label "The hub" ; :seen "<script>alert(1)</script>" .',
        ':new rec:supersedes :gone , :old . :old rdfs:label "Old" .',
        '<https://example.org/plain/id/file.ttl> rdfs:label "An IRI that ends like a file" .',
        '<https://example.org/plain/id/caf\u00e9%3F> rdfs:label "An odd name" .',
        *(f":spoke{n} :to :hub ." for n in range(2500)),
    ]
    (folder / "triples" / "plain.ttl").write_text("\n".join(lines), encoding="utf-8")
    with serve_folder(Path(folder)) as server:
        yield server


def test_a_hub_is_shown_and_written_page_by_page(hub: LiveServer) -> None:
    status, _, body = ask(hub, "/id/hub.html")
    assert status == 200
    assert body.decode().count('data-heading="By"') == 50
    assert 'rel="next"' in body.decode()
    assert "&lt;script&gt;" in body.decode()
    found: set[str] = set()
    path = "/id/hub.nt"
    while path:
        _, headers, data = ask(hub, path)
        found |= {str(t.subject) for t in ox.parse(data, ox.RdfFormat.N_TRIPLES) if "spoke" in str(t.subject)}
        following = [part for part in headers["link"].split(",") if 'rel="next"' in part]
        path = following[0].split("<")[1].split(">")[0] if following else ""
    assert len(found) == 2500
    assert ask(hub, "/id/hub.html?_page=x")[0] == 400
    assert ask(hub, "/id/hub.html?_page=999999")[0] == 400


def test_what_was_superseded_and_taken_out_is_gone_and_its_successor_named(hub: LiveServer) -> None:
    for suffix in (".html", ".ttl"):
        status, _, body = ask(hub, f"/id/gone{suffix}")
        assert status == 410
        assert "https://example.org/plain/id/new" in json.loads(body)["detail"]
    status, _, body = ask(hub, "/id/old.html")
    assert status == 200
    assert "Superseded by" in body.decode()


def test_an_iri_that_ends_like_a_file_or_has_odd_characters_is_found(hub: LiveServer) -> None:
    assert ask(hub, "/id/file.ttl")[0] == 303
    assert "An IRI that ends like a file" in ask(hub, "/id/file.ttl.html")[2].decode()
    assert "An odd name" in ask(hub, "/id/caf%C3%A9%253F.html")[2].decode()
    assert "An odd name" in ask(hub, "/id/caf%C3%A9%3F.html")[2].decode()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/contradictions?speaker=id/alloush", "known: kind"),
        ("/timeline?speaker=id/alloush", "known: show"),
        ("/map?speaker=id/alloush", "takes none"),
    ],
)
def test_what_looks_like_a_filter_and_is_none_is_refused(
    live_server: LiveServer, path: str, told: str
) -> None:
    refused = live_server.get(path, PAGE)
    assert refused.status == 400
    assert "&#34;speaker&#34; is not known" in refused.text
    assert told in refused.text
