"""Pages of other sites may read here and send a token; a cookie of theirs counts for nothing."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

PREFLIGHT = {
    "Origin": "https://page.example",
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type",
}


@pytest.mark.parametrize("path", ["/", "/sparql?query=ASK{}", "/queries/who-said.csv", "/nothing", "/write"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_any_origin_and_never_credentials(guarded: FlaskClient, path: str, method: str) -> None:
    response = guarded.open(path, method=method, headers=PREFLIGHT)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Link", "Onrecord-Generation", "Retry-After", "WWW-Authenticate"} <= set(exposed)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/sparql", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/write", {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}),
        ("/queries/who-said", {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"}),
        ("/openapi.json", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_preflight_tells_methods_and_headers(guarded: FlaskClient, path: str, methods: set[str]) -> None:
    response = guarded.open(path, method="OPTIONS", headers=PREFLIGHT)
    assert response.status_code == 204
    assert not response.data
    assert set(response.headers["Access-Control-Allow-Methods"].split(", ")) == methods
    allowed = response.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"Authorization", "Content-Type", "Accept", "If-Match", "If-None-Match"} <= set(allowed)
    assert int(response.headers["Access-Control-Max-Age"]) > 0


def test_a_preflight_needs_no_token_where_reading_does(closed: FlaskClient) -> None:
    assert closed.open("/sparql", method="OPTIONS", headers=PREFLIGHT).status_code == 204
