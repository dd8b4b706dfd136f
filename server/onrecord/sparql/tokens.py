"""A tokenizer for SPARQL 1.1 and 1.2 text.

It splits a text exactly where the engine does, because what it takes for a
string or a comment is not searched for SERVICE. The engine has no tokenizer
of its own: its grammar works on characters, so that `trueSERVICE<x>{}` is a
service call, `?a<?b` compares inside an expression even where `<?b...>` could
be an IRI, and a long string that never ends is read as short ones. Each such
case is handled here and has its test.

Comments and white space are left out. Inside data blocks (VALUES, INSERT DATA,
DELETE DATA) everything between two brackets is one token of kind `data`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["iri", "pname", "bnode", "var", "lang", "string", "number", "word", "op", "data", "error"]
Role = Literal["graph", "expression", "unclear", "list", "data"]
"""What a bracket holds: patterns (also `[ ]` and the text outside all brackets), an expression,
a collection, path or list of variables, or the terms of a data block."""


class Token(NamedTuple):
    """One token; `start` and `end` are offsets in code points.

    `role` is that of the bracket around it, for a bracket its own. Kind
    `error` is a character, or a `<`, that cannot be read with certainty.
    """

    kind: Kind
    text: str
    start: int
    end: int
    role: Role

    @property
    def in_data(self) -> bool:
        """Whether it stands in a data block or is a bracket of one."""
        return self.role == "data"

    @property
    def upper(self) -> str:
        """The text in capitals, as keywords are compared."""
        return self.text.upper()

    def is_op(self, *texts: str) -> bool:
        """Whether it is one of these operators or brackets."""
        return self.kind == "op" and self.text in texts


_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_MORE = "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_CHARS = f"{_BASE}_{_MORE}\\-"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_ECHAR = (
    r"\\[tbnrf\"'\\]|\\u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}"
    r"|\\U(?:0000(?![Dd][89A-Fa-f])|000[1-9A-Fa-f]|0010)[0-9A-Fa-f]{4}"
)
_STRING = "|".join(
    (
        rf"'''(?:(?:''|')?+(?:[^'\\]|{_ECHAR}))*+'''",
        rf'"""(?:(?:""|")?+(?:[^"\\]|{_ECHAR}))*+"""',
        rf"'(?:[^'\\\n\r]|{_ECHAR})*+'",
        rf'"(?:[^"\\\n\r]|{_ECHAR})*+"',
    )
)
_IRI = r"<[^\x00-\x20<>\"{}|^`\\]*+(?:\\[uU][0-9A-Fa-f]{4}[^\x00-\x20<>\"{}|^`\\]*+)*+>"
_LOCAL = rf"(?:[{_BASE}_:0-9]|{_PLX})(?:[{_CHARS}:]|{_PLX})*+(?:\.++(?:[{_CHARS}:]|{_PLX})++)?"

_SPACE = re.compile(r"(?:[ \t\r\n]++|#[^\r\n]*+)*+")
_NAME_RUN = re.compile(rf"[{_BASE}][{_CHARS}.]*+")
_LOCAL_NAME = re.compile(_LOCAL)
_IRIREF = re.compile(_IRI)
_STRINGS = re.compile(_STRING)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_BNODE = re.compile(rf"_:[{_BASE}_0-9][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+")
_VAR = re.compile(rf"[?$][{_BASE}_0-9][{_BASE}_{_MORE}]*+")
_LANG = re.compile(r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?:--[A-Za-z]++)?")
_NUMBER = re.compile(r"(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+")
_OPERATOR = re.compile(r"\{\||\|\}|&&|\|\||!=|>=|<=|\^\^|[{}()\[\].;,=<>!+\-*/|^?$~@]")
_DATA_RUN = re.compile(
    rf"(?:[ \t\r\n]++|#[^\r\n]*+|{_STRING}|{_IRI}|\\.|[^\s<>\"'#{{}}()\[\]|\\]++)++", re.DOTALL
)

_OPENERS = {"(", "[", "{", "{|", "<<", "<<("}
_CLOSERS = {")": "(", "]": "[", "}": "{", "|}": "{|", ">>": "<<", ")>>": "<<("}
_GLUED_CALL = re.compile("FILTER|HAVING|BY", re.IGNORECASE)
"""With `PREFIX FILTERx:` the text `FILTERx:f(` may be a filter or a name before a list."""


class _Frame:
    """An open bracket."""

    __slots__ = ("bracket", "is_solution", "role")

    def __init__(self, bracket: str, role: Role) -> None:
        self.bracket = bracket
        self.role = role
        self.is_solution = False  # a SELECT clause or solution modifiers: `(` opens an expression


def tokenize(text: str) -> Iterator[Token]:
    """The tokens of `text` in order; linear in its length, and no text raises.

    >>> [t.text for t in tokenize("ASK { ?s a <x> FILTER(?s<5) } # end")]
    ['ASK', '{', '?s', 'a', '<x>', 'FILTER', '(', '?s', '<', '5', ')', '}']
    """
    return _Tokenizer(text).run()


class _Tokenizer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.frames = [_Frame("", "graph")]
        self.last: Token | None = None
        self.before_last: Token | None = None
        self.values = False  # between the word VALUES and its `{`
        self.run_end = 0  # before this offset no prefixed name with a prefix can start

    def run(self) -> Iterator[Token]:
        text, offset, length = self.text, 0, len(self.text)
        while True:
            if self.frames[-1].role == "data" and (data := _DATA_RUN.match(text, offset)):
                offset = data.end()
                if not data.group().isspace():
                    yield Token("data", data.group(), data.start(), offset, "data")
            offset = _space_end(text, offset)
            if offset >= length:
                return
            kind, end = self.read(offset)
            token = self.follow(kind, text[offset:end], offset, end)
            yield token
            self.before_last, self.last = self.last, token
            offset = end

    def read(self, offset: int) -> tuple[Kind, int]:
        """The kind and the end of the token that starts at `offset`."""
        text, first = self.text, self.text[offset]
        if first == "<":
            return self.read_less(offset)
        if first in "?$" and (match := _VAR.match(text, offset)):
            return "var", match.end()
        if first in "\"'" and (match := _STRINGS.match(text, offset)):
            return "string", match.end()
        if (first.isdigit() or first == ".") and (match := _NUMBER.match(text, offset)):
            return "number", match.end()
        if first == "_" and (match := _BNODE.match(text, offset)):
            return "bnode", match.end()
        if first == "@" and (match := _LANG.match(text, offset)):
            return "lang", match.end()
        if (end := self.read_name(offset)) > offset:
            return "pname", end
        if match := _WORD.match(text, offset):
            return "word", match.end()
        closer = {"<<": ">>", "<<(": ")>>"}.get(self.frames[-1].bracket)
        if closer and text.startswith(closer, offset):
            return "op", offset + len(closer)
        if match := _OPERATOR.match(text, offset):
            return "op", match.end()
        return "error", offset + 1

    def read_less(self, offset: int) -> tuple[Kind, int]:
        """`<` compares after an operand of an expression; elsewhere it opens an IRI or a triple."""
        text, role = self.text, self.frames[-1].role
        iri = _IRIREF.match(text, offset)
        if role in ("expression", "unclear") and self.is_operand(self.last):
            if role == "unclear" and iri:
                return "error", offset + 1
            return "op", offset + (2 if text.startswith("<=", offset) else 1)
        if iri:
            return "iri", iri.end()
        for opener in ("<<(", "<<", "<="):
            if text.startswith(opener, offset):
                return "op", offset + len(opener)
        return "op", offset + 1

    def read_name(self, offset: int) -> int:
        """The end of the prefixed name at `offset`, or `offset` when there is none."""
        text, colon = self.text, offset
        if text[offset] != ":":
            if offset < self.run_end:
                return offset
            run = _NAME_RUN.match(text, offset)
            if run is None:
                return offset
            colon = run.end()
            if text[colon : colon + 1] != ":" or text[colon - 1] == ".":
                # Every start inside this run ends at the same character: without
                # remembering that, a.a.a.a would cost its length squared.
                self.run_end = colon
                return offset
        local = _LOCAL_NAME.match(text, colon + 1)
        return local.end() if local else colon + 1

    @staticmethod
    def is_operand(token: Token | None) -> bool:
        if token is None:
            return False
        if token.kind == "word":
            return token.text in ("true", "false")
        return token.kind not in ("op", "error") or token.text in (")", "}", ")>>", "]", ">>")

    def follow(self, kind: Kind, text: str, start: int, end: int) -> Token:
        """The token, after keeping track of the brackets around what comes next."""
        top = self.frames[-1]
        if kind == "op" and text in _OPENERS:
            self.frames.append(_Frame(text, self.role_of(text)))
            self.values = self.values and text == "("
            return Token(kind, text, start, end, self.frames[-1].role)
        if kind == "op" and top.bracket and _CLOSERS.get(text) == top.bracket:
            self.frames.pop()
            self.values = self.values and text == ")"
        elif kind == "word":
            word = text.upper()
            self.values = word.endswith("VALUES")
            if word.startswith(("SELECT", "GROUP", "HAVING", "ORDER")) or word.endswith("BY"):
                top.is_solution = True
        elif kind != "var":
            self.values = False
        return Token(kind, text, start, end, top.role)

    def role_of(self, bracket: str) -> Role:
        top, last, before = self.frames[-1], self.last, self.before_last
        if top.role == "data":
            return "data"
        if bracket == "{":
            is_data = last is not None and last.kind == "word" and last.upper.endswith("DATA")
            return "data" if self.values or is_data else "graph"
        if bracket != "(":
            return "graph"
        if top.role in ("expression", "unclear", "list"):
            return top.role
        if last is None:
            return "list"
        if last.kind == "word":
            is_term = last.text in ("a", "true", "false")
            return "list" if is_term or last.upper.endswith("VALUES") else "expression"
        if top.is_solution:
            return "expression"
        if last.kind in ("iri", "pname"):
            if before is not None and before.kind == "word" and before.text not in ("a", "true", "false"):
                return "expression"
            if last.kind == "pname" and _GLUED_CALL.search(last.text.partition(":")[0]):
                return "unclear"
        return "list"


def _space_end(text: str, offset: int) -> int:
    match = _SPACE.match(text, offset)
    return match.end() if match else offset
