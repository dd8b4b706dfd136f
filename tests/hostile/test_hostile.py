"""Every hostile case against the live server: a safe outcome, and a look-up beside it is answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from tests.conformance.endpoints import Endpoint
from tests.conftest import LiveServer
from tests.hostile.cases import CASES, Case
from tests.hostile.servers import ours
from tests.hostile.wire import Outcome, is_right, look_up

_PARAMETERS = [pytest.param(case, id=f"{case.group}-{case.name}".replace(" ", "-")) for case in CASES]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Endpoint, LiveServer]]:
    with ours(tmp_path_factory.mktemp("hostile") / "store") as running:
        yield running


@pytest.mark.parametrize("case", _PARAMETERS)
def test_the_outcome_is_safe_and_others_are_unharmed(
    attacked: tuple[Endpoint, LiveServer], case: Case
) -> None:
    endpoint, server = attacked
    outcomes: list[Outcome] = []
    attack = threading.Thread(target=lambda: outcomes.append(case.send(endpoint)))
    attack.start()
    beside = look_up(endpoint)
    attack.join()
    assert outcomes[0].kind in case.safe, outcomes[0]
    assert is_right(beside), beside
    assert is_right(look_up(endpoint))
    assert server.process.poll() is None
    assert outcomes[0].kind != "answer" or "evil.example" not in outcomes[0].excerpt
    assert "<script>" not in outcomes[0].excerpt.partition("\r\n\r\n")[0]
    assert "Set-Cookie: c=d" not in outcomes[0].excerpt


def test_nothing_went_wrong_in_the_server_itself(attacked: tuple[Endpoint, LiveServer]) -> None:
    _, server = attacked
    assert not [line for line in server.errors if "Traceback" in line]
