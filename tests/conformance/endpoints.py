"""A SPARQL server under test: where its three services are, and how it is asked."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.conftest import Response


@dataclass(frozen=True)
class Endpoint:
    """The base addresses of one server; `token` lets in who writes, where it wants one."""

    name: str
    query: str
    update: str
    graphs: str
    token: str = ""

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Response:
        """One exchange on a connection of its own: no redirect is followed, nothing is added."""
        address = urlsplit(url)
        assert address.hostname is not None
        connection = http.client.HTTPConnection(address.hostname, address.port or 80, timeout=60)
        sent = dict(headers)
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        try:
            target = address.path + (f"?{address.query}" if address.query else "")
            connection.request(method, target, body, sent)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, headers, answer.read())
        finally:
            connection.close()

    def ask(self, text: str, accept: str) -> Response:
        """A query by POST."""
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self.send("POST", self.query, headers, text.encode())

    def change(self, text: str, **parameters: list[str]) -> Response:
        """An update by POST."""
        url = self.update + (f"?{urlencode(parameters, doseq=True)}" if parameters else "")
        return self.send("POST", url, {"Content-Type": "application/sparql-update"}, text.encode())
