"""Frozen answers for endpoints that this server may not ask: shipped queries run wherever they are.

Where an endpoint is allowed it is asked, and frozen answers count for nothing.
"""

from __future__ import annotations

from onrecord.errors import EndpointRefusedError, FederationOfflineError
from onrecord.federation.frozen import Frozen, Replaying
from onrecord.federation.remote import Recalled, Remote, RemoteAnswer, RemoteQuery
from onrecord.federation.solutions import BindingsBatch


class FrozenFallback:
    """A `Remote` before `remote` that answers from `frozen` what the allow-list or offline mode withholds."""

    def __init__(self, remote: Remote, frozen: Frozen) -> None:
        self._remote = remote
        self._frozen = frozen
        self._replaying = Replaying(frozen)

    def check(self, endpoint: str) -> None:
        """Raises EndpointRefusedError for an endpoint that is neither allowed nor frozen."""
        try:
            self._remote.check(endpoint)
        except EndpointRefusedError:
            if not any(answer.endpoint == endpoint for answer in self._frozen.answers):
                raise

    def recall(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> Recalled:
        """As `Remote.recall`; a refusal stands where the frozen answers are not whole."""
        try:
            return self._remote.recall(endpoint, query, pushed)
        except (EndpointRefusedError, FederationOfflineError) as withheld:
            try:
                return self._replaying.recall(endpoint, query, pushed)
            except FederationOfflineError as absent:
                known = any(answer.endpoint == endpoint for answer in self._frozen.answers)
                if known and isinstance(withheld, EndpointRefusedError):
                    raise EndpointRefusedError(f"{absent.detail} {withheld.detail}") from None
                raise withheld from None

    def select(self, endpoint: str, query: RemoteQuery, pushed: BindingsBatch | None) -> RemoteAnswer:
        return self._remote.select(endpoint, query, pushed)

    def cancel(self) -> None:
        self._remote.cancel()
