"""What Virtuoso 7 writes otherwise than the recommendations, put right while it is read.

Three things: blank nodes whose labels are no labels (`nodeID://b1`), booleans
as 0 and 1, and geometries under a datatype of its own, which geo:wktLiteral
stands for.
"""

from __future__ import annotations

import re
from typing import Protocol

_WKT = b"http://www.opengis.net/ont/geosparql#wktLiteral"
_GEOMETRY = rb"http://www\.openlinksw\.com/schemas/virtrdf#Geometry"
_BOOLEAN = rb'("datatype":\s*"http://www\.w3\.org/2001/XMLSchema#boolean",\s*"value":\s*)"%s"'
# Inside a JSON string or an N-Triples literal each of these quotation marks would be escaped.
_CHANGES: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb'("type":\s*"bnode",\s*"value":\s*")nodeID://'), rb"\1"),
    (re.compile(_BOOLEAN % b"1"), rb'\1"true"'),
    (re.compile(_BOOLEAN % b"0"), rb'\1"false"'),
    (re.compile(rb'("datatype":\s*")' + _GEOMETRY), rb"\1" + _WKT),
    (re.compile(rb'(?<!\\)("\^\^<)' + _GEOMETRY), rb"\1" + _WKT),
)


class Readable(Protocol):
    def read(self, size: int = -1) -> bytes: ...


def is_virtuoso(server: str) -> bool:
    """Whether the header Server names it."""
    return server.startswith("Virtuoso/")


class MendedBody:
    """A body line by line, each mended: Virtuoso ends every row and every triple with a line."""

    def __init__(self, body: Readable) -> None:
        self._body = body
        self._rest = b""
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        """At least one byte, until the end; `size` is a hint."""
        while not self._ready:
            piece = self._body.read(1 << 16)
            if not piece:
                self._ready, self._rest = mend(self._rest), b""
                break
            head, newline, tail = piece.rpartition(b"\n")
            if newline:
                self._ready, self._rest = mend(self._rest + head + newline), tail
            else:
                self._rest += piece
        taken = self._ready if size < 0 else self._ready[:size]
        self._ready = self._ready[len(taken) :]
        return taken


def mend(lines: bytes) -> bytes:
    """Whole lines of SPARQL JSON or N-Triples, as the recommendations have them.

    >>> mend(b'{ "type": "bnode", "value": "nodeID://b10001" }')
    b'{ "type": "bnode", "value": "b10001" }'
    """
    for pattern, put in _CHANGES:
        lines = pattern.sub(put, lines)
    return lines
