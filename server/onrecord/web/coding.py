"""Content codings of bodies (RFC 9110, section 8.4): gzip and zstd. Pure: knows no Flask.

What is sent is compressed piece by piece, each piece flushed, so that the
first byte of a long answer leaves as early as without. What is received is
unpacked no further than its reader allows: a bomb costs its sender's bytes.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

import zstandard

from onrecord.errors import MediaTypeError, NotAcceptableError, RequestError, TooLargeError

Coding = Literal["identity", "gzip", "zstd"]

ACCEPTED = "gzip, zstd"
"""The codings in which request bodies are read, as the header Accept-Encoding lists them."""
LEAST_BYTES = 1_024
"""A shorter body is sent as it is: coding would save no packet."""

_ALIASES: dict[str, Coding] = {"x-gzip": "gzip"}
_PREFERRED: tuple[Coding, ...] = ("zstd", "gzip", "identity")
_ELEMENT = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*[qQ]\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
_LONGEST_HEADER = 1_024
_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3
_WINDOW_BYTES = 1 << 23
"""The most that a zstd frame may want as its window (RFC 9659: 8 MB)."""
_BINARY = ("image/", "video/", "audio/", "font/", "application/vnd.openxmlformats", "application/zip")


def choose_coding(accept_encoding: str | None) -> Coding:
    """The coding that an Accept-Encoding header likes best; ties go to zstd, then gzip.

    Without a header, or with one that cannot be read, a body is sent as it
    is. Raises NotAcceptableError where every coding there is has q=0.

    >>> choose_coding("gzip, deflate, br, zstd"), choose_coding("gzip;q=1.0, zstd;q=0.5"), choose_coding(None)
    ('zstd', 'gzip', 'identity')
    """
    if not accept_encoding or len(accept_encoding) > _LONGEST_HEADER:
        return "identity"
    weights: dict[str, float] = {}
    for element in accept_encoding.lower().split(","):
        found = _ELEMENT.fullmatch(element)
        if found is not None:
            name = _ALIASES.get(found[1], found[1])
            weights.setdefault(name, min(1.0, float(found[2] or 1)))
    other = weights.get("*")
    quality: dict[Coding, float] = {c: weights.get(c, other or 0.0) for c in _PREFERRED}
    if "identity" not in weights and other != 0:
        # Always acceptable unless excluded, yet never preferred to what the client names.
        quality["identity"] = min((q for c, q in quality.items() if c != "identity" and q > 0), default=1.0)
    best = max(quality.values())
    if best <= 0:
        raise NotAcceptableError(
            f'Accept-Encoding "{accept_encoding}" leaves no way to send this; there is: {ACCEPTED}, identity.'
        )
    return next(c for c in _PREFERRED if quality[c] == best)


def is_identity_excluded(accept_encoding: str | None) -> bool:
    """Whether even a short body must be coded, because identity has q=0.

    >>> is_identity_excluded("gzip, identity;q=0"), is_identity_excluded("gzip")
    (True, False)
    """
    if not accept_encoding or len(accept_encoding) > _LONGEST_HEADER:
        return False
    found = [m for e in accept_encoding.lower().split(",") if (m := _ELEMENT.fullmatch(e)) is not None]
    named = {m[1]: float(m[2] or 1) for m in reversed(found)}
    return named.get("identity", named.get("*", 1.0)) == 0


def is_compressible(content_type: str) -> bool:
    """Whether a body of this type gets shorter by coding.

    >>> is_compressible("text/csv; charset=utf-8"), is_compressible("image/png")
    (True, False)
    """
    kind = content_type.lower()
    return bool(kind) and (kind.startswith("image/svg") or not kind.startswith(_BINARY))


def tag_of(tag: str, coding: Coding) -> str:
    """The entity tag of a representation in `coding`: another one than that of the plain bytes.

    >>> tag_of('W/"7.abc"', "gzip"), tag_of('"7.abc"', "identity")
    ('W/"7.abc-gzip"', '"7.abc"')
    """
    return tag if coding == "identity" else f'{tag.removesuffix(chr(34))}-{coding}"'


class Encoder(Protocol):
    """Codes a body piece by piece."""

    def feed(self, piece: bytes) -> bytes:
        """The coded bytes of `piece`, all of them: a receiver can decode what it has."""

    def finish(self) -> bytes:
        """The end of the coded body."""


def make_encoder(coding: Coding) -> Encoder:
    """A new encoder for one body.

    >>> encoder = make_encoder("gzip")
    >>> gzip.decompress(encoder.feed(b"one ") + encoder.feed(b"two") + encoder.finish())
    b'one two'
    """
    match coding:
        case "gzip":
            return _Gzip()
        case "zstd":
            return _Zstd()
        case "identity":
            return _Identity()


def encode(coding: Coding, body: bytes) -> bytes:
    """A whole body in `coding`; the same bytes for the same body.

    >>> zstandard.ZstdDecompressor().decompress(encode("zstd", b"whole"))
    b'whole'
    """
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)
    return gzip.compress(body, _GZIP_LEVEL, mtime=0) if coding == "gzip" else body


def encode_pieces(coding: Coding, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A streamed body in `coding`, a piece for a piece.

    >>> gzip.decompress(b"".join(encode_pieces("gzip", [b"a", b"", b"b"])))
    b'ab'
    """
    encoder = make_encoder(coding)
    for piece in pieces:
        if piece:
            yield encoder.feed(piece)
    if end := encoder.finish():
        yield end


