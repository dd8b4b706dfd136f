"""Content negotiation, each case as the real exchange with a running server."""

from __future__ import annotations

import pytest
from tests.conformance.negotiation import CASES, Negotiation, run
from tests.conformance.running import Runner


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_the_answer_is_of_a_type_that_was_asked_for(server: Runner, case: Negotiation) -> None:
    run(server.endpoint, case)
