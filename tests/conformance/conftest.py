"""One empty server for all suites, and the engine alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conformance.engine import Engine
from tests.conformance.report import onrecord
from tests.conformance.running import Runner


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, shared: object) -> Iterator[Runner]:
    with onrecord(tmp_path_factory.mktemp("conformance") / "store") as endpoint:
        yield Runner(endpoint)


@pytest.fixture(scope="session")
def engine(shared: object) -> Runner:
    return Runner(Engine())
