"""What these tests share: the command as a process, the invented text, a page of suggestions to take from."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import environment

TEXTS = Path(__file__).resolve().parent / "texts"
RESERVOIR = TEXTS / "reservoir.txt"
SPACE = "https://example.org/sorrel/"

Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Suggested:
    """One suggestion of a page."""

    sentence: str
    kind: str
    words: str
    start: int
    end: int
    sha256: str
    turtle: str


@dataclass(frozen=True)
class Page:
    """A page of suggestions, read as its author reads it."""

    text: str

    @property
    def blocks(self) -> list[str]:
        return re.findall(r"```turtle\n(.*?)```", self.text, re.DOTALL)

    @property
    def suggestions(self) -> list[Suggested]:
        pattern = re.compile(
            r"^### (\w+): `+ ?(.*?) ?`+\n\n(\w+), (\d+) to (\d+), SHA-256 `(\w+)`\n\n"
            r".*?\n\n```turtle\n(.*?)\n```",
            re.DOTALL | re.MULTILINE,
        )
        return [
            Suggested(m[3], m[1].lower(), m[2], int(m[4]), int(m[5]), m[6], m[7] + "\n")
            for m in pattern.finditer(self.text)
        ]

    def find(self, sentence: str, kind: str, words: str) -> Suggested:
        wanted = (sentence, kind, words)
        (found,) = [one for one in self.suggestions if (one.sentence, one.kind, one.words) == wanted]
        return found


def fill_in(turtle: str, **gaps: str) -> str:
    """`turtle` with its gaps filled, all of them; a value with a prefix takes the place of the one given."""
    for name, value in gaps.items():
        gap = rf"\w+:\?{name}\b" if re.match(r"\w+:", value) else rf"\?{name}\b"
        assert re.search(gap, turtle), name
        turtle = re.sub(gap, lambda _, value=value: value, turtle)
    assert "?" not in turtle, turtle
    return turtle


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("new", "folder", ...)` runs the command in an empty directory, with data of its own."""

    def start(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "onrecord", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=environment() | {"XDG_DATA_HOME": str(tmp_path / "data")},
        )

    return start


@pytest.fixture
def made(run: Run, tmp_path: Path) -> Path:
    """A new folder."""
    answer = run("new", "made", "--iri-space", SPACE, "--title", "Who said what on Lake Sorrel")
    assert answer.returncode == 0, answer.stderr
    return tmp_path / "made"
