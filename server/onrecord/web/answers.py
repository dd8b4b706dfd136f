"""Answers as HTTP responses: entity tags, conditional requests, streams that always close."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from flask import Response, request

from onrecord import __version__
from onrecord.engine import Answer, Generation, QueryRequest
from onrecord.federation.clause import Clause, digest_of
from onrecord.federation.report import summarize
from onrecord.formats import Format
from onrecord.web.access import page_scope
from onrecord.web.coded_responses import told_tag
from onrecord.web.services import clauses_of_request
from onrecord.web.site import Site, on_leave, refuse_failed, sender

_SHORT_ANSWER = 1 << 20


class _Body:
    """A response body that closes its answer also when it was never sent (HEAD).

    Its first piece is there before the response is: an answer that fails
    until then raises here, while it can still become a clean problem.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._rest = iter(answer)
        self._first = next(self._rest, b"")

    def __iter__(self) -> Iterator[bytes]:
        return chain((self._first,), self._rest)

    def drain(self) -> None:
        """Read a short answer to its end, so that its worker lives on; leave a long one."""
        size = 0
        for piece in self:
            size += len(piece)
            if size > _SHORT_ANSWER:
                return

    def close(self) -> None:
        self._answer.close()


def entity_tag(
    site: Site,
    generation: Generation,
    asked: QueryRequest,
    representation: str,
    services: Sequence[Clause] = (),
) -> str:
    """The ETag of an answer before it is computed: a digest of all that it depends on.

    That of an answer that other endpoints had a part in is known only after they
    were asked: `services` is what they gave. Weak for pages, which also tell how
    long they took (`html`, and what is asked of the page), and for a
    representation that begins with W/.
    """
    settings = site.settings
    is_page = representation.partition(" ")[0] == "html"
    parts = [
        generation.uuid,
        generation.number,
        asked.text,
        asked.kind,
        representation,
        asked.default_graphs,
        asked.named_graphs,
        settings.default_graph,
        settings.empty,
        asked.base_iri,
        __version__,
        *([site.look, settings.public_url, page_scope()] if is_page else []),
        *([digest_of(services)] if services else []),
        *([[use.sentence for use in summarize(services)]] if is_page else []),
    ]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
    weak = is_page or representation.startswith("W/")
    return f'{"W/" if weak else ""}"{generation.label}.{digest}"'


def is_fresh(tag: str, generation: Generation) -> bool:
    """Whether the client told by If-None-Match that it has `tag`, made from `generation`, already.

    Never where that may change unseen. Only for GET and HEAD; `*` is left to `answer_any_tag`, since the
    query may be wrong.
    """
    if not generation.is_immutable or request.method not in ("GET", "HEAD"):
        return False
    if request.if_none_match.star_tag:
        return False
    return told_tag(tag) is not None


def not_modified(tag: str, generation: Generation) -> Response:
    """304 with the headers that a 200 would carry."""
    response = Response(status=304)
    response.headers["ETag"] = told_tag(tag) or tag
    mark(response, generation)
    return response


def known_before(asked: QueryRequest) -> bool:
    """Whether the ETag of the answer to `asked` can be told without running it."""
    return asked.federating is None


def tag_answer(
    site: Site, response: Response, generation: Generation, asked: QueryRequest, representation: str
) -> None:
    """Give `response` the ETag of its answer; none where another endpoint spoiled that.

    Where the client told that it has the answer already, the body goes: what
    other endpoints gave may be the same again, which shows only now.
    """
    clauses = clauses_of_request()
    if not all(clause.is_complete for clause in clauses):
        return
    tag = entity_tag(site, generation, asked, representation, clauses)
    response.headers["ETag"] = tag
    if clauses and is_fresh(tag, generation):
        response.headers["ETag"] = told_tag(tag) or tag
        _leave_out_body(response)


def answer_any_tag(response: Response) -> None:
    """Make `response` a 304 where the client asked only for what it has not, whatever that is.

    `If-None-Match: *` names every representation there is (RFC 9110, section 13.1.2), so it is decided
    once the answer is known to be one.
    """
    if (
        request.method in ("GET", "HEAD")
        and response.status_code == 200
        and "ETag" in response.headers
        and request.if_none_match.star_tag
    ):
        _leave_out_body(response)


def _leave_out_body(response: Response) -> None:
    response.close()
    response.status_code = 304
    response.response = []
    for name in ("Content-Type", "Content-Length"):
        response.headers.remove(name)


def stream(site: Site, asked: QueryRequest, *, tagged: bool) -> Response:
    """Run `asked` and stream its answer; HEAD runs it as well and sends no body.

    The ETag names the generation that the worker answered from. Raises the
    answer's error when it comes before the first byte.
    """
    refuse_failed()
    answer = site.engine.query(replace(asked, sender=sender()), on_leave())
    try:
        body = _Body(answer)
        if request.method == "HEAD":
            body.drain()
    except BaseException:
        answer.close()
        raise
    response = Response(body, content_type=asked.format.content_type)
    if tagged:
        tag_answer(site, response, answer.head.generation, asked, asked.format.name)
    mark(response, answer.head.generation)
    return response


def mark(response: Response, generation: Generation) -> None:
    """The headers of everything that depends on the data; no ETag where that may change unseen."""
    if generation.is_immutable:
        response.headers["Onrecord-Generation"] = generation.label
    else:
        response.headers.remove("ETag")
    response.headers["Cache-Control"] = "no-cache"


def link_alternates(response: Response, links: Sequence[tuple[str, Format]]) -> None:
    """`Link: rel=alternate` for the other formats of the same answer."""
    for address, format in links:
        response.headers.add("Link", f'<{address}>; rel="alternate"; type="{format.full_type}"')
