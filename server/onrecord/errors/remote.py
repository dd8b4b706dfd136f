"""Other endpoints that a query calls, and that fail it."""

from __future__ import annotations

from onrecord.errors.base import OnrecordError


class RemoteError(OnrecordError):
    """An endpoint that a query calls did not answer, or not wholly.

    `requests` counts those that were sent for nothing. `smaller_may_help`
    tells that fewer bindings at once may get an answer (a timeout, 413).
    `endpoint` is the address that was asked, empty where none was.
    """

    status = 502
    title = "A remote endpoint failed"
    code = "remote"
    requests = 0
    smaller_may_help = False

    def __init__(self, detail: str, endpoint: str = "", retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.endpoint = endpoint
        self.retry_after = retry_after


class RemoteUnreachableError(RemoteError):
    title = "A remote endpoint cannot be reached"
    code = "remote-unreachable"


class RemoteRefusedError(RemoteError):
    title = "A remote endpoint refuses the request"
    code = "remote-refused"


class RemoteAnswerError(RemoteError):
    title = "A remote endpoint's answer cannot be used"
    code = "remote-answer"


class RemoteTimeoutError(RemoteError):
    status = 504
    title = "A remote endpoint takes too long"
    code = "remote-timeout"
    smaller_may_help = True


class RemoteTooLargeError(RemoteError):
    title = "The request is too large for a remote endpoint"
    code = "remote-too-large"
    smaller_may_help = True


class RemoteBusyError(RemoteError):
    status = 503
    title = "A remote endpoint asks to wait"
    code = "remote-busy"


class FederationBudgetError(RemoteError):
    status = 503
    title = "The query may ask remote endpoints for no more"
    code = "federation-budget"


class FederationOfflineError(RemoteError):
    status = 503
    title = "Remote endpoints are not asked"
    code = "federation-offline"
