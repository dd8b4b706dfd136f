"""What is said of the engine, shown on the engine alone."""

from __future__ import annotations

import pytest
from tests.conformance.expected import OF_THE_ENGINE, ONE_ROW_A_GRAPH
from tests.conformance.reproductions import MENDED, UNMENDED, Reproduction, answer

from onrecord.errors import QueryEvaluationError
from onrecord.sparql import mend

ALL = [pytest.param(one, id=why) for why, one in (UNMENDED | MENDED).items()]


def test_every_expected_failure_has_a_reproduction_and_every_reproduction_is_needed() -> None:
    assert set(OF_THE_ENGINE.values()) == UNMENDED.keys()


@pytest.mark.parametrize("one", ALL)
def test_the_engine_answers_in_this_way_and_not_in_the_recommended_one(one: Reproduction) -> None:
    found = answer(one.query, one.data)
    assert found == one.wrong, "the engine has changed: take this entry out"
    assert found != one.right


@pytest.mark.parametrize("one", [pytest.param(one, id=why) for why, one in MENDED.items()])
def test_what_is_mended_has_the_recommended_answer(one: Reproduction) -> None:
    assert answer(mend(one.query), one.data) == one.right


@pytest.mark.parametrize("one", [pytest.param(one, id=why) for why, one in UNMENDED.items()])
def test_what_is_not_mended_stays_as_it_is_or_is_refused(one: Reproduction) -> None:
    if one is UNMENDED[ONE_ROW_A_GRAPH]:
        with pytest.raises(QueryEvaluationError):
            mend(one.query)
    else:
        assert mend(one.query) == one.query
