"""Runs: quick queries of one sender and one shape that follow each other on one worker.

A worker is lent for one query. With a query of a shape that is known to be
quick the supervisor lends it for some milliseconds (`leasing.RUN_SECONDS`), in
which others of the same sender and shape may follow without asking it: most
of what such a query costs is the round trip. A query that turns out to take
long is of no run: those that wait behind it ask for themselves, and the
supervisor is told whose query the worker runs.

For one event loop.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from onrecord.supervision.line import Line

Kind = tuple[str, str]
"""Who asks, and the digest of the shape."""

QUICK_SECONDS = 0.0004
"""Who is served by others meanwhile waits for no run whose queries take their worker longer, on average.

About what a query takes the process that waits: one worker keeps up with it.
"""
SLOW_SECONDS = 0.01
"""A query that takes longer is not of a run."""
LINGER_SECONDS = 0.001
"""So long is a worker kept for the next query of its run."""
RENEWAL_SECONDS = 0.005
"""So long do others wait for the lease of the first of them."""
PAUSE_SECONDS = 0.5
"""So long has a shape no runs after a query of it was slow."""
MOST_WAITING = 64
_MOST_KNOWN = 1_000
_NEWEST = 0.2  # the weight of the newest query in a moving average


class Place(Enum):
    """What becomes of one who waited in a run."""

    TURN = "it has the worker"
    LEAD = "it is to ask the supervisor for the next lease, for all who wait"
    NONE = "it is to ask for itself"


@dataclass
class RunLease:
    """A worker lent for queries of one kind, until `until` on the loop's clock."""

    supervisor: Line
    worker: Line
    number: int
    generation: int = 0
    """The generation that its worker answers from."""
    until: float = 0.0
    turn: int = 0
    """How many queries had it before the present one."""
    answered: int = 0
    """How many of them the supervisor was not told of."""


@dataclass
class _Shape:
    seconds: float = 0.0
    """What its queries take a worker, on average."""
    paused_until: float = 0.0


class Runs:
    """The runs of a front."""

    def __init__(self, generation: Callable[[], int], give_back: Callable[[RunLease], None]) -> None:
        """`generation` tells the newest one; `give_back` takes a lease that is over, its worker at rest."""
        self.generation = generation
        self.give_back = give_back
        self._runs: dict[Kind, Run] = {}
        self._shapes: OrderedDict[str, _Shape] = OrderedDict()

    def find(self, kind: Kind) -> Run | None:
        """The run that a query may follow in."""
        run = self._runs.get(kind)
        if run is None or not run.has_room():
            return None
        return run if run.is_idle or self._known(kind[1]).seconds <= QUICK_SECONDS else None

    def begin(self, kind: Kind, lease: RunLease) -> Run | None:
        """The run whose first turn under `lease` the caller has; None where the lease is for it alone."""
        run = self._runs.get(kind)
        if run is None:
            if self._known(kind[1]).paused_until > asyncio.get_running_loop().time():
                return None
            run = self._runs[kind] = Run(self, kind)
        return run if run.begin(lease) else None

    def close(self) -> None:
        """Give back the workers that nobody has."""
        for run in list(self._runs.values()):
            run.rest()

    def end(self, run: Run, *, is_slow: bool = False) -> None:
        """Let nobody follow in `run` any more."""
        if self._runs.get(run.kind) is run:
            del self._runs[run.kind]
        if is_slow:
            self._known(run.kind[1]).paused_until = asyncio.get_running_loop().time() + PAUSE_SECONDS

    def note(self, shape: str, seconds: float) -> None:
        """A query of that shape has taken its worker so long."""
        known = self._known(shape)
        known.seconds += (_NEWEST if known.seconds else 1.0) * (seconds - known.seconds)

    def _known(self, shape: str) -> _Shape:
        known = self._shapes.setdefault(shape, _Shape())
        self._shapes.move_to_end(shape)
        if len(self._shapes) > _MOST_KNOWN:
            self._shapes.popitem(last=False)
        return known


