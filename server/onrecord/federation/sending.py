"""Sending a query to one endpoint: in turn, within a budget, and as often as the endpoint bears it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from onrecord import __version__
from onrecord.errors import RemoteBusyError, RemoteTimeoutError, RemoteUnreachableError, SettingError
from onrecord.federation.address import Connector, Resolver, resolve_and_check
from onrecord.federation.answer_parsing import ACCEPT, Failure, read_answer
from onrecord.federation.breaker import after_failure, after_pause_asked, after_success
from onrecord.federation.budget import Budget, ClientLedger
from onrecord.federation.endpoints import Target
from onrecord.federation.exchange import Cancellation, HttpRequest, RawResponse, exchange
from onrecord.federation.politeness import Politeness, Turn
from onrecord.federation.settings import FederationSettings
from onrecord.federation.solutions import Solutions

_LONGEST_GET = 1500
"""Bytes of a query that goes by GET, which caches on the way may answer; longer ones go by POST."""
_BACKOFF = 1.0
_REPOSITORY = "https://w3id.org/onrecord"


@dataclass(frozen=True)
class Transport:
    """How names become addresses, and addresses connections."""

    resolver: Resolver
    connector: Connector
    tls: ssl.SSLContext
    on_request: Callable[[], None] = lambda: None
    """Called from any thread before each request that leaves."""


@dataclass
class Tally:
    """Requests sent, and bytes of bodies received."""

    requests: int = 0
    size: int = 0


class Sender:
    """Sends what one query of `client` asks of other endpoints; its time runs from now."""

    def __init__(
        self,
        settings: FederationSettings,
        politeness: Politeness,
        ledger: ClientLedger,
        transport: Transport,
        client: str,
    ) -> None:
        self.cancellation = Cancellation()
        self._settings = settings
        self._politeness = politeness
        self._ledger = ledger
        self._transport = transport
        self._client = client
        self._budget = Budget(settings.allowance)

    def ask(self, target: Target, text: str, tally: Tally) -> Solutions:
        """The answer of `target`, when it is our turn, with one more attempt where that may help.

        Raises RemoteError, and SettingError where no contact is set.
        """
        self._require_contact(target)
        seconds = max(0.0, self._budget.seconds_left)
        with self._politeness.turn(target.origin, seconds, lambda: self.cancellation.is_cancelled) as turn:
            self._wait_until_welcome(target, turn)
            attempts = 2
            while True:
                attempts -= 1
                result = self._attempt(target, text, turn, tally)
                if isinstance(result, Solutions):
                    return result
                if attempts and result.may_retry and self._budget.seconds_left > 2 * _BACKOFF:
                    self.cancellation.sleep(_BACKOFF)
                elif attempts and result.asks_pause and self._can_wait(result.pause):
                    self._wait_until_welcome(target, turn)
                else:
                    raise result.error

    def _attempt(self, target: Target, text: str, turn: Turn, tally: Tally) -> Solutions | Failure:
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

    def _send(self, target: Target, text: str, tally: Tally) -> RawResponse:
        self._budget.take_request(target.url)
        self._ledger.take_request(self._client, target.url)
        limits = self._settings.limits.within(
            max(0.01, self._budget.seconds_left), max(1, self._budget.bytes_left)
        )
        addresses = resolve_and_check(target, self._transport.resolver, limits.connect)
        tally.requests += 1
        self._transport.on_request()
        response = exchange(
            target,
            addresses,
            _request(target, text, self._settings.contact),
            limits,
            self._transport.connector,
            self._transport.tls,
            self.cancellation,
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
            self.cancellation.sleep(seconds)
            return
        raise RemoteBusyError(
            f"{target.url}: not asked for another {seconds:.0f} s, since {state.why}. Try again after that.",
            target.url,
            retry_after=max(1, round(seconds)),
        )

    def _require_contact(self, target: Target) -> None:
        if self._settings.contact:
            return
        raise SettingError(
            f"{target.url} is not asked: endpoints want to know whom to write to before they ban a client. "
            "Start with --federation-contact and a mail address or URL of yours."
        )


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
