"""Wikidata's shape on loopback, and the command asked against it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import environment
from tests.wikidata_shape.proxy import Traffic, count_traffic

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def traffic(wikidata_endpoint: str) -> Iterator[Traffic]:
    """The same behind a proxy that counts."""
    with count_traffic(wikidata_endpoint) as counted:
        yield counted


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("pull", folder, ...)` is `onrecord wikidata pull ...` with a store of this test."""

    def start(*arguments: object, contact: str = "desk@example.org") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "onrecord", "wikidata", *map(str, arguments)]
        command += ["--store", str(tmp_path / "store")]
        if contact:
            command += ["--federation-contact", contact]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=100, check=False, env=environment()
        )

    return start
