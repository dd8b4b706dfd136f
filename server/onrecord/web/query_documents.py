"""Answers of /sparql as documents: what people take elsewhere, in the formats that saved queries have too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response

from onrecord.engine import Generation, QueryRequest
from onrecord.formats import AnswerKind, Format, documents_of
from onrecord.web.answers import mark
from onrecord.web.links import absolute, endpoint_url
from onrecord.web.options import NO_OPTIONS
from onrecord.web.saved_results import write_result
from onrecord.web.services import told_of_services
from onrecord.web.site import Site

TITLE = "Result of a query"


def find_document(values: Mapping[str, Sequence[str]], kind: AnswerKind) -> Format | None:
    """The document that the parameter `format` names by its name or suffix; None where it names none.

    >>> find_document({"format": ["xlsx"]}, "solutions").name
    'xlsx'
    >>> find_document({"format": ["xlsx"]}, "graph") is None
    True
    """
    asked = [value.strip().lower() for value in values.get("format", ())]
    return next((f for f in documents_of(kind) if asked and asked[-1] in (f.name, f.suffix)), None)


def answer_document(here: Site, query: QueryRequest, format: Format, address: str) -> Response:
    """The answer to `query` as a document that tells it is from `address`.

    Raises as `write_result` does.
    """

    def tell(generation: Generation) -> dict[str, str]:
        return {
            "from": absolute(address, endpoint_url(here.settings.public_url)),
            "dataset": here.title,
            "generation": generation.told or "none is kept",
            **told_of_services(),
        }

    result = write_result(here, query, format, NO_OPTIONS, TITLE, tell)
    response = Response(result.body, content_type=format.content_type)
    response.headers["Content-Disposition"] = f'inline; filename="result.{format.suffix}"'
    if result.rows is not None:
        response.headers["Onrecord-Truncated"] = "true" if result.truncated else "false"
    mark(response, result.generation)
    return response
