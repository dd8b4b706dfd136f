"""Content codings: what is sent packed, what is read packed, and what never is."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
import zstandard
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from onrecord.errors import MediaTypeError, NotAcceptableError, RequestError, TooLargeError
from onrecord.web.coding import Coding, choose_coding, decode, encode, encode_pieces, is_identity_excluded

ROWS = "/sparql?format=csv&query=SELECT+%3Fa+%7B+VALUES+%3Fa+%7B" + "+%22the+same%22" * 200 + "+%7D%7D"
SHORT = "/sparql?format=csv&query=ASK+%7B%7D"


def unpack(coding: str | None, body: bytes) -> bytes:
    match coding:
        case "gzip":
            return gzip.decompress(body)
        case "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(body)
        case None:
            return body
    raise AssertionError(coding)


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1, zstd;q=0.9", "gzip"),
        ("gzip; q=0.5", "gzip"),
        ("*", "zstd"),
        ("*;q=0.1, gzip", "gzip"),
        ("br", "identity"),
        ("gzip;q=0", "identity"),
        ("identity;q=1, gzip;q=0.5", "identity"),
        ("identity;q=0.5, gzip;q=1.0", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("*;q=0, gzip", "gzip"),
        ("gzip;q=broken", "identity"),
        ("gzip" * 1000, "identity"),
    ],
)
def test_the_coding_is_what_the_header_likes_best(header: str | None, coding: str) -> None:
    assert choose_coding(header) == coding


@pytest.mark.parametrize(
    "header", ["identity;q=0", "*;q=0", "br, identity;q=0", "gzip;q=0,zstd;q=0,identity;q=0"]
)
def test_a_header_that_excludes_everything_is_refused(header: str) -> None:
    assert is_identity_excluded(header)
    with pytest.raises(NotAcceptableError, match="zstd"):
        choose_coding(header)


@given(st.lists(st.binary(max_size=300)), st.sampled_from(["gzip", "zstd", "identity"]))
def test_any_pieces_come_back_as_they_were(pieces: list[bytes], coding: Coding) -> None:
    coded = b"".join(encode_pieces(coding, pieces))
    assert decode(coding, coded, 10**6) == b"".join(pieces)
    assert decode(coding, encode(coding, b"".join(pieces)), 10**6) == b"".join(pieces)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_piece_can_be_read_before_the_next_is_there(coding: Coding) -> None:
    reached = []

    def pieces() -> Iterator[bytes]:
        for number in range(3):
            reached.append(number)
            yield b"piece %d" % number

    coded = encode_pieces(coding, pieces())
    first = next(coded)
    assert reached == [0]
    if coding == "gzip":
        import zlib

        assert zlib.decompressobj(31).decompress(first) == b"piece 0"
    else:
        assert zstandard.ZstdDecompressor().decompressobj().decompress(first) == b"piece 0"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_bomb_is_refused_and_half_a_body_too(coding: Coding) -> None:
    bomb = encode(coding, b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(TooLargeError):
        decode(coding, bomb, 1_000_000)
    for broken in (bomb[:-8], b"no such bytes", b""):
        with pytest.raises(RequestError) as caught:
            decode(coding, broken, 100_000_000)
        assert caught.value.status == 400
    with pytest.raises(MediaTypeError):
        decode("gzip, gzip", bomb, 10)


def test_frames_one_after_the_other_are_one_body() -> None:
    assert decode("gzip", gzip.compress(b"a") + gzip.compress(b"b"), 10) == b"ab"
    assert decode("zstd", encode("zstd", b"a" * 1000) + encode("zstd", b"b"), 5000) == b"a" * 1000 + b"b"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_answers_are_packed_and_tagged_apart(client: FlaskClient, coding: str) -> None:
    plain = client.get(ROWS)
    packed = client.get(ROWS, headers={"Accept-Encoding": coding})
    assert plain.headers.get("Content-Encoding") is None
    assert packed.headers["Content-Encoding"] == coding
    assert len(packed.data) < len(plain.data) / 5
    assert unpack(coding, packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    head = client.head(ROWS, headers={"Accept-Encoding": coding})
    assert head.headers["Content-Encoding"] == coding
    assert head.headers["ETag"] == packed.headers["ETag"]


def test_a_tag_answers_for_its_own_coding_only(client: FlaskClient) -> None:
    plain, packed = (client.get(ROWS, headers=h).headers["ETag"] for h in ({}, {"Accept-Encoding": "gzip"}))
    fresh = client.get(ROWS, headers={"Accept-Encoding": "gzip", "If-None-Match": packed})
    assert (fresh.status_code, fresh.headers["ETag"]) == (304, packed)
    assert "Accept-Encoding" in fresh.headers["Vary"]
    assert client.get(ROWS, headers={"If-None-Match": plain}).status_code == 304
    assert client.get(ROWS, headers={"If-None-Match": packed}).status_code == 200


def test_short_answers_are_sent_as_they_are_unless_excluded(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get(SHORT, headers={"Accept-Encoding": "gzip"}).headers
    packed = client.get(SHORT, headers={"Accept-Encoding": "gzip, identity;q=0"})
    assert gzip.decompress(packed.data) == b"true"
    refused = client.get(SHORT, headers={"Accept-Encoding": "identity;q=0"})
    assert refused.status_code == 406
    assert refused.get_json()["code"] == "not-acceptable"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_bodies_are_read_packed_within_bounds(client: FlaskClient, coding: Coding) -> None:
    headers = {"Content-Type": "application/sparql-query", "Content-Encoding": coding}
    answer = client.post("/sparql", data=encode(coding, b"ASK {}"), headers=headers)
    assert answer.get_json()["boolean"] is True
    bomb = client.post("/sparql", data=encode(coding, b" " * 80_000_000 + b"ASK {}"), headers=headers)
    assert bomb.status_code == 413
    unknown = client.post("/sparql", data=b"x", headers={**headers, "Content-Encoding": "br"})
    assert unknown.status_code == 415
    assert unknown.headers["Accept-Encoding"] == "gzip, zstd"


def test_options_tell_methods_and_bodies(client: FlaskClient) -> None:
    told = client.options("/sparql")
    assert told.status_code == 204
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= set(told.headers["Allow"].split(", "))
    assert "application/sparql-query" in told.headers["Accept-Post"]


def test_a_page_for_a_holder_of_a_cookie_is_never_packed(client: FlaskClient) -> None:
    headers = {"Accept": "text/html", "Accept-Encoding": "gzip"}
    assert client.get("/sparql", headers=headers).headers["Content-Encoding"] == "gzip"
    client.set_cookie("any", "value")
    assert "Content-Encoding" not in client.get("/sparql", headers=headers).headers
