"""The shipped folder on engines elsewhere, pushed there once and served for all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.conftest import LiveServer, serve
from tests.remote.engines import Remote, push, run_oxigraph, run_virtuoso


@pytest.fixture(scope="session")
def start_remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Remote]]:
    """The running engine of that name, with the shipped folder pushed to it."""
    with ExitStack() as stack:
        known: dict[str, Remote] = {}

        def start(name: str) -> Remote:
            if name not in known:
                run = {"oxigraph": run_oxigraph, "virtuoso": run_virtuoso}[name]
                remote = stack.enter_context(run(tmp_path_factory.mktemp(name)))
                done = push(remote, None)
                assert done.returncode == 0, done.stderr
                known[name] = remote
            return known[name]

        yield start


@pytest.fixture(scope="session")
def serve_from(
    start_remote: Callable[[str], Remote], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], LiveServer]]:
    """`onrecord serve --engine` over the engine of that name."""
    with ExitStack() as stack:
        known: dict[str, LiveServer] = {}

        def start(name: str) -> LiveServer:
            if name not in known:
                remote = start_remote(name)
                store = tmp_path_factory.mktemp(f"{name}-state")
                known[name] = stack.enter_context(serve(None, store, *remote.options))
            return known[name]

        yield start


@pytest.fixture(params=["oxigraph", "virtuoso"])
def served(request: pytest.FixtureRequest, serve_from: Callable[[str], LiveServer]) -> LiveServer:
    """Each engine elsewhere in its turn."""
    return serve_from(str(request.param))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"
