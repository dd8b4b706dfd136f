"""What a SPARQL text asks for, as far as its tokens tell.

The engine judges the syntax. This module answers, before any engine sees the
text, what must not be found out too late: which operation it is and whether it
reaches out to other servers. Where a text could be read in two ways it is
taken for the one that reaches out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from onrecord.errors import Position
from onrecord.sparql.positions import position_at
from onrecord.sparql.tokens import Token, tokenize

Form = Literal["select", "ask", "construct", "describe", "update", "unknown"]


@dataclass(frozen=True)
class ServiceCall:
    """One SERVICE; `endpoint` is an IRI, or `?name`, or what stands there instead."""

    endpoint: str
    is_silent: bool
    position: Position


@dataclass(frozen=True)
class LoadCall:
    """One LOAD of an update; `source` is an IRI, or what stands there instead."""

    source: str
    is_silent: bool
    position: Position


@dataclass(frozen=True)
class Operation:
    """What a text asks for; `unclear` is the place of a `<` that can be read in two ways."""

    form: Form
    has_dataset_clause: bool
    services: tuple[ServiceCall, ...]
    loads: tuple[LoadCall, ...]
    is_nondeterministic: bool
    variables: frozenset[str]
    unclear: Position | None = None

    @property
    def is_update(self) -> bool:
        """Whether it writes."""
        return self.form == "update"


_QUERY_FORMS: tuple[tuple[str, Form], ...] = (
    ("SELECT", "select"),
    ("ASK", "ask"),
    ("CONSTRUCT", "construct"),
    ("DESCRIBE", "describe"),
)
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
_DATASET = ("FROM", "USING", "WITH")
_CHANGING = ("NOW", "RAND", "UUID", "BNODE")


def describe(text: str) -> Operation:
    """What `text` asks for. No text raises: what cannot be read has the form `unknown`.

    >>> operation = describe("SELECT ?s { SERVICE <https://example.org/sparql> { ?s ?p ?o } }")
    >>> operation.form, operation.services[0].endpoint
    ('select', 'https://example.org/sparql')
    """
    return _Reader(text).read()


def declared_prefixes(tokens: list[Token]) -> dict[str, str]:
    """The prefixes that PREFIX declares among `tokens`, with their IRIs as written.

    >>> declared_prefixes(list(tokenize("PREFIX ex: <http://example.org/> ASK {}")))
    {'ex': 'http://example.org/'}
    """
    found = {}
    for name, iri, before in zip(tokens, tokens[1:], [None, *tokens], strict=False):
        if name.kind != "pname" or iri.kind != "iri" or not name.text.endswith(":"):
            continue
        if before is not None and before.kind == "word" and before.upper == "PREFIX":
            found[name.text[:-1]] = iri.text[1:-1]
        elif name.upper.startswith("PREFIX"):  # PREFIXex:<...>, as the engine reads it
            found[name.text[len("PREFIX") : -1]] = iri.text[1:-1]
    return found


def split_prologue(text: str) -> tuple[str, str]:
    """The declarations before the first operation of `text`, without comments, and the text from there.

    >>> split_prologue("#+ summary: All.\\nPREFIX a: <urn:a>\\nSELECT * { ?s a:p ?o }")
    ('PREFIX a: <urn:a>', 'SELECT * { ?s a:p ?o }')
    """
    reader = _Reader(text)
    first = next(reader.starts(), len(reader.tokens))
    index, lines = 0, []
    while index < first and (after := reader.prologue_end(index)) > index:
        lines.append(text[reader.tokens[index].start : reader.tokens[after - 1].end])
        index = after
    return "\n".join(lines), text[reader.at(first).start :]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        # One token of look-around is enough, but prefixes must be known before names are judged.
        self.tokens = list(tokenize(text))
        self.prefixes = declared_prefixes(self.tokens)

    def read(self) -> Operation:
        form: Form = "unknown"
        has_dataset = changing = False
        unclear: Position | None = None
        services: list[ServiceCall] = []
        loads: list[LoadCall] = []
        for index in self.starts():
            token = self.tokens[index]
            form = self.form_of(token) if form == "unknown" else form
            if token.kind in ("word", "pname") and token.upper.startswith("LOAD"):
                endpoint, silent = self.target(index, "LOAD")
                loads.append(LoadCall(endpoint, silent, position_at(self.text, token.start)))
        depth = 0
        for index, token in enumerate(self.tokens):
            if token.kind == "op":
                depth += (token.text in ("{", "{|")) - (token.text in ("}", "|}"))
            elif token.kind == "error" and token.text == "<":
                unclear = unclear or position_at(self.text, token.start)
            elif token.kind in ("word", "pname"):
                if self.is_service(index):
                    endpoint, silent = self.target(index, "SERVICE")
                    services.append(ServiceCall(endpoint, silent, position_at(self.text, token.start)))
                has_dataset = has_dataset or (depth == 0 and self.is_dataset(token))
                changing = changing or (
                    token.kind == "word" and token.upper.endswith(_CHANGING) and self.at(index + 1).is_op("(")
                )
        variables = frozenset(t.text[1:] for t in self.tokens if t.kind == "var")
        return Operation(form, has_dataset, tuple(services), tuple(loads), changing, variables, unclear)

    def at(self, index: int) -> Token:
        if 0 <= index < len(self.tokens):
            return self.tokens[index]
        return Token("error", "", len(self.text), len(self.text), "graph")

    def starts(self) -> Iterator[int]:
        """The indexes at which an operation starts: after the prologue, and after each `;` of an update."""
        index, depth, fresh = 0, 0, True
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.kind == "op":
                depth += (token.text in ("{", "{|")) - (token.text in ("}", "|}"))
                fresh = depth == 0 and token.text == ";"
            elif fresh:
                after = self.prologue_end(index)
                if after == index:
                    yield index
                    fresh = False
                else:
                    index = after
                    continue
            index += 1

    def prologue_end(self, index: int) -> int:
        """The index after one BASE, PREFIX or VERSION at `index`; `index` itself when there is none."""
        token, second, third = self.at(index), self.at(index + 1), self.at(index + 2)
        word = token.upper
        if token.kind == "word" and word == "BASE" and second.kind == "iri":
            return index + 2
        if token.kind == "word" and word == "VERSION" and second.kind == "string":
            return index + 2
        if token.kind == "word" and word == "PREFIX" and second.kind == "pname" and third.kind == "iri":
            return index + 3
        if token.kind == "pname" and word.startswith("PREFIX") and second.kind == "iri":
            return index + 2
        return index

    @staticmethod
    def form_of(token: Token) -> Form:
        if token.kind not in ("word", "pname"):
            return "unknown"
        for keyword, form in _QUERY_FORMS:
            if token.upper.startswith(keyword):
                return form
        return "update" if token.upper.startswith(_UPDATES) else "unknown"

    def is_declared(self, token: Token) -> bool:
        return token.text.partition(":")[0] in self.prefixes

    def is_dataset(self, token: Token) -> bool:
        if token.kind == "word":
            return token.upper.endswith((*_DATASET, "FROMNAMED")) or token.upper.startswith(_DATASET)
        return token.upper.startswith(_DATASET) and not self.is_declared(token)

    def is_service(self, index: int) -> bool:
        """Whether the token makes the engine see SERVICE; words may be glued to their neighbours."""
        token = self.tokens[index]
        if token.kind == "word":
            return "SERVICE" in token.upper
        if "SERVICE" not in token.text.partition(":")[0].upper():
            return False
        if not self.is_declared(token):
            return True
        before = self.at(index - 1)
        names_graph = before.kind == "word" and before.upper in ("GRAPH", "FROM", "NAMED")
        return self.at(index + 1).is_op("{") and not names_graph

    def target(self, index: int, keyword: str) -> tuple[str, bool]:
        """What SERVICE or LOAD names, and whether it is SILENT."""
        token = self.tokens[index]
        silent = "SILENT" in token.upper
        if token.kind == "pname":
            head = token.upper.find(keyword) + len(keyword)
            name = token.text[head:]
            name = name[len("SILENT") :] if name.upper().startswith("SILENT") else name
            return self.resolve(name), silent
        following = self.at(index + 1)
        if following.kind in ("word", "pname") and following.upper.startswith("SILENT"):
            silent = True
            if following.kind == "pname" and not self.is_declared(following):
                return self.resolve(following.text[len("SILENT") :]), silent
            following = self.at(index + 2) if following.kind == "word" else following
        if following.kind == "iri":
            return following.text[1:-1], silent
        return (self.resolve(following.text) if following.kind == "pname" else following.text), silent

    def resolve(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return self.prefixes[prefix] + local if prefix in self.prefixes else name
