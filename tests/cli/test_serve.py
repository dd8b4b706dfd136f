"""`onrecord serve`: what a newcomer sees, and what goes wrong in one sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.conftest import LiveServer, environment, serve

Serve = Callable[..., AbstractContextManager[LiveServer]]


def onrecord(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "onrecord", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment() | variables,
    )


def sentence(result: subprocess.CompletedProcess[str]) -> str:
    """The one sentence on standard error of a command that failed as it should."""
    assert result.returncode == 1, result.stderr
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


def test_the_banner_tells_the_address_the_counts_and_what_to_try_first(live_server: LiveServer) -> None:
    assert live_server.url in live_server.banner
    assert "claims" in live_server.banner
    assert "statements" in live_server.banner
    assert f"curl {live_server.url}/queries/" in live_server.banner


def test_what_the_banner_tells_to_try_first_works(live_server: LiveServer) -> None:
    command = next(line for line in live_server.banner.splitlines() if line.strip().startswith("curl"))
    answer = subprocess.run(
        ["bash", "-c", f"{command} -fsS"], capture_output=True, text=True, timeout=30, check=True
    )
    assert len(answer.stdout.splitlines()) > 1


def test_a_port_in_use_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = sentence(onrecord("serve", "--port", str(port), "--store", tmp_path / "store"))
    assert str(port) in told
    assert "--port" in told


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "nowhere") in sentence(onrecord("serve", tmp_path / "nowhere"))


def test_a_folder_without_a_description_says_which_file_it_lacks(tmp_path: Path) -> None:
    assert "ontology/dataset.ttl" in sentence(onrecord("serve", tmp_path))


@pytest.mark.parametrize("name", ["triples/entities.ttl", "ontology/dataset.ttl"])
def test_a_syntax_error_is_named_with_file_line_and_column(
    folder_copy: Path, tmp_path: Path, name: str
) -> None:
    lines = (folder_copy / name).read_text().splitlines()
    (folder_copy / name).write_text("\n".join([*lines, "", "<urn:x> <urn:y> ."]) + "\n")
    told = sentence(onrecord("serve", folder_copy, "--port", "0", "--store", tmp_path / "store"))
    assert f"{name}:{len(lines) + 2}:" in told
    assert "Mend the file" in told


def test_a_file_that_is_not_utf_8_is_named(folder_copy: Path, tmp_path: Path) -> None:
    (folder_copy / "triples" / "bad.ttl").write_bytes(b'<urn:a> <urn:b> "\xff" .\n')
    assert "triples/bad.ttl" in sentence(
        onrecord("serve", folder_copy, "--port", "0", "--store", tmp_path / "s")
    )


def test_a_store_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = sentence(onrecord("serve", "--port", "0", "--store", tmp_path / "file" / "store"))
    assert str(tmp_path / "file" / "store") in told


def test_settings_come_from_the_environment_and_options_win(tmp_path: Path, serve_folder: Serve) -> None:
    told = sentence(onrecord("serve", "--store", tmp_path / "s", ONRECORD_PORT="70000"))
    assert "70000" in told
    told = sentence(onrecord("serve", "--store", tmp_path / "s", ONRECORD_QUERY_TIMEOUT="soon"))
    assert 'ONRECORD_QUERY_TIMEOUT "soon"' in told
    told = sentence(onrecord("serve", "--port", "70001", "--store", tmp_path / "s", ONRECORD_PORT="70000"))
    assert "70001" in told


def test_an_empty_store_serves_without_a_folder(serve_folder: Serve) -> None:
    with serve_folder(None, "--empty") as server:
        assert server.sparql("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == [{"n": "0"}]
        assert server.get("/", {"Accept": "text/html"}).status == 200


def test_empty_and_a_folder_exclude_each_other(folder_copy: Path) -> None:
    assert "--empty" in sentence(onrecord("serve", "--empty", folder_copy))


def test_a_folder_is_served_from_any_directory_and_state_goes_to_the_data_directory(
    folder_copy: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    before = sorted(p.relative_to(folder_copy) for p in folder_copy.rglob("*"))
    answer = subprocess.run(
        [sys.executable, "-m", "onrecord", "query", "ASK {}", "--folder", folder_copy],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment() | {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")},
    )
    assert answer.stdout == "yes\n"
    assert list((home / "data" / "onrecord").iterdir())
    assert sorted(p.relative_to(folder_copy) for p in folder_copy.rglob("*")) == before


def test_reload_publishes_what_changed_in_the_folder(folder_copy: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with serve(folder_copy, store) as server:
        (folder_copy / "triples" / "new.ttl").write_text('<urn:a> <urn:b> "new" .\n')
        told = onrecord("reload", folder_copy, "--store", store)
        assert told.returncode == 0, told.stderr
        assert server.url in told.stdout
        assert server.sparql('SELECT ?s { ?s <urn:b> "new" }') == [{"s": "urn:a"}]


def test_reload_without_a_server_says_so(folder_copy: Path, tmp_path: Path) -> None:
    told = sentence(onrecord("reload", folder_copy, "--store", tmp_path / "store"))
    assert "No server runs" in told
    assert told.endswith(f"onrecord serve {folder_copy} --store {tmp_path / 'store'}")


def test_help_names_every_setting_with_its_variable() -> None:
    from onrecord.config import setting_rows

    text = onrecord("serve", "--help").stdout
    for row in setting_rows():
        assert row.option in text
        assert row.variable in " ".join(text.split()).replace("- ", "-")


def test_the_working_directory_does_not_matter(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "onrecord", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert answer.stdout.startswith("onrecord")


def test_a_file_in_place_of_a_folder_is_called_one(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("")
    told = sentence(onrecord("serve", tmp_path / "notes.md", "--store", tmp_path / "s"))
    assert "notes.md is a file, not a folder." in told


def test_an_address_that_this_machine_has_not_is_not_blamed_on_the_port(tmp_path: Path) -> None:
    # 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
    told = sentence(onrecord("serve", "--host", "192.0.2.7", "--port", "8000", "--store", tmp_path / "s"))
    assert "Choose another --host." in told
    assert "Stop what uses it" not in told
