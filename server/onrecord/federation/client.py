"""Other endpoints, asked politely: the allow-list, the cache, one request at a time for each host.

`Federation` lives as long as its process and holds what is set; `asking`
gives the `Remote` of one query. All state that must be shared lies in files,
so any number of processes may each have a `Federation` on the same directory.
"""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from onrecord import __version__
from onrecord.errors import (
    FederationOfflineError,
    RemoteBusyError,
    RemoteError,
    RemoteTimeoutError,
    RemoteUnreachableError,
    SettingError,
)
from onrecord.federation.address import Connector, Resolver, connect, resolve, resolve_and_check
from onrecord.federation.answer_parsing import ACCEPT, Failure, read_answer
from onrecord.federation.breaker import after_failure, after_pause_asked, after_success
from onrecord.federation.budget import Allowance, Budget, ClientLedger
from onrecord.federation.cache import AnswerCache, Kept, binding_key, query_key
from onrecord.federation.endpoints import Endpoints, Target
from onrecord.federation.exchange import Cancellation, HttpRequest, Limits, RawResponse, exchange
from onrecord.federation.politeness import Politeness, Turn
from onrecord.federation.remote import Provenance, Recalled, RemoteAnswer, RemoteQuery
from onrecord.federation.solutions import BindingsBatch, Row, Solutions, Term

Mode = Literal["online", "offline"]

_LONGEST_GET = 1500
"""Bytes of a query that goes by GET, which caches on the way may answer; longer ones go by POST."""
_BACKOFF = 1.0
_REPOSITORY = "https://w3id.org/onrecord"


@dataclass(frozen=True)
class FederationSettings:
    """What is set. `contact` is a mail address or URL; without it no request leaves."""

    directory: Path
    endpoints: Endpoints
    contact: str = ""
    limits: Limits = field(default_factory=Limits)
    allowance: Allowance = field(default_factory=Allowance)
    cache_seconds: float = 86_400.0
    cache_size: int = 256 << 20


