"""Wikidata's shape on loopback, and the command asked against it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import environment
from tests.wikidata_shape.proxy import Traffic, count_traffic
from tests.wikidata_shape.server import prepare_store, serve_oxigraph

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def wikidata_endpoint(shared: Path) -> Iterator[str]:
    """The URL of a real SPARQL server with the fixture, planted items and 500,000 invented ones."""
    with serve_oxigraph(prepare_store(shared / "wikidata" / "fixture.ttl")) as url:
        yield url


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
