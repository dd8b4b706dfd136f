"""Queries of a generation that is no longer the newest."""

from __future__ import annotations

import json

import pytest
from tests.writing.conftest import Write, Written

from onrecord.engine import QueryRequest
from onrecord.errors import GenerationGoneError
from onrecord.formats import JSON

MINE = "SELECT ?o { <urn:a> <urn:n> ?o }"


def _ask(w: Written, generation: int | None) -> tuple[int, list[str]]:
    """The number of the generation that answered, and its values."""
    answer = w.engine.query(QueryRequest(MINE, "solutions", JSON, generation=generation))
    try:
        document = json.loads(b"".join(answer))
    finally:
        answer.close()
    values = [row["o"]["value"] for row in document["results"]["bindings"]]
    return answer.head.generation.number, values


def test_each_kept_generation_answers_as_it_did_and_the_next_query_sees_the_newest(write: Write) -> None:
    with write("--workers", "1") as w:
        written = {}
        for n in range(4):
            text = f"DELETE WHERE {{ <urn:a> <urn:n> ?o }} ; INSERT DATA {{ <urn:a> <urn:n> {n} }}"
            written[w.update(text).generation.number] = str(n)
        newest = max(written)
        for number, value in written.items():
            assert _ask(w, number) == (number, [value])
            assert _ask(w, None) == (newest, ["3"])


def test_a_generation_that_is_not_kept_is_refused_by_its_number_and_the_worker_lives_on(
    write: Write,
) -> None:
    with write("--workers", "1", "--keep-generations", "1", "--keep-minutes", "0") as w:
        for n in range(5):
            w.update(f"INSERT DATA {{ <urn:a> <urn:n> {n} }}")
        newest = w.engine.generation().number
        for missing in (1, newest + 1000):
            with pytest.raises(GenerationGoneError, match=f"Generation {missing} is not kept"):
                _ask(w, missing)
        answered, values = _ask(w, None)
        assert (answered, sorted(values)) == (newest, list("01234"))
