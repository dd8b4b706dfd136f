"""A request that is wrong, as HTTP tells it: what is not there, in conflict, too large, of no use."""

from __future__ import annotations

from onrecord.errors.base import OnrecordError


class RequestError(OnrecordError):
    status = 400
    title = "Bad request"
    code = "bad-request"


class NotFoundError(RequestError):
    status = 404
    title = "Not found"
    code = "not-found"


class GoneError(RequestError):
    status = 410
    title = "No longer here"
    code = "gone"


class GenerationGoneError(GoneError):
    title = "This generation is not kept"
    code = "generation-gone"


class ConflictError(RequestError):
    status = 409
    title = "In conflict with what is there"
    code = "conflict"


class PreconditionNeededError(RequestError):
    status = 428
    title = "Say what the change was made to"
    code = "precondition-needed"


class MethodError(RequestError):
    status = 405
    title = "Method not allowed"
    code = "method"


class NotAcceptableError(RequestError):
    status = 406
    title = "No acceptable format"
    code = "not-acceptable"


class ResultTooLargeError(NotAcceptableError):
    """The answer is larger than the format that was asked for can carry; another one can."""

    title = "The result is too large for this format"
    code = "result-too-large"


class PreconditionError(RequestError):
    status = 412
    title = "Changed meanwhile"
    code = "precondition"


class TooLargeError(RequestError):
    status = 413
    title = "Request too large"
    code = "too-large"


class MediaTypeError(RequestError):
    status = 415
    title = "Unsupported media type"
    code = "media-type"


class SlowBodyError(RequestError):
    """The request's body did not arrive in time."""

    status = 408
    title = "Request too slow"
    code = "request-timeout"


class ClientLeftError(RequestError):
    """The client went away, or broke off its body, before the request was whole."""

    title = "Broken request"
    code = "broken-body"


class Http10Error(OnrecordError):
    """An answer too long to be held for a client of HTTP/1.0."""

    status = 505
    title = "HTTP/1.1 is needed"
    code = "http-version"
