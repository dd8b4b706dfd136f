"""Responses of Flask in the content coding that their client likes best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, cast

from flask import Response, request

from onrecord.errors import NotAcceptableError
from onrecord.web.coding import (
    LEAST_BYTES,
    Coding,
    choose_coding,
    encode,
    encode_pieces,
    is_compressible,
    is_identity_excluded,
    tag_of,
)

_WITHOUT_BODY = (204, 205, 304)


def encode_response(response: Response) -> None:
    """Code the body of `response`, or leave it where coding gains nothing."""
    if response.status_code in _WITHOUT_BODY or response.status_code < 200:
        if response.status_code == 304:
            response.vary.add("Accept-Encoding")
        return
    if (
        "Content-Encoding" in response.headers
        or response.direct_passthrough
        or not is_compressible(response.content_type or "")
    ):
        return
    response.vary.add("Accept-Encoding")
    if request.cookies and response.mimetype == "text/html":
        # The length of a coded page that holds both a secret (the form token) and text of an
        # address would tell an onlooker the secret byte by byte (BREACH).
        return
    accepted = request.headers.get("Accept-Encoding")
    coding = _choose_or_plain(accepted)
    if coding == "identity":
        return
    least = 0 if is_identity_excluded(accepted) else LEAST_BYTES
    if response.is_streamed:
        _encode_stream(response, coding, least)
    else:
        _encode_whole(response, coding, least)


def require_coding() -> None:
    """Return nothing where the current request leaves a way to send a body; else raise NotAcceptableError."""
    choose_coding(request.headers.get("Accept-Encoding"))


def told_tag(tag: str) -> str | None:
    """The entity tag under which the client has what `tag` names, going by its If-None-Match; or None.

    That of the plain bytes, or of the coding in which they would be sent now.
    """
    coding = _choose_or_plain(request.headers.get("Accept-Encoding"))
    for known in (tag_of(tag, coding), tag):
        if request.if_none_match.contains_weak(known.removeprefix("W/").strip('"')):
            return known
    return None


def _choose_or_plain(accepted: str | None) -> Coding:
    # An error reaches also those who exclude every coding.
    try:
        return choose_coding(accepted)
    except NotAcceptableError:
        return "identity"


def _encode_whole(response: Response, coding: Coding, least: int) -> None:
    body = response.get_data()
    if len(body) < max(least, 1):
        return
    coded = encode(coding, body)
    if len(coded) >= len(body) and not is_identity_excluded(request.headers.get("Accept-Encoding")):
        return
    response.set_data(coded)
    _tell(response, coding)


def _encode_stream(response: Response, coding: Coding, least: int) -> None:
    source = cast(Iterable[bytes], response.response)
    rest = iter(source)
    first = list(islice(rest, 1))
    if sum(map(len, first)) < least:
        # What begins so short is mostly whole already.
        first += islice(rest, 1)
    pieces = chain(first, rest)
    if sum(map(len, first)) >= max(least, 1):
        pieces = encode_pieces(coding, pieces)  # type: ignore[assignment]
        _tell(response, coding)
        response.headers.pop("Content-Length", None)
    response.response = _Closing(pieces, source)


class _Closing:
    """Pieces of a body whose source is closed with it."""

    def __init__(self, pieces: Iterator[bytes], source: Any) -> None:
        self._pieces = pieces
        self._source = source

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        close = getattr(self._source, "close", None)
        if close is not None:
            close()


def _tell(response: Response, coding: Coding) -> None:
    response.headers["Content-Encoding"] = coding
    if "ETag" in response.headers:
        response.headers["ETag"] = tag_of(response.headers["ETag"], coding)
