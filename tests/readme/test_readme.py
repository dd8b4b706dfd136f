"""The README is run: its commands work as written, its results are those of today, its tables are whole."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from tests.conftest import REPOSITORY, LiveServer, environment

from onrecord.cli import cli
from onrecord.config import SettingRow, setting_rows

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Block:
    """A fenced block that a comment marks, and the result printed below it, if any."""

    marker: str
    code: str
    result: str | None


def blocks() -> list[Block]:
    pattern = re.compile(
        r"<!-- runs: (\w+) -->\n```\w*\n(.*?)```(?:\n+<!-- result -->\n```\w*\n(.*?)```)?", re.DOTALL
    )
    return [Block(m[1], m[2], m[3]) for m in pattern.finditer(README)]


def settings_table() -> str:
    """The table of settings as the README must have it."""
    rows = ["| Option | Variable | Default | What |", "|---|---|---|---|"]
    rows += [f"| `{r.option}` | `{r.variable}` | {_default(r)} | {r.help} |" for r in setting_rows()]
    return "\n".join(rows)


def _default(row: SettingRow) -> str:
    return f"`{row.default}`" if row.default not in (None, "", False, ()) else ""


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block.code.split("\n")[0][:60])
def test_a_marked_block_runs_and_prints_what_the_readme_says(
    block: Block, live_server: LiveServer, tmp_path: Path
) -> None:
    code = block.code.replace("http://127.0.0.1:8000", live_server.url)
    code = code.replace(".venv/bin/onrecord", f"{sys.executable} -m onrecord")
    answer = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment() | {"XDG_DATA_HOME": str(tmp_path)},
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip()
    if block.result is not None:
        assert answer.stdout.replace("\r\n", "\n") == block.result


def test_there_are_blocks_to_run() -> None:
    assert sum(1 for block in blocks() if block.result is not None) >= 2


def test_the_table_of_settings_is_the_one_of_the_code() -> None:
    assert settings_table() in README


def test_every_command_is_named() -> None:
    names = cli.list_commands(click.Context(cli))
    assert len(names) >= 15
    for name in names:
        assert cli.get_command(click.Context(cli), name) is not None
        assert f"onrecord {name}" in README


def test_every_link_into_the_repository_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (REPOSITORY / target).exists(), target


def test_only_the_agreed_entries_stand_at_the_top_level() -> None:
    agreed = {
        "pyproject.toml", "README.md", "ontology", "triples", "server", "queries", "tests", "LICENSE",
        "CHANGELOG.md",
    }  # fmt: skip
    listed = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False
    )
    if listed.returncode != 0:
        pytest.fail("git is needed to list the repository's files")
    names = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= agreed
