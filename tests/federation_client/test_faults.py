"""Every fault of a real server: the error that names it and its remedy, and no hammering."""

from __future__ import annotations

import email.utils
import gzip
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.federation_client.conftest import (
    QUERY,
    RESULTS_JSON,
    SHORT,
    Handler,
    MisbehavingServer,
    Reply,
    answer,
    batch,
    document,
    status,
    zipped,
)

from onrecord.errors import (
    FederationBudgetError,
    QueryCancelledError,
    RemoteAnswerError,
    RemoteBusyError,
    RemoteError,
    RemoteRefusedError,
    RemoteTimeoutError,
    RemoteTooLargeError,
    RemoteUnreachableError,
    SettingError,
    decode_error,
    encode_error,
)
from onrecord.federation.budget import Allowance
from onrecord.federation.client import Federation
from onrecord.federation.exchange import Limits

Make = Callable[..., Federation]
Start = Callable[..., MisbehavingServer]


def hang(handler: Handler) -> None:
    time.sleep(4)


def cut(handler: Handler) -> None:
    """Says how long it is, and stops in the middle."""
    body = document("one", "two")
    handler.send_response(200)
    handler.send_header("Content-Type", RESULTS_JSON)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])


def cut_in_chunks(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", RESULTS_JSON)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    piece = document("one", "two")[:60]
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


def without_length(body: bytes) -> Reply:
    """As HTTP/1.0 servers end a body: by hanging up."""

    def reply(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", RESULTS_JSON)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def drip(handler: Handler) -> None:
    """A byte now and then: no single wait is long."""
    body = document("one")
    handler.send_response(200)
    handler.send_header("Content-Type", RESULTS_JSON)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    for byte in body:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.1)


def drip_headers(handler: Handler) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.1)


