"""Fixtures for texts: the W3C suite beside the repository, and an engine that never meets the network."""

from __future__ import annotations

from pathlib import Path

import pytest

W3C = Path(__file__).resolve().parents[3] / "shared" / "w3c" / "rdf-tests"


@pytest.fixture(scope="session")
def w3c_texts() -> list[tuple[str, str]]:
    """Every query and update of the W3C suite, as (path, text)."""
    if not W3C.is_dir():
        pytest.skip("../shared is absent")
    files = sorted(W3C.rglob("*.r[qu]"))
    return [(str(path.relative_to(W3C)), path.read_text(encoding="utf-8")) for path in files]
