"""What a saved query's page offers for use elsewhere works there, as it is written."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from tests.conftest import REPOSITORY, LiveServer, environment, serve

ROWS = "/queries/what-a-speaker-said?speaker=id/alloush"


def snippets(server: LiveServer, path: str) -> dict[str, str]:
    """Name -> text of the snippets on a page."""
    page = server.get(path, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert page.status == 200, page.text
    part = page.text[page.text.index("Use it elsewhere") :]
    found = re.findall(r"<h3>([^<]+)</h3>.*?<pre[^>]*>(.*?)</pre>", part, re.DOTALL)
    return {html.unescape(name): html.unescape(text) for name, text in found}


def run(command: list[str], text: str = "") -> str:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, timeout=60, check=False, env=environment()
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def rows(live_server: LiveServer) -> list[dict[str, str]]:
    path = ROWS.replace("?", ".csv?")
    return list(csv.DictReader(io.StringIO(live_server.get(path).text)))


def test_the_line_for_curl_prints_the_rows(live_server: LiveServer, rows: list[dict[str, str]]) -> None:
    printed = run(["bash", "-c", snippets(live_server, ROWS)["curl"]])
    assert list(csv.DictReader(io.StringIO(printed))) == rows


def test_the_lines_for_python_make_a_table(live_server: LiveServer, rows: list[dict[str, str]]) -> None:
    text = snippets(live_server, ROWS)["Python (pandas)"]
    printed = run(
        [sys.executable, "-c", text + "\nprint(table.fillna('').astype(str).to_json(orient='records'))"]
    )
    table = json.loads(printed.splitlines()[-1])
    assert [row["claim"] for row in table] == [row["claim"] for row in rows]


def test_the_lines_for_javascript_print_the_rows(live_server: LiveServer, rows: list[dict[str, str]]) -> None:
    node = shutil.which("node")
    assert node is not None, "node is not installed"
    text = snippets(live_server, ROWS)["JavaScript"] + "\nconsole.log(answer.results.bindings.length);"
    assert run([node, "--input-type=module", "-"], text).splitlines()[-1] == str(len(rows))


def test_the_text_for_service_gives_the_same_rows_at_another_endpoint(
    live_server: LiveServer, rows: list[dict[str, str]]
) -> None:
    answer = ox.Store().query(snippets(live_server, ROWS)["SPARQL (SERVICE)"])
    assert isinstance(answer, ox.QuerySolutions)
    assert sorted(solution["claim"].value for solution in answer) == sorted(row["claim"] for row in rows)


def test_the_lines_for_r_make_a_table(live_server: LiveServer, rows: list[dict[str, str]]) -> None:
    rscript = shutil.which("Rscript")
    assert rscript is not None, "R is not installed"
    text = snippets(live_server, ROWS)["R"]
    text += '\nwriteLines(c(paste(names(table), collapse = ","), table$claim))'
    printed = run([rscript, "-e", text]).splitlines()
    assert printed[-len(rows) :] == [row["claim"] for row in rows]
    assert printed[-len(rows) - 1] == ",".join(rows[0])


def test_spreadsheets_are_given_the_address_of_the_rows(
    live_server: LiveServer, rows: list[dict[str, str]]
) -> None:
    found = snippets(live_server, ROWS)
    for name, pattern in {
        "Google Sheets": r'=IMPORTDATA\("((?:[^"]|"")*)"\)',
        "Excel (Power Query)": r'Web\.Contents\("((?:[^"]|"")*)"\)',
    }.items():
        written = re.search(pattern, found[name])
        assert written is not None
        sent = live_server.get(written[1].replace('""', '"'))
        assert sent.headers["content-type"].startswith("text/csv")
        assert list(csv.DictReader(io.StringIO(sent.text))) == rows


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a query for a graph and one for yes or no."""
    folder = tmp_path_factory.mktemp("snippets") / "folder"
    shutil.copytree(REPOSITORY / "tests" / "second-folder", folder)
    for name, text in {
        "graph": "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c }",
        "any": "#+ parameters:\n#+   c: {type: iri}\nASK { VALUES ?c { UNDEF } ?s a ?c }",
    }.items():
        (folder / "queries" / f"{name}.rq").write_text(f"#+ summary: T.\n{text}\n", encoding="utf-8")
    with serve(folder, folder.parent / "store") as server:
        yield server


def test_the_texts_for_graphs_and_for_yes_or_no_work_as_they_are(others: LiveServer) -> None:
    node = shutil.which("node")
    assert node is not None, "node is not installed"
    graph = snippets(others, "/queries/graph")
    triples = len(list(ox.parse(others.get("/queries/graph.ttl").body, ox.RdfFormat.TURTLE)))
    assert triples > 5
    turtle = run(["bash", "-c", graph["curl"]])
    assert len(list(ox.parse(turtle.encode(), ox.RdfFormat.TURTLE))) == triples
    assert run([sys.executable, "-c", graph["Python (rdflib)"]]).split()[-1] == str(triples)
    assert run([node, "--input-type=module", "-"], graph["JavaScript"]).strip() == turtle.strip()
    for value, said in (("", "true"), ("?c=urn:nothing", "false")):
        answer = snippets(others, f"/queries/any{value}")
        assert json.loads(run(["bash", "-c", answer["curl"]]))["boolean"] is (said == "true")
        assert run([sys.executable, "-c", answer["Python"]]).strip().lower() == said
        assert run([node, "--input-type=module", "-"], answer["JavaScript"]).strip() == said
