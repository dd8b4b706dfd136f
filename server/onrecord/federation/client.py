"""Other endpoints, asked politely: the allow-list, the cache, one request at a time for each host.

`Federation` lives as long as its process and holds what is set; `asking`
gives the `Remote` of one query. All state that must be shared lies in files,
so any number of processes may each have a `Federation` on the same directory.
"""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime
from typing import Literal

from onrecord.errors import (
    FederationOfflineError,
    RemoteBusyError,
    RemoteError,
    RemoteUnreachableError,
)
from onrecord.federation.address import Connector, Resolver, connect, resolve
from onrecord.federation.answer_parts import hash_query, merge_kept, split_by_binding
from onrecord.federation.budget import ClientLedger
from onrecord.federation.cache import AnswerCache, binding_key, query_key
from onrecord.federation.endpoints import Target
from onrecord.federation.politeness import Politeness
from onrecord.federation.remote import Provenance, Recalled, RemoteAnswer, RemoteQuery
from onrecord.federation.sending import Sender, Tally, Transport
from onrecord.federation.settings import FederationSettings
from onrecord.federation.solutions import BindingsBatch, Solutions, Term

Mode = Literal["online", "offline"]


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
        self.transport = Transport(
            resolver, connector, tls if tls is not None else ssl.create_default_context()
        )
        self.politeness = Politeness(settings.directory / "hosts")
        self.cache = AnswerCache(
            settings.directory / "cache.sqlite", settings.cache_seconds, settings.cache_size
        )
        self.ledger = ClientLedger(settings.directory / "clients.sqlite", settings.allowance.client_requests)

    def asking(self, client: str = "", mode: Mode = "online") -> Endpoint:
        """Other endpoints for one query of `client` (an address or a name); its time runs from now."""
        sender = Sender(self.settings, self.politeness, self.ledger, self.transport, client)
        return Endpoint(self.settings, self.cache, sender, mode)


class Endpoint:
    """A `Remote` for one query: the allow-list and the cache, before what sends."""

    def __init__(self, settings: FederationSettings, cache: AnswerCache, sender: Sender, mode: Mode) -> None:
        self._settings = settings
        self._cache = cache
        self._sender = sender
        self._mode = mode

    def check(self, endpoint: str) -> None:
        """As `Remote.check`. Raises EndpointRefusedError."""
        self._settings.endpoints.targets(endpoint)

    def cancel(self) -> None:
        """As `Remote.cancel`."""
        self._sender.cancellation.cancel()

    def recall(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> Recalled:
        """As `Remote.recall`. Raises FederationOfflineError in offline mode for what is not kept."""
        self._sender.cancellation.check()
        target = self._settings.endpoints.targets(endpoint)[0]
        offline = self._mode == "offline"
        variables = pushed.variables if pushed is not None else ()
        rows: tuple[tuple[Term, ...], ...] = pushed.rows if pushed is not None else ((),)
        base = query_key(target.url, query.template, variables)
        keys = [binding_key(base, row) for row in rows]
        kept = self._cache.get(keys, also_old=offline)
        missing = tuple(row for key, row in zip(keys, rows, strict=True) if key not in kept)
        if missing and offline:
            raise FederationOfflineError(
                f"{target.url}: endpoints are not asked in offline mode, and the cache holds "
                f"{len(rows) - len(missing)} of {len(rows)} answers. Ask once online first.",
                target.url,
            )
        answer = merge_kept(endpoint, query, [kept[key] for key in keys if key in kept])
        left = BindingsBatch(variables, missing) if pushed is not None and missing else None
        return Recalled(answer, left)

    def select(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> RemoteAnswer:
        """As `Remote.select`."""
        self._sender.cancellation.check()
        targets = self._settings.endpoints.targets(endpoint)
        if self._mode == "offline":
            raise FederationOfflineError(f"{targets[0].url}: endpoints are not asked in offline mode.")
        text = query.text(pushed)
        tally = Tally()
        for position, target in enumerate(targets):
            try:
                solutions = self._sender.ask(target, text, tally)
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
        self._cache.put({binding_key(base, row): part for row, part in answers.items()}, target.url, asked)
