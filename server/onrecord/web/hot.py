"""The hot path of /sparql: plain queries answered without a thread and without Flask.

Flask's route defines what is answered. This module answers the same, byte for
byte, to the requests that it is sure of: a query by GET from a sender without
credentials, no SERVICE, an answer in one of the formats. Everything else, and
every request that is to be refused, it leaves to the route. What the engine
refuses it hands to the route as well (`scope["onrecord.failure"]`), which
words it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from onrecord.admission import admit
from onrecord.engine import QueryRequest
from onrecord.errors import OnrecordError
from onrecord.formats import AnswerKind, Format
from onrecord.logs import LOGGER
from onrecord.sparql import Skeletons, shape_of
from onrecord.supervision.asking import LONGEST_TEXT, AskedAnswer, Asker
from onrecord.web.answers import entity_tag
from onrecord.web.cache import Asked, Kept
from onrecord.web.coding import (
    LEAST_BYTES,
    Coding,
    choose_coding,
    is_compressible,
    is_identity_excluded,
    make_encoder,
    tag_of,
)
from onrecord.web.links import HOST, absolute
from onrecord.web.negotiation import Offer, choose, choose_named, offers_of, without_rows
from onrecord.web.protocol import ProtocolRequest, read_request
from onrecord.web.site import Site
from onrecord.web.standing_headers import ANSWER_HEADERS
from onrecord.web.visit import FAILURE, KEEP, TEXT, Scope, Send, Visit

_LOG = logging.getLogger(LOGGER)

LEAVE_SECONDS = 0.02
"""A client is watched once its query takes longer than this."""
_PARAMETERS = re.compile(rb"(?:(?:query|default-graph-uri|named-graph-uri|format|output|results)=[^&]*&?)+")
_LONGEST_PLAIN = 1 << 16
"""A longer body is coded in a thread."""


@dataclass(frozen=True)
class _Traits:
    """What admission found out about a text, and all of its skeleton."""

    kind: AnswerKind
    has_dataset_clause: bool
    is_nondeterministic: bool


@dataclass(frozen=True)
class Question:
    """A request that is answered here."""

    request: QueryRequest
    shape: str
    digest: str
    coding: Coding
    least: int
    """Bytes from which on the body is coded."""
    is_tagged: bool


class HotPath:
    """Answers what `read` takes. For one event loop."""

    def __init__(self, site: Site, asker: Asker, prefix: str) -> None:
        self._site = site
        self._asker = asker
        self._path = f"{prefix}/sparql"
        self._skeletons: Skeletons[_Traits] = Skeletons()

    def read(self, asked: Asked, scope: Scope) -> Question | None:
        """The question of a request, when it is one that is answered here; else None."""
        if asked.path != self._path or asked.is_head or asked.told_tags or not scope.get("client"):
            return None
        if _PARAMETERS.fullmatch(asked.query_string) is None:
            return None
        headers = dict(asked.deciding)
        if len(headers) != len(asked.deciding):
            return None
        host = headers.get(b"host", b"").decode("latin-1")
        try:
            query = read_request(
                {"REQUEST_METHOD": "GET", "QUERY_STRING": asked.query_string.decode("latin-1")},
                self._site.settings.query_bytes,
            )
            if not query.query or len(query.query) > LONGEST_TEXT or HOST.fullmatch(host) is None:
                return None
            return self._read(query, query.query, scope, headers, host)
        except OnrecordError:
            # The route refuses it in its own words.
            return None

    def _read(
        self, query: ProtocolRequest, text: str, scope: Scope, headers: dict[bytes, bytes], host: str
    ) -> Question | None:
        settings = self._site.settings
        known = self._skeletons.find(text)
        if known is not None and len(text.encode()) <= settings.query_bytes:
            traits, shape, digest = known.value, known.shape, known.text
        else:
            admitted = admit(text, settings.query_bytes, federates=True)
            operation = admitted.operation
            if operation.services or operation.loads or admitted.text != text or operation.unclear:
                return None
            traits = _Traits(admitted.kind, operation.has_dataset_clause, operation.is_nondeterministic)
            self._skeletons.learn(text, traits)
            shape, digest = shape_of(text)
        accept = headers.get(b"accept")
        offer = _wish(
            tuple(sorted(query.formats.items())),
            accept.decode("latin-1") if accept is not None else None,
            traits.kind,
        )
        if offer.format is None:
            return None
        if self._site.settings.public_url:
            endpoint = absolute(self._path, settings.public_url)
        else:
            endpoint = f"{scope['scheme']}://{host}{self._path}"
        coding, least = _coding(headers.get(b"accept-encoding", b"").decode("latin-1"), offer.format)
        scope[TEXT] = text
        return Question(
            QueryRequest(
                text,
                traits.kind,
                offer.format,
                self._site.base_iri(endpoint),
                query.default_graphs,
                query.named_graphs,
                traits.has_dataset_clause,
                sender=scope["client"][0],
            ),
            shape,
            digest,
            coding,
            least,
            not traits.is_nondeterministic,
        )

    async def answer(
        self, question: Question, scope: Scope, visit: Visit, send: Send
    ) -> tuple[bool, Kept | None]:
        """Answer `question`; whether that was done, and the response if it may be kept.

        When it was not done, nothing has been sent, and the route finds the failure in `scope`.
        """
        answer = None
        timer = asyncio.get_running_loop().call_later(LEAVE_SECONDS, visit.watch)
        try:
            answer = self._asker.ask(question.request, question.shape, question.digest)
            unregister = visit.on_leave(answer.leave)
            try:
                await answer.start()
                first = await answer.next_piece()
                second = None if first is None else await answer.next_piece()
            finally:
                unregister()
        except OnrecordError as error:
            scope[FAILURE] = error
            if answer is not None:
                answer.close()
            return False, None
        except BaseException:
            if answer is not None:
                answer.close()
            raise
        finally:
            timer.cancel()
        try:
            if second is None:
                return True, await self._send_whole(question, answer, first or b"", send)
            visit.watch()
            unregister = visit.on_leave(answer.leave)
            if question.is_tagged and KEEP in scope:
                scope[KEEP]()
            try:
                await self._send_stream(question, answer, first or b"", second, send)
            except OnrecordError as error:
                # Returning without a last message breaks the connection.
                if not visit.left:
                    _LOG.warning("an answer broke off: %s", error)
            finally:
                unregister()
            return True, None
        finally:
            answer.close()

    async def _send_whole(
        self, question: Question, answer: AskedAnswer, body: bytes, send: Send
    ) -> Kept | None:
        coding = question.coding if len(body) >= question.least else "identity"
        headers = self._headers(question, answer, coding)
        if coding != "identity":
            body = await _in_thread(body, lambda: _code(coding, body))
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})
        return Kept(200, headers, body) if question.is_tagged else None

    async def _send_stream(
        self, question: Question, answer: AskedAnswer, first: bytes, second: bytes, send: Send
    ) -> None:
        """Raises what makes the answer fail half-way."""
        headers = self._headers(question, answer, question.coding)
        encoder = make_encoder(question.coding)
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        piece: bytes | None = first
        following: bytes | None = second
        while piece is not None:
            if question.coding != "identity":
                plain = piece
                piece = await _in_thread(plain, lambda plain=plain: encoder.feed(plain))  # type: ignore[misc]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece, following = following, await answer.next_piece() if following is not None else None
        await send({"type": "http.response.body", "body": encoder.finish()})

    def _headers(
        self, question: Question, answer: AskedAnswer, coding: Coding
    ) -> tuple[tuple[bytes, bytes], ...]:
        """What the route tells of such an answer, in its order."""
        generation = answer.generation
        told = [(b"content-type", question.request.format.content_type.encode())]
        if question.is_tagged:
            name = question.request.format.name
            tag = tag_of(entity_tag(self._site, generation, question.request, name), coding)
            told.append((b"etag", tag.encode()))
        told.append((b"onrecord-generation", generation.label.encode()))
        coded = [] if coding == "identity" else [(b"content-encoding", coding.encode())]
        return (*told, *ANSWER_HEADERS, *coded)


@lru_cache(maxsize=512)
def _wish(formats: tuple[tuple[str, tuple[str, ...]], ...], accept: str | None, kind: AnswerKind) -> Offer:
    """As the route chooses. Raises NotAcceptableError."""
    return choose_named(dict(formats), kind) or choose(without_rows(accept, kind), offers_of(kind))


@lru_cache(maxsize=256)
def _coding(accepted: str, written: Format) -> tuple[Coding, int]:
    """The coding of a long enough body, and from how many bytes on. Raises NotAcceptableError."""
    coding = choose_coding(accepted or None)
    if coding == "identity" or not is_compressible(written.content_type):
        return "identity", 0
    return coding, 1 if is_identity_excluded(accepted) else LEAST_BYTES


def _code(coding: Coding, body: bytes) -> bytes:
    encoder = make_encoder(coding)
    return encoder.feed(body) + encoder.finish()


async def _in_thread(body: bytes, work: Callable[[], bytes]) -> bytes:
    """The result of `work` on `body`, without holding up others when that is long."""
    return work() if len(body) <= _LONGEST_PLAIN else await asyncio.to_thread(work)
