"""The shape of a query: its text without constants.

Queries of one shape cost about the same, so that what one of them took tells
what the next will take. A shape decides about waiting only, never about an
answer.
"""

from __future__ import annotations

import hashlib

from onrecord.sparql.tokens import Token, tokenize

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
    joined, constants = read_shape(text)
    return digest_of(joined), digest_of(joined + "\n" + "\n".join(written(token) for token in constants))


def read_shape(text: str) -> tuple[str, list[Token]]:
    """The shape of `text` before it is digested, and the tokens that it leaves out, its constants."""
    variables: dict[str, str] = {}
    shape: list[str] = []
    constants: list[Token] = []
    for token in tokenize(text):
        kind, part, *_ = token
        if kind == "var":
            shape.append(variables.setdefault(part[1:], f"?{len(variables)}"))
        elif kind == "word":
            shape.append(part.upper())
        elif kind == "op":
            shape.append(part)
        else:
            constants.append(token)
            size = 0
            if kind == "data":
                size = len(written(token)).bit_length()
            elif kind == "number":
                size = len(part)
            shape.append(f"{_CONSTANTS.get(kind, kind)}{size}")
    return " ".join(shape), constants


def written(constant: Token) -> str:
    """A constant as it counts in a digest: white space in a data block does not."""
    return " ".join(constant.text.split()) if constant.kind == "data" else constant.text


def digest_of(text: str) -> str:
    """A short digest, in hexadecimal."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
