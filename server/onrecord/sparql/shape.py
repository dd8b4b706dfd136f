"""The shape of a query: its text without constants.

Queries of one shape cost about the same, so that what one of them took tells
what the next will take. A shape decides about waiting only, never about an
answer.
"""

from __future__ import annotations

import hashlib

from onrecord.sparql.tokens import tokenize

_CONSTANTS = {"pname": "iri"}


def shape_of(text: str) -> tuple[str, str]:
    """Digests of the shape of `text`, and of the shape with its constants.

    Both leave out comments, white space and the names of variables. In a
    shape numbers and data blocks count by their length, since LIMIT 10 and
    LIMIT 1000000 are not the same work.

    >>> a, b = shape_of("ASK { <a> ?p 'x' }"), shape_of("# who?\\nASK { <b> ?q 'yy' }")
    >>> a[0] == b[0], a[1] == b[1]
    (True, False)
    >>> shape_of("SELECT * { ?s ?p ?o } LIMIT 9")[0] == shape_of("SELECT * { ?s ?p ?o } LIMIT 90000")[0]
    False
    """
    variables: dict[str, str] = {}
    shape, constants = [], []
    for kind, part, *_ in tokenize(text):
        if kind == "var":
            shape.append(variables.setdefault(part[1:], f"?{len(variables)}"))
        elif kind == "word":
            shape.append(part.upper())
        elif kind == "op":
            shape.append(part)
        else:
            part = " ".join(part.split()) if kind == "data" else part
            constants.append(part)
            size = len(part).bit_length() if kind == "data" else len(part) if kind == "number" else 0
            shape.append(f"{_CONSTANTS.get(kind, kind)}{size}")
    joined = " ".join(shape)
    return _digest(joined), _digest(joined + "\n" + "\n".join(constants))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