class Run:
    """One query at a time has the turn: it ends it, passes it on unused, or breaks off."""

    def __init__(self, runs: Runs, kind: Kind) -> None:
        self.kind = kind
        self.lease: RunLease | None = None
        self.on_slow: Callable[[], None] | None = None
        """Called when the query that has the turn takes long."""
        self._runs = runs
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[asyncio.Future[Place], Callable[[], None]]] = deque()
        self.is_idle = False
        """Whether its worker waits for the next query."""
        self._has_ended = False
        self._began = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def has_room(self) -> bool:
        """Whether one more may follow; an idle run whose lease is over ends."""
        if self.is_idle and not self._is_open():
            self._stop()
            return False
        return len(self._waiting) < MOST_WAITING

    def rest(self) -> None:
        """End, where nobody has the turn."""
        if self.is_idle:
            self._stop()

    def begin(self, lease: RunLease) -> bool:
        """Take `lease`, whose first turn its caller has; False when there is one already."""
        if self.lease is not None:
            return False
        self._cancel_deadline()
        self.lease = lease
        self._begin_turn()
        return True

    def take(self) -> bool:
        """Have the turn at once, where nobody has it."""
        if not self.is_idle:
            return False
        self.is_idle = False
        self._cancel_deadline()
        self._begin_turn()
        return True

    def wait(self, begin: Callable[[], None]) -> asyncio.Future[Place]:
        """What becomes of one who waits; who gives up calls `decline`.

        When its turn comes, `begin` asks the worker, before the answer to the one before is passed on.
        """
        place: asyncio.Future[Place] = self._loop.create_future()
        self._waiting.append((place, begin))
        return place

    def decline(self, place: asyncio.Future[Place]) -> None:
        """Of one who waited, and wants nothing any more but has no turn."""
        if not place.done():
            place.cancel()
        elif not place.cancelled() and place.result() is Place.LEAD:
            self.end()

    def end_turn(self, seconds: float | None) -> None:
        """Give the turn to whoever waits longest, or the lease back when it is over.

        The worker is at rest: the query that had the turn was answered to its end, in `seconds`, or was
        never asked (None).
        """
        assert self.lease is not None
        if seconds is not None:
            self.lease.turn += 1
            self.lease.answered += 1
            self._runs.note(self.kind[1], seconds)
        self.on_slow = None
        if self._has_ended:
            self._give_back()
        elif not self._is_open():
            self._give_back()
            self._lead_on()
        elif not self._hand(Place.TURN):
            self.is_idle = True
            self._deadline = self._loop.call_later(LINGER_SECONDS, self._stop)

    def end(self, *, is_slow: bool = False) -> None:
        """Let those who wait ask for themselves. Who has the turn keeps it."""
        self._has_ended = True
        self._cancel_deadline()
        self._runs.end(self, is_slow=is_slow)
        while self._hand(Place.NONE):
            pass

    def break_off(self) -> None:
        """The lease has gone with its worker."""
        self.lease = None
        self.end()

    def _is_open(self) -> bool:
        """Whether another query may have the worker; none that comes after a write."""
        lease = self.lease
        return (
            lease is not None
            and self._loop.time() < lease.until
            and lease.generation == self._runs.generation()
        )

    def _lead_on(self) -> None:
        """Have the first of those who wait ask for the next lease."""
        if self._hand(Place.LEAD):
            self._deadline = self._loop.call_later(RENEWAL_SECONDS, self.end)
        else:
            self.end()

    def _hand(self, place: Place) -> bool:
        """Give `place` to whoever waits longest; False when nobody does."""
        while self._waiting:
            first, begin = self._waiting.popleft()
            if not first.done():
                first.set_result(place)
                if place is Place.TURN:
                    self._begin_turn()
                    begin()
                return True
        return False

    def _stop(self) -> None:
        """Nobody has the turn, and nobody is to have it."""
        self.is_idle = False
        self._give_back()
        self.end()

    def _give_back(self) -> None:
        lease, self.lease = self.lease, None
        assert lease is not None
        self._runs.give_back(lease)

    def _begin_turn(self) -> None:
        self._began = self._loop.time()
        if self._watch is None:
            # One timer watches many turns: most are long over when it is due.
            self._watch = self._loop.call_later(SLOW_SECONDS, self._look)

    def _look(self) -> None:
        self._watch = None
        if self.lease is None or self.is_idle or self._has_ended:
            return
        due = self._began + SLOW_SECONDS
        if self._loop.time() < due:
            self._watch = self._loop.call_at(due, self._look)
            return
        self.end(is_slow=True)
        if self.on_slow is not None:
            self.on_slow()

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
