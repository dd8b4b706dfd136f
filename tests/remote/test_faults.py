"""An engine elsewhere that misbehaves: a sentence and its status, never a 500, never a part as the whole."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from tests.conftest import REPOSITORY
from tests.federation_client.conftest import Handler, MisbehavingServer, Reply, misbehaving_servers, status
from tests.remote.engines import free_port
from tests.waiting import wait_until

from onrecord.config import Settings
from onrecord.engine import QueryRequest
from onrecord.errors import (
    EngineFaultError,
    EngineUnreachableError,
    QueryCancelledError,
    QueryTimeoutError,
    TooBusyError,
    UnsupportedError,
)
from onrecord.folder import Folder
from onrecord.formats import JSON, NTRIPLES
from onrecord.store.remote.client import RemoteEngine
from onrecord.terms import IriSpace
from onrecord.web import create_app

SPACE = IriSpace("https://w3id.org/onrecord/ghouta/")
RESULTS = "application/sparql-results+json"
TRIPLE = b"<urn:a> <urn:b> <urn:c> .\n"
QUERY = QueryRequest("SELECT * { ?s ?p ?o }", "solutions", JSON)
GRAPH = QueryRequest("CONSTRUCT WHERE { ?s ?p ?o }", "graph", NTRIPLES)


def results(number: int = 1) -> bytes:
    bindings = [{"s": {"type": "uri", "value": f"urn:{n}"}} for n in range(number)]
    return json.dumps({"head": {"vars": ["s"]}, "results": {"bindings": bindings}}).encode()


NO_HOLDINGS = status(
    200, json.dumps({"head": {"vars": ["s", "p", "o"]}, "results": {"bindings": []}}).encode(), RESULTS
)


def cut(body: bytes, content_type: str = RESULTS) -> Reply:
    """Half of `body`, though its whole length was told."""

    def reply(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])

    return reply


def unframed(body: bytes, content_type: str) -> Reply:
    """A body that ends where the connection does."""

    def reply(handler: Handler) -> None:
        handler.wfile.write(f"HTTP/1.0 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode() + body)

    return reply


def endless_silence(handler: Handler) -> None:
    handler.connection.settimeout(20)
    try:
        handler.connection.recv(1)  # until the other side has had enough
    except OSError:
        pass


def another_protocol(handler: Handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")


def dripping(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", RESULTS)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


Start = Callable[..., MisbehavingServer]


@pytest.fixture
def misbehaving() -> Iterator[Start]:
    """`misbehaving(reply, ...)` starts an engine that holds nothing of ours and then plays these replies."""
    with misbehaving_servers(NO_HOLDINGS) as start:
        yield start


@pytest.fixture
def ask(misbehaving: Start, tmp_path: Path) -> Callable[..., bytes]:
    """`ask(reply, request)` is what our engine makes of that reply."""

    def run(reply: Reply, request: QueryRequest = QUERY) -> bytes:
        engine = engine_at(misbehaving(reply).url, tmp_path)
        answer = engine.query(request)
        try:
            return b"".join(answer)
        finally:
            answer.close()

    return run


def engine_at(url: str, tmp_path: Path, **given: object) -> RemoteEngine:
    values: dict[str, object] = {"query_timeout": 1.0, **given}
    return RemoteEngine(Settings(engine=url, **values), SPACE, tmp_path / "state")  # type: ignore[arg-type]


def test_a_whole_answer_is_given(ask: Callable[..., bytes]) -> None:
    assert (
        json.loads(ask(status(200, results(3), RESULTS)))["results"]["bindings"][2]["s"]["value"] == "urn:2"
    )


@pytest.mark.parametrize(
    ("reply", "request_", "kind", "told"),
    [
        (status(200, b"<h1>It works!</h1>", "text/html"), QUERY, EngineFaultError, "a web page"),
        (status(200, b"{}", "application/json"), QUERY, EngineFaultError, "cut or malformed"),
        (status(200, results()[:-9], RESULTS), QUERY, EngineFaultError, "cut or malformed"),
        (cut(results(50)), QUERY, EngineFaultError, "broke off"),
        (cut(TRIPLE * 50, "application/n-triples"), GRAPH, EngineFaultError, "broke off"),
        (unframed(TRIPLE, "application/n-triples"), GRAPH, EngineFaultError, "ends"),
        (status(302, b"", Location="http://127.0.0.1:9/"), QUERY, EngineFaultError, "not followed"),
        (status(401, b"who?"), QUERY, EngineFaultError, "--engine-credentials"),
        (status(404, b"no"), QUERY, EngineFaultError, "Check the addresses"),
        (status(500, b"disk on fire\nat Disk.java:7"), QUERY, EngineFaultError, 'saying "disk on fire"'),
        (status(500, b"Query timed out"), QUERY, QueryTimeoutError, "its own time limit"),
        (status(504, b""), QUERY, QueryTimeoutError, "its own time limit"),
        (status(429, b"", Retry_After="7"), QUERY, TooBusyError, "asks to wait"),
        (status(200, b"\x1f\x8b", RESULTS, Content_Encoding="gzip"), QUERY, EngineFaultError, "packs"),
        (status(200, results(), RESULTS, X_SPARQL_MaxRows="1"), QUERY, EngineFaultError, "at most 1 rows"),
        (another_protocol, QUERY, EngineFaultError, "not HTTP"),
        (lambda handler: None, QUERY, EngineUnreachableError, "broke"),
        (endless_silence, QUERY, QueryTimeoutError, "in time"),
        (dripping, QUERY, QueryTimeoutError, "in time"),
    ],
)  # fmt: skip
def test_each_fault_has_its_error(
    reply: Reply, request_: QueryRequest, kind: type[Exception], told: str, ask: Callable[..., bytes]
) -> None:
    with pytest.raises(kind, match=told):
        ask(reply, request_)


def test_a_pause_that_is_asked_for_is_passed_on(ask: Callable[..., bytes]) -> None:
    with pytest.raises(TooBusyError) as told:
        ask(status(429, b"", Retry_After="7"))
    assert told.value.retry_after == 7


def test_an_answer_that_is_cut_late_raises_after_its_first_part(misbehaving: Start, tmp_path: Path) -> None:
    answer = engine_at(misbehaving(cut(results(100_000))).url, tmp_path).query(QUERY)
    pieces = iter(answer)
    try:
        assert next(pieces)
        with pytest.raises(EngineFaultError, match="broke off"):
            list(pieces)
    finally:
        answer.close()


def test_a_limit_of_rows_ends_the_answer_early(misbehaving: Start, tmp_path: Path) -> None:
    request = QueryRequest("SELECT * { ?s ?p ?o }", "solutions", JSON, row_limit=2)
    answer = engine_at(misbehaving(status(200, results(5), RESULTS)).url, tmp_path).query(request)
    try:
        assert len(json.loads(b"".join(answer))["results"]["bindings"]) == 2
        assert (answer.trailer.rows, answer.trailer.truncated) == (2, True)
    finally:
        answer.close()


def test_a_client_that_leaves_closes_the_connection(misbehaving: Start, tmp_path: Path) -> None:
    server = misbehaving(endless_silence)
    leave: list[Callable[[], None]] = []

    def on_leave(callback: Callable[[], None]) -> Callable[[], None]:
        leave.append(callback)
        threading.Timer(0.3, callback).start()
        return lambda: None

    with pytest.raises(QueryCancelledError):
        engine_at(server.url, tmp_path, query_timeout=60.0).query(QUERY, on_leave)
    assert leave
    wait_until(lambda: server.in_flight == 0)


def test_no_more_requests_are_under_way_than_workers(misbehaving: Start, tmp_path: Path) -> None:
    def slowly(handler: Handler) -> None:
        time.sleep(0.1)
        handler.give(200, results(), RESULTS)

    server = misbehaving(slowly)
    engine = engine_at(server.url, tmp_path, workers=2, query_timeout=30.0)

    def run() -> None:
        answer = engine.query(QUERY)
        try:
            b"".join(answer)
        finally:
            answer.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) >= 8
    assert server.most_in_flight == 2


def test_who_waits_too_long_for_a_place_is_told(misbehaving: Start, tmp_path: Path) -> None:
    server = misbehaving(status(200, results(), RESULTS))
    engine = engine_at(server.url, tmp_path, workers=1, queue_timeout=0.05)
    first = engine.query(QUERY)
    try:
        with pytest.raises(TooBusyError):
            engine.query(QUERY)
    finally:
        first.close()
    engine.query(QUERY).close()


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("desk:s3cret\n", "Basic " + base64.b64encode(b"desk:s3cret").decode()),
        ("Bearer s3cret", "Bearer s3cret"),
    ],
)
def test_credentials_are_sent_and_never_told(
    text: str, sent: str, misbehaving: Start, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text(text)
    server = misbehaving(status(403, b"s3cret is wrong", "text/html"))
    engine = engine_at(server.url, tmp_path, engine_credentials=tmp_path / "credentials")
    with pytest.raises(EngineFaultError) as told:
        engine.query(QUERY)
    assert {request.headers["authorization"] for request in server.requests} == {sent}
    assert "s3cret" not in told.value.detail
    assert "s3cret" not in repr(engine.__dict__["_address"])


def test_the_graphs_of_a_request_are_spelt_out(misbehaving: Start, tmp_path: Path) -> None:
    server = misbehaving(status(200, results(), RESULTS))
    engine_at(server.url, tmp_path).query(QUERY).close()
    assert b"default-graph-uri=urn%3Ax-onrecord%3Anothing" in server.requests[-1].body


def test_what_needs_generations_is_501(misbehaving: Start, tmp_path: Path) -> None:
    engine = engine_at(misbehaving(status(200, results(), RESULTS)).url, tmp_path)
    with pytest.raises(UnsupportedError, match="Generation 3"):
        engine.query(QueryRequest("ASK {}", "boolean", JSON, generation=3))
    with pytest.raises(UnsupportedError):
        engine.queries()
    with pytest.raises(UnsupportedError):
        engine.end_query(1)


@pytest.fixture
def down(tmp_path: Path) -> FlaskClient:
    """The web over an engine to which there is no connection."""
    settings = Settings(engine=f"http://127.0.0.1:{free_port()}/sparql")
    folder = Folder(REPOSITORY)
    engine = RemoteEngine(settings, folder.description.space, tmp_path / "state")
    return create_app(engine, folder, settings, tmp_path / "state").test_client()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/claims",
        "/sparql?query=ASK%20%7B%7D",
        "/queries/roles.json",
        "/health",
        "/graphs",
        "/id/douma.html",
    ],
)
def test_without_a_connection_every_address_answers_503(down: FlaskClient, path: str) -> None:
    response = down.get(path)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "engine" in response.text


def test_what_needs_no_engine_answers_all_the_same(down: FlaskClient) -> None:
    assert down.get("/queries", headers={"Accept": "application/json"}).status_code == 200
