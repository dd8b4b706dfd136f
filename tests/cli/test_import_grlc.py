"""`onrecord queries import-grlc`: what it writes passes the check of a folder, the rest it names."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.test_serve import onrecord
from tests.conftest import REPOSITORY

GOOD = """#+ summary: What is of a kind.
#+ endpoint: http://example.org/sparql
SELECT ?thing ?label WHERE {
  ?thing a ?_kind_iri ; <http://www.w3.org/2000/01/rdf-schema#label> ?label .
  FILTER(CONTAINS(LCASE(?label), ?__word))
}
"""


def test_a_collection_is_imported_into_a_folder_that_then_passes_its_check(tmp_path: Path) -> None:
    source, folder = tmp_path / "grlc", tmp_path / "folder"
    source.mkdir()
    shutil.copytree(REPOSITORY / "tests" / "second-folder", folder)
    (source / "Of_a_kind.rq").write_text(GOOD, encoding="utf-8")
    done = onrecord("queries", "import-grlc", source, folder / "queries")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Of_a_kind.rq: endpoint: the query asks this server" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 written to ")
    assert onrecord("check", folder).returncode == 0

    (source / "broken.rq").write_text("#+ summary: T.\nSELECT ?s { ?s ?p }", encoding="utf-8")
    (source / "update.rq").write_text("INSERT DATA { <urn:a> <urn:b> 1 }", encoding="utf-8")
    done = onrecord("queries", "import-grlc", source, folder / "queries")
    assert done.returncode == 1
    assert "broken.rq: not converted: " in done.stdout
    assert "update.rq: not converted: it is no query" in done.stdout
    assert not (folder / "queries" / "broken.rq").exists()
