"""The queue of one lane: fair between senders, and between the shapes that one sender asks."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from onrecord.supervision.lanes import Asked

HALF_LIFE = 10.0
"""Seconds after which work charged to a sender counts half."""
_MOST_ACCOUNTS = 4096


class Waiter(Protocol):
    @property
    def asked(self) -> Asked: ...


_W = TypeVar("_W", bound=Waiter)


@dataclass
class _Account:
    seconds: float = 0.0
    since: float = 0.0

    def read(self, now: float) -> float:
        return float(self.seconds * 0.5 ** ((now - self.since) / HALF_LIFE))


class Ledger:
    """Processor time lately charged to senders, and to the shapes of each.

    >>> ledger = Ledger()
    >>> ledger.charge("sender", 2.0, 0.0)
    >>> ledger.read("sender", HALF_LIFE)
    1.0
    """

    def __init__(self) -> None:
        self._accounts: dict[object, _Account] = {}

    def charge(self, key: object, seconds: float, now: float) -> None:
        if len(self._accounts) >= _MOST_ACCOUNTS:
            self._accounts = {k: a for k, a in self._accounts.items() if a.read(now) > 0.01}
            if len(self._accounts) >= _MOST_ACCOUNTS:
                self._accounts.clear()
        account = self._accounts.setdefault(key, _Account())
        account.seconds, account.since = max(0.0, account.read(now) + seconds), now

    def charge_query(self, asked: Asked, seconds: float, now: float) -> None:
        """Charge the sender of a query, and its shape there."""
        self.charge(asked.sender, seconds, now)
        self.charge((asked.sender, asked.shape), seconds, now)

    def read(self, key: object, now: float) -> float:
        account = self._accounts.get(key)
        return account.read(now) if account is not None else 0.0

    def lead(self, asked: Asked, other: Asked, now: float) -> float:
        """Seconds by which whoever `asked` was charged less than who asked `other`.

        Where one sender asked both, the seconds between their shapes.

        >>> ledger, flood, honest = Ledger(), Asked("flood", "a", ""), Asked("honest", "a", "")
        >>> ledger.charge_query(flood, 2.0, 0.0)
        >>> ledger.lead(honest, flood, 0.0), ledger.lead(Asked("flood", "b", ""), flood, 0.0)
        (2.0, 2.0)
        """
        if asked.sender != other.sender:
            return self.read(other.sender, now) - self.read(asked.sender, now)
        return self.read((other.sender, other.shape), now) - self.read((asked.sender, asked.shape), now)


class FairQueue(Generic[_W]):
    """Waiting queries of one lane; next is whoever's sender, then shape, was charged least."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._flows: dict[tuple[str, str], deque[_W]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[_W]:
        for flow in self._flows.values():
            yield from flow

    def longest_lead(self, holder: Asked, now: float) -> float | None:
        """The most seconds by which one who waits was charged less than `holder`; None when nobody waits."""
        leads = (self._ledger.lead(Asked(*key, ""), holder, now) for key in self._flows)
        return max(leads, default=None)

    def add(self, waiter: _W) -> None:
        self._flows.setdefault(_key(waiter), deque()).append(waiter)
        self._size += 1

    def restore(self, waiter: _W) -> None:
        """Put back whom `take` gave and nobody could serve."""
        self._flows.setdefault(_key(waiter), deque()).appendleft(waiter)
        self._size += 1

    def take(self, now: float) -> _W:
        """The one whose turn it is. Raises IndexError when nobody waits."""
        if len(self._flows) == 1:
            key = next(iter(self._flows))
        elif self._flows:
            read = self._ledger.read
            key = min(self._flows, key=lambda k: (read(k[0], now), read(k, now)))
        else:
            raise IndexError("nobody waits")
        waiter = self._flows[key].popleft()
        self._left(key)
        return waiter

    def remove(self, waiter: _W) -> None:
        """Take `waiter` out, wherever it stands. Raises ValueError when it does not wait here."""
        key = _key(waiter)
        flow = self._flows.get(key)
        if flow is None:
            raise ValueError("it does not wait here")
        flow.remove(waiter)
        self._left(key)

    def work_before(self, newcomer: Asked, seconds: Callable[[_W], float], now: float) -> float:
        """Seconds of work that would be done before that of `newcomer`.

        All of its own flow, and of each other flow as many as take their
        turns meanwhile. Where nothing of its own flow waits, those senders
        come after it that were charged more.
        """
        own = self._flows.get((newcomer.sender, newcomer.shape))
        turns = len(own) if own is not None else 0
        total = 0.0
        charged = self._ledger.read(newcomer.sender, now)
        for (sender, _), flow in self._flows.items():
            if not turns and sender != newcomer.sender and self._ledger.read(sender, now) > charged:
                continue
            for number, waiter in enumerate(flow):
                if number > turns:
                    break
                total += seconds(waiter)
        return total

    def _left(self, key: tuple[str, str]) -> None:
        self._size -= 1
        if not self._flows[key]:
            del self._flows[key]


def crowding_waiter(queues: Iterable[FairQueue[_W]], newcomer: str) -> _W | None:
    """Who makes room for a query of the sender `newcomer` where no more may wait.

    The newest, in the last of `queues`, of whoever has most waiting in all of them. None where
    that is the newcomer itself, or nobody has more than it would have.
    """
    waiting = [waiter for queue in queues for waiter in queue]
    counts = Counter(waiter.asked.sender for waiter in waiting)
    sender, most = counts.most_common(1)[0] if counts else (newcomer, 0)
    if most <= counts[newcomer] + 1:
        return None
    return next(waiter for waiter in reversed(waiting) if waiter.asked.sender == sender)


def _key(waiter: Waiter) -> tuple[str, str]:
    return (waiter.asked.sender, waiter.asked.shape)
