"""The Graph Store HTTP Protocol at /graphs, direct and indirect."""

from __future__ import annotations

import http.client
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from tests.processes.conftest import DATASET
from tests.writing.conftest import FOLDER_GRAPH, Written, serve_written

TURTLE = "text/turtle"
SENT = b'@prefix : <urn:> . :a :b [ :c "1"@en ] . <> :d <#x> .'
G = "/graphs?graph=urn:g"


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    folder = tmp_path_factory.mktemp("folder")
    for name in ("ontology", "triples", "queries"):
        (folder / name).mkdir()
    (folder / "ontology" / "dataset.ttl").write_text(DATASET)
    (folder / "triples" / "numbers.ttl").write_text("<urn:s> <urn:p> 1 .\n")
    store = tmp_path_factory.mktemp("store") / "store"
    with serve_written(
        folder, store, "--workers", "2", "--upload-bytes", "200000", "--query-memory", "200"
    ) as written:
        yield written


@pytest.fixture(autouse=True)
def clean(w: Written) -> Iterator[None]:
    yield
    w.update("DROP ALL")


def same(body: bytes, sent: bytes, base: str, syntax: ox.RdfFormat = ox.RdfFormat.TURTLE) -> bool:
    """Whether two Turtle documents are the same graph but for the labels of blank nodes."""
    left, right = (
        ox.Dataset(ox.parse(data, kind, base_iri=base))
        for data, kind in ((body, syntax), (sent, ox.RdfFormat.TURTLE))
    )
    left.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    right.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return left == right


@pytest.mark.parametrize("address", [G, "/graphs?default", "/graphs/person/1.ttl", "/graphs/a%20b/%D9%82"])
def test_a_graph_is_put_got_merged_and_deleted_at_its_address(w: Written, address: str) -> None:
    base = "urn:g" if address == G else f"{w.server.url}{address}".split("?")[0]
    is_default = address.endswith("default")
    if not is_default:
        assert w.send("GET", address).status == 404
        assert w.send("HEAD", address).status == 404
    assert w.send("PUT", address, SENT, TURTLE).status == (204 if is_default else 201)
    got = w.send("GET", address, Accept="text/turtle")
    assert got.status == 200 and got.headers["content-type"].startswith(TURTLE)
    assert same(got.body, SENT, base), got.text
    head = w.send("HEAD", address, Accept="text/turtle")
    assert (head.status, head.body) == (200, b"") and head.headers["etag"] == got.headers["etag"]
    again = w.send("GET", address, Accept="text/turtle", If_None_Match=got.headers["etag"])
    assert again.status == 304
    assert w.send("PUT", address, b"<urn:x> <urn:y> 1 .", TURTLE).status == 204
    assert w.send("POST", address, b"<urn:x> <urn:y> 2 .", TURTLE).status == 204
    merged = w.send("GET", address, Accept="application/n-triples").body
    assert merged.count(b"<urn:y>") == 2 and b"urn:a" not in merged
    assert w.send("DELETE", address).status == 204
    assert w.send("DELETE", address).status == (204 if is_default else 404)
    assert w.send("GET", address).status == (200 if is_default else 404)


def test_a_post_to_the_store_itself_makes_a_graph_and_tells_where(w: Written) -> None:
    made = w.send("POST", "/graphs", SENT, TURTLE)
    assert made.status == 201
    location = made.headers["location"]
    assert location.startswith(f"{w.server.url}/graphs/")
    assert same(w.send("GET", location).body, SENT, location)
    assert w.rows("SELECT DISTINCT ?g { GRAPH ?g { <urn:a> ?p ?o } }") == [(location,)]


