"""A proxy before an endpoint: counts requests and bytes, delays, and fails when told to."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_PASSED_ON = ("accept", "content-type", "host", "user-agent")
"""With the host, so that an endpoint describes itself with the address of the proxy."""


@dataclass
class Traffic:
    """What went through: queries as they were sent, bytes of bodies received."""

    url: str = ""
    queries: list[str] = field(default_factory=list)
    size: int = 0
    refuse_after: int | None = None
    """After so many requests each one is answered 400."""

    gate: threading.Event = field(default_factory=threading.Event)
    """While it is cleared, requests wait before they are passed on."""

    def clear(self) -> None:
        self.queries.clear()
        self.size = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Proxy

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        form = body.decode() if body else urlsplit(self.path).query
        is_form = "x-www-form-urlencoded" in self.headers.get("Content-Type", "") or not body
        traffic = self.server.traffic
        traffic.queries.append(parse_qs(form).get("query", [""])[0] if is_form else form)
        time.sleep(self.server.seconds)
        traffic.gate.wait(120)
        if traffic.refuse_after is not None and len(traffic.queries) > traffic.refuse_after:
            self._answer(400, "text/plain", b"refused for a test")
            return
        address = self.server.target + (f"?{urlsplit(self.path).query}" if urlsplit(self.path).query else "")
        headers = {n: v for n in _PASSED_ON if (v := self.headers.get(n)) is not None}
        request = urllib.request.Request(address, body or None, headers, method=self.command)
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                self._answer(response.status, response.headers["Content-Type"], response.read())
        except urllib.error.HTTPError as error:
            self._answer(error.code, "text/plain", error.read())

    do_POST = do_GET  # noqa: N815  # the name that http.server looks for

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.server.traffic.size += len(body)
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target: str, seconds: float, traffic: Traffic) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target, self.seconds, self.traffic = target, seconds, traffic


@contextmanager
def count_traffic(target: str, seconds: float = 0.0) -> Iterator[Traffic]:
    """A proxy before the endpoint `target` that answers each request `seconds` later."""
    traffic = Traffic()
    traffic.gate.set()
    proxy = _Proxy(target, seconds, traffic)
    traffic.url = f"http://127.0.0.1:{proxy.server_address[1]}/query"
    threading.Thread(target=proxy.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield traffic
    finally:
        proxy.shutdown()
        proxy.server_close()
