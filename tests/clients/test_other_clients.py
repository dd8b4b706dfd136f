"""Clients in other languages: curl, roqet, R, Comunica."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from tests.clients.conftest import ROWS, SELECT, Writable, find, run

MODULES = Path(__file__).with_name("node_modules")
"""Where .ci/run installed the npm packages of `package.json` beside this file."""


@pytest.mark.parametrize("options", [["-G"], [], ["--compressed"], ["-0"]])
def test_curl_reads_rows(writable: Writable, options: list[str]) -> None:
    command = [find("curl"), "-sSf", *options, writable.endpoint, "-H", "Accept: text/csv"]
    rows = list(csv.DictReader(io.StringIO(run([*command, "--data-urlencode", f"query={SELECT}"]))))
    assert [float(row["times"]) for row in rows] == list(ROWS.values())


def test_curl_writes_a_file_with_a_token(writable: Writable, tmp_path: Path) -> None:
    (tmp_path / "update.ru").write_text("INSERT DATA { <urn:curl> <urn:p> 1 }")
    command = [find("curl"), "-sSf", writable.endpoint, "--data-binary", f"@{tmp_path}/update.ru"]
    command += [
        "-H",
        "Content-Type: application/sparql-update",
        "-H",
        f"Authorization: Bearer {writable.token}",
    ]
    run(command)
    asked = run(
        [find("curl"), "-sSfG", writable.endpoint, "--data-urlencode", "query=ASK { <urn:curl> ?p 1 }"]
    )
    assert json.loads(asked)["boolean"] is True


def test_roqet_reads_rows_over_the_protocol(writable: Writable) -> None:
    printed = run([find("roqet"), "-q", "-p", writable.endpoint, "-r", "csv", "-e", SELECT])
    assert [float(row["times"]) for row in csv.DictReader(io.StringIO(printed))] == list(ROWS.values())


def test_r_reads_rows_as_a_data_frame(writable: Writable, tmp_path: Path) -> None:
    script = tmp_path / "read.R"
    script.write_text(
        "arguments <- commandArgs(trailingOnly = TRUE)\n"
        "text <- paste(readLines(arguments[2]), collapse = '\\n')\n"
        "address <- paste0(arguments[1], '?format=csv&query=', URLencode(text, reserved = TRUE))\n"
        "table <- read.csv(url(address))\n"
        "stopifnot(is.numeric(table$times))\n"
        "write.csv(table, row.names = FALSE)\n"
    )
    (tmp_path / "query.rq").write_text(SELECT)
    printed = run([find("Rscript"), "--vanilla", str(script), writable.endpoint, str(tmp_path / "query.rq")])
    assert [float(row["times"]) for row in csv.DictReader(io.StringIO(printed))] == list(ROWS.values())


COMUNICA = """
import { createRequire } from "node:module";
const { QueryEngine } = createRequire(process.argv[3] + "/here.js")("@comunica/query-sparql");
const engine = new QueryEngine();
const [endpoint, , text, type] = process.argv.slice(2);
const sources = [type === "detected" ? endpoint : { type, value: endpoint }];
const bindings = await (await engine.queryBindings(text, { sources })).toArray();
console.log(JSON.stringify(bindings.map((b) => Number(b.get("times").value))));
process.exit(0);
"""


@pytest.mark.parametrize("kind", ["sparql", "detected"])
def test_comunica_reads_rows(writable: Writable, tmp_path: Path, kind: str) -> None:
    assert MODULES.is_dir(), f"there is no {MODULES}; .ci/run installs it"
    (tmp_path / "ask.mjs").write_text(COMUNICA)
    printed = run([find("node"), str(tmp_path / "ask.mjs"), writable.endpoint, str(MODULES), SELECT, kind])
    assert json.loads(printed.splitlines()[-1]) == list(ROWS.values())
