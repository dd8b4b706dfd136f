"""The background process indexes names, and no page waits for it."""

from __future__ import annotations

from tests.processes.conftest import Run, Running
from tests.waiting import wait_until

from onrecord.engine import UpdateRequest
from onrecord.store.names import NameIndexes

WRITE = (
    "INSERT DATA {{ GRAPH <urn:g> {{ <urn:harbour> <http://www.w3.org/2000/01/rdf-schema#label> {name} }} }}"
)


def indexes_of(running: Running) -> NameIndexes:
    return NameIndexes(running.store / "generations", is_union=True)


def find(running: Running, asked: str) -> list[str]:
    answer = running.server.get(f"/search?q={asked}", {"Accept": "application/json"})
    assert answer.status == 200, answer.text
    return [str(hit["iri"]) for hit in answer.json()["hits"]]


def test_a_search_answers_from_the_index_before_until_the_new_one_is_there(run: Run) -> None:
    with run("--workers", "1") as running:
        assert find(running, "harbour") == []
        for name in ('"the harbour"', '"the old harbour"', '"the haven"'):
            written = running.engine.write(UpdateRequest(WRITE.format(name=name), "a test"))
            find(running, "harbour")
        number = written.generation.number
        wait_until(lambda: find(running, "haven") == ["urn:harbour"])
        assert find(running, "harbour") == ["urn:harbour"]
        wait_until(lambda: running.server.get("/health").json()["derived"]["names"] == number)
        wait_until(lambda: not indexes_of(running).path(number - 1).exists())
        made = indexes_of(running).path(number).stat().st_mtime_ns
    with run("--workers", "1") as running:
        assert find(running, "haven") == ["urn:harbour"], "from the first moment"
        assert indexes_of(running).path(number).stat().st_mtime_ns == made
