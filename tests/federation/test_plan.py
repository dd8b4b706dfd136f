"""What a plan sends, refuses and keeps, beyond the cases that have files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyoxigraph as ox
import pytest
from tests.federation.conftest import StoreLocal

from onrecord.errors import (
    EndpointRefusedError,
    FederationError,
    QuerySyntaxError,
    RemoteError,
    RemoteTimeoutError,
    ServiceRefusedError,
)
from onrecord.federation.bindjoin import Limits
from onrecord.federation.plan import federate
from onrecord.federation.remote import Provenance, Recalled, RemoteAnswer, RemoteQuery
from onrecord.federation.solutions import BindingsBatch, Solutions, Term

MANY = 10_000
SPACE = "http://many.example/"


@dataclass
class ScriptedRemote:
    """A `Remote` for what no real server does on demand: batches that are too large, failures, refusals."""

    rows: dict[str, list[str]] = field(default_factory=dict)
    column: str = "n"
    most: int = 1000
    failing: frozenset[str] = frozenset()
    refused: bool = False
    batches: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def check(self, endpoint: str) -> None:
        if self.refused:
            raise EndpointRefusedError(f"<{endpoint}> is not listed.")

    def recall(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> Recalled:
        return Recalled(None, pushed)

    def select(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> RemoteAnswer:
        self.texts.append(query.text(pushed))
        self.batches.append(len(pushed.rows) if pushed is not None else 0)
        if pushed is not None and len(pushed.rows) > self.most:
            raise RemoteTimeoutError(f"<{endpoint}> takes too long.")
        sent = [row[0] for row in pushed.rows] if pushed is not None else [Term(t) for t in self.rows]
        if self.failing & set(sent):
            raise RemoteError(f"<{endpoint}> does not answer.")
        found = tuple((term, Term(value)) for term in sent for value in self.rows.get(term, ()))
        names = (pushed.variables[0] if pushed is not None else "x", self.column)
        provenance = Provenance(endpoint, endpoint, datetime.now(UTC), "", "ok", 0, len(found), 1, 0)
        return RemoteAnswer(Solutions(names, found), provenance)

    def cancel(self) -> None:
        raise AssertionError("nobody cancels here")


def local(turtle: str) -> StoreLocal:
    store = ox.Store()
    store.load(turtle.encode(), ox.RdfFormat.TRIG)
    return StoreLocal(store)


def rows(where: StoreLocal, text: str) -> list[dict[str, str]]:
    found = where.store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    names = [v.value for v in found.variables]
    return [{n: str(row[n]) for n in names if row[n] is not None} for row in found]


ENDPOINT = "http://there.example/sparql"
NUMBERED = " ".join(f"<urn:e{n}> a <urn:E> ." for n in range(300))
ASKING = f"SELECT ?x ?n {{ ?x a <urn:E> SERVICE <{ENDPOINT}> {{ ?x <urn:p> ?n }} }}"


def test_batches_grow_from_50_to_500() -> None:
    remote = ScriptedRemote()
    federate(ASKING, local(" ".join(f"<urn:e{n}> a <urn:E> ." for n in range(2000))), remote)
    assert remote.batches == [50, 100, 200, 400, 500, 500, 250]


def test_a_batch_that_takes_too_long_is_halved_until_it_is_answered() -> None:
    remote = ScriptedRemote({"<urn:e7>": ["1"]}, most=20)
    where = local(NUMBERED)
    made = federate(ASKING, where, remote)
    assert remote.batches[:4] == [50, 25, 12, 12] and max(remote.batches[2:]) == 12
    assert sum(n for n in remote.batches if n <= 20) == 300
    assert [row["x"] for row in rows(where, made.text)] == ["<urn:e7>"]


def test_what_takes_too_long_by_itself_fails_and_says_so() -> None:
    with pytest.raises(RemoteTimeoutError, match=r"there\.example"):
        federate(ASKING, local(NUMBERED), ScriptedRemote(most=0))


def test_silent_keeps_the_bindings_of_a_batch_that_failed_and_is_not_complete() -> None:
    remote = ScriptedRemote({f"<urn:e{n}>": [str(n)] for n in range(300)}, failing=frozenset({"<urn:e299>"}))
    where = local(NUMBERED)
    made = federate(ASKING.replace("SERVICE", "SERVICE SILENT"), where, remote)
    found = rows(where, made.text)
    assert len(found) == 300
    without = [row for row in found if "n" not in row]
    assert without and any(row["x"] == "<urn:e299>" for row in without)
    assert not made.is_complete


def test_a_failure_under_minus_subtracts_nothing() -> None:
    remote = ScriptedRemote({f"<urn:e{n}>": [str(n)] for n in range(300)}, failing=frozenset({"<urn:e299>"}))
    where = local(NUMBERED)
    text = f"SELECT ?x {{ ?x a <urn:E> MINUS {{ SERVICE SILENT <{ENDPOINT}> {{ ?x <urn:p> ?n }} }} }}"
    made = federate(text, where, remote)
    assert len(rows(where, made.text)) == 300 and not made.is_complete


def test_a_refusal_is_not_silenced_and_comes_before_anything_is_asked() -> None:
    where, remote = local(NUMBERED), ScriptedRemote(refused=True)
    with pytest.raises(EndpointRefusedError):
        federate(ASKING.replace("SERVICE", "SERVICE SILENT"), where, remote)
    assert not where.probes and not remote.texts


def test_a_variable_endpoint_is_refused_before_the_first_is_asked() -> None:
    remote = ScriptedRemote(refused=True)
    text = "SELECT * { VALUES ?s { <urn:one> <urn:two> } ?x a <urn:E> SERVICE SILENT ?s { ?x <urn:p> ?n } }"
    with pytest.raises(EndpointRefusedError):
        federate(text, local(NUMBERED), remote)
    assert not remote.texts


def test_blank_nodes_from_elsewhere_join_with_nothing_here() -> None:
    remote = ScriptedRemote({"<urn:a>": ["_:b0", "<<( <urn:s> <urn:p> _:b0 )>>"]}, column="x")
    where = local("<urn:a> <urn:q> [ <urn:r> 1 ] . _:b0 <urn:r> 2 .")
    body = f"SERVICE <{ENDPOINT}> {{ ?a <urn:p> ?x }}"
    text = f"SELECT * {{ ?a <urn:q> ?b {body} OPTIONAL {{ ?x <urn:r> ?never }} }}"
    made = federate(text, where, remote)
    found = rows(where, made.text)
    assert len(found) == 2 and not any("never" in row for row in found)
    single, inside = sorted((row["x"] for row in found), key=len)
    assert single.startswith("<urn:uuid:") and single.strip("<>") in inside


def test_local_blank_nodes_are_not_sent() -> None:
    remote = ScriptedRemote()
    federate(ASKING, local("<urn:e0> a <urn:E> . [] a <urn:E> ."), remote)
    assert "_:" not in remote.texts[0] and remote.batches == [1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "SELECT * { ?x a ?y SERVICE <urn:e> { ?x ?p ?o SERVICE <urn:f> { ?o ?q ?r } } }",
            "beside each other",
        ),
        ("SELECT * { ?x a ?y SERVICE ?nobody { ?x ?p ?o } }", "binds it"),
        ('SELECT * { VALUES ?s { "urn:e" } SERVICE ?s { ?x ?p ?o } }', "names no endpoint"),
        ("SELECT * { ?x a ?y LATERAL { SERVICE <urn:e> { ?x ?p ?o } BIND(?o AS ?z) } }", "LATERAL"),
        ("SELECT * { SERVICE <http://wikiba.se/ontology#label> { ?x ?p ?o } }", "belongs inside"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_remedy(text: str, told: str) -> None:
    remote = ScriptedRemote()
    with pytest.raises(FederationError, match=told):
        federate(text, local(NUMBERED), remote)
    assert not remote.texts


def test_an_error_stands_where_its_writer_sees_it_also_after_known_prefixes() -> None:
    text = f"SELECT * {{ ?x wdt:P1 ?y SERVICE <{ENDPOINT}> {{ ?x wd:Q1 ?n . ?n none:such ?m }} }}"
    with pytest.raises(QuerySyntaxError, match="the prefix none: is not declared") as raised:
        federate(text, local(NUMBERED), ScriptedRemote())
    assert raised.value.position is not None
    assert raised.value.position.column == text.index("none:") + 1
    assert raised.value.detail.startswith(f"Line 1, column {text.index('none:') + 1}: ")
    below = text.replace("?n none:such", "\n  ?n none:such")
    with pytest.raises(QuerySyntaxError) as lower:
        federate(below, local(NUMBERED), ScriptedRemote())
    assert lower.value.position is not None
    assert (lower.value.position.line, lower.value.position.column) == (2, 6)


def test_a_known_prefix_stands_in_every_text_that_the_query_becomes() -> None:
    """In the probe, the request, a sub-select whose rows are taken once, and the final text."""
    remote = ScriptedRemote({"<http://www.wikidata.org/entity/Q1>": ['"n"']})
    where = local("<urn:l> a <http://www.wikidata.org/entity/Q1> .")
    text = (
        f"SELECT ?n {{ {{ SELECT ?x {{ <urn:l> rdf:type ?x }} LIMIT 1 }} "
        f"SERVICE <{ENDPOINT}> {{ ?x p:P1 ?n }} ?l rdf:type wd:Q1 }}"
    )
    made = federate(text, where, remote)
    assert rows(where, made.text) == [{"n": '"n"'}]
    assert remote.texts[0].startswith("PREFIX p: <http://www.wikidata.org/prop/> SELECT")
    assert "wd:" not in remote.texts[0]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?x a ?y SERVICE <urn:e> { ?x ?p ?o } UNION { ?x a ?z } }",
        "SELECT * { { ?x a ?y } UNION SERVICE <urn:e> { ?x ?p ?o } }",
        "SELECT * { ?x a ?y OPTIONAL SERVICE <urn:e> { ?x ?p ?o } }",
        "SELECT * { ?x a ?y trueSERVICE<urn:e>{ ?x ?p ?o } }",
        "SELECT (EXISTS { SERVICE <urn:e> { ?x ?p ?o } } AS ?z) { ?x a ?y }",
        "SELECT * { ?x a ?y SERVICE no:prefix { ?x ?p ?o } }",
        "SELECT * { ?x a ?y SERVICE <urn:e> { ?x ?p ?o ",
        "SELECT * { ?x a ?y SERVICE <urn:e> { ?x \\u003curn:p> ?o } }",
        "SELECT * { SERVICE <urn:e> { ?x ?p ?o } BIND(1 AS ?o) }",
        "SELECT * { ?x a ?y SERVICE <urn:e> { ?x ?p ] } }",
    ],
)
def test_a_text_that_no_engine_takes_is_not_sent_anywhere(text: str) -> None:
    remote = ScriptedRemote()
    with pytest.raises((QuerySyntaxError, ServiceRefusedError)):
        federate(text, local(NUMBERED), remote)
    assert not remote.texts


def test_more_bindings_than_are_sent_is_an_error_with_a_remedy() -> None:
    remote = ScriptedRemote()
    with pytest.raises(FederationError, match="Narrow"):
        federate(ASKING, local(NUMBERED), remote, limits=Limits(bindings=299))
    assert not remote.texts


def test_more_rows_than_are_taken_over_is_an_error_and_never_a_part() -> None:
    text = f"SELECT * {{ SERVICE SILENT <{ENDPOINT}> {{ ?x <urn:p> ?n }} }}"
    with pytest.raises(FederationError, match="more than 1 rows"):
        federate(text, local(""), ScriptedRemote({"<urn:a>": ["1", "2"]}), limits=Limits(unbound_rows=1))


def test_terms_of_an_answer_cannot_end_the_text_around_them() -> None:
    evil = '"\\" ) } } SERVICE <urn:evil> { ?s ?p ?o"'
    where = local("<urn:e0> a <urn:E> .")
    made = federate(ASKING, where, ScriptedRemote({"<urn:e0>": [evil]}))
    assert rows(where, made.text)[0]["n"] == evil
