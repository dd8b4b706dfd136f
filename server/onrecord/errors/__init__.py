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
    |   +-- DiskFullError         507  ... its disk, or that for temporary files, is full
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
        +-- StrayAnswerError      503  ... the answer of another query came, and was thrown away
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

from onrecord.errors.access import (
    EndpointRefusedError,
    FolderGraphError,
    RefusedError,
    ServiceRefusedError,
    TooManyFailuresError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from onrecord.errors.base import (
    OnrecordError,
    Position,
)
from onrecord.errors.disks import (
    is_disk_full,
    name_failure,
)
from onrecord.errors.encoding import (
    decode_error,
    encode_error,
)
from onrecord.errors.engine import (
    EngineFaultError,
    EngineUnreachableError,
    GenerationDamagedError,
    GenerationMovedError,
    QueryCancelledError,
    QueryCrashError,
    QueryMemoryError,
    QueryTimeoutError,
    StrayAnswerError,
    TooBusyError,
    UnavailableError,
    UnsupportedError,
    UpdateTimeoutError,
    WriteFailedError,
    WriteOutcomeUnknownError,
)
from onrecord.errors.queries import (
    FederationError,
    LoadError,
    ParameterError,
    QueryBoundsError,
    QueryEvaluationError,
    QuerySyntaxError,
    SavedQueryError,
    UnsoundQueryError,
)
from onrecord.errors.remote import (
    FederationBudgetError,
    FederationOfflineError,
    RemoteAnswerError,
    RemoteBusyError,
    RemoteError,
    RemoteRefusedError,
    RemoteTimeoutError,
    RemoteTooLargeError,
    RemoteUnreachableError,
)
from onrecord.errors.requests import (
    ClientLeftError,
    ConflictError,
    GenerationGoneError,
    GoneError,
    Http10Error,
    MediaTypeError,
    MethodError,
    NotAcceptableError,
    NotFoundError,
    PreconditionError,
    PreconditionNeededError,
    RequestError,
    ResultTooLargeError,
    SlowBodyError,
    TooLargeError,
)
from onrecord.errors.serving import (
    DiskFullError,
    FolderError,
    FolderSyntaxError,
    SettingError,
    StoreDamagedError,
    StoreError,
    StoreLockedError,
)

__all__ = [
    "ClientLeftError",
    "ConflictError",
    "DiskFullError",
    "EndpointRefusedError",
    "EngineFaultError",
    "EngineUnreachableError",
    "FederationBudgetError",
    "FederationError",
    "FederationOfflineError",
    "FolderError",
    "FolderGraphError",
    "FolderSyntaxError",
    "GenerationDamagedError",
    "GenerationGoneError",
    "GenerationMovedError",
    "GoneError",
    "Http10Error",
    "LoadError",
    "MediaTypeError",
    "MethodError",
    "NotAcceptableError",
    "NotFoundError",
    "OnrecordError",
    "ParameterError",
    "Position",
    "PreconditionError",
    "PreconditionNeededError",
    "QueryBoundsError",
    "QueryCancelledError",
    "QueryCrashError",
    "QueryEvaluationError",
    "QueryMemoryError",
    "QuerySyntaxError",
    "QueryTimeoutError",
    "RefusedError",
    "RemoteAnswerError",
    "RemoteBusyError",
    "RemoteError",
    "RemoteRefusedError",
    "RemoteTimeoutError",
    "RemoteTooLargeError",
    "RemoteUnreachableError",
    "RequestError",
    "ResultTooLargeError",
    "SavedQueryError",
    "ServiceRefusedError",
    "SettingError",
    "SlowBodyError",
    "StoreDamagedError",
    "StoreError",
    "StoreLockedError",
    "StrayAnswerError",
    "TooBusyError",
    "TooLargeError",
    "TooManyFailuresError",
    "TooManyRequestsError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnsoundQueryError",
    "UnsupportedError",
    "UpdateTimeoutError",
    "WriteFailedError",
    "WriteOutcomeUnknownError",
    "decode_error",
    "encode_error",
    "is_disk_full",
    "name_failure",
]