class Federation:
    """Other endpoints for all queries of a process. `resolver`, `connector` and `tls` are for tests."""

    def __init__(
        self,
        settings: FederationSettings,
        *,
        resolver: Resolver = resolve,
        connector: Connector = connect,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.settings = settings
        self.resolver = resolver
        self.connector = connector
        self.tls = tls if tls is not None else ssl.create_default_context()
        self.politeness = Politeness(settings.directory / "hosts")
        self.cache = AnswerCache(
            settings.directory / "cache.sqlite", settings.cache_seconds, settings.cache_size
        )
        self.ledger = ClientLedger(settings.directory / "clients.sqlite", settings.allowance.client_requests)

    def asking(self, client: str = "", mode: Mode = "online") -> Endpoint:
        """Other endpoints for one query of `client` (an address or a name); its time runs from now."""
        return Endpoint(self, client, mode)


class Endpoint:
    """A `Remote` for one query: its budget, its cancellation, the shared cache and politeness."""

    def __init__(self, federation: Federation, client: str, mode: Mode) -> None:
        self._federation = federation
        self._settings = federation.settings
        self._client = client
        self._mode = mode
        self._budget = Budget(federation.settings.allowance)
        self._cancellation = Cancellation()

    def check(self, endpoint: str) -> None:
        """As `Remote.check`. Raises EndpointRefusedError."""
        self._settings.endpoints.targets(endpoint)

    def cancel(self) -> None:
        """As `Remote.cancel`."""
        self._cancellation.cancel()

    def recall(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> Recalled:
        """As `Remote.recall`. Raises FederationOfflineError in offline mode for what is not kept."""
        self._cancellation.check()
        target = self._settings.endpoints.targets(endpoint)[0]
        offline = self._mode == "offline"
        variables = pushed.variables if pushed is not None else ()
        rows: tuple[tuple[Term, ...], ...] = pushed.rows if pushed is not None else ((),)
        base = query_key(target.url, query.template, variables)
        keys = [binding_key(base, row) for row in rows]
        kept = self._federation.cache.get(keys, also_old=offline)
        missing = tuple(row for key, row in zip(keys, rows, strict=True) if key not in kept)
        if missing and offline:
            raise FederationOfflineError(
                f"{target.url}: endpoints are not asked in offline mode, and the cache holds "
                f"{len(rows) - len(missing)} of {len(rows)} answers. Ask once online first.",
                target.url,
            )
        answer = _merge(endpoint, query, [kept[key] for key in keys if key in kept])
        left = BindingsBatch(variables, missing) if pushed is not None and missing else None
        return Recalled(answer, left)

    def select(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> RemoteAnswer:
        """As `Remote.select`."""
        self._cancellation.check()
        targets = self._settings.endpoints.targets(endpoint)
        if self._mode == "offline":
            raise FederationOfflineError(f"{targets[0].url}: endpoints are not asked in offline mode.")
        self._require_contact(targets[0])
        text = query.text(pushed)
        tally = _Tally()
        for position, target in enumerate(targets):
            try:
                solutions = self._ask(target, text, tally)
                break
            except RemoteError as error:
                error.requests = tally.requests
                is_last = position + 1 == len(targets)
                if is_last or not isinstance(error, RemoteBusyError | RemoteUnreachableError):
                    raise
        asked = time.time()
        self._keep(targets[0], target, query, pushed, solutions, asked)
        return RemoteAnswer(
            solutions,
            Provenance(
                endpoint=endpoint,
                url=target.url,
                asked=datetime.fromtimestamp(asked, UTC),
                query_hash=hash_query(query),
                status="ok",
                cache_hits=0,
                rows=len(solutions.rows),
                requests=tally.requests,
                size=tally.size,
            ),
        )

    def _require_contact(self, target: Target) -> None:
        if self._settings.contact:
            return
        raise SettingError(
            f"{target.url} is not asked: endpoints want to know whom to write to before they ban a client. "
            "Start with --federation-contact and a mail address or URL of yours."
        )

    def _ask(self, target: Target, text: str, tally: _Tally) -> Solutions:
        """The answer of `target`, when it is our turn, with one more attempt where that may help."""
        seconds = max(0.0, self._budget.seconds_left)
        with self._federation.politeness.turn(
            target.origin, seconds, lambda: self._cancellation.is_cancelled
        ) as turn:
            self._wait_until_welcome(target, turn)
            attempts = 2
            while True:
                attempts -= 1
                result = self._attempt(target, text, turn, tally)
                if isinstance(result, Solutions):
                    return result
                if attempts and result.may_retry and self._budget.seconds_left > 2 * _BACKOFF:
                    self._cancellation.sleep(_BACKOFF)
                elif attempts and result.asks_pause and self._can_wait(result.pause):
                    self._wait_until_welcome(target, turn)
                else:
                    raise result.error

    def _attempt(self, target: Target, text: str, turn: Turn, tally: _Tally) -> Solutions | Failure:
        """One request; what it says of the host is written down for all processes."""
        try:
            response = self._send(target, text, tally)
        except (RemoteTimeoutError, RemoteUnreachableError):
            turn.write(after_failure(turn.state, time.time()))
            raise
        now = time.time()
        result = read_answer(target.url, response, now)
        if isinstance(result, Failure) and result.asks_pause:
            turn.write(after_pause_asked(turn.state, now, result.pause))
        elif isinstance(result, Failure) and result.is_host_failing:
            turn.write(after_failure(turn.state, now))
        elif turn.state.failures:
            turn.write(after_success())
        return result

    def _send(self, target: Target, text: str, tally: _Tally) -> RawResponse:
        self._budget.take_request(target.url)
        self._federation.ledger.take_request(self._client, target.url)
        limits = self._settings.limits.within(
            max(0.01, self._budget.seconds_left), max(1, self._budget.bytes_left)
        )
        addresses = resolve_and_check(target, self._federation.resolver, limits.connect)
        tally.requests += 1
        response = exchange(
            target,
            addresses,
            _request(target, text, self._settings.contact),
            limits,
            self._federation.connector,
            self._federation.tls,
            self._cancellation,
        )
        tally.size += response.wire_size
        self._budget.take_bytes(response.wire_size)
        return response

    def _can_wait(self, seconds: float | None) -> bool:
        return seconds is not None and seconds < self._budget.seconds_left / 2

    def _wait_until_welcome(self, target: Target, turn: Turn) -> None:
        """Sit out the pause that the host asked for, if that is short. Raises RemoteBusyError if not."""
        state = turn.state
        seconds = state.seconds_to_wait(time.time())
        if seconds <= 0:
            return
        if state.why and self._can_wait(seconds) and not state.failures:
            self._cancellation.sleep(seconds)
            return
        raise RemoteBusyError(
            f"{target.url}: not asked for another {seconds:.0f} s, since {state.why}. Try again after that.",
            target.url,
            retry_after=max(1, round(seconds)),
        )

    def _keep(
        self,
        first: Target,
        target: Target,
        query: RemoteQuery,
        pushed: BindingsBatch | None,
        solutions: Solutions,
        asked: float,
    ) -> None:
        answers = split_by_binding(solutions, pushed)
        if answers is None:
            return
        base = query_key(first.url, query.template, pushed.variables if pushed is not None else ())
        self._federation.cache.put(
            {binding_key(base, row): part for row, part in answers.items()}, target.url, asked
        )


@dataclass
class _Tally:
    requests: int = 0
    size: int = 0


def hash_query(query: RemoteQuery) -> str:
    """SHA-256 of the query without its bindings, in hexadecimal."""
    return hashlib.sha256(query.template.encode()).hexdigest()


def split_by_binding(
    solutions: Solutions, pushed: BindingsBatch | None
) -> Mapping[tuple[Term, ...], Solutions] | None:
    """The part of `solutions` that answers each binding; under `()` all of it without bindings.

    None when a row belongs to no binding that was sent (an endpoint may write
    a term differently): then nobody can tell which part answers which.

    >>> batch = BindingsBatch(("x",), ((Term("<urn:a>"),), (Term("<urn:b>"),)))
    >>> parts = split_by_binding(Solutions(("x",), ((Term("<urn:a>"),),)), batch)
    >>> {row[0]: len(part.rows) for row, part in parts.items()}
    {'<urn:a>': 1, '<urn:b>': 0}
    """
    if pushed is None:
        return {(): solutions}
    try:
        columns = [solutions.variables.index(name) for name in pushed.variables]
    except ValueError:
        return None
    parts: dict[tuple[Term | None, ...], list[Row]] = {row: [] for row in pushed.rows}
    for row in solutions.rows:
        part = parts.get(tuple(row[column] for column in columns))
        if part is None:
            return None
        part.append(row)
    return {row: Solutions(solutions.variables, tuple(parts[row])) for row in pushed.rows}


def _merge(endpoint: str, query: RemoteQuery, kept: list[Kept]) -> RemoteAnswer | None:
    if not kept:
        return None
    oldest = min(kept, key=lambda one: one.asked)
    variables = kept[0].solutions.variables
    rows: list[Row] = []
    for one in kept:
        rows += _reorder(one.solutions, variables)
    return RemoteAnswer(
        Solutions(variables, tuple(rows)),
        Provenance(
            endpoint=endpoint,
            url=oldest.url,
            asked=datetime.fromtimestamp(oldest.asked, UTC),
            query_hash=hash_query(query),
            status="ok",
            cache_hits=len(kept),
            rows=len(rows),
            requests=0,
            size=0,
        ),
    )


def _reorder(solutions: Solutions, variables: tuple[str, ...]) -> tuple[Row, ...]:
    if solutions.variables == variables:
        return solutions.rows
    columns = [solutions.variables.index(v) if v in solutions.variables else -1 for v in variables]
    return tuple(tuple(row[c] if c >= 0 else None for c in columns) for row in solutions.rows)


def _request(target: Target, text: str, contact: str) -> HttpRequest:
    origin = target.origin
    headers = {
        "Host": str(origin).partition("://")[2],
        "Accept": ACCEPT,
        "Accept-Encoding": "gzip",
        "User-Agent": f"Onrecord/{__version__} ({_REPOSITORY}; {contact})",
        "Connection": "close",
    }
    encoded = urlencode({"query": text})
    if len(encoded) <= _LONGEST_GET:
        return HttpRequest(
            "GET", f"{target.path}{'&' if '?' in target.path else '?'}{encoded}", headers, None
        )
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return HttpRequest("POST", target.path, headers, encoded.encode())
