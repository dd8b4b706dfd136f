"""What may be asked of an engine: the one check of every text from outside, wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from onrecord.errors import RequestError
from onrecord.formats import KIND_OF_FORM, AnswerKind
from onrecord.sparql import (
    Operation,
    check_bounds,
    describe,
    lower_booleans,
    refuse_foreign_syntax,
    refuse_long_text,
    refuse_remote,
    skip_silent_loads,
)


@dataclass(frozen=True)
class Admitted:
    """A query that an engine may see, and the kind of its answer."""

    text: str
    """What was sent, with its booleans as the engine reads them."""
    operation: Operation
    kind: AnswerKind


def admit(text: str, most_bytes: int, *, federates: bool = False) -> Admitted:
    """What `text` asks for, once it is bounded and stays on this server.

    `federates` lets SERVICE through: the federation layer answers it before
    an engine sees the text. Raises QueryBoundsError, ServiceRefusedError,
    QuerySyntaxError, and RequestError for an update.

    >>> admit("ASK {}", 100).kind
    'boolean'
    """
    refuse_long_text(text, most_bytes)
    text = lower_booleans(text)
    check_bounds(text)
    operation = describe(text)
    if operation.is_update:
        raise RequestError(
            "This text is an update, and a query was asked for. Queries read, they change nothing."
        )
    refuse_remote(replace(operation, services=()) if federates else operation)
    refuse_foreign_syntax(text)
    # What is none of the four forms goes to the engine, which tells where the mistake is.
    return Admitted(text, operation, KIND_OF_FORM.get(operation.form, "solutions"))


def admit_update(text: str, most_bytes: int) -> str:
    """The update `text` as the engine may see it; its data blocks are bounded by bytes alone.

    LOAD SILENT loads nothing: another operation that changes nothing stands in its place.

    Raises QueryBoundsError, ServiceRefusedError and QuerySyntaxError, and RequestError for a query.

    >>> admit_update("INSERT DATA { <urn:a> <urn:b> 1 }", 100)
    'INSERT DATA { <urn:a> <urn:b> 1 }'
    """
    refuse_long_text(text, most_bytes)
    text = lower_booleans(text)
    check_bounds(text)
    operation = describe(text)
    if operation.form not in ("update", "unknown"):
        raise RequestError("This text is a query, and an update was asked for. Send it as a query.")
    text = skip_silent_loads(text)
    refuse_remote(describe(text))
    refuse_foreign_syntax(text)
    return text
