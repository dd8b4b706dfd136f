"""The W3C suites over HTTP, each test as the real exchange with a running server."""

from __future__ import annotations

import pytest
from tests.conformance.expected import BY_DECISION, OF_THE_ENGINE
from tests.conformance.manifests import SUITES, Case, cases_of
from tests.conformance.running import Runner

CASES = [case for suite in SUITES for case in cases_of(suite)]
EXPECTED = OF_THE_ENGINE | BY_DECISION


def _parameter(case: Case) -> object:
    why = EXPECTED.get(case.key)
    marks = [pytest.mark.xfail(reason=why, strict=True, raises=AssertionError)] if why else []
    return pytest.param(case, id=case.key, marks=marks)


@pytest.mark.parametrize("case", [_parameter(case) for case in CASES])
def test_the_server_passes(server: Runner, case: Case) -> None:
    server.run(case)


@pytest.mark.parametrize("case", [pytest.param(c, id=c.key) for c in CASES if c.key in OF_THE_ENGINE])
def test_what_is_expected_of_the_engine_fails_in_the_engine_alone(engine: Runner, case: Case) -> None:
    with pytest.raises(AssertionError):
        engine.run(case)


def test_every_expected_failure_is_a_test(shared: object) -> None:
    assert EXPECTED.keys() <= {case.key for case in CASES}
    assert len(CASES) > 1_290
