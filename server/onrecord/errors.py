"""The one tree of errors.

The core raises, the web renders (HTML, problem+json or text), the command
line prints the same sentence. Each class carries the HTTP status and the
title of its problem document (RFC 9457), each message the value that was
wrong and what would be right.

::

    OnrecordError                 500
    +-- SettingError              500  an option of the command line or environment
    +-- FolderError               500  the folder cannot be served
    |   +-- FolderSyntaxError     500  ... a file in it does not parse
    +-- StoreError                500  the state directory cannot be used
    |   +-- StoreLockedError      503  ... another process holds it
    |   +-- StoreDamagedError     500  ... what lies in it cannot be read
    +-- RequestError              400  the request is wrong
    |   +-- QuerySyntaxError      400  ... its SPARQL text does not parse
    |   +-- QueryBoundsError      400  ... its SPARQL text is nested too deep or too long
    |   +-- QueryEvaluationError  400  ... the engine cannot evaluate it
    |   +-- FederationError       400  ... its SERVICE cannot be answered by a bind join
    |   +-- ParameterError        400  ... a parameter of a saved query
    |   +-- SavedQueryError       400  ... a saved query's file is malformed
    |   |   +-- UnsoundQueryError 422  ... it would answer wrongly, so it is not kept
    |   +-- UnauthenticatedError  401  ... a token is needed, or the one sent is of no use
    |   +-- TooManyFailuresError  429  ... too many wrong tokens from one address
    |   +-- TooManyRequestsError  429  ... more than one address may send in a while
    |   +-- RefusedError          403  ... understood, and not allowed
    |   |   +-- ServiceRefusedError 403  ... a SERVICE or LOAD outside the allow-list
    |   |       +-- EndpointRefusedError 403  ... an endpoint that is not on it, never silenced
    |   |   +-- FolderGraphError  403  ... a write to a graph that belongs to the folder's files
    |   +-- NotFoundError         404
    |   +-- SlowBodyError         408  ... its body did not arrive in time
    |   +-- ClientLeftError       400  ... its body broke off
    |   +-- GoneError             410  ... it was there: superseded, or not kept
    |   |   +-- GenerationGoneError  410  ... a generation that was asked for by number
    |   +-- LoadError             400  ... a file of RDF cannot be loaded; nothing of it was
    |   +-- ConflictError         409  ... it contradicts what is there, a name that is taken
    |   +-- PreconditionNeededError 428 ... a change does not tell what it was made to
    |   +-- MethodError           405
    |   +-- NotAcceptableError    406
    |   +-- PreconditionError     412  ... If-Match names another state than the present one
    |   +-- TooLargeError         413
    |   +-- MediaTypeError        415
    +-- RemoteError               502  another endpoint failed; SERVICE SILENT goes on without it
    |   +-- RemoteUnreachableError 502 ... no connection to it
    |   +-- RemoteRefusedError    502  ... it refuses the request
    |   +-- RemoteAnswerError     502  ... its answer cannot be used
    |   +-- RemoteTimeoutError    504  ... it takes too long
    |   +-- RemoteTooLargeError   502  ... the request is too large for it
    |   +-- RemoteBusyError       503  ... it asks us to wait, or others are asking it
    |   +-- FederationBudgetError 503  ... the query may ask for no more
    |   +-- FederationOfflineError 503 ... endpoints are not asked, and nothing is kept of it
    +-- UnsupportedError          501  the engine that was set cannot do it, another could
    +-- EngineFaultError          502  the server that answers in place of the engine fails
    +-- Http10Error               505  the answer is too long for a client of HTTP/1.0
    +-- UnavailableError          503  try again later
        +-- TooBusyError          503  ... no worker became free in time
        +-- GenerationMovedError  503  ... the data changed between two queries of one page
        +-- QueryTimeoutError     503  ... the query ran into its time limit
        +-- QueryMemoryError      503  ... the query ran into its memory limit, probably
        +-- QueryCrashError       503  ... the engine ended while it ran the query
        +-- UpdateTimeoutError    503  ... the update ran into its time limit; nothing was changed
        +-- EngineUnreachableError 503 ... no connection to the server that answers in its place
        +-- WriteFailedError      503  ... the write could not be kept; nothing was changed
        +-- WriteOutcomeUnknownError  503  ... the server ended while it worked at a write
        +-- GenerationDamagedError 503 ... its files are spoiled; the one before is about to serve
        +-- QueryCancelledError   503  ... stopped by an operator or because its client left
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Position:
    """A place in a text: line and column count from 1, in code points."""

    line: int
    column: int


class OnrecordError(Exception):
    """Anything Onrecord refuses or fails to do, as one sentence for people.

    `status` is the HTTP status, `title` the short name of the problem and
    `code` its stable identifier for machines.
    """

    status = 500
    title = "Internal error"
    code = "internal-error"
    retry_after: int | None = None
    """Seconds after which it makes sense to try again, where that is known."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class SettingError(OnrecordError):
    title = "Wrong setting"
    code = "setting"


