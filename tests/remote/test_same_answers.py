"""Every shipped query answers from an engine elsewhere as from the embedded one, or is listed here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
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


def answer_of(server: LiveServer, name: str, case: dict[str, object]) -> object:
    """Status and rows without their order; blank nodes, whose labels mean nothing, are all alike."""
    options = "?" + urlencode(case, doseq=True) if case else ""
    response = server.get(f"/queries/{name}.json{options}")
    if response.status == 404:  # a graph has no rows
        response = server.get(f"/queries/{name}.nt{options}")
        return response.status, sorted(set(re.sub(rb"_:\w+", b"_:", response.body).splitlines()))
    if response.status != 200:
        return response.status
    document = json.loads(response.body)
    if "boolean" in document:
        return 200, document["boolean"]
    rows = [
        sorted(
            (key, "" if term["type"] == "bnode" else json.dumps(term, sort_keys=True).lower())
            for key, term in row.items()
        )
        for row in document["results"]["bindings"]
    ]
    return 200, sorted(rows)


def _shown(term: dict[str, object]) -> str:
    return "" if term["type"] == "bnode" else json.dumps(term, sort_keys=True).lower()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("engine", ["oxigraph", "virtuoso"])
def test_a_shipped_query_answers_the_same(
    name: str, engine: str, serve_from: Callable[[str], LiveServer], live_server: LiveServer
) -> None:
    cases = cases_of(name)
    server = serve_from(engine)
    differing = [c for c in cases if answer_of(server, name, c) != answer_of(live_server, name, c)]
    if (engine, name) in DIFFERENCES:
        assert differing, f"{engine} answers {name} as it should: take it off the list"
    else:
        assert differing == []
