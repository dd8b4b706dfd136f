"""Bytes to a server and what comes back, without a client library that would correct them."""

from __future__ import annotations

import json
import re
import socket
import time
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote, urlsplit

from tests.conformance.endpoints import Endpoint

Kind = Literal["answer", "refused", "unavailable", "failed", "spoilt", "closed", "silent"]
"""2xx or 3xx, 4xx, 503 and 505, any other 5xx, a whole answer of 200 that is not what it says it is,
a connection that ends without an answer, none in time."""

LONGEST_WAIT = 20.0
"""Seconds that a client waits here; the servers under test are given a query limit far below."""
DATA_TRIPLES = 3_000


@dataclass(frozen=True)
class Outcome:
    """What came of one hostile request."""

    kind: Kind
    status: int = 0
    excerpt: str = ""

    def __str__(self) -> str:
        return f"{self.status}{', spoilt' if self.kind == 'spoilt' else ''}" if self.status else self.kind


def connect(endpoint: Endpoint, wait: float = LONGEST_WAIT) -> socket.socket:
    """A connection to the server of `endpoint`."""
    address = urlsplit(endpoint.query)
    assert address.hostname is not None and address.port is not None
    return socket.create_connection((address.hostname, address.port), timeout=wait)


def exchange(endpoint: Endpoint, data: bytes, *, pause_after: int = 0, wait: float = LONGEST_WAIT) -> Outcome:
    """Send `data` as it is and read the beginning of the answer; stop sending after `pause_after` bytes."""
    try:
        with connect(endpoint, wait) as client:
            return talk(client, data[:pause_after] if pause_after else data, wait)
    except OSError:
        return Outcome("closed")


def talk(client: socket.socket, data: bytes, wait: float = LONGEST_WAIT) -> Outcome:
    """The same on a connection that is open."""
    deadline = time.monotonic() + wait
    try:
        client.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass  # the answer may have come before all was sent
    except TimeoutError:
        return Outcome("silent")
    received = b""
    while b"\r\n\r\n" not in received or len(received) < 2_000:
        client.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            piece = client.recv(65_536)
        except TimeoutError:
            return outcome_of(received) if received else Outcome("silent")
        except OSError:
            break
        if not piece:
            break
        received += piece
        if _is_whole(received):
            return (
                replace(outcome_of(received), kind="spoilt") if _is_spoilt(received) else outcome_of(received)
            )
    return outcome_of(received)


def _is_spoilt(whole: bytes) -> bool:
    """Whether `whole`, an answer, tells of JSON results and holds something else."""
    head, _, body = whole.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or b"sparql-results+json" not in head.lower():
        return False
    if b"transfer-encoding: chunked" in head.lower():
        body = b"".join(re.split(rb"(?:^|\r\n)[0-9a-fA-F]+\r\n", body))
    try:
        json.loads(body)
    except ValueError:
        return True
    return False


def _is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return bool(end) and len(body) >= int(line.partition(b":")[2])
    return body.endswith(b"0\r\n\r\n")


def outcome_of(received: bytes) -> Outcome:
    """The outcome that the first bytes of an answer tell."""
    words = received.partition(b"\r\n")[0].split(b" ")
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        return Outcome("closed", 0, received[:200].decode("latin-1"))
    status = int(words[1])
    kinds: dict[int, Kind] = {2: "answer", 3: "answer", 4: "refused"}
    kind = kinds.get(status // 100, "unavailable" if status in (501, 503, 505) else "failed")
    return Outcome(kind, status, received[:3_000].decode("latin-1"))


def request(
    endpoint: Endpoint,
    method: str = "GET",
    target: str = "",
    headers: str = "",
    body: bytes = b"",
    *,
    length: str | None = None,
) -> bytes:
    """A request that is well-formed but for what is asked for; `length` replaces the true Content-Length."""
    path = urlsplit(endpoint.query).path
    told = f"Content-Length: {length if length is not None else len(body)}\r\n" if body or length else ""
    token = f"Authorization: Bearer {endpoint.token}\r\n" if endpoint.token else ""
    head = f"{method} {target or path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{token}{headers}{told}\r\n"
    return head.encode("latin-1") + body


def ask(endpoint: Endpoint, text: str | bytes, wait: float = LONGEST_WAIT) -> Outcome:
    """A query by direct POST."""
    body = text.encode() if isinstance(text, str) else text
    headers = "Content-Type: application/sparql-query\r\nAccept: application/sparql-results+json, */*\r\n"
    return exchange(endpoint, request(endpoint, "POST", headers=headers, body=body), wait=wait)


LOOK_UP = "SELECT ?o { <urn:n:1> <urn:p:next> ?o }"


def look_up(endpoint: Endpoint, wait: float = LONGEST_WAIT) -> Outcome:
    """What an honest client gets beside all this."""
    path = urlsplit(endpoint.query).path
    target = f"{path}?query={quote(LOOK_UP)}"
    accept = "Accept: application/sparql-results+json\r\n"
    return exchange(endpoint, request(endpoint, target=target, headers=accept), wait=wait)


def is_right(found: Outcome) -> bool:
    """Whether `found` is the answer to the look-up."""
    return found.kind == "answer" and '"urn:n:2"' in found.excerpt


def data() -> str:
    """An update with the triples that the hostile queries run over: a ring with labels."""
    lines = [
        f'<urn:n:{i}> <urn:p:next> <urn:n:{(i + 1) % (DATA_TRIPLES // 2)}> ; <urn:p:label> "label {i}" .'
        for i in range(DATA_TRIPLES // 2)
    ]
    return "INSERT DATA {\n" + "\n".join(lines) + "\n}"
