"""A SPARQL endpoint on loopback that misbehaves as it is told, and clients that can reach nothing else."""

from __future__ import annotations

import gzip
import ipaddress
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from onrecord.federation.budget import Allowance
from onrecord.federation.client import Federation
from onrecord.federation.endpoints import Endpoints
from onrecord.federation.exchange import Limits
from onrecord.federation.remote import RemoteQuery
from onrecord.federation.settings import FederationSettings
from onrecord.federation.solutions import BindingsBatch, Term

CONTACT = "desk@example.org"
QUERY = RemoteQuery("SELECT ?x ?label WHERE { ", "?x <urn:label> ?label }")
SHORT = Limits(connect=2.0, first_byte=2.0, total=2.0, size=1 << 20)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    began: float

    @property
    def query(self) -> str:
        source = self.body.decode() if self.method == "POST" else urlsplit(self.path).query
        return parse_qs(source)["query"][0]


Reply = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, MisbehavingServer)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with server.lock:
            server.requests.append(Request(self.command, self.path, headers, body, time.monotonic()))
            reply = server.script.pop(0) if len(server.script) > 1 else server.script[0]
            server.in_flight += 1
            self.is_under_way = True
            server.most_in_flight = max(server.most_in_flight, server.in_flight)
        try:
            reply(self)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has had enough, as it should
        finally:
            self.leave()
            self.close_connection = True

    do_POST = do_GET  # noqa: N815  # the name that http.server looks for

    def log_message(self, format: str, *args: object) -> None:
        pass

    def leave(self) -> None:
        """Be no longer under way."""
        server = self.server
        assert isinstance(server, MisbehavingServer)
        with server.lock:
            if self.is_under_way:
                self.is_under_way = False
                server.in_flight -= 1

    def give(self, status: int, body: bytes, content_type: str, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        # Before the last bytes: who has the answer may ask again before this thread goes on.
        self.leave()
        self.end_headers()
        self.wfile.write(body)


class MisbehavingServer(ThreadingHTTPServer):
    """Plays `script`, one reply a request; the last one again and again."""

    daemon_threads = True

    def __init__(self, *script: Reply) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script = list(script)
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        self.in_flight = 0
        self.most_in_flight = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/sparql"

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that hangs up in a handshake is part of the tests


def document(*labels: str) -> bytes:
    """A results document: `<urn:a>` with each of the labels."""
    bindings = [
        {"x": {"type": "uri", "value": "urn:a"}, "label": {"type": "literal", "value": label}}
        for label in labels
    ]
    return json.dumps({"head": {"vars": ["x", "label"]}, "results": {"bindings": bindings}}).encode()


RESULTS_JSON = "application/sparql-results+json;charset=utf-8"


def answer(*labels: str, content_type: str = RESULTS_JSON) -> Reply:
    return lambda handler: handler.give(200, document(*labels), content_type)


def status(code: int, body: bytes = b"", content_type: str = "text/plain", **headers: str) -> Reply:
    return lambda handler: handler.give(code, body, content_type, **headers)


def zipped(*labels: str) -> Reply:
    return lambda h: h.give(200, gzip.compress(document(*labels)), RESULTS_JSON, Content_Encoding="gzip")


@dataclass
class Loopback:
    """A connector that fails the test instead of leaving 127.0.0.0/8; names lead where `names` says."""

    names: dict[str, list[str]] = field(default_factory=dict)
    lookups: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    to_port: int | None = None
    """Where connections go in truth, so that port 443 can be asked for."""

    def resolve(self, host: str, port: int) -> list[str]:
        self.lookups.append(host)
        if host not in self.names:
            raise socket.gaierror(f"unknown name {host}")
        return self.names[host]

    def connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.connected.append((address, port))
        if ipaddress.ip_address(address) not in ipaddress.ip_network("127.0.0.0/8"):
            pytest.fail(f"a connection to {address} would have left this machine")
        return socket.create_connection((address, self.to_port or port), seconds)


@contextmanager
def misbehaving_servers(*beginning: Reply) -> Iterator[Callable[..., MisbehavingServer]]:
    """What starts servers that play `beginning` and then the replies given, until the block ends."""
    servers: list[MisbehavingServer] = []

    def start(*script: Reply) -> MisbehavingServer:
        server = MisbehavingServer(*beginning, *script)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def misbehaving() -> Iterator[Callable[..., MisbehavingServer]]:
    """`misbehaving(reply, ...)` starts a server that plays these replies."""
    with misbehaving_servers() as start:
        yield start


@pytest.fixture
def loopback() -> Loopback:
    return Loopback()


@pytest.fixture
def federation(tmp_path: Path, loopback: Loopback) -> Callable[..., Federation]:
    """`federation(server or value of --federate, ...)`, with any part of its settings by name."""

    def make(*allowed: MisbehavingServer | str, **given: object) -> Federation:
        values = tuple(a if isinstance(a, str) else a.origin for a in allowed)
        tls = given.pop("tls", None)
        settings: dict[str, object] = {
            "directory": tmp_path / "federation",
            "endpoints": Endpoints(values),
            "contact": CONTACT,
            "limits": SHORT,
            "allowance": Allowance(seconds=8.0),
        }
        return Federation(
            FederationSettings(**{**settings, **given}),  # type: ignore[arg-type]
            resolver=loopback.resolve,
            connector=loopback.connect,
            tls=tls,  # type: ignore[arg-type]
        )

    return make


def batch(*iris: str) -> BindingsBatch:
    return BindingsBatch(("x",), tuple((Term(f"<{iri}>"),) for iri in iris))
