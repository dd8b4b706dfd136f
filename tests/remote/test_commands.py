"""Commands beside `serve` with an engine elsewhere: asked there, or refused with the reason and a remedy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import environment
from tests.remote.engines import Remote, free_port, run_oxigraph

from onrecord.cli import cli
from onrecord.errors import SettingError


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "onrecord", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        env=environment() | variables,
        check=False,
    )


def test_a_query_is_answered_by_the_engine_elsewhere(
    start_remote: Callable[[str], Remote], tmp_path: Path
) -> None:
    options = ("--store", str(tmp_path / "store"), *start_remote("oxigraph").options)
    count = "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c a <https://w3id.org/onrecord/ns#Claim> }"
    asked = run("query", count, "--format", "csv", *options)
    assert asked.returncode == 0, asked.stderr
    assert int(asked.stdout.split()[1]) > 100
    saved = run("query", "chronology", "--format", "csv", *options)
    assert saved.stdout.count("\n") > 3, saved.stderr
    assert not list(tmp_path.glob("store/live-*")), "no store was built here"


def test_the_cases_of_saved_queries_are_run_at_the_engine_elsewhere(
    start_remote: Callable[[str], Remote], tmp_path: Path
) -> None:
    remote = start_remote("oxigraph")
    done = run("queries", "check", "--store", str(tmp_path / "store"), *remote.options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "saved queries hold" in done.stdout
    assert not list(tmp_path.glob("store/live-*")), "no store was built here"


def test_an_engine_that_does_not_hold_the_folder_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    with run_oxigraph(tmp_path / "engine") as remote:
        done = run("query", "ASK { ?s ?p ?o }", "--store", str(tmp_path / "store"), *remote.options)
    assert done.returncode == 1
    assert done.stdout == "", "an answer of nothing would be wrong"
    assert "onrecord push" in done.stderr


def test_an_engine_that_does_not_answer_is_told(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}/query"
    done = run("query", "ASK {}", "--store", str(tmp_path / "store"), "--engine", address)
    assert done.returncode == 1
    assert address in done.stderr
    assert len(done.stderr.splitlines()) == 1


REFUSED = {
    "load": (["load", "data.nt"], "PUT each graph to /graphs"),
    "dump": (["dump"], "GET /graphs?graph=IRI"),
    "backup": (["backup", "copy"], "own tools"),
    "restore": (["restore", "copy"], "own tools"),
    "reload": (["reload"], "onrecord push"),
    "queries running": (["queries", "running"], "own list of queries"),
    "queries kill": (["queries", "kill", "1"], "own tools"),
    "pin": (["pin", "1"], "keeps no generations"),
    "release": (["release", "1"], "keeps no generations"),
}


@pytest.mark.parametrize("given", ["as an option", "in the environment"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_needs_a_store_of_this_machine_is_refused_in_one_sentence(
    name: str, given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "http://127.0.0.1:1/query"
    arguments, remedy = REFUSED[name]
    arguments = [*arguments, "--store", str(tmp_path / "store")]
    if given == "as an option":
        arguments += ["--engine", address]
    else:
        monkeypatch.setenv("ONRECORD_ENGINE", address)
    with pytest.raises(SettingError) as told:
        cli.main(arguments, standalone_mode=False)
    assert told.value.detail.startswith(f"onrecord {name} works on a store of this machine")
    assert remedy in told.value.detail
    assert address in told.value.detail
    assert not (tmp_path / "store").exists()


def test_a_refused_command_ends_with_status_1_and_says_nothing_else(tmp_path: Path) -> None:
    done = run("dump", "--store", str(tmp_path / "store"), ONRECORD_ENGINE="http://127.0.0.1:1/query")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
