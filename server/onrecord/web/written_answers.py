"""Answers of saved queries that are written here: with added columns, by pages, as documents."""

from __future__ import annotations

from flask import Response

from onrecord.engine import Generation, QueryRequest
from onrecord.formats import Format
from onrecord.web.answers import entity_tag, is_fresh, known_before, mark, not_modified, tag_answer
from onrecord.web.asked_query import AskedQuery
from onrecord.web.links import absolute, endpoint_url
from onrecord.web.options import MOST_ROWS_A_PAGE, refuse_row_options
from onrecord.web.result_sizes import note_size
from onrecord.web.saved_results import write_result
from onrecord.web.services import told_of_services
from onrecord.web.site import Site


def write_answer(
    here: Site, asked: AskedQuery, request: QueryRequest, format: Format, *, tagged: bool
) -> Response:
    """The answer to `request` in `format`, with the columns and the page that the address asks for.

    Raises ParameterError for options that need rows where there are none, and
    as `write_result` does.
    """
    if asked.kind != "solutions":
        refuse_row_options(asked.options, asked.query.name)
    origin = endpoint_url(here.settings.public_url)
    representation = f"W/{format.name}{asked.options.pairs()}{origin}"
    if tagged and known_before(request):
        generation = here.engine.generation()
        tag = entity_tag(here, generation, request, representation)
        if is_fresh(tag, generation):
            return not_modified(tag, generation)
    result = write_result(
        here, request, format, asked.options, asked.query.title, lambda g: _facts(here, asked, g)
    )
    response = Response(result.body, content_type=format.content_type)
    if tagged:
        tag_answer(here, response, result.generation, request, representation)
    mark(response, result.generation)
    if result.rows is not None:
        note_size(asked, result.generation, result.rows, is_more=result.truncated)
        limit = asked.options.limit or MOST_ROWS_A_PAGE
        told = link_pages(
            here, asked, result.generation, result.rows, limit=limit, truncated=result.truncated
        )
        response.headers.extend(told)
    return response


def link_pages(
    here: Site, asked: AskedQuery, generation: Generation, rows: int, *, limit: int, truncated: bool
) -> list[tuple[str, str]]:
    """Headers that tell which rows these are, aloud whether rows are missing, and where the next ones are.

    The pages beside this one are of the same generation.
    """
    offset = asked.options.offset
    first = offset + 1 if rows else offset
    told = [
        ("Onrecord-Rows", f"{first}-{offset + rows}"),
        ("Onrecord-Truncated", "true" if truncated else "false"),
    ]
    for rel, address in page_addresses(
        asked, asked.suffix, generation.told, limit=limit, truncated=truncated
    ).items():
        told.append(("Link", f'<{absolute(address, here.settings.public_url)}>; rel="{rel}"'))
    return told


def page_addresses(
    asked: AskedQuery, suffix: str, generation: str, *, limit: int, truncated: bool
) -> dict[str, str]:
    """The paths of the pages beside this one, by their relation: next, prev and first."""
    offset = asked.options.offset
    wanted: dict[str, int] = {}
    if truncated and offset + limit <= MOST_ROWS_A_PAGE:
        wanted["next"] = offset + limit
    if offset:
        wanted |= {"prev": max(0, offset - limit), "first": 0}
    return {
        rel: asked.address(suffix, limit=limit, offset=start, generation=generation)
        for rel, start in wanted.items()
    }


def _facts(here: Site, asked: AskedQuery, generation: Generation) -> dict[str, str]:
    # The whole address, also where none is set: a document leaves this machine.
    return {
        "from": absolute(asked.address(), endpoint_url(here.settings.public_url)),
        "dataset": here.title,
        "query": f"{asked.query.name}, version {asked.version}",
        "generation": generation.told or "none is kept",
        **told_of_services(),
    }
