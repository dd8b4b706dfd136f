"""Answers on pages: bounded, labelled, with the way to get all of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import Response
from markupsafe import Markup

from onrecord.emptiness import Emptiness, explain_emptiness
from onrecord.engine import Answer, Generation, QueryRequest
from onrecord.formats import JSON, NTRIPLES, AnswerKind
from onrecord.solutions import Reader, iris_in, read_boolean, read_rows
from onrecord.web.answers import entity_tag, is_fresh, mark, not_modified, stream
from onrecord.web.labels import find_labels
from onrecord.web.links import link_of
from onrecord.web.negotiation import HTML, Offer
from onrecord.web.results import VOICE_IRIS, Table, make_table
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
    table: Table | None = None
    boolean: bool | None = None
    turtle: Markup | None = None
    emptiness: Emptiness | None = None
    """Why there are no rows, where that can be told."""


def respond(
    site: Site, asked: QueryRequest, offer: Offer, *, tagged: bool, page: Callable[[PageAnswer], str]
) -> Response:
    """The answer to `asked` as `offer` says; `page` renders it where that is HTML.

    `tagged` tells whether the answer depends on nothing but the query and the
    generation: only then it has an ETag and may be 304.
    """
    if tagged:
        generation = site.engine.generation()
        tag = entity_tag(site, generation, asked, offer.name)
        if is_fresh(tag, generation):
            return not_modified(tag, generation)
    if offer.format is not None:
        return stream(site, replace(asked, format=offer.format), tagged=tagged)
    shown = read_for_page(site, asked)
    response = Response(page(shown), content_type="text/html; charset=utf-8")
    if tagged:
        response.headers["ETag"] = entity_tag(site, shown.generation, asked, HTML.name)
    mark(response, shown.generation)
    return response


def read_for_page(site: Site, asked: QueryRequest) -> PageAnswer:
    """Run `asked` and read as much of its answer as a page shows."""
    started = time.monotonic()
    if asked.kind == "graph":
        return _read_graph(site, replace(asked, format=NTRIPLES, sender=sender()), started)
    limit = MOST_ROWS if asked.kind == "solutions" else None
    answer = site.engine.query(replace(asked, format=JSON, row_limit=limit, sender=sender()), on_leave())
    try:
        document = b"".join(answer)
    finally:
        answer.close()
    if asked.kind == "boolean":
        return PageAnswer(
            "boolean",
            answer.head.generation,
            _seconds(answer, started),
            1,
            False,
            boolean=read_boolean(document),
        )
    variables, rows = read_rows(document)
    emptiness = None
    if not rows:
        reader = Reader(site.engine, asked.base_iri, on_leave())
        reader.generation = answer.head.generation
        emptiness = explain_emptiness(reader, asked.text)
    labels = find_labels(site, [*VOICE_IRIS, *iris_in(rows)])
    return PageAnswer(
        "solutions",
        answer.head.generation,
        _seconds(answer, started),
        len(rows),
        answer.trailer.truncated,
        table=make_table(variables, rows, labels, site.space, link_of),
        emptiness=emptiness,
    )


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
        turtle=link_turtle(turtle, prefixes, site.space, link_of),
    )


def _seconds(answer: Answer, started: float) -> float:
    return answer.trailer.seconds or time.monotonic() - started
