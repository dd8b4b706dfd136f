"""What Virtuoso 7 misreads in a query, said otherwise with the same meaning.

`VALUES ?x { UNDEF }` binds nothing and loses no row (SPARQL 1.1 Query, section
10.2), but with it Virtuoso 7 loses rows: a slot that is left open is left out.
"""

from __future__ import annotations

from onrecord.sparql.tokens import Token, tokenize


def without_open_slots(text: str) -> str:
    """`text` without the VALUES blocks of one row in which nothing is bound.

    >>> without_open_slots("SELECT ?s { VALUES ?s { UNDEF } ?s ?p 1 VALUES ?p { <urn:a> } }")
    'SELECT ?s {   ?s ?p 1 VALUES ?p { <urn:a> } }'
    """
    tokens = list(tokenize(text))
    pieces, end, index = [], 0, 0
    while index < len(tokens):
        after = _end_of_open_slot(tokens, index)
        if after > index:
            pieces.append(text[end : tokens[index].start] + " ")
            end = tokens[after - 1].end
            index = after
        else:
            index += 1
    return "".join(pieces) + text[end:]


def _end_of_open_slot(tokens: list[Token], start: int) -> int:
    """The index after a VALUES block at `start` that binds nothing; `start` itself where there is none."""
    if not (tokens[start].kind == "word" and tokens[start].upper == "VALUES"):
        return start
    opening = next((i for i in range(start, len(tokens)) if tokens[i].is_op("{")), len(tokens))
    closing = next((i for i in range(opening, len(tokens)) if tokens[i].is_op("}")), len(tokens))
    inside = tokens[opening + 1 : closing]
    terms = " ".join(token.text for token in inside if token.kind == "data").split()
    rows = sum(token.is_op("(") for token in inside) if tokens[start + 1].is_op("(") else len(terms)
    if closing == len(tokens) or rows != 1 or any(term.upper() != "UNDEF" for term in terms):
        return start
    after = closing + 1
    # The full stop that may follow a block belongs to it.
    return after + 1 if after < len(tokens) and tokens[after].is_op(".") else after
