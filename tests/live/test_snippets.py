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

import pyoxigraph as ox
import pytest
from tests.conftest import LiveServer, environment

ROWS = "/queries/what-a-speaker-said?speaker=id/alloush"


def snippets(server: LiveServer, path: str) -> dict[str, str]:
    """Name -> text of the snippets on a page."""
    page = server.get(path, headers={"Accept": "text/html"})
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


def test_spreadsheets_are_given_the_address_of_the_rows(live_server: LiveServer) -> None:
    found = snippets(live_server, ROWS)
    address = f"{live_server.url}/queries/what-a-speaker-said.csv?speaker=id%2Falloush"
    assert found["Google Sheets"] == f'=IMPORTDATA("{address}")'
    assert f'Web.Contents("{address}")' in found["Excel (Power Query)"]
    assert live_server.get(address).status == 200
