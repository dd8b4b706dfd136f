"""Frozen answers replay what a query got, whatever the endpoint says today."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.federation_client.conftest import QUERY, MisbehavingServer, answer, batch, status

from onrecord.errors import FederationOfflineError, RequestError
from onrecord.federation.client import Federation
from onrecord.federation.frozen import Frozen, Recording, Replaying, read_frozen, write_frozen
from onrecord.federation.remote import RemoteQuery

Make = Callable[..., Federation]
Start = Callable[..., MisbehavingServer]


def freeze(server: MisbehavingServer, federation: Make) -> Frozen:
    """What is kept after the cache answered one binding and the endpoint two."""
    made = federation(server)
    made.asking().select(server.url, QUERY, batch("urn:c"))
    recording = Recording(made.asking())
    recalled = recording.recall(server.url, QUERY, batch("urn:a", "urn:b", "urn:c"))
    assert recalled.missing == batch("urn:a", "urn:b")
    recording.select(server.url, QUERY, recalled.missing)
    return recording.frozen("of a test")


def test_frozen_answers_survive_their_file(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(
        status(200, b'{"head":{"vars":["x","label"]},"results":{"bindings":[]}}', "application/json"),
        answer("one", 'two "quoted"\n'),
    )
    frozen = freeze(server, federation)
    text = write_frozen(frozen)
    again = read_frozen(text, "a.json")
    assert again.note == "of a test" and write_frozen(again) == text
    remote = Replaying(again)
    everything = remote.recall(server.url, QUERY, batch("urn:c", "urn:b", "urn:a"))
    assert everything.missing is None and everything.answer is not None
    assert everything.answer.solutions.rows == (("<urn:a>", '"one"'), ("<urn:a>", '"two \\"quoted\\"\\n"'))
    told = everything.answer.provenance
    assert (told.url, told.requests, told.cache_hits) == (server.url, 0, 3)
    assert told.asked == min(a.asked for a in again.answers)
    part = remote.recall(server.url, QUERY, batch("urn:b")).answer
    assert part is not None and part.solutions.rows == ()


def test_what_is_not_frozen_is_told_and_never_asked(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"))
    remote = Replaying(freeze_one(server, federation))
    sent = len(server.requests)
    with pytest.raises(FederationOfflineError, match="1 of 2"):
        remote.recall(server.url, QUERY, batch("urn:a", "urn:new"))
    with pytest.raises(FederationOfflineError, match="0 of 1"):
        remote.recall(server.url, QUERY, None)
    with pytest.raises(FederationOfflineError):
        remote.select(server.url, RemoteQuery("SELECT ?other {", "}"), batch("urn:a"))
    with pytest.raises(FederationOfflineError):
        remote.recall("https://elsewhere.test/", QUERY, batch("urn:a"))
    assert len(server.requests) == sent


def freeze_one(server: MisbehavingServer, federation: Make) -> Frozen:
    recording = Recording(federation(server).asking())
    recording.select(server.url, QUERY, batch("urn:a"))
    return recording.frozen()


def test_frozen_rows_do_not_change_with_endpoint_or_cache(misbehaving: Start, federation: Make) -> None:
    server = misbehaving(answer("one"), answer("changed"))
    frozen = freeze_one(server, federation)
    federation(server).asking().select(server.url, QUERY, batch("urn:a"))
    replayed = Replaying(frozen).recall(server.url, QUERY, batch("urn:a")).answer
    assert replayed is not None and replayed.solutions.rows == (("<urn:a>", '"one"'),)


def test_rows_that_belong_to_no_binding_are_replayed_with_all_bindings_or_not_at_all(
    misbehaving: Start, federation: Make
) -> None:
    server = misbehaving(answer("one"))  # says urn:a whatever it is asked
    recording = Recording(federation(server).asking())
    recording.select(server.url, QUERY, batch("urn:b", "urn:c"))
    remote = Replaying(recording.frozen())
    whole = remote.recall(server.url, QUERY, batch("urn:c", "urn:b")).answer
    assert whole is not None and whole.solutions.rows == (("<urn:a>", '"one"'),)
    with pytest.raises(FederationOfflineError):
        remote.recall(server.url, QUERY, batch("urn:b"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"frozen": 2, "note": "", "answers": []}',
        '{"frozen": 1, "note": "", "answers": [{}]}',
    ],
)
def test_a_file_that_holds_no_frozen_answers_is_told_by_its_name(text: str) -> None:
    with pytest.raises(RequestError, match=r"places\.json"):
        read_frozen(text, "places.json")
