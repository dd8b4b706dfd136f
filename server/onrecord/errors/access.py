"""A request that is understood and not allowed: to nobody, to its sender, or not so often."""

from __future__ import annotations

from onrecord.errors.requests import RequestError


class UnauthenticatedError(RequestError):
    """Nobody is known to have sent this; the answer carries a challenge (RFC 9110, section 11.6.1)."""

    status = 401
    title = "A token is needed"
    code = "unauthenticated"


class TooManyFailuresError(RequestError):
    status = 429
    title = "Too many wrong tokens"
    code = "too-many-failures"
    retry_after: int | None = 60


class TooManyRequestsError(RequestError):
    status = 429
    title = "Too many requests"
    code = "too-many-requests"
    retry_after: int | None = 60


class RefusedError(RequestError):
    status = 403
    title = "Not allowed"
    code = "refused"


class ServiceRefusedError(RefusedError):
    title = "Remote access not allowed"
    code = "service-refused"


class EndpointRefusedError(ServiceRefusedError):
    title = "Endpoint not allowed"
    code = "endpoint-refused"


class FolderGraphError(RefusedError):
    """A write to a graph of the folder: its files are where it is changed."""

    title = "The graph belongs to the folder"
    code = "folder-graph"