class FolderError(OnrecordError):
    title = "The folder cannot be served"
    code = "folder"


class FolderSyntaxError(FolderError):
    """A file of the folder does not parse; `detail` starts with file, line and column."""

    title = "Syntax error in the folder"
    code = "folder-syntax"

    def __init__(self, path: str, position: Position | None, reason: str, remedy: str) -> None:
        where = f"{path}:{position.line}:{position.column}" if position else path
        super().__init__(f"{where}: {reason} {remedy}")
        self.path = path
        self.position = position


class StoreError(OnrecordError):
    title = "The store cannot be used"
    code = "store"


class StoreLockedError(StoreError):
    status = 503
    title = "The store is in use"
    code = "store-locked"


class StoreDamagedError(StoreError):
    title = "The store is damaged"
    code = "store-damaged"


class RequestError(OnrecordError):
    status = 400
    title = "Bad request"
    code = "bad-request"


class QuerySyntaxError(RequestError):
    """A SPARQL text that does not parse, with the place and the line it stands in."""

    title = "SPARQL syntax error"
    code = "query-syntax"

    def __init__(self, detail: str, position: Position | None = None, line_text: str = "") -> None:
        super().__init__(detail)
        self.position = position
        self.line_text = line_text

    def caret(self) -> str:
        """The offending line with a caret under the column; empty without a position."""
        if self.position is None:
            return ""
        lead = "".join("\t" if c == "\t" else " " for c in self.line_text[: self.position.column - 1])
        return f"{self.line_text}\n{lead}^"


class QueryBoundsError(RequestError):
    title = "The query is too deep or too long"
    code = "query-bounds"


class QueryEvaluationError(RequestError):
    title = "The query cannot be evaluated"
    code = "query-evaluation"


class FederationError(RequestError):
    title = "SERVICE cannot be answered this way"
    code = "federation"


class ParameterError(RequestError):
    title = "Wrong parameter"
    code = "parameter"


class SavedQueryError(RequestError):
    title = "Malformed saved query"
    code = "saved-query"


class UnsoundQueryError(SavedQueryError):
    """A query that would answer, and wrongly: each finding of its check is told."""

    status = 422
    title = "The query would answer wrongly"
    code = "unsound-query"


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


class LoadError(RequestError):
    """A file that cannot be loaded; nothing of it or of the others was."""

    title = "The data cannot be loaded"
    code = "load"


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


class SlowBodyError(RequestError):
    """The request's body did not arrive in time."""

    status = 408
    title = "Request too slow"
    code = "request-timeout"


class ClientLeftError(RequestError):
    """The client went away, or broke off its body, before the request was whole."""

    title = "Broken request"
    code = "broken-body"