def decode(header: str, body: bytes, longest: int) -> bytes:
    """The plain bytes of a body whose Content-Encoding is `header`.

    Raises MediaTypeError for a coding that is not read here, RequestError for
    a body that is not in its coding, TooLargeError when it unpacks to more
    than `longest` bytes; no more than those are ever unpacked.

    >>> decode("gzip", gzip.compress(b"ASK {}"), 100)
    b'ASK {}'
    """
    name = header.strip().lower()
    coding = _ALIASES.get(name, name)
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "zstd"):
        raise MediaTypeError(
            f'Content-Encoding "{header[:60]}" is not read here. '
            f"Send the body as it is, or as one of: {ACCEPTED}."
        )
    try:
        if not body:
            raise EOFError
        plain = _gunzip(body, longest) if coding == "gzip" else _unzstd(body, longest)
    except (EOFError, OSError, zlib.error, zstandard.ZstdError):
        raise RequestError(f"The body is not whole {coding}, as its Content-Encoding says.") from None
    if len(plain) > longest:
        raise TooLargeError(f"The body unpacks to more than {longest} bytes, the most that is read here.")
    return plain


def _gunzip(body: bytes, longest: int) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as stream:
        return stream.read(longest + 1)


def _unzstd(body: bytes, longest: int) -> bytes:
    decoder = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES)
    plain = bytearray()
    rest = body
    while len(plain) <= longest:
        frame = decoder.decompressobj()
        # Fed in small parts: what one part unpacks to bounds what is held beyond the limit.
        for start in range(0, len(rest), 256):
            plain += frame.decompress(rest[start : start + 256])
            if frame.eof or len(plain) > longest:
                break
        if not frame.eof:
            if len(plain) <= longest:
                raise EOFError
            break
        rest = frame.unused_data + rest[start + 256 :]
        if not rest:
            break
    return bytes(plain)


class _Identity:
    def feed(self, piece: bytes) -> bytes:
        return piece

    def finish(self) -> bytes:
        return b""


class _Gzip:
    def __init__(self) -> None:
        self._deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def feed(self, piece: bytes) -> bytes:
        return self._deflate.compress(piece) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._deflate.flush()


class _Zstd:
    def __init__(self) -> None:
        self._coder = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()

    def feed(self, piece: bytes) -> bytes:
        return self._coder.compress(piece) + self._coder.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def finish(self) -> bytes:
        return self._coder.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH)
