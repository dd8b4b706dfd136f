"""LOAD: nothing is ever retrieved, which SILENT calls success (SPARQL 1.1 Update, 3.1.4)."""

from __future__ import annotations

from itertools import pairwise

from onrecord.errors import QuerySyntaxError
from onrecord.sparql.operation import LoadCall, declared_prefixes, describe
from onrecord.sparql.positions import offset_at, position_at
from onrecord.sparql.tokens import Token, tokenize


def skip_silent_loads(text: str) -> str:
    """`text` with an operation that changes nothing for each LOAD SILENT.

    That operation still holds the names of the LOAD, so that the engine
    judges them. A LOAD without SILENT is left alone. Raises QuerySyntaxError
    for a LOAD that is not of the grammar's shape.

    >>> skip_silent_loads("LOAD SILENT <urn:a> INTO GRAPH <urn:b> ; CLEAR DEFAULT")
    'INSERT {} WHERE { VALUES ?load { <urn:a> <urn:b> } } ; CLEAR DEFAULT'
    """
    loads = describe(text).loads
    if not loads:
        return text
    tokens = list(tokenize(text))
    prefixes = declared_prefixes(tokens)
    _refuse_empty_operation(text, tokens)
    parts, done = [], 0
    for load in loads:
        start = offset_at(text, load.position)
        index = next(i for i, token in enumerate(tokens) if token.start == start)
        names, end = _read_load(tokens, index, prefixes, load)
        if load.is_silent:
            parts += [text[done:start], "INSERT {} WHERE { VALUES ?load { ", " ".join(names), " } }"]
            done = end
    return "".join([*parts, text[done:]])


def _refuse_empty_operation(text: str, tokens: list[Token]) -> None:
    """A plain LOAD is refused before the engine could find this mistake."""
    depth = 0
    for token, following in pairwise(tokens):
        if token.kind == "op":
            depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.is_op(";") and following.is_op(";"):
            place = position_at(text, following.start)
            raise QuerySyntaxError(
                f"Line {place.line}, column {place.column}: there is no operation before this semicolon.",
                place,
            )


def _read_load(
    tokens: list[Token], index: int, prefixes: dict[str, str], load: LoadCall
) -> tuple[list[str], int]:
    """The names in the LOAD at `index`, and where it ends."""
    words = ["LOAD", *(["SILENT"] if load.is_silent else []), "", "INTO", "GRAPH", ""]
    names: list[str] = []
    end = tokens[index].end
    for word in words:
        token = tokens[index] if index < len(tokens) else None
        if names and word == "INTO" and (token is None or token.is_op(";")):
            break
        is_name = token is not None and (
            token.kind == "iri" or (token.kind == "pname" and token.text.partition(":")[0] in prefixes)
        )
        if token is None or not (token.kind == "word" and token.upper == word if word else is_name):
            raise _malformed(load)
        if not word:
            names.append(token.text)
        index, end = index + 1, token.end
    if index < len(tokens) and not tokens[index].is_op(";"):
        raise _malformed(load)
    return names, end


def _malformed(load: LoadCall) -> QuerySyntaxError:
    return QuerySyntaxError(
        f"Line {load.position.line}, column {load.position.column}: this LOAD is not written as "
        "LOAD <...> or LOAD SILENT <...>, with INTO GRAPH <...> or without.",
        load.position,
    )