class UnsupportedError(OnrecordError):
    """What the engine that was set cannot do, whatever is sent; another engine could."""

    status = 501
    title = "Not possible with this engine"
    code = "unsupported"


class EngineFaultError(OnrecordError):
    """The server that answers in place of the embedded engine does not answer as it should."""

    status = 502
    title = "The engine elsewhere fails"
    code = "engine-fault"


class Http10Error(OnrecordError):
    """An answer too long to be held for a client of HTTP/1.0."""

    status = 505
    title = "HTTP/1.1 is needed"
    code = "http-version"


class UnavailableError(OnrecordError):
    status = 503
    title = "Not available now"
    code = "unavailable"
    retry_after: int | None = 5


class TooBusyError(UnavailableError):
    title = "Too busy"
    code = "too-busy"


class GenerationMovedError(UnavailableError):
    title = "The data changed meanwhile"
    code = "generation-moved"
    retry_after = 1


class QueryTimeoutError(UnavailableError):
    title = "Time limit reached"
    code = "query-timeout"
    retry_after = None


class QueryMemoryError(UnavailableError):
    title = "Memory limit reached, probably"
    code = "query-memory"
    retry_after = None


class QueryCrashError(UnavailableError):
    title = "The engine ended while it ran the query"
    code = "query-crash"
    retry_after = None


class UpdateTimeoutError(UnavailableError):
    title = "Time limit reached, nothing changed"
    code = "update-timeout"
    retry_after = None


class EngineUnreachableError(UnavailableError):
    title = "The engine elsewhere cannot be reached"
    code = "engine-unreachable"


class WriteFailedError(UnavailableError):
    title = "Not written, nothing changed"
    code = "write-failed"


class WriteOutcomeUnknownError(UnavailableError):
    title = "Nobody knows whether it was written"
    code = "write-outcome-unknown"
    # To send it again at once might write it twice.
    retry_after = None


class GenerationDamagedError(UnavailableError):
    title = "The data's files are damaged"
    code = "generation-damaged"


class QueryCancelledError(UnavailableError):
    title = "The query was stopped"
    code = "query-cancelled"
    retry_after = None


def encode_error(error: OnrecordError) -> dict[str, object]:
    """`error` as a JSON object that crosses a process boundary; `decode_error` undoes it."""
    document: dict[str, object] = {"code": error.code, "detail": error.detail}
    if error.retry_after != type(error).retry_after:
        document["retry_after"] = error.retry_after
    if isinstance(error, QuerySyntaxError) and error.position is not None:
        document["position"] = [error.position.line, error.position.column]
        document["line_text"] = error.line_text
    if isinstance(error, RemoteError):
        document |= {"endpoint": error.endpoint, "retry_after": error.retry_after, "requests": error.requests}
    return document


def decode_error(document: dict[str, object]) -> OnrecordError:
    """The error that `encode_error` wrote; an unknown code becomes a plain OnrecordError."""
    detail = str(document.get("detail", ""))
    kind = _by_code(OnrecordError).get(str(document.get("code")), OnrecordError)
    if issubclass(kind, QuerySyntaxError):
        place = document.get("position")
        position = Position(int(place[0]), int(place[1])) if isinstance(place, list) else None
        return kind(detail, position, str(document.get("line_text", "")))
    if issubclass(kind, RemoteError):
        wait, requests = document.get("retry_after"), document.get("requests")
        remote = kind(detail, str(document.get("endpoint", "")), wait if isinstance(wait, int) else None)
        remote.requests = requests if isinstance(requests, int) else 0
        return remote
    error = kind.__new__(kind)
    OnrecordError.__init__(error, detail)
    if "retry_after" in document:
        error.retry_after = int(str(document["retry_after"]))
    return error


def _by_code(kind: type[OnrecordError]) -> dict[str, type[OnrecordError]]:
    found = {kind.code: kind}
    for child in kind.__subclasses__():
        found |= _by_code(child)
    return found
