"""A team of three roles by HTTP: save, share, parametrize, cite, pin, change the data, detect the change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.cli.test_serve import onrecord
from tests.conftest import REPOSITORY, Response, serve

TEXT = """PREFIX rec: <https://w3id.org/onrecord/ns#>
SELECT ?claim WHERE {
  VALUES ?about { UNDEF }
  ?claim rec:subject ?about .
}
ORDER BY ?claim
"""
ABOUT = {"about": {"type": "iri", "label": "About", "class": "rec:Entity"}}
THING = "https://example.org/a-ferry"
INSERT = f"""INSERT DATA {{ GRAPH <urn:desk> {{
  <urn:claim:new> <https://w3id.org/onrecord/ns#subject> <{THING}> }} }}"""

Ask = Callable[..., Response]


def test_a_team_of_three_by_http(tmp_path: Path) -> None:
    store = tmp_path / "store"

    def token(role: str) -> str:
        return onrecord("token", "create", "--role", role, "--name", role, "--store", store).stdout.split()[
            -1
        ]

    secrets = {role: token(role) for role in ("reader", "editor", "admin")}
    with serve(REPOSITORY / "tests" / "second-folder", store, "--fronts", "2") as server:

        def ask(who: str, method: str, path: str, body: object = None, **headers: str) -> Response:
            sent = headers | ({"Authorization": f"Bearer {secrets[who]}"} if who else {})
            data = None
            if isinstance(body, dict):
                data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
            elif isinstance(body, str):
                data, sent["Content-Type"] = body.encode(), "application/sparql-update"
            return server.get(path, sent, data, method)

        draft = {"name": "about-what", "title": "What is claimed.", "text": TEXT, "parameters": ABOUT}
        assert ask("", "POST", "/queries", draft).status == 401
        assert ask("reader", "POST", "/queries", draft).status == 403
        made = ask("editor", "POST", "/queries", draft | {"visibility": "private"})
        assert made.status == 201, made.text
        assert ask("reader", "GET", "/queries/about-what.csv").status == 404
        assert ask("admin", "GET", "/queries/about-what.csv").status == 200
        shared = ask(
            "editor",
            "PATCH",
            "/queries/about-what",
            {"visibility": "team"},
            **{"If-Match": made.headers["etag"]},
        )
        assert shared.json()["visibility"] == "team"

        ask_for = f"about={THING}"
        assert ask("", "GET", f"/queries/about-what.csv?{ask_for}").status == 404
        assert ask("reader", "GET", f"/queries/about-what.csv?{ask_for}").text.count("\n") == 1
        cited = ask("reader", "GET", f"/queries/about-what/cite?{ask_for}").json()
        address = urlsplit(str(cited["address"]))
        assert ask("reader", "GET", f"{address.path}?{address.query}").status == 200
        verify = f"/queries/about-what@1/cite?{ask_for}&_verify={cited['resultHash']}"
        assert ask("reader", "GET", verify).json()["same"] is True

        pin = f"/generations/{cited['generation']}/pin"
        assert ask("reader", "POST", pin).status == 403
        assert ask("editor", "POST", pin).status == 201

        assert ask("reader", "POST", "/sparql", INSERT).status == 403
        changed = ask("editor", "POST", "/sparql", INSERT)
        assert changed.status in (200, 204), changed.text
        detected = ask("reader", "GET", verify).json()
        assert (detected["same"], detected["rows"]) == (False, 1)
        assert detected["generation"] != cited["generation"]
        # What was pinned answers as it was cited, and the difference is told row by row.
        then = f"_generation={cited['generation']}"
        assert ask("reader", "GET", f"{verify}&{then}").json()["same"] is True
        assert ask("reader", "GET", f"/queries/about-what@1.csv?{ask_for}&{then}").text.count("\n") == 1
        compared = f"/queries/about-what/compare?{ask_for}&_from_generation={cited['generation']}"
        told = ask("reader", "GET", compared).json()
        assert (told["removed"], len(told["added"])) == ([], 1)  # type: ignore[arg-type]

        audited = ask("admin", "GET", "/admin/audit").json()["entries"]
        assert isinstance(audited, list)
        assert {("editor", "/queries", 201), ("reader", "/queries", 403)} <= {
            (e["who"], e["path"], e["outcome"]) for e in audited
        }
    # Another start, and all of it is there.
    with serve(REPOSITORY / "tests" / "second-folder", store) as server:
        history = ask("reader", "GET", "/queries/about-what/history").json()
        assert [v["version"] for v in history["versions"]] == [1]  # type: ignore[attr-defined]
        assert ask("reader", "GET", verify).json()["rows"] == 1
        assert ask("reader", "GET", f"{verify}&{then}").json()["same"] is True, "a pin outlives a restart"
