"""The body of a SERVICE as a query of its own.

Only the tokens are sent: comments stay here, and a string or IRI with
codepoint escapes is written out, so that no server reads another text than
the one that was read here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from onrecord.errors import QuerySyntaxError
from onrecord.federation.pattern import Element, QueryPattern, Span
from onrecord.federation.remote import RemoteQuery
from onrecord.sparql import Token, declare, position_at, tokenize, used_prefixes

_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ECHARS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_WRITTEN = {
    "\\": "\\\\",
    '"': '\\"',
    "'": "\\'",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}
_NEVER_IN_IRI = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def write_body(
    pattern: QueryPattern,
    service: Element,
    columns: Sequence[str],
    base_iri: str | None,
    insertions: Sequence[tuple[Span, str]] = (),
    row_limit: int | None = None,
) -> RemoteQuery:
    """A SELECT query over `columns` for the body of `service`, with a place for bindings.

    `insertions` replaces spans of the body, or puts text before a token (an
    empty span). Raises QuerySyntaxError for an
    escape that cannot be written out.
    """
    body = service.groups[0]
    inner = body.where if body.where is not None else body.span
    place = inner.first + 1
    end = body.span.last - 1
    names = " ".join(f"?{name}" for name in columns) or "(1 AS ?one)"
    head = _write(pattern, Span(body.span.first + 1, place), ()) if body.select is not None else ""
    rest = _write(pattern, Span(place, end), insertions)
    prologue = _prologue(pattern, list(tokenize(f"{{ {head} {rest} }}")), base_iri)
    opening, closing = ("{ ", " }") if body.select is not None else ("", "")
    limit = f" LIMIT {row_limit}" if row_limit is not None else ""
    before = f"{prologue}SELECT {names} WHERE {{ {opening}{head}{' ' if head else ''}"
    return RemoteQuery(before, f"{rest}{closing} }}{limit}")


def _write(pattern: QueryPattern, span: Span, insertions: Sequence[tuple[Span, str]]) -> str:
    """The tokens of `span`, with one space where the text has anything between them."""
    parts: list[str] = []
    replaced = {where.first: (where.last, text) for where, text in insertions}
    index, end = span.first, -1
    while index < span.last:
        token = pattern.tokens[index]
        if end >= 0 and token.start > end:
            parts.append(" ")
        after, text = replaced.get(index, (index, ""))
        if text or after > index:
            parts.append(f" {text} ")
        if after == index:
            parts.append(_spell(pattern, token))
            after += 1
        index = after
        end = pattern.tokens[index - 1].end
    if span.last in replaced:
        parts.append(f" {replaced[span.last][1]}")
    return "".join(parts)


def _spell(pattern: QueryPattern, token: Token) -> str:
    if token.kind == "data" or "\\" not in token.text:
        if token.kind == "data" and re.search(r"\\[uU]", token.text):
            raise _refusal(pattern, token)
        return token.text
    if token.kind == "string":
        quotes = token.text[:3] if token.text[:3] in ('"""', "'''") else token.text[:1]
        inner = token.text[len(quotes) : -len(quotes)]
        if not re.search(r"\\[uU]", inner):
            return token.text
        return '"' + "".join(_WRITTEN.get(c, c) for c in _decode(inner)) + '"'
    if token.kind == "iri":
        iri = _decode(token.text[1:-1])
        if _NEVER_IN_IRI.search(iri):
            raise _refusal(pattern, token)
        return f"<{iri}>"
    if re.search(r"\\[uU]", token.text):
        raise _refusal(pattern, token)
    return token.text


def _decode(text: str) -> str:
    def written(found: re.Match[str]) -> str:
        if found[3] is not None:
            return _ECHARS.get(found[3], found[3])
        return chr(int(found[1] or found[2], 16))

    return _ESCAPED.sub(written, text)


def _refusal(pattern: QueryPattern, token: Token) -> QuerySyntaxError:
    place = position_at(pattern.text, token.start)
    return QuerySyntaxError(
        f"Line {place.line}, column {place.column}: this escape is not sent to another server, which might "
        "read it differently. Write the character itself.",
        place,
    )


def _prologue(pattern: QueryPattern, tokens: Sequence[Token], base_iri: str | None) -> str:
    """The declarations that the body needs, in their order."""
    used = used_prefixes(tokens)
    declared = pattern.tokens[pattern.prologue.first : pattern.prologue.last]
    parts: list[str] = []
    iris = [t.text for t in tokens if t.kind == "iri"]
    iris += re.findall(r"<[^<>\s]*>", " ".join(t.text for t in tokens if t.kind == "data"))
    has_base = False
    for index, token in enumerate(declared):
        if token.upper == "BASE":
            parts.append(f"BASE {declared[index + 1].text}")
            has_base = True
        elif token.upper == "PREFIX" and declared[index + 1].text[:-1] in used:
            iris.append(declared[index + 2].text)
            parts.append(f"PREFIX {declared[index + 1].text} {declared[index + 2].text}")
    is_relative = any(not _SCHEME.match(iri[1:]) for iri in iris)
    if not is_relative:
        parts = [part for part in parts if not part.startswith("BASE")]
    elif base_iri is not None and not has_base:
        parts.insert(0, f"BASE <{base_iri}>")
    supplied = declare({prefix: iri for prefix, iri in pattern.supplied.items() if prefix in used})
    return supplied + "".join(part + " " for part in parts)