def huge(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", RESULTS_JSON)
    handler.end_headers()
    for _ in range(10_000):
        handler.wfile.write(b" " * 65_536)


def not_http(handler: Handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")


BLAZEGRAPH_TIMEOUT = document("one", "two")[:-40] + (
    b"\nSPARQL-QUERY: queryStr=SELECT ...\njava.util.concurrent.TimeoutException\n\tat java.base/..."
)

FAULTS = {
    "429 without a time": (status(429), RemoteBusyError, "asks us to wait", 1),
    "429 with a long time": (status(429, Retry_After="3600"), RemoteBusyError, "for 3600 s", 1),
    "503 with a time": (status(503, Retry_After="600"), RemoteBusyError, "for 600 s", 1),
    "400": (status(400, b"Lexical error at line 1"), RemoteRefusedError, "Lexical error at line 1", 1),
    "403": (status(403), RemoteRefusedError, "--federation-contact", 1),
    "404": (status(404), RemoteRefusedError, "HTTP 404", 1),
    "413": (status(413), RemoteTooLargeError, "fewer bindings", 1),
    "500": (status(500), RemoteAnswerError, "HTTP 500", 2),
    "502": (status(502), RemoteAnswerError, "HTTP 502", 2),
    "503": (status(503), RemoteAnswerError, "HTTP 503", 2),
    "504": (status(504), RemoteTimeoutError, "time limit", 1),
    "500 that is a timeout": (
        status(500, b"java.util.concurrent.TimeoutException"),
        RemoteTimeoutError,
        "time limit",
        1,
    ),
    "200 that is a timeout": (without_length(BLAZEGRAPH_TIMEOUT), RemoteTimeoutError, "time limit", 1),
    "200 cut in JSON": (without_length(document("one")[:-7]), RemoteAnswerError, "nothing of it is used", 1),
    "200 shorter than it says": (cut, RemoteAnswerError, "broke off half-way", 1),
    "200 cut between chunks": (cut_in_chunks, RemoteAnswerError, "broke off half-way", 1),
    "JSON with something after it": (
        without_length(document("one") + b"}"),
        RemoteAnswerError,
        "nothing of it is used",
        1,
    ),
    "200 empty": (without_length(b""), RemoteAnswerError, "nothing of it is used", 1),
    "204": (status(204), RemoteAnswerError, "only 200 is an answer", 1),
    "HTML for JSON": (
        status(200, b"<html><title>Log in</title></html>", "text/html; charset=utf-8"),
        RemoteAnswerError,
        "a web page",
        1,
    ),
    "HTML called JSON": (
        status(200, b"<html>Log in</html>", RESULTS_JSON),
        RemoteAnswerError,
        "cut or malformed",
        1,
    ),
    "a wrong content type": (answer("one", content_type="text/csv"), RemoteAnswerError, '"text/csv"', 1),
    "an ASK answer": (
        status(200, b'{"head":{},"boolean":true}', RESULTS_JSON),
        RemoteAnswerError,
        "a boolean",
        1,
    ),
    "gzip that is damaged": (
        status(200, b"\x1f\x8b\x08nothing of the kind", RESULTS_JSON, Content_Encoding="gzip"),
        RemoteAnswerError,
        "not HTTP as it should be",
        1,
    ),
    "a coding nobody asked for": (
        status(200, b"...", RESULTS_JSON, Content_Encoding="br"),
        RemoteAnswerError,
        '"br"',
        1,
    ),
    "301": (status(301, Location="http://169.254.169.254/"), RemoteRefusedError, "redirects", 1),
    "302": (status(302, Location="https://example.org/"), RemoteRefusedError, "https://example.org/", 1),
    "307": (status(307, Location="file:///etc/passwd"), RemoteRefusedError, "redirects", 1),
    "308": (status(308, Location="/elsewhere"), RemoteRefusedError, "/elsewhere", 1),
    "no answer": (hang, RemoteTimeoutError, "no whole answer within", 1),
    "a slow drip": (drip, RemoteTimeoutError, "no whole answer within", 1),
    "a slow drip of headers": (drip_headers, RemoteTimeoutError, "no whole answer within", 1),
    "an endless answer": (huge, RemoteAnswerError, "1048576 bytes", 1),
    "another protocol": (not_http, RemoteAnswerError, "not HTTP", 1),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_one_error_that_names_endpoint_and_remedy(
    name: str, misbehaving: Start, federation: Make
) -> None:
    reply, kind, said, requests = FAULTS[name]
    server = misbehaving(reply)
    began = time.monotonic()
    with pytest.raises(RemoteError) as raised:
        federation(server).asking().select(server.url, QUERY, None)
    error = raised.value
    assert type(error) is kind, error.detail
    assert server.url in error.detail and said in error.detail, error.detail
    assert error.endpoint == server.url and error.requests == requests
    assert len(server.requests) == requests, "no hammering"
    assert error.smaller_may_help == (kind in (RemoteTimeoutError, RemoteTooLargeError))
    assert time.monotonic() - began < 20, "no worker is lost to it"


@pytest.mark.parametrize("name", ["200 cut in JSON", "200 that is a timeout", "HTML called JSON", "500"])
def test_a_spoiled_answer_is_never_kept(name: str, misbehaving: Start, federation: Make) -> None:
    reply = FAULTS[name][0]
    server = misbehaving(reply)
    made = federation(server)
    with pytest.raises(RemoteError):
        made.asking().select(server.url, QUERY, batch("urn:a"))
    assert made.asking().recall(server.url, QUERY, batch("urn:a")).answer is None
    assert made.cache.total() == (0, 0)


def test_a_zip_bomb_is_cut_where_it_gets_too_large(misbehaving: Start, federation: Make) -> None:
    def bomb(handler: Handler) -> None:
        body = gzip.compress(b" " * (50 << 20))
        handler.give(200, body, RESULTS_JSON, Content_Encoding="gzip")

    server = misbehaving(bomb)
    with pytest.raises(RemoteAnswerError, match="1048576 bytes"):
        federation(server).asking().select(server.url, QUERY, None)


def test_an_answer_in_gzip_is_read(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(zipped("one"))
    got = federation(server).asking().select(server.url, QUERY, None)
    assert got.solutions.rows == (("<urn:a>", '"one"'),)
    assert server.requests[0].headers["accept-encoding"] == "gzip"


def test_an_answer_in_xml_is_read(misbehaving: Start, federation: Make) -> None:
    body = (
        b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
        b'<variable name="x"/></head><results><result><binding name="x"><uri>urn:a</uri></binding>'
        b"</result></results></sparql>"
    )
    server = misbehaving(status(200, body, "application/sparql-results+xml"))
    got = federation(server).asking().select(server.url, QUERY, None)
    assert got.solutions.rows == (("<urn:a>",),)


def test_one_passing_500_is_borne(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(status(500), answer("one"))
    got = federation(server).asking().select(server.url, QUERY, None)
    assert got.solutions.rows == (("<urn:a>", '"one"'),)
    assert got.provenance.requests == 2


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_short_pause_is_sat_out_and_the_request_sent_once_more(
    form: str, misbehaving: Start, federation: Make
) -> None:
    def busy(handler: Handler) -> None:
        pause = "2" if form == "seconds" else email.utils.formatdate(time.time() + 2, usegmt=True)
        handler.give(429, b"", "text/plain", Retry_After=pause)

    server = misbehaving(busy, answer("one"))
    got = federation(server).asking().select(server.url, QUERY, None)
    assert got.provenance.requests == 2
    first, second = server.requests
    assert second.began - first.began >= 0.9, "the pause was kept"


def test_a_pause_holds_for_every_process(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(status(429, Retry_After="3600"))
    with pytest.raises(RemoteBusyError):
        federation(server).asking().select(server.url, QUERY, None)
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def ask_in_another_process() -> None:
        try:
            federation(server).asking().select(server.url, QUERY, None)
        except RemoteBusyError as error:
            theirs.send((error.detail, error.retry_after))

    process = context.Process(target=ask_in_another_process)
    process.start()
    process.join(20)
    detail, retry_after = ours.recv()
    assert "it asked for a pause" in detail and 3590 <= retry_after <= 3600
    assert len(server.requests) == 1


def test_a_host_that_fails_again_and_again_is_left_alone(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(status(502))
    made = federation(server)
    for _ in range(3):
        with pytest.raises(RemoteError):
            made.asking().select(server.url, QUERY, None)
    sent = len(server.requests)
    with pytest.raises(RemoteBusyError, match="times in a row"):
        made.asking().select(server.url, QUERY, None)
    assert len(server.requests) == sent <= 6


def test_a_refused_connection_is_told(federation: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/sparql"
    with pytest.raises(RemoteUnreachableError, match="refused") as raised:
        federation(f"http://127.0.0.1:{port}").asking().select(url, QUERY, None)
    assert raised.value.endpoint == url


def _ask_in_process(server_url: str, made: Federation, count: int) -> None:
    for number in range(count):
        made.asking().select(f"{server_url}?n={number}", QUERY, None)


def test_one_request_is_in_flight_for_a_host_among_threads_and_processes(
    misbehaving: Start, federation: Make
) -> None:
    def slow(handler: Handler) -> None:
        time.sleep(0.03)
        handler.give(200, document("one"), RESULTS_JSON)

    server = misbehaving(slow)
    made = federation(server, allowance=Allowance(seconds=60))
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_ask_in_process, args=(server.url, made, 5)) for _ in range(3)]
    threads = [threading.Thread(target=_ask_in_process, args=(server.url, made, 5)) for _ in range(3)]
    for worker in (*workers, *threads):
        worker.start()
    for worker in (*workers, *threads):
        worker.join(60)
    assert [w.exitcode for w in workers] == [0, 0, 0]
    assert len(server.requests) == 30
    assert server.most_in_flight == 1


def test_turns_come_in_the_order_of_asking(misbehaving: Start, federation: Make) -> None:
    release = threading.Event()

    def wait(handler: Handler) -> None:
        release.wait(10)
        handler.give(200, document("one"), RESULTS_JSON)

    server = misbehaving(wait)
    made = federation(server, allowance=Allowance(seconds=60), limits=Limits(5, 20, 20, 1 << 20))
    threads = []
    for number in range(4):
        thread = threading.Thread(
            target=lambda n=number: made.asking().select(f"{server.url}?{n}", QUERY, None)
        )
        thread.start()
        threads.append(thread)
        hosts = made.settings.directory / "hosts"
        while sum(1 for _ in hosts.glob("*/ticket-*")) <= number:
            time.sleep(0.005)
    release.set()
    for thread in threads:
        thread.join(20)
    assert [r.path.split("&")[0] for r in server.requests] == [f"/sparql?{n}" for n in range(4)]


def test_a_query_that_waits_too_long_for_its_turn_is_told_so(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(hang)

    def hold() -> None:
        with pytest.raises(RemoteTimeoutError):
            federation(server).asking().select(server.url, QUERY, None)

    holder = threading.Thread(target=hold)
    holder.start()
    while not server.requests:
        time.sleep(0.005)
    with pytest.raises(RemoteBusyError, match="one asks at a time"):
        federation(server, allowance=Allowance(seconds=0.3)).asking().select(server.url, QUERY, None)
    holder.join(10)
    assert len(server.requests) == 1


def test_the_turn_of_a_process_that_was_killed_passes_on(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(hang, answer("one"))
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_ask_in_process, args=(server.url, federation(server), 1))
    process.start()
    while not server.requests:
        time.sleep(0.005)
    process.kill()
    process.join(10)
    got = federation(server).asking().select(server.url, QUERY, None)
    assert got.solutions.rows


def test_cancelling_ends_a_request_under_way_and_all_that_follow(
    misbehaving: Start, federation: Make
) -> None:
    server = misbehaving(hang)
    asking = federation(server, limits=replace(SHORT, first_byte=30, total=30)).asking()
    timer = threading.Timer(0.3, asking.cancel)
    timer.start()
    with pytest.raises(QueryCancelledError):
        asking.select(server.url, QUERY, None)
    with pytest.raises(QueryCancelledError):
        asking.recall(server.url, QUERY, None)
    assert len(server.requests) == 1


def test_a_query_has_a_budget_of_requests(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    asking = federation(server, allowance=Allowance(requests=2, seconds=8)).asking()
    asking.select(server.url, QUERY, None)
    asking.select(server.url, QUERY, None)
    with pytest.raises(FederationBudgetError, match="2 requests"):
        asking.select(server.url, QUERY, None)
    assert len(server.requests) == 2


def test_a_query_has_a_budget_of_bytes(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("x" * 5000))
    asking = federation(server, allowance=Allowance(size=6000, seconds=8)).asking()
    asking.select(server.url, QUERY, None)
    with pytest.raises(RemoteAnswerError, match="bytes that are read"):
        asking.select(server.url, QUERY, None)


def test_a_client_has_a_budget_a_minute_among_all_its_queries(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    made = federation(server, allowance=Allowance(client_requests=2, seconds=8))
    outcomes = []
    for _ in range(6):  # a minute may end in between, and gives two more
        try:
            made.asking("198.51.100.7").select(server.url, QUERY, None)
            outcomes.append("ok")
        except FederationBudgetError as error:
            outcomes.append(error.code)
    assert outcomes[:2] == ["ok", "ok"] and outcomes.count("ok") <= 4 and "federation-budget" in outcomes
    made.asking("198.51.100.8").select(server.url, QUERY, None)
    assert b"198.51.100" not in (made.settings.directory / "clients.sqlite").read_bytes()


def test_without_a_contact_no_request_leaves(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    with pytest.raises(SettingError, match="--federation-contact"):
        federation(server, contact="").asking().select(server.url, QUERY, None)
    assert not server.requests


def test_the_request_tells_who_asks_and_what_is_accepted(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    federation(server).asking().select(server.url, QUERY, batch("urn:a"))
    (request,) = server.requests
    assert request.method == "GET"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert "desk@example.org" in request.headers["user-agent"]
    assert request.headers["user-agent"].startswith("Onrecord/")
    assert request.headers["accept"].startswith("application/sparql-results+json")
    assert request.query == QUERY.text(batch("urn:a"))
    assert "cookie" not in request.headers and "authorization" not in request.headers


def test_a_long_query_goes_by_post(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    many = batch("urn:a", *(f"urn:number:{n}" for n in range(200)))
    federation(server).asking().select(server.url, QUERY, many)
    (request,) = server.requests
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.query == QUERY.text(many)


def test_an_error_keeps_its_facts_on_its_way_between_processes() -> None:
    error = RemoteBusyError("wait", "https://example.org/sparql", retry_after=7)
    error.requests = 3
    again = decode_error(encode_error(error))
    assert isinstance(again, RemoteBusyError)
    assert (again.detail, again.endpoint, again.retry_after, again.requests) == (
        "wait",
        "https://example.org/sparql",
        7,
        3,
    )
