"""SERVICE through the real server, the real client and the command line."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY, LiveServer, environment, serve
from tests.federation.conftest import Server, start_server

SECOND_FOLDER = REPOSITORY / "tests" / "second-folder"
KNOWN = "https://known.example/"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, Server]]:
    """The second folder, served beside an endpoint that knows two names for each agent."""
    directory = tmp_path_factory.mktemp("served")
    with serve(SECOND_FOLDER, directory / "plain") as plain:
        agents = plain.sparql("SELECT DISTINCT ?a { ?a a <https://w3id.org/onrecord/ns#Agent> } ORDER BY ?a")
    lines = [f'<{row["a"]}> <{KNOWN}name> "known {i}" , "alias {i}" .' for i, row in enumerate(agents)]
    remote = start_server(directory / "remote", "\n".join(lines))
    try:
        origin = remote.origin
        options = ("--federate", origin, "--federation-contact", "desk@example.org")
        with serve(SECOND_FOLDER, directory / "store", *options) as server:
            yield server, remote
    finally:
        remote.stop()


def query(url: str, silent: str = "") -> str:
    return (
        "SELECT ?a ?name { ?a a <https://w3id.org/onrecord/ns#Agent> "
        f"SERVICE {silent} <{url}> {{ ?a <{KNOWN}name> ?name }} }} ORDER BY ?a ?name"
    )


def path(text: str, **parameters: str) -> str:
    return "/sparql?" + urllib.parse.urlencode({"query": text, **parameters})


def test_a_query_joins_with_another_endpoint_and_says_so(served: tuple[LiveServer, Server]) -> None:
    server, remote = served
    answer = server.get(path(query(remote.url), format="json"))
    assert answer.status == 200, answer.text
    rows = json.loads(answer.body)["results"]["bindings"]
    agents = {row["a"]["value"] for row in rows}
    assert agents and len(rows) == 2 * len(agents)
    assert answer.headers["onrecord-federation"] == "complete"
    assert answer.headers["cache-control"] == "no-cache"


def test_a_client_that_has_the_answer_is_told_so_though_the_endpoint_is_looked_at_again(
    served: tuple[LiveServer, Server],
) -> None:
    server, remote = served
    asked = path(query(remote.url), format="json")
    first = server.get(asked)
    for _ in range(2):  # from the endpoint at first, maybe, and from the cache
        again = server.get(asked, {"If-None-Match": first.headers["etag"]})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["onrecord-federation"] == "complete"
    other = server.get(path(query(remote.url), format="csv"))
    assert other.headers["etag"] != first.headers["etag"]


def test_the_report_tells_where_when_how_much(served: tuple[LiveServer, Server]) -> None:
    server, remote = served
    answer = server.get(path(query(remote.url), format="json"))
    link = answer.headers["link"]
    assert 'rel="http://www.w3.org/ns/prov#has_provenance"' in link
    report = server.get(link[link.index("<") + 1 : link.index(">")]).json()
    assert report["complete"] is True
    (service,) = report["services"]  # type: ignore[misc]
    assert service["endpoint"] == remote.url and service["rows"] == 2 * service["bindings"]
    assert {e["status"] for e in service["exchanges"]} == {"ok"}


def test_a_second_time_the_cache_answers(served: tuple[LiveServer, Server]) -> None:
    server, remote = served
    first = server.get(path(query(remote.url), format="csv"))
    second = server.get(path(query(remote.url), format="csv"))
    link = second.headers["link"]
    report = server.get(link[link.index("<") + 1 : link.index(">")]).json()
    (service,) = report["services"]  # type: ignore[misc]
    assert sum(e["requests"] for e in service["exchanges"]) == 0
    assert sum(e["cacheHits"] for e in service["exchanges"]) == service["bindings"]
    assert second.body == first.body
    offline = server.get(path(query(remote.url), format="csv", federation="offline"))
    assert offline.body == first.body


def test_offline_answers_from_what_is_kept_and_from_nothing_else(served: tuple[LiveServer, Server]) -> None:
    server, remote = served
    fresh = query(remote.url).replace("}", "FILTER(?name != 'never asked') }", 1)
    refused = server.get(path(fresh, federation="offline"))
    assert refused.status == 503 and refused.json()["code"] == "federation-offline"
    unknown = server.get(path(fresh, federation="sometimes"))
    assert unknown.status == 400 and "offline" in unknown.text


def test_the_page_names_the_endpoint(served: tuple[LiveServer, Server]) -> None:
    server, remote = served
    page = server.get(path(query(remote.url)), {"Accept": "text/html"})
    assert "Other endpoints had a part" in page.text and remote.url in page.text
    assert "not complete" not in page.text


def test_an_answer_that_an_endpoint_spoiled_never_looks_complete(served: tuple[LiveServer, Server]) -> None:
    server, remote = served
    broken = remote.url.removesuffix("query") + "nothing-here"
    loud = server.get(path(query(broken)))
    assert loud.status == 502 and broken in loud.text
    silent = server.get(path(query(broken, "SILENT"), format="json"))
    assert silent.status == 200
    assert silent.headers["onrecord-federation"] == "incomplete"
    assert "etag" not in silent.headers and silent.headers["cache-control"] == "no-store"
    assert json.loads(silent.body)["results"]["bindings"], "SILENT keeps the solutions of the rest"
    document = server.get(path(query(broken, "SILENT"), format="md"))
    assert "Not complete: not every" in document.text and broken in document.text
    page = server.get(path(query(broken, "SILENT")), {"Accept": "text/html"})
    assert "This answer is not complete" in page.text


@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_an_endpoint_that_is_not_listed_is_refused_also_silently(
    served: tuple[LiveServer, Server], silent: str
) -> None:
    server, _ = served
    refused = server.get(path(query("https://query.wikidata.org/sparql", silent)))
    assert refused.status == 403
    assert "--federate wikidata" in refused.text


def test_syntax_errors_have_their_place_in_the_text_as_written(served: tuple[LiveServer, Server]) -> None:
    server, remote = served
    text = f"SELECT * {{\n  ?a ?b ?c\n  SERVICE <{remote.url}> {{ ?a wrong:name ?n }}\n}}"
    refused = server.get(path(text))
    assert refused.status == 400
    assert refused.json()["line"] == 3 and "wrong:" in refused.text


def test_an_update_with_service_and_load_stay_refused(served: tuple[LiveServer, Server]) -> None:
    server, remote = served
    load = server.get(path("ASK {} ; LOAD <http://127.0.0.1/>"))
    assert load.status in (400, 403)
    body = urllib.parse.urlencode(
        {"update": f"INSERT {{ ?a ?b 1 }} WHERE {{ SERVICE <{remote.url}> {{ ?a ?b ?c }} }}"}
    )
    update = server.get(
        "/sparql", {"Content-Type": "application/x-www-form-urlencoded"}, body.encode(), method="POST"
    )
    assert update.status in (401, 403)


def test_the_command_line_asks_other_endpoints_too(served: tuple[LiveServer, Server], tmp_path: Path) -> None:
    _, remote = served

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-m",
            "onrecord",
            "query",
            query(remote.url),
            "--folder",
            str(SECOND_FOLDER),
        ]
        command += ["--store", str(tmp_path / "store"), "--format", "csv", *options]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment(), timeout=60, check=False
        )

    refused = run()
    assert refused.returncode != 0 and "--federate" in refused.stderr
    origin = remote.origin
    allowed = ("--federate", origin, "--federation-contact", "desk@example.org")
    answer = run(*allowed)
    assert answer.returncode == 0, answer.stderr
    assert "known 0" in answer.stdout
    assert f"SERVICE at line 1: {remote.url}" in answer.stderr
    assert "1 request" in answer.stderr
    again = run(*allowed, "--offline")
    assert again.stdout == answer.stdout and "all from the cache" in again.stderr


def test_a_client_that_leaves_ends_what_is_asked_for_it(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(30)
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}"
        options = ("--federate", origin, "--federation-contact", "desk@example.org")
        with serve(SECOND_FOLDER, tmp_path / "store", *options) as server:
            host, _, port = server.url.removeprefix("http://").partition(":")
            with socket.create_connection((host, int(port)), 30) as client:
                asking = path(query(f"{origin}/query"))
                client.sendall(f"GET {asking} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                asked, _ = silent.accept()
                asked.settimeout(30)
                assert asked.recv(65_536), "the request went out"
            # Nobody answers it; only the client's leaving can end it before its own limits.
            assert asked.recv(65_536) == b""
            asked.close()


def test_a_saved_query_asks_other_endpoints_too(served: tuple[LiveServer, Server], tmp_path: Path) -> None:
    _, remote = served
    folder = tmp_path / "folder"
    shutil.copytree(SECOND_FOLDER, folder)
    text = f"#+ summary: What others call the agents.\n{query(remote.url)}\n"
    (folder / "queries" / "known-names.rq").write_text(text)
    spoiled = query(remote.url.removesuffix("query") + "nothing-here", "SILENT")
    (folder / "queries" / "spoiled.rq").write_text(f"#+ summary: What nobody answers.\n{spoiled}\n")
    options = ("--federate", remote.origin, "--federation-contact", "desk@example.org")
    with serve(folder, tmp_path / "store", *options) as server:
        answer = server.get("/queries/known-names.csv")
        assert answer.status == 200 and "known 0" in answer.text
        assert answer.headers["onrecord-federation"] == "complete"
        offline = server.get("/queries/known-names.csv?_federation=offline")
        assert offline.body == answer.body
        page = server.get("/queries/known-names", {"Accept": "text/html"})
        assert "all from the cache" in page.text and remote.url in page.text
        for suffix in ("md", "fragment.html"):
            document = server.get(f"/queries/known-names.{suffix}").text
            assert remote.url in document and "Not complete" not in document
            assert "Not complete: not every" in server.get(f"/queries/spoiled.{suffix}").text
