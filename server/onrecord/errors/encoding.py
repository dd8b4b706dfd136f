"""Errors as JSON objects that cross a process boundary."""

from __future__ import annotations

from onrecord.errors.base import OnrecordError, Position
from onrecord.errors.queries import QuerySyntaxError
from onrecord.errors.remote import RemoteError


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
