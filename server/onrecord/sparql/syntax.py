"""Turning the engine's syntax errors into sentences for people.

The engine reports the farthest place that any of its rules reached, and a rule
that looks for a keyword reaches as far as the keyword is long: for
`SELECT * { ?s x:y ?o }` it says "error at 1:20: expected OPTIONAL". So the
common mistakes are looked for in the tokens first; only what is left is told
in the engine's words, at the token where it stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from onrecord.errors import Position, QuerySyntaxError
from onrecord.sparql.keywords import is_known, nearest_keyword
from onrecord.sparql.known_prefixes import KNOWN_PREFIXES
from onrecord.sparql.operation import declared_prefixes
from onrecord.sparql.positions import line_at, offset_at, position_at
from onrecord.sparql.tokens import Token, tokenize

_PLACE = re.compile(r"error at (\d{1,9}):(\d{1,9}): expected (?:one of )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"((?:[A-Z][a-z]+|BIND) (?:[\w']+ )+[^\[\"]*?)\.?(?:, |$)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.){1,3})"')
_KEYWORD = re.compile(r"\b[A-Z][A-Z_0-9]+\b(?![^\[]*\])")
_GROUP_WORDS = frozenset({"BIND", "FILTER", "GRAPH", "LATERAL", "MINUS", "OPTIONAL", "SERVICE", "VALUES"})
_CLOSERS = {"(": ")", "[": "]", "{": "}", "{|": "|}", "<<": ">>", "<<(": ")>>"}
_LONGEST_LINE = 1_000


def parse_engine_error(message: str, text: str) -> QuerySyntaxError:
    """The engine's syntax error `message` about `text` as our error, with place and remedy.

    The position counts lines and columns of `text` as it was given, header
    lines and comments included.

    >>> error = parse_engine_error("error at 1:20: expected OPTIONAL", "SELECT * { ?s x:y ?o }")
    >>> str(error), error.position.column
    ('Line 1, column 15: the prefix x: is not declared. Add PREFIX x: <...> at the top.', 15)
    """
    place = _PLACE.match(message)
    if place is None:
        return QuerySyntaxError(message.strip().rstrip(".") + ".")
    reached = offset_at(text, Position(max(int(place[1]), 1), max(int(place[2]), 1)))
    offset, sentence = _diagnose(text, reached, place[3])
    position = position_at(text, offset)
    line = line_at(text, position.line)
    return QuerySyntaxError(
        f"Line {position.line}, column {position.column}: {sentence}",
        position,
        line if len(line) <= _LONGEST_LINE else "",
    )


def _diagnose(text: str, reached: int, expected: str) -> tuple[int, str]:
    tokens = list(tokenize(text))
    mistakes = [m for m in (_first_mistake(tokens), _first_bad_bracket(tokens)) if m and m[0] <= reached]
    if mistakes:
        return min(mistakes)
    said = _SENTENCE.search(expected)
    before = [t for t in tokens if t.start < reached]
    at_end = not before or before[-1] is tokens[-1]
    if said and "failed" not in said[1]:
        return (before[-1].start if before else 0), f"{said[1][0].lower()}{said[1][1:]}."
    if "IRI parsing failed" in expected and before and before[-1].kind == "iri":
        return before[-1].start, (
            f"{before[-1].text} is not an absolute IRI. Write it in full, or add BASE <...> at the top."
        )
    unclosed = _unclosed(tokens)
    if at_end and unclosed is not None:
        return (
            unclosed.start,
            f"this {unclosed.text} is never closed. Add {_CLOSERS[unclosed.text]} where it ends.",
        )
    if not tokens:
        return 0, "there is no query. Start with SELECT, ASK, CONSTRUCT or DESCRIBE."
    exact = next((t for t in tokens if t.start == reached), None)
    if exact:
        return exact.start, f"unexpected {exact.text[:60]}.{_hint(expected)}"
    found = _where_keywords_failed(before, reached, expected) or (before[-1] if before else tokens[0])
    return found.start, f"unexpected {found.text[:60]}, or something is missing before it."


def _where_keywords_failed(before: list[Token], reached: int, expected: str) -> Token | None:
    """The last token at which the engine looked for one of the expected keywords.

    Those that start a part of a group do not count: they are looked for where
    a triple starts, when the triple failed further on.
    """
    words = set(_KEYWORD.findall(expected)) - _GROUP_WORDS
    starts = {reached - len(word) for word in words}
    return next((t for t in reversed(before) if t.start in starts), None)


def _hint(expected: str) -> str:
    wanted = [w.replace("\\", "") for w in _QUOTED.findall(expected)]
    return f" Expected one of: {' '.join(wanted)}" if 0 < len(wanted) <= 12 else ""


def _first_mistake(tokens: list[Token]) -> tuple[int, str] | None:
    """The first token that no engine can read, with what is wrong with it."""
    declared = declared_prefixes(tokens)
    for index, token in enumerate(tokens):
        before = tokens[index - 1].upper if index else ""
        if token.kind == "error" or (token.is_op("<", "<=") and token.role not in ("expression", "unclear")):
            return token.start, _unreadable(token)
        if token.kind == "pname" and before != "PREFIX":
            prefix = token.text.partition(":")[0]
            if prefix not in declared and not prefix.upper().startswith("PREFIX"):
                iri = KNOWN_PREFIXES.get(prefix, "...")
                return (
                    token.start,
                    f"the prefix {prefix}: is not declared. Add PREFIX {prefix}: <{iri}> at the top.",
                )
        if token.kind == "word" and not is_known(token.text):
            near = nearest_keyword(token.text)
            meant = f" Did you mean {near}?" if near else ""
            return token.start, f"{token.text[:60]} is not a word of SPARQL.{meant}"
    return None


def _unreadable(token: Token) -> str:
    if token.text in "\"'":
        return "this string is not closed on its line, or has an escape that SPARQL does not know."
    if token.kind == "op":
        return "this < opens no IRI: an IRI ends with > and has no spaces, quotes or braces."
    if token.text == "<":
        return "this < may mean less-than or start an IRI. Write a space after it."
    if token.text == "\\":
        return "a backslash may stand only in strings, IRIs and the names after a prefix."
    shown = token.text if token.text.isprintable() else ""
    return f"the character {shown}{' ' if shown else ''}(U+{ord(token.text):04X}) cannot stand here."


def _bracket_errors(tokens: list[Token]) -> Iterator[tuple[Token, bool]]:
    """Closing brackets without their opening one (True), then opening ones never closed (False)."""
    open_brackets: list[Token] = []
    for token in tokens:
        if token.kind != "op":
            continue
        if token.text in _CLOSERS:
            open_brackets.append(token)
        elif token.text in _CLOSERS.values():
            if open_brackets and _CLOSERS[open_brackets[-1].text] == token.text:
                open_brackets.pop()
            elif token.text not in (">>", ")>>"):
                yield token, True
                return
    yield from ((token, False) for token in reversed(open_brackets))


def _first_bad_bracket(tokens: list[Token]) -> tuple[int, str] | None:
    for token, is_closer in _bracket_errors(tokens):
        if is_closer:
            return token.start, f"this {token.text} closes nothing that is open here."
    return None


def _unclosed(tokens: list[Token]) -> Token | None:
    return next((token for token, is_closer in _bracket_errors(tokens) if not is_closer), None)
