"""Where each triple of a Turtle, TriG, N-Triples or N-Quads text stands.

The engine's parser tells no places, so this reads the text once more. It is
no second opinion on syntax: it is meant for texts that parse, never raises,
and on others finds what it can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

import pyoxigraph
from rdflib import BNode, Literal, URIRef

from onrecord.terms import RDF, XSD

BLANK = "_:"
"""The key of every blank node: labels of blank nodes say nothing outside a parser."""

_TOKEN = re.compile(
    r"""
      (?P<skip> \s+ | \#[^\n\r]* )
    | (?P<iri> <[^\x00-\x20<>"{}|^`]*> )
    | (?P<string>
          \"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*'''
        | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' )
    | (?P<at> @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
    | (?P<label> _:[\w:](?:[\w.:\-\u00b7]*[\w:\-\u00b7])? )
    | (?P<number> [+-]?(?:[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+\.?[eE][+-]?[0-9]+|[0-9]+)(?![\w:]) )
    | (?P<name> (?:[^\W\d_](?:[\w.\-\u00b7]*[\w\-\u00b7])?)?:
                (?:(?:[\w:.\-\u00b7]|%[0-9A-Fa-f]{2}|\\.)*(?:[\w:\-\u00b7]|%[0-9A-Fa-f]{2}|\\.))? )
    | (?P<word> [A-Za-z]+ )
    | (?P<mark> \^\^ | . )
    """,
    re.DOTALL | re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_SHORT = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_NUMBERS = (("eE", "double"), (".", "decimal"))


@dataclass(frozen=True)
class Place:
    """The offsets of a triple's three terms; the subject's is where its block begins."""

    subject: int
    predicate: int
    object: int


@dataclass
class Index:
    """The places in one text, the first of each: triples, pairs of subject and predicate, names."""

    triples: dict[tuple[str, str, str], Place] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Place] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)
    mentions: dict[str, int] = field(default_factory=dict)


def key_of(term: pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple) -> str:
    """The engine's term as the keys of an Index have it.

    >>> key_of(pyoxigraph.Literal("Douro", language="pt-PT")), key_of(pyoxigraph.NamedNode("urn:x"))
    ('"Douro"@pt-pt', '<urn:x>')
    """
    if isinstance(term, pyoxigraph.NamedNode):
        return f"<{term.value}>"
    if isinstance(term, pyoxigraph.Literal):
        return _literal(term.value, term.language, term.datatype.value)
    return BLANK


def key_of_node(node: URIRef | BNode | Literal) -> str:
    """rdflib's term as the keys of an Index have it."""
    if isinstance(node, URIRef):
        return f"<{node}>"
    if isinstance(node, Literal):
        return _literal(str(node), node.language, str(node.datatype or XSD + "string"))
    return BLANK


def scan(text: str, base: str) -> Index:
    """Read `text`, whose relative IRIs are relative to `base`.

    >>> index = scan("@prefix : <urn:x:> .\\n:a :b 1 , [ :c 'd'@en ] .", "urn:x:")
    >>> index.triples["<urn:x:a>", "<urn:x:b>", f'"1"^^<{XSD}integer>']
    Place(subject=21, predicate=24, object=27)
    >>> index.triples[BLANK, "<urn:x:c>", '"d"@en'].object
    36
    """
    return _Scanner(text, base).run()


@dataclass
class _Frame:
    """An open bracket, or the text itself: what has been read of the triple under way."""

    kind: str
    subject: tuple[str, int] | None = None
    predicate: tuple[str, int] | None = None
    has_object: bool = False


class _Scanner:
    def __init__(self, text: str, base: str) -> None:
        self._tokens = [m for m in _TOKEN.finditer(text) if m.lastgroup != "skip"]
        self._base = base
        self._prefixes: dict[str, str] = {}
        self._frames = [_Frame("text")]
        self._index = Index()

    def run(self) -> Index:
        at = 0
        while at < len(self._tokens):
            at = self._step(at)
        return self._index

    def _step(self, at: int) -> int:
        token = self._tokens[at]
        text, frame = token.group(), self._frames[-1]
        directive = text.lower().lstrip("@")
        if token.lastgroup in ("at", "word") and directive in ("prefix", "base") and frame.kind == "text":
            return self._declare(at, directive)
        if text == "(" and [t.group() for t in self._tokens[at + 1 : at + 2]] == [")"]:
            self._put(f"<{RDF}nil>", token.start())
            return at + 2
        if token.lastgroup == "mark":
            self._mark(text, token.start())
            return at + 1
        if token.lastgroup == "word" and directive == "graph":
            return at + 1
        key, after = self._term(at)
        if key is not None:
            self._put(key, token.start())
        return after

    def _declare(self, at: int, directive: str) -> int:
        values = [t.group() for t in self._tokens[at + 1 : at + 3]]
        if directive == "prefix" and len(values) == 2:
            self._prefixes[values[0].rstrip(":")] = self._iri(values[1])
        elif directive == "base" and values:
            self._base = self._iri(values[0])
        return at + (3 if directive == "prefix" else 2)

    def _mark(self, mark: str, offset: int) -> None:
        frame = self._frames[-1]
        if mark == "[":
            self._put(BLANK, offset)
            self._frames.append(_Frame("[", (BLANK, offset)))
        elif mark == "(":
            self._put(BLANK, offset)
            self._frames.append(_Frame("(", (BLANK, offset), (f"<{RDF}first>", offset)))
        elif mark in "])" and len(self._frames) > 1:
            self._frames.pop()
        elif mark in ".{}":
            # The name of a graph stands where a subject would.
            self._frames = [_Frame("text")]
        elif mark == ";":
            frame.predicate, frame.has_object = None, False
        elif mark == ",":
            frame.has_object = False

    def _put(self, key: str, offset: int) -> None:
        frame = self._frames[-1]
        if key != BLANK:
            self._index.mentions.setdefault(key, offset)
        if frame.subject is None:
            frame.subject = (key, offset)
            if key != BLANK:
                self._index.subjects.setdefault(key, offset)
        elif frame.predicate is None:
            frame.predicate = (key, offset)
        elif not frame.has_object:
            # In a list each member follows the one before; elsewhere a comma does.
            frame.has_object = frame.kind != "("
            place = Place(frame.subject[1], frame.predicate[1], offset)
            pair = (frame.subject[0], frame.predicate[0])
            self._index.pairs.setdefault(pair, place)
            self._index.triples.setdefault((*pair, key), place)

    def _term(self, at: int) -> tuple[str | None, int]:
        """The key of the term at `at`, None where there is none, and what follows it."""
        token = self._tokens[at]
        text = token.group()
        if token.lastgroup == "iri":
            return f"<{self._iri(text)}>", at + 1
        if token.lastgroup == "name":
            return f"<{self._name(text)}>", at + 1
        if token.lastgroup == "label":
            return BLANK, at + 1
        if token.lastgroup == "string":
            return self._string(at)
        if token.lastgroup == "number":
            kind = next((name for marks, name in _NUMBERS if set(marks) & set(text)), "integer")
            return _literal(text, None, XSD + kind), at + 1
        if text in ("true", "false"):
            return _literal(text, None, XSD + "boolean"), at + 1
        return (f"<{RDF}type>", at + 1) if text == "a" else (None, at + 1)

    def _string(self, at: int) -> tuple[str, int]:
        text = self._tokens[at].group()
        quotes = 3 if text[:3] in ('"""', "'''") else 1
        value = _unescape(text[quotes:-quotes])
        following = self._tokens[at + 1 : at + 3]
        if following and following[0].lastgroup == "at":
            return _literal(value, following[0].group()[1:], ""), at + 2
        if len(following) == 2 and following[0].group() == "^^":
            written = following[1].group()
            datatype = self._iri(written) if written.startswith("<") else self._name(written)
            return _literal(value, None, datatype), at + 3
        return _literal(value, None, XSD + "string"), at + 1

    def _iri(self, written: str) -> str:
        iri = _unescape(written.strip("<>"))
        return iri if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", iri) else urljoin(self._base, iri)

    def _name(self, written: str) -> str:
        prefix, _, local = written.partition(":")
        return self._prefixes.get(prefix, prefix + ":") + re.sub(r"\\(.)", r"\1", local)


def _literal(value: str, language: str | None, datatype: str) -> str:
    return f'"{value}"@{language.lower()}' if language else f'"{value}"^^<{datatype}>'


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else _SHORT.get(m[3], m[3]), text)