def test_a_multipart_post_merges_all_its_files_and_keeps_their_blank_nodes_apart(w: Written) -> None:
    files = [("text/turtle", "_:x <urn:p> 1 ."), ("application/n-triples", '_:x <urn:p> "2" .')]
    parts = [
        f'--line\r\nContent-Disposition: form-data; name="f{n}"; filename="f{n}"\r\n'
        f"Content-Type: {kind}\r\n\r\n{text}\r\n"
        for n, (kind, text) in enumerate(files)
    ]
    body = ("".join(parts) + "--line--\r\n").encode()
    assert w.send("POST", G, body, "multipart/form-data; boundary=line").status == 201
    assert w.rows("SELECT (COUNT(DISTINCT ?s) AS ?n) { GRAPH <urn:g> { ?s <urn:p> ?o } }") == [("2",)]
    before = w.engine.generation()
    bad = body.replace(b"_:x <urn:p> 1 .", b"_:x <urn:p>")
    assert w.send("POST", G, bad, "multipart/form-data; boundary=line").status == 400
    assert w.engine.generation() == before


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        ("application/n-triples", b'<urn:a> <urn:b> "c" .'),
        ("application/ld+json", b'{"@id": "urn:a", "urn:b": "c"}'),
        (
            "application/rdf+xml",
            b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:">'
            b'<r:Description r:about="urn:a"><b>c</b></r:Description></r:RDF>',
        ),
        ("text/turtle", b'VERSION "1.2" <urn:a> <urn:b> "c" {| <urn:said> <urn:by> |} .'),
    ],
)
def test_every_syntax_of_a_graph_is_read_and_written(w: Written, kind: str, sent: bytes) -> None:
    assert w.send("PUT", G, sent, kind).status == 201
    assert ("c",) in w.rows("SELECT ?o { GRAPH <urn:g> { <urn:a> <urn:b> ?o } }")
    got = w.send("GET", G, Accept=kind)
    assert got.status == 200 and got.headers["content-type"].startswith(kind)


def test_json_ld_with_a_context_elsewhere_is_refused_with_the_remedy(w: Written) -> None:
    sent = b'{"@context": "http://127.0.0.1:9/context", "@id": "urn:a", "b": "c"}'
    refused = w.send("PUT", G, sent, "application/ld+json")
    assert refused.status == 400
    assert "Put the context into the data." in refused.text


@pytest.mark.parametrize(
    ("method", "path", "kind", "body", "status"),
    [
        ("PUT", G, "application/x-www-form-urlencoded", b"a=b", 415),
        ("PUT", G, "text/csv", b"a", 415),
        ("PUT", G, "application/trig", b"<urn:g> {}", 415),
        ("PUT", G, "text/turtle; charset=latin-1", b"", 415),
        ("PUT", G, TURTLE, b"<urn:a> <urn:b> .", 400),
        ("PUT", G, "application/rdf+xml", b"<urn:a> <urn:b> 1 .", 400),
        ("PUT", "/graphs", TURTLE, b"", 400),
        ("DELETE", "/graphs", "", None, 400),
        ("GET", "/graphs?graph=relative", "", None, 400),
        ("GET", "/graphs?graph=urn:a&graph=urn:b", "", None, 400),
        ("GET", "/graphs?graph=urn:a&default", "", None, 400),
        ("GET", "/graphs?grpah=urn:a", "", None, 400),
        ("GET", "/graphs/a?graph=urn:a", "", None, 400),
        ("PUT", f"/graphs?graph={FOLDER_GRAPH}", TURTLE, b"", 403),
        ("POST", f"/graphs?graph={FOLDER_GRAPH}", TURTLE, b"", 403),
        ("DELETE", f"/graphs?graph={FOLDER_GRAPH}", "", None, 403),
        (
            "PATCH",
            f"/graphs?graph={FOLDER_GRAPH}",
            "application/sparql-update",
            b"INSERT DATA {<a> <b> 1}",
            403,
        ),
        ("PATCH", G, TURTLE, b"", 415),
        ("PATCH", G, "application/sparql-update", b"DROP ALL", 400),
        (
            "PATCH",
            G,
            "application/sparql-update",
            b"INSERT DATA { GRAPH <urn:h> { <urn:a> <urn:b> 1 } }",
            400,
        ),
        (
            "PATCH",
            G,
            "application/sparql-update",
            b"DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { ?s ?p ?o }",
            400,
        ),
        ("OPTIONS", G, "", None, 204),
    ],
)
def test_a_wrong_request_is_refused_with_its_status_and_a_sentence(
    w: Written, method: str, path: str, kind: str, body: bytes | None, status: int
) -> None:
    before = w.engine.generation()
    response = w.send(method, path, body, kind)
    assert response.status == status, response.text
    if status >= 400:
        assert str(response.json()["detail"])[-1] in ".d"
    assert w.engine.generation() == before


def test_a_method_that_is_none_of_the_protocol_is_405_and_an_unknown_format_406(w: Written) -> None:
    assert w.send("MOVE", G).status == 405
    w.send("PUT", G, SENT, TURTLE)
    assert w.send("GET", G, Accept="image/png").status == 406


