"""Whole answers kept in memory, in front of Flask. Pure: knows no Flask and no engine.

What is kept is what Flask answered to a sender without credentials, and only
where the route said that nothing but the request, the saved queries as they
were read and the generation make it what it is. Everything is forgotten when
one of the latter two changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from werkzeug.http import parse_etags

from onrecord.engine import Generation
from onrecord.errors import NotAcceptableError
from onrecord.web.coding import Coding, choose_coding, tag_of

LONGEST_BODY = 1 << 20
"""Longest body that is kept, in bytes."""
_OVERHEAD = 1_500
"""About what an entry takes beside its bytes."""

Headers = tuple[tuple[bytes, bytes], ...]

_DECIDING = (b"accept", b"accept-encoding", b"accept-language", b"host")
"""Request headers that an answer may depend on."""
_BYPASSING = frozenset(
    {
        b"authorization",
        b"cookie",
        b"accept-datetime",
        b"content-encoding",
        b"expect",
        b"if-match",
        b"if-modified-since",
        b"if-range",
        b"if-unmodified-since",
        b"range",
        b"transfer-encoding",
    }
)
"""A request with one of these is never answered from here, and its answer is not kept."""
_OF_BODIES = (b"content-type", b"content-encoding", b"content-length")


@dataclass(frozen=True)
class Age:
    """What an answer was made from; entries of another age are forgotten."""

    generation: Generation
    reading: int
    """How often folder and saved queries had been read."""


@dataclass(frozen=True)
class Asked:
    """A request that may be answered from the cache."""

    scheme: str
    path: str
    query_string: bytes
    deciding: Headers
    is_head: bool
    told_tags: bytes
    """The value of If-None-Match."""

    @cached_property
    def key(self) -> tuple[str, str, bytes, Headers]:
        return self.scheme, self.path, self.query_string, self.deciding

    @property
    def accept_encoding(self) -> str | None:
        found = [value for name, value in self.deciding if name == b"accept-encoding"]
        return b",".join(found).decode("latin-1") if found else None


@dataclass(frozen=True)
class Kept:
    """A response: what of it goes over the wire."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> bytes:
        """The value of the first header of that name, in lower case; empty without one."""
        return next((value for known, value in self.headers if known == name), b"")

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return len(self.body) + sum(len(n) + len(v) + 150 for n, v in self.headers) + _OVERHEAD


def read_asked(
    method: str,
    scheme: str,
    path: str,
    query_string: bytes,
    headers: Sequence[tuple[bytes, bytes]],
) -> Asked | None:
    """The request, if its answer may come from the cache or go into it; else None.

    >>> read_asked("GET", "http", "/sparql", b"query=ASK{}", [(b"cookie", b"a=b")]) is None
    True
    >>> read_asked("HEAD", "http", "/sparql", b"query=ASK{}", [(b"host", b"a")]).is_head
    True
    """
    if method not in ("GET", "HEAD"):
        return None
    deciding, told = [], []
    for given, value in headers:
        # WSGI takes an underscore for a hyphen, and so must who stands before it.
        name = given.lower().replace(b"_", b"-")
        if name in _BYPASSING or (name == b"content-length" and value.strip() != b"0"):
            return None
        if name in _DECIDING:
            deciding.append((name, value))
        elif name == b"if-none-match":
            told.append(value)
    if len(told) > 1:
        return None
    return Asked(scheme, path, query_string, tuple(deciding), method == "HEAD", told[0] if told else b"")


class Cache:
    """The answers of one age, the longest unasked leaving first; not for more than one thread."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._age: Age | None = None
        self._kept: OrderedDict[tuple[str, str, bytes, Headers], Kept] = OrderedDict()
        self.size = 0
        """About how many bytes of memory the answers take."""

    def find(self, asked: Asked, age: Age) -> Kept | None:
        """The answer to `asked` as of `age`: with body, without (HEAD), or 304; None where it is not kept."""
        if age is not self._age and age != self._age:
            self._kept.clear()
            self.size, self._age = 0, age
        kept = self._kept.get(asked.key)
        if kept is None:
            return None
        self._kept.move_to_end(asked.key)
        if asked.told_tags and (tag := _told_tag(kept, asked)):
            return _not_modified(kept, tag)
        return Kept(kept.status, kept.headers, b"") if asked.is_head else kept

    def keep(self, asked: Asked, age: Age, kept: Kept) -> bool:
        """Keep what was answered to a GET; whether it could be kept.

        Only a whole 200 with a strong ETag that tells the generation of `age`.
        """
        tag = kept.header(b"etag")
        if (
            asked.is_head
            or age != self._age
            or kept.status != 200
            or not tag
            or tag.startswith(b"W/")
            or kept.header(b"set-cookie")
            or kept.header(b"onrecord-federation")
            or kept.header(b"onrecord-generation") != age.generation.label.encode()
            or len(kept.body) > LONGEST_BODY
            or kept.size > self._most
        ):
            return False
        former = self._kept.pop(asked.key, None)
        self.size += self._weigh(asked, kept) - (self._weigh(asked, former) if former else 0)
        self._kept[asked.key] = kept
        while self.size > self._most:
            key, oldest = self._kept.popitem(last=False)
            self.size -= oldest.size + len(key[1]) + len(key[2])
        return asked.key in self._kept

    def _weigh(self, asked: Asked, kept: Kept) -> int:
        return kept.size + len(asked.path) + len(asked.query_string)


def _told_tag(kept: Kept, asked: Asked) -> bytes:
    """The tag under which the client has the answer already, as the routes tell it; empty if it has not."""
    told = parse_etags(asked.told_tags.decode("latin-1"))
    tag = kept.header(b"etag").decode("latin-1")
    if coding := kept.header(b"content-encoding").decode("latin-1"):
        tag = tag.removesuffix(f'-{coding}"') + '"'
    if told.star_tag:
        return tag.encode("latin-1")
    for known in (tag_of(tag, _coding(asked)), tag):
        if told.contains_weak(known.strip('"')):
            return known.encode("latin-1")
    return b""


def _coding(asked: Asked) -> Coding:
    try:
        return choose_coding(asked.accept_encoding)
    except NotAcceptableError:
        return "identity"


def _not_modified(kept: Kept, tag: bytes) -> Kept:
    headers = ((n, tag if n == b"etag" else v) for n, v in kept.headers if n not in _OF_BODIES)
    return Kept(304, tuple(headers), b"")
