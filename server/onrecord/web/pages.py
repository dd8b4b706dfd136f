"""Answers on pages: bounded, labelled, with the way to get all of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import Response
from markupsafe import Markup

from onrecord.emptiness import Emptiness, explain_emptiness
from onrecord.engine import Answer, Generation, QueryRequest, read_document
from onrecord.formats import JSON, NTRIPLES, AnswerKind
from onrecord.solutions import Reader, iris_in, read_boolean
from onrecord.web.answers import (
    entity_tag,
    is_fresh,
    known_before,
    mark,
    not_modified,
    stream,
    tag_answer,
)
from onrecord.web.labels import find_labels
from onrecord.web.links import page_link
from onrecord.web.negotiation import HTML, Offer
from onrecord.web.options import NO_OPTIONS, ResultOptions, refuse_row_options
from onrecord.web.page_language import page_tongue
from onrecord.web.readers import asked_languages
from onrecord.web.results import VOICE_IRIS, Table, make_table
from onrecord.web.saved_results import read_solutions
from onrecord.web.site import Site, on_leave, sender
from onrecord.web.turtle import link_turtle, to_turtle

MOST_ROWS = 1000
MOST_GRAPH_BYTES = 400_000


@dataclass(frozen=True)
class PageAnswer:
    """What a page shows of an answer; one of `table`, `boolean` and `turtle` is there."""

    kind: AnswerKind
    generation: Generation
    seconds: float
    count: int
    """Rows or triples shown."""
    truncated: bool
    offset: int = 0
    """Rows before the first one shown."""
    table: Table | None = None
    boolean: bool | None = None
    turtle: Markup | None = None
    emptiness: Emptiness | None = None
    """Why there are no rows, where that can be told."""


def rows_of_page(options: ResultOptions) -> int:
    """The most rows that a page shows with `options`.

    >>> rows_of_page(ResultOptions(limit=20)), rows_of_page(ResultOptions(limit=50_000))
    (20, 1000)
    """
    return min(options.limit or MOST_ROWS, MOST_ROWS)


def respond(
    site: Site,
    asked: QueryRequest,
    offer: Offer,
    *,
    tagged: bool,
    page: Callable[[PageAnswer], str],
    options: ResultOptions = NO_OPTIONS,
    headers: Callable[[PageAnswer], list[tuple[str, str]]] | None = None,
) -> Response:
    """The answer to `asked` as `offer` says; `page` renders it where that is HTML.

    `tagged` tells whether the answer depends on nothing but the query and the
    generation: only then it has an ETag and may be 304. `options` and the
    `headers` of rows are for pages alone. Raises ParameterError for options
    that need rows where there are none.
    """
    told = options.pairs() if offer is HTML else []
    representation = f"{offer.name} {told}" if told else offer.name
    if offer is HTML:
        representation += f" {page_tongue().code}"
    if tagged and known_before(asked):
        generation = site.engine.generation()
        tag = entity_tag(site, generation, asked, representation)
        if is_fresh(tag, generation):
            return not_modified(tag, generation)
    if offer.format is not None:
        return stream(site, replace(asked, format=offer.format), tagged=tagged)
    shown = read_for_page(site, asked, options)
    response = Response(page(shown), content_type="text/html; charset=utf-8")
    if tagged:
        tag_answer(site, response, shown.generation, asked, representation)
    if headers is not None and shown.kind == "solutions":
        response.headers.extend(headers(shown))
    mark(response, shown.generation)
    return response


def read_for_page(site: Site, asked: QueryRequest, options: ResultOptions = NO_OPTIONS) -> PageAnswer:
    """Run `asked` and read as much of its answer as a page shows.

    Raises ParameterError as `respond` does, and what the engine raises.
    """
    started = time.monotonic()
    if asked.kind != "solutions":
        refuse_row_options(options, "this query")
    if asked.kind == "graph":
        return _read_graph(site, replace(asked, format=NTRIPLES, sender=sender()), started)
    if asked.kind == "boolean":
        return _read_boolean(site, replace(asked, format=JSON, sender=sender()), started)
    cut = replace(options, labels=None, limit=rows_of_page(options))
    read = read_solutions(site, replace(asked, sender=sender()), cut)
    rows = read.solutions.rows
    emptiness = None
    if not rows and not options.offset:
        reader = Reader(site.engine, asked.base_iri, on_leave())
        reader.generation = read.generation
        emptiness = explain_emptiness(reader, asked.text)
    tongues = options.labels or asked_languages(site)
    labels = find_labels(site, [*VOICE_IRIS, *iris_in(rows)], tongues)
    return PageAnswer(
        "solutions",
        read.generation,
        read.seconds or time.monotonic() - started,
        len(rows),
        read.solutions.truncated,
        options.offset,
        table=make_table(
            read.solutions.variables,
            rows,
            labels,
            site.space,
            page_link,
            prefers_labels=bool(tongues) or options.labels is not None,
        ),
        emptiness=emptiness,
    )


def _read_boolean(site: Site, asked: QueryRequest, started: float) -> PageAnswer:
    answer = site.engine.query(asked, on_leave())
    document = read_document(answer)
    generation, seconds = answer.head.generation, _seconds(answer, started)
    return PageAnswer("boolean", generation, seconds, 1, False, boolean=read_boolean(document))


def _read_graph(site: Site, asked: QueryRequest, started: float) -> PageAnswer:
    answer = site.engine.query(asked, on_leave())
    document = bytearray()
    try:
        for piece in answer:
            document += piece
            if len(document) > MOST_GRAPH_BYTES:
                break
    finally:
        answer.close()
    truncated = len(document) > MOST_GRAPH_BYTES
    if truncated:
        del document[document.rfind(b"\n", 0, MOST_GRAPH_BYTES) + 1 :]
    turtle, count, prefixes = to_turtle(bytes(document), site.space)
    return PageAnswer(
        "graph",
        answer.head.generation,
        _seconds(answer, started),
        count,
        truncated,
        turtle=link_turtle(turtle, prefixes, site.space, page_link),
    )


def _seconds(answer: Answer, started: float) -> float:
    return answer.trailer.seconds or time.monotonic() - started
