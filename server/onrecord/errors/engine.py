"""An engine that cannot, fails, is busy, or ran into a limit."""

from __future__ import annotations

from onrecord.errors.base import OnrecordError


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


class UnavailableError(OnrecordError):
    status = 503
    title = "Not available now"
    code = "unavailable"
    retry_after: int | None = 5


class TooBusyError(UnavailableError):
    title = "Too busy"
    code = "too-busy"


class StrayAnswerError(UnavailableError):
    """What came from a worker belongs to another query. It is thrown away, with the worker."""

    title = "The answer was not the one to this query"
    code = "stray-answer"
    retry_after = 1


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