def test_strangers_read_and_do_not_write(w: Written) -> None:
    w.send("PUT", G, SENT, TURTLE)
    assert w.server.get(G).status == 200
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        assert w.server.get(G, {"Content-Type": TURTLE}, SENT, method).status == 401
    assert w.server.get("/graphs", {"Content-Type": TURTLE}, SENT, "POST").status == 401


def test_a_patch_changes_the_graph_that_it_is_sent_to(w: Written) -> None:
    for address, other in (("/graphs/p", False), ("/graphs?default", True)):
        w.send("PUT", address, b"<urn:a> <urn:b> 1 . <urn:a> <urn:c> 2 .", TURTLE)
        texts = (
            "INSERT DATA { <urn:a> <urn:b> 7 } ; DELETE { ?s <urn:b> 1 } WHERE { ?s <urn:b> 1 }",
            "PREFIX : <urn:> DELETE WHERE { ?s :c ?o } ; DELETE DATA { :a :b 8 } ; "
            "INSERT { :a :d ?o } WHERE { ?s :b ?o }",
        )
        for text in texts:
            assert w.send("PATCH", address, text.encode(), "application/sparql-update").status == 204
        body = w.send("GET", address, Accept="application/n-triples").text
        assert sorted(line.split()[1] for line in body.splitlines()) == ["<urn:b>", "<urn:d>"], other


def test_if_match_and_if_none_match_keep_others_writes(w: Written) -> None:
    assert w.send("PUT", G, SENT, TURTLE, If_Match="*").status == 412
    assert w.send("PUT", G, SENT, TURTLE, If_None_Match="*").status == 201
    assert w.send("PUT", G, SENT, TURTLE, If_None_Match="*").status == 412
    tag = w.send("GET", G).headers["etag"]
    assert w.send("POST", G, SENT, TURTLE, If_Match=tag).status == 204
    stale = w.send("PUT", G, SENT, TURTLE, If_Match=tag)
    assert stale.status == 412
    assert w.send("DELETE", G, If_Match='"nonsense"').status == 412
    assert w.send("DELETE", G, If_Match="*").status == 204


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(w: Written) -> None:
    host = urllib.parse.urlsplit(w.server.url).netloc
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.putrequest("PUT", G)
    connection.putheader("Authorization", f"Bearer {w.token}")
    connection.putheader("Content-Type", TURTLE)
    connection.putheader("Content-Length", str(10**12))
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == 413
    assert b"upload-bytes" in response.read()
    connection.close()
    chunked = http.client.HTTPConnection(host, timeout=20)
    headers = {"Authorization": f"Bearer {w.token}", "Content-Type": TURTLE}
    chunked.request("PUT", G, iter([b"# " + b"x" * 60_000 + b"\n"] * 4), headers, encode_chunked=True)
    assert chunked.getresponse().status == 413
    chunked.close()
    assert w.send("PUT", G, b"#" * 199_000, TURTLE).status == 201


def test_an_entity_bomb_costs_its_sender_one_answer(w: Written) -> None:
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    bomb = (
        f'<!DOCTYPE r [{entities}]><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:">'
        '<r:Description r:about="urn:a"><b>&j;</b></r:Description></r:RDF>'
    )
    before = w.engine.generation()
    response = w.send("PUT", G, bomb.encode(), "application/rdf+xml")
    assert response.status in (400, 413), response.text
    assert w.engine.generation() == before
    assert w.send("PUT", G, SENT, TURTLE).status == 201


def test_the_store_without_a_graph_tells_which_graphs_it_has(w: Written) -> None:
    w.send("PUT", G, SENT, TURTLE)
    told = w.send("GET", "/graphs", Accept="text/turtle")
    assert told.status == 200
    assert FOLDER_GRAPH in told.text


def test_a_large_upload_goes_through_the_disk(tmp_path: Path) -> None:
    with serve_written(None, tmp_path / "store", "--empty", "--workers", "1") as w:
        lines = b"".join(b"<urn:s%d> <urn:p> %d .\n" % (n, n) for n in range(200_000))
        assert len(lines) > 4 << 20
        assert w.send("PUT", G, lines, TURTLE).status == 201
        assert w.rows("SELECT (COUNT(*) AS ?n) { GRAPH <urn:g> { ?s ?p ?o } }") == [("200000",)]
