"""Lanes: what is known to be quick is never behind what turned out slow."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.processes.conftest import LONG_WORK, Run, Running, heavy_places_taken
from tests.waiting import wait_until

from onrecord.errors import QueryCancelledError, TooBusyError
from onrecord.sparql import shape_of
from onrecord.store.gate import Gate
from onrecord.supervision.lanes import (
    HEAVY_QUANTUM,
    LEAST_QUANTUM,
    REMEMBERED_SECONDS,
    UNKNOWN_QUANTUM,
    Asked,
    Experience,
    heavy_places,
)
from onrecord.supervision.memory import Holding, largest_of_largest
from onrecord.supervision.queues import HALF_LIFE, FairQueue, Ledger, crowding_waiter
from onrecord.supervision.yielding import YIELD_LEAD, may_stay, seconds_until_it_yields

ALL = "SELECT * { ?s ?p ?o }"
HEAVY = "SELECT (COUNT(DISTINCT CONCAT(SHA512(STR(?f)), STR(?c))) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
MEGABYTES = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


def test_quick_queries_are_answered_while_slow_ones_take_all_their_places(run: Run) -> None:
    with run("--workers", "1", "--query-timeout", "5") as running, heavy_places_taken(running):
        assert b'"399"' in running.ask(ALL)


def test_a_query_stopped_for_its_lane_is_answered_whole_and_once(run: Run) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . FILTER(STRLEN(STR(?c)) < STRLEN(STR(?f))) }"
    with run("--workers", "1", "--query-timeout", "5") as running:
        calm = running.ask(text)
        with heavy_places_taken(running):
            assert running.ask(text.replace("?n", "?m")) == calm.replace(b'"n"', b'"m"')


def test_a_query_that_waits_for_the_next_lane_ends_when_its_client_leaves(run: Run) -> None:
    other = LONG_WORK.replace("COUNT(*)", "MAX(?l)")
    with run("--workers", "1", "--query-timeout", "5") as running, heavy_places_taken(running):
        leave: list[object] = []

        def on_leave(callback: object) -> object:
            leave.append(callback)
            return lambda: None

        def leave_the_queue() -> None:
            wait_until(lambda: running.engine.status().waiting == 1)
            leave[0]()  # type: ignore[operator]

        leaver = threading.Thread(target=leave_the_queue)
        leaver.start()
        with pytest.raises(QueryCancelledError):
            running.ask(other, on_leave)  # type: ignore[arg-type]
        leaver.join()
        wait_until(lambda: running.engine.status().waiting == 0)


def test_a_query_that_waits_begins_when_another_ends_though_nobody_else_asks(run: Run) -> None:
    with run("--workers", "1", "--query-timeout", "300", "--queue-timeout", "300") as running:
        asked = [
            threading.Thread(target=_ask_until_killed, args=(running,)) for _ in range(heavy_places() + 1)
        ]
        for thread in asked:
            thread.start()
        try:
            wait_until(
                lambda: running.engine.status().waiting == 1 and len(running.lowered()) == heavy_places()
            )
            # When the fast worker is there again, nothing but the end of a query makes room.
            running.ask(ALL)
            first = next(query for query in running.engine.queries() if query.state == "running")
            running.engine.end_query(first.number)
            wait_until(lambda: running.engine.status().waiting == 0)
        finally:
            for query in running.engine.queries():
                running.engine.end_query(query.number)
            for thread in asked:
                thread.join()


def _ask_until_killed(running: Running) -> None:
    with pytest.raises(QueryCancelledError):
        running.ask(LONG_WORK)


def test_what_would_wait_in_vain_is_refused_at_once(run: Run) -> None:
    with run("--workers", "1", "--query-timeout", "4", "--queue-timeout", "2") as running:
        with heavy_places_taken(running):
            pass
        # Now it is known that this text takes more than a second.
        with heavy_places_taken(running), pytest.raises(TooBusyError) as caught:
            running.ask(LONG_WORK)
        assert caught.value.retry_after is not None
        assert caught.value.retry_after != 5, "the wait that was foreseen, not the usual one"


def test_clients_that_read_slowly_hold_up_nobody(run: Run) -> None:
    with run("--workers", "1") as running:
        answers = []
        for _ in range(3):
            answer = running.start(MEGABYTES)
            pieces = iter(answer)
            next(pieces)
            answers.append((answer, pieces))
            assert b'"399"' in running.ask(ALL)
        for answer, pieces in answers:
            for _ in pieces:
                pass
            answer.close()
            assert answer.trailer.size > 10_000_000


def test_workers_lowered_for_a_heavy_query_are_retired(run: Run) -> None:
    with run("--workers", "2", "--query-timeout", "4") as running:
        with heavy_places_taken(running):
            assert running.lowered()
        # Nobody asks anything meanwhile.
        wait_until(lambda: not running.lowered())


def test_a_lowered_worker_opens_no_generation_before_somebody_needs_it(run: Run) -> None:
    with run("--workers", "2") as running:
        old = running.ask(HEAVY)
        (lowered,) = running.lowered()
        before = _opened(lowered)
        numbers = running.folder / "triples" / "numbers.ttl"
        numbers.write_text(numbers.read_text() + '<https://example.org/a> <https://example.org/p> "new" .\n')
        running.engine.rebuild()
        assert running.lowered() == [lowered] and _opened(lowered) == before
        assert running.ask(HEAVY) != old
        assert _opened(lowered) != before


def _opened(pid: int) -> set[str]:
    """The generations of which a process has files open."""
    links = (os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir())
    return {part for link in links for part in link.split("/") if "generation" in link and part.isdigit()}


def test_a_shape_leaves_out_constants_and_keeps_the_order_of_magnitude() -> None:
    text = "SELECT ?s { ?s <http://a/p> ?o FILTER(?o = 'x') VALUES ?s { <http://a/1> } } LIMIT 10"
    same = 'select ?x { ?x <http://a/q> ?y # why\n FILTER(?y = "z") VALUES ?x { <http://a/2> } } LIMIT 20'
    shape, with_constants = shape_of(text)
    assert shape_of(same)[0] == shape
    assert shape_of(same)[1] != with_constants
    assert shape_of(text.replace("?s", "?subject").replace(" ", "  "))[1] == with_constants
    assert shape_of(text.replace("LIMIT 10", "LIMIT 100000"))[0] != shape
    assert shape_of(text.replace("?s <http://a/p> ?o", "?s <http://a/p> ?s"))[0] != shape
    many = " ".join(f"<http://a/{n}>" for n in range(500))
    assert shape_of(text.replace("<http://a/1>", many))[0] != shape


def test_one_slow_query_in_the_shape_of_look_ups_sends_only_itself_to_the_heavy_lane() -> None:
    experience = Experience()
    for n in range(20):
        experience.charge(Asked("", "look-up", str(n)), 0.001)
    hub = Asked("", "look-up", "hub")
    assert experience.quantum(hub, "quick") == LEAST_QUANTUM
    experience.charge_overrun(hub, LEAST_QUANTUM, 0.0)
    assert experience.lane(hub, 1.0) == "heavy"
    assert experience.lane(hub, REMEMBERED_SECONDS + 1) == "quick"
    assert experience.lane(Asked("", "look-up", "other"), 1.0) == "quick"


def test_a_shape_whose_queries_all_overrun_is_slow_for_a_minute() -> None:
    experience = Experience()
    for n in range(3):
        experience.charge_overrun(Asked("", "join", str(n)), UNKNOWN_QUANTUM, 0.0)
    new = Asked("", "join", "new")
    assert experience.lane(new, 1.0) == "heavy"
    assert experience.lane(new, REMEMBERED_SECONDS + 1) == "unknown"
    experience.charge_overrun(new, HEAVY_QUANTUM, 0.0)
    assert experience.lane(new, 1.0) == "long"


def test_what_is_slower_than_its_lane_is_not_waited_for_longer_than_it_may_stay_there() -> None:
    experience = Experience()
    endless = Asked("", "shape", "text")
    experience.charge_overrun(endless, 30, 0)
    assert experience.expected(endless, "heavy") == HEAVY_QUANTUM
    assert experience.expected(endless, "long") == 30


def test_a_flood_in_the_shape_of_look_ups_does_not_send_them_to_the_heavy_lane() -> None:
    experience = Experience()
    experience.charge(Asked("", "look-up", "first"), 0.001)
    for n in range(15):
        experience.charge_overrun(Asked("", "look-up", str(n)), LEAST_QUANTUM, 0.0)
    assert experience.lane(Asked("", "look-up", "other"), 1.0) in ("quick", "unknown")


class _Waiter:
    def __init__(self, sender: str, shape: str) -> None:
        self.asked = Asked(sender, shape, "")


def test_the_sender_who_was_charged_least_comes_first_and_then_the_shape() -> None:
    ledger = Ledger()
    queue: FairQueue[_Waiter] = FairQueue(ledger)
    greedy = [_Waiter("greedy", "a") for _ in range(3)]
    other_shape, modest = _Waiter("greedy", "b"), _Waiter("modest", "a")
    for waiter in (*greedy, other_shape, modest):
        queue.add(waiter)
    ledger.charge("greedy", 5.0, 0.0)
    ledger.charge(("greedy", "a"), 5.0, 0.0)
    assert [queue.take(0.0) for _ in range(5)] == [modest, other_shape, *greedy]
    assert len(queue) == 0


def test_a_newcomer_waits_for_its_turn_and_not_for_a_whole_flood() -> None:
    ledger = Ledger()
    queue: FairQueue[_Waiter] = FairQueue(ledger)
    for _ in range(50):
        queue.add(_Waiter("flood", "a"))
    assert queue.work_before(Asked("flood", "a", ""), lambda waiter: 1.0, 0.0) == 50
    assert queue.work_before(Asked("honest", "b", ""), lambda waiter: 1.0, 0.0) == 1
    ledger.charge("flood", 5.0, 0.0)
    assert queue.work_before(Asked("honest", "b", ""), lambda waiter: 1.0, 0.0) == 0
    assert queue.work_before(Asked("flood", "b", ""), lambda waiter: 1.0, 0.0) == 1


def test_where_no_more_may_wait_the_sender_who_has_most_makes_room() -> None:
    quick: FairQueue[_Waiter] = FairQueue(Ledger())
    heavy: FairQueue[_Waiter] = FairQueue(Ledger())
    flood = [_Waiter("flood", "a") for _ in range(3)]
    for queue, waiter in ((quick, flood[0]), (heavy, flood[1]), (heavy, flood[2])):
        queue.add(waiter)
    quick.add(_Waiter("honest", "a"))
    heavy.add(_Waiter("honest", "a"))
    assert crowding_waiter((quick, heavy), "other") is flood[2]
    assert crowding_waiter((quick, heavy), "flood") is None, "it has most itself"
    assert crowding_waiter((quick, heavy), "honest") is None, "it would have as many"
    assert crowding_waiter((), "other") is None


def test_a_flood_gives_way_to_another_sender_until_that_one_has_had_as_much() -> None:
    ledger = Ledger()
    queue: FairQueue[_Waiter] = FairQueue(ledger)
    flood, honest = Asked("flood", "a", ""), Asked("honest", "a", "")
    for _ in range(50):
        queue.add(_Waiter("flood", "a"))
    ledger.charge_query(flood, 4 * YIELD_LEAD, 0.0)
    assert queue.longest_lead(flood, 0.0) == 0, "a flood has no lead over itself"
    queue.add(_Waiter("honest", "a"))
    assert queue.longest_lead(flood, 0.0) == 4 * YIELD_LEAD
    assert queue.longest_lead(flood, HALF_LIFE) == 2 * YIELD_LEAD
    assert seconds_until_it_yields("heavy", 60.0, queue.longest_lead(flood, 0.0)) == 0
    ledger.charge_query(honest, 3.5 * YIELD_LEAD, 0.0)
    assert seconds_until_it_yields("heavy", 60.0, queue.longest_lead(flood, 0.0)) is None
    assert not may_stay(queue.longest_lead(flood, 0.0)), "but over its quantum it moves"


def test_an_honest_query_over_its_quantum_is_not_moved_for_a_flood() -> None:
    ledger = Ledger()
    queue: FairQueue[_Waiter] = FairQueue(ledger)
    honest = Asked("honest", "a", "")
    assert may_stay(queue.longest_lead(honest, 0.0)), "nobody waits"
    queue.add(_Waiter("flood", "a"))
    assert not may_stay(queue.longest_lead(honest, 0.0))
    ledger.charge_query(Asked("flood", "a", ""), 2 * YIELD_LEAD, 0.0)
    assert may_stay(queue.longest_lead(honest, 0.0))
    ledger.charge_query(honest, 1.5 * YIELD_LEAD, 0.0)
    assert not may_stay(queue.longest_lead(honest, 0.0))


def test_a_flood_of_one_shape_gives_way_to_another_shape_of_its_sender() -> None:
    ledger = Ledger()
    queue: FairQueue[_Waiter] = FairQueue(ledger)
    queue.add(_Waiter("flood", "b"))
    ledger.charge_query(Asked("flood", "a", ""), 2 * YIELD_LEAD, 0.0)
    assert queue.longest_lead(Asked("flood", "a", ""), 0.0) == 2 * YIELD_LEAD


def test_of_too_much_memory_the_largest_query_of_whoever_took_most_ends() -> None:
    held = [Holding("flood", 40), Holding("honest", 50), Holding("flood", 30)]
    assert largest_of_largest(held, 120) is None
    assert largest_of_largest(held, 119) == 0
    held[0] = Holding("flood", 40, is_released=True)
    assert largest_of_largest(held, 119) == 2, "what has released bytes ends last"
    assert largest_of_largest([Holding("flood", 40, is_released=True)], 39) == 0


def test_either_the_worker_releases_or_the_supervisor_stops_it() -> None:
    gate = Gate()
    stopped = 0
    with _releaser(gate) as (go, done):
        for number in range(200):
            gate.reset()
            os.write(go, b"1")
            if number % 2:
                wait_until(lambda: gate.released)
            if gate.doom():
                stopped += 1
                assert not select.select([done], [], [], 0.002)[0], "it went on although it was doomed"
                gate._page[1] = 0
            assert os.read(done, 1) == b"r"
    assert 0 < stopped <= 100


@contextmanager
def _releaser(gate: Gate) -> Iterator[tuple[int, int]]:
    """A child that releases whenever a byte comes, and tells when it was let through."""
    go_read, go_write = os.pipe()
    done_read, done_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go_write)
        while os.read(go_read, 1):
            gate.release()
            os.write(done_write, b"r")
        os._exit(0)
    try:
        yield go_write, done_read
    finally:
        os.close(go_write)
        os.waitpid(pid, 0)
        for fd in (go_read, done_read, done_write):
            os.close(fd)
