"""What the grammar says and the engine (pyoxigraph 0.5.13) does not do.

The engine judges the syntax, and takes a few texts that are not SPARQL. They
are refused here, since another engine would refuse them or read them in
another way. No text that is SPARQL changes its meaning.
"""

from __future__ import annotations

import re

from onrecord.errors import QuerySyntaxError
from onrecord.sparql.positions import position_at
from onrecord.sparql.tokens import Token, tokenize

_AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
_IRI = re.compile(r"<[^\x00-\x20<>\"{}|^`\\]*>")
_BOOLEAN = re.compile("TRUE|FALSE", re.IGNORECASE)


def lower_booleans(text: str) -> str:
    """`text` with TRUE and FALSE in lower case, the only one that the engine knows.

    Keywords are case-insensitive (SPARQL 1.1 Query, 19.8, note 1). Strings,
    names, variables and comments stay as they are, and no place moves.

    >>> lower_booleans("ASK { FILTER(True || ?TRUE = 'TRUE') } # FALSE")
    "ASK { FILTER(true || ?TRUE = 'TRUE') } # FALSE"
    """
    if all(found.group().islower() for found in _BOOLEAN.finditer(text)):
        return text
    parts, done = [], 0
    for token in tokenize(text):
        if token.kind == "word" and token.upper in ("TRUE", "FALSE"):
            parts += [text[done : token.start], token.text.lower()]
            done = token.end
    return "".join([*parts, text[done:]])


def refuse_foreign_syntax(text: str) -> None:
    """Return nothing when `text` has none of the forms that the engine takes and the grammar does not.

    They are `<` before what is an IRI by the longest-token rule, a literal or
    a triple term as the subject of a triple term in an expression (SPARQL 1.2), and an
    aggregate inside an aggregate. Raises QuerySyntaxError.

    >>> refuse_foreign_syntax("SELECT (MAX(?n + 1) AS ?m) { ?s ?p ?n FILTER(?n < 5 && ?n > 1) }")
    >>> refuse_foreign_syntax("SELECT (MAX(COUNT(*)) AS ?m) {}")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    onrecord.errors.queries.QuerySyntaxError: ...: an aggregate cannot stand inside an aggregate.
    """
    if "(" not in text:
        return
    inside: list[tuple[bool, bool]] = []  # of each open bracket: is it in an aggregate, in an expression
    last: Token | None = None
    for token in tokenize(text):
        in_aggregate, in_expression = inside[-1] if inside else (False, False)
        if last is not None and last.is_op("<<(") and in_expression and _is_no_subject(token):
            raise _error(
                text, token, "in an expression, the subject of a triple term is an IRI or a variable."
            )
        if token.is_op("<", "<=") and token.role == "expression" and _IRI.match(text, token.start):
            raise _error(text, token, "by the grammar an IRI starts here. Write a space after this < sign.")
        if token.is_op("(", "[", "{", "<<", "<<(", "{|"):
            word = last.upper if last is not None and last.kind == "word" and token.text == "(" else ""
            if last is not None and word in _AGGREGATES and in_aggregate:
                raise _error(text, last, "an aggregate cannot stand inside an aggregate.")
            # A group in braces, as of EXISTS, starts anew.
            inside.append(
                (
                    word in _AGGREGATES or (in_aggregate and token.text != "{"),
                    token.role == "expression" or (in_expression and token.text == "<<("),
                )
            )
        elif token.is_op(")", "]", "}", ">>", ")>>", "|}") and inside:
            inside.pop()
        last = token


def _is_no_subject(token: Token) -> bool:
    if token.is_op("<<(", "<<"):
        return True
    return token.kind in ("string", "number") or (token.kind == "word" and token.upper in ("TRUE", "FALSE"))


def _error(text: str, token: Token, sentence: str) -> QuerySyntaxError:
    place = position_at(text, token.start)
    return QuerySyntaxError(f"Line {place.line}, column {place.column}: {sentence}", place)
