"""The root of the tree of errors, and the place in a text that some of them name."""

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
