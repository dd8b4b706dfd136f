"""A proxy in front of a SPARQL server that writes down what it is asked."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, RecordingProxy)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        form = body.decode() if self.command == "POST" else urlsplit(self.path).query
        connection = http.client.HTTPConnection(server.behind, timeout=60)
        headers = {n: v for n, v in self.headers.items() if n.lower() in ("accept", "content-type")}
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        document = answer.read()
        connection.close()
        server.meanwhile()
        server.queries.append(parse_qs(form)["query"][0])
        server.sizes.append(len(document))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(document)))
        self.end_headers()
        self.wfile.write(document)

    do_POST = do_GET  # noqa: N815  # the name that http.server looks for

    def log_message(self, format: str, *args: object) -> None:
        pass


class RecordingProxy(ThreadingHTTPServer):
    """Passes on what it is asked to `behind` (host:port); `queries` and `sizes` tell what passed."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while a client waits for an answer."""
        self.queries: list[str] = []
        self.sizes: list[int] = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.origin}/query"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
