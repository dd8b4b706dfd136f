"""Every shipped query answers from an engine elsewhere as from the embedded one, or is listed here."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
import yaml
from tests.conftest import REPOSITORY, LiveServer

REPEATED = "repeats rows where DISTINCT meets ORDER BY a variable that is not selected"
DIFFERENCES = {
    ("virtuoso", "control-of-places"): REPEATED,
    ("virtuoso", "places-with-coordinates"): REPEATED,
    ("virtuoso", "places-in-wikidata"): "computes no geometry by STRDT, so that the cell is empty",
    ("virtuoso", "places-of-claims-in-wikidata"): "computes booleans as the integers 0 and 1",
    ("virtuoso", "wikidata-links"): "does not compile EXISTS inside BIND; answered by 502 with its sentence",
}
"""(engine, query) -> what the engine does otherwise in at least one of its cases."""

NAMES = sorted(path.stem for path in (REPOSITORY / "queries").glob("*.rq"))


def cases_of(name: str) -> list[dict[str, object]]:
    """The parameters of each expectation in the query's header, of each example, and none."""
    text = (REPOSITORY / "queries" / f"{name}.rq").read_text()
    header = yaml.safe_load("\n".join(line[2:] for line in text.splitlines() if line.startswith("#+")))
    cases: list[dict[str, object]] = [{}]
    cases += [case.get("with", {}) for case in header.get("expect", [])]
    parameters = (header.get("parameters") or {}).items()
    cases += [{key: told["example"]} for key, told in parameters if "example" in told]
    return [case for place, case in enumerate(cases) if case not in cases[:place]]


@dataclass(frozen=True)
class Answer:
    """What an address of ours answered: its status, and its rows or triples without their order."""

    status: int
    rows: tuple[str, ...] = ()
    told: str = ""
    """The sentence of a refusal, to be read where a test fails."""

    def differs_from(self, other: Answer, *, repeats: bool) -> str:
        """In what it differs, empty if it does not; `repeats` leaves out how often a row comes."""
        if self.status != other.status or self.status != 200:
            return "" if self.status == other.status else f"{self.status} {self.told}"
        mine, theirs = Counter(self.rows), Counter(other.rows)
        if repeats:
            mine, theirs = Counter(set(mine)), Counter(set(theirs))
        return "" if mine == theirs else f"more: {list(mine - theirs)[:3]}, less: {list(theirs - mine)[:3]}"


def answer_of(server: LiveServer, name: str, case: dict[str, object]) -> Answer:
    """The answer to a saved query; blank nodes, whose labels mean nothing, are all alike."""
    options = "?" + urlencode(case, doseq=True) if case else ""
    response = server.get(f"/queries/{name}.json{options}")
    if response.status == 404:  # a graph has no rows
        response = server.get(f"/queries/{name}.nt{options}")
        triples = re.sub(rb"_:\w+", b"_:", response.body).decode()
        return Answer(response.status, tuple(sorted(set(triples.splitlines()))))
    if response.status != 200:
        return Answer(response.status, told=response.body.decode())
    document = json.loads(response.body)
    if "boolean" in document:
        return Answer(200, (str(document["boolean"]),))
    rows = document["results"]["bindings"]
    return Answer(200, tuple(str(sorted((key, _shown(term)) for key, term in row.items())) for row in rows))


def answer_of_remote(server: LiveServer, name: str, case: dict[str, object]) -> Answer:
    """As `answer_of`; an engine that is busy for a moment is asked again: its answers matter here."""
    for _ in range(2):
        answer = answer_of(server, name, case)
        if answer.status not in (503, 504):
            break
    return answer


def _shown(term: dict[str, object]) -> str:
    return "" if term["type"] == "bnode" else json.dumps(term, sort_keys=True).lower()


def may_repeat(engine: str, name: str) -> bool:
    """Whether the engine's plan decides if rows that DISTINCT makes one come twice (see REPEATED)."""
    return engine == "virtuoso" and "DISTINCT" in (REPOSITORY / "queries" / f"{name}.rq").read_text()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_a_shipped_query_answers_the_same(
    name: str, engine: str, serve_from: Callable[[str], LiveServer], live_server: LiveServer
) -> None:
    server = serve_from(engine)
    is_listed = (engine, name) in DIFFERENCES
    differing = []
    for case in cases_of(name):
        answer = answer_of_remote(server, name, case)
        difference = answer.differs_from(
            answer_of(live_server, name, case), repeats=not is_listed and may_repeat(engine, name)
        )
        differing += [(case, difference)] if difference else []
    if is_listed:
        assert differing, f"{engine} answers {name} as it should: take it off the list"
    else:
        assert differing == []
