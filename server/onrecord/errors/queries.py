"""A request whose SPARQL, parameters or RDF are wrong."""

from __future__ import annotations

from onrecord.errors.base import Position
from onrecord.errors.requests import RequestError


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


class LoadError(RequestError):
    """A file that cannot be loaded; nothing of it or of the others was."""

    title = "The data cannot be loaded"
    code = "load"
