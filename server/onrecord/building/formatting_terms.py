"""Terms as Turtle writes them: names, relative IRIs, literals (RDF 1.1 Turtle, sections 2 and 6.5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from onrecord.terms import RDF, XSD

_SCHEME = "x-relative:"
_ROOT = f"{_SCHEME}//base.invalid/"
BASE = _ROOT + "1/2/3/4/5/6/7/8/9/10/11/12/"
"""The base that a text is parsed with, so that its relative IRIs can be told and written as they were."""

_BASE_CHARS = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_CHARS = _BASE_CHARS + "_0-9\u00b7\u0300-\u036f\u203f-\u2040-"
_PERCENT = "%[0-9A-Fa-f]{2}"
# A local name that needs no escape (PN_LOCAL without PN_LOCAL_ESC); an IRI that has none is written in full.
_LOCAL = re.compile(
    f"(?:[{_BASE_CHARS}_:0-9]|{_PERCENT})(?:(?:[{_CHARS}.:]|{_PERCENT})*(?:[{_CHARS}:]|{_PERCENT}))?"
)

_NATIVE = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "double": re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
_SHORT_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
# Characters that end a line for some programs or turn the direction of text: raw, they mislead readers.
_MISLEADING = frozenset("\u2028\u2029\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Prefixes:
    """The prefixes that a text declares, and which of them were used in writing names."""

    def __init__(self, declared: Mapping[str, str]) -> None:
        # The longest namespace first; of two prefixes for one namespace the first in the alphabet.
        self._declared = sorted(declared.items(), key=lambda item: (-len(item[1]), item[0]))
        self._used: dict[str, str] = {}
        self._written: dict[str, str] = {}

    def iri(self, iri: str) -> str:
        """`iri` as a prefixed name where a prefix fits, else in angle brackets.

        >>> prefixes = Prefixes({"ex": "https://example.org/", "a": "https://example.org/a/"})
        >>> prefixes.iri("https://example.org/a/b"), prefixes.iri("https://example.org/x/y")
        ('a:b', '<https://example.org/x/y>')
        >>> print(prefixes.declarations(), end="")
        @prefix a: <https://example.org/a/> .
        """
        written = self._written.get(iri)
        if written is None:
            written = self._written[iri] = self._write(iri)
        return written

    def literal(self, literal: Literal) -> str:
        r"""`literal` in the shortest form that keeps every character of its value.

        >>> Prefixes({}).literal(Literal("1.50", datatype=NamedNode(XSD + "decimal")))
        '1.50'
        >>> Prefixes({}).literal(Literal("a tab\t", language="en-gb"))
        '"a tab\\t"@en-GB'
        """
        datatype = literal.datatype.value
        if datatype in _NATIVE and _NATIVE[datatype].fullmatch(literal.value):
            return literal.value
        quoted = _quote(literal.value)
        if literal.language is not None:
            direction = f"--{literal.direction}" if literal.direction is not None else ""
            return f"{quoted}@{_language(literal.language)}{direction}"
        return quoted if datatype == XSD + "string" else f"{quoted}^^{self.iri(datatype)}"

    def declarations(self) -> str:
        """A line for each prefix that was used, sorted by prefix."""
        return "".join(
            f"@prefix {prefix}: {_bracketed(iri)} .\n" for prefix, iri in sorted(self._used.items())
        )

    def _write(self, iri: str) -> str:
        for prefix, namespace in self._declared:
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri, len(namespace)):
                self._used[prefix] = namespace
                return f"{prefix}:{iri[len(namespace) :]}"
        return _bracketed(iri)


def verb(prefixes: Prefixes, predicate: NamedNode) -> str:
    """`predicate` as Turtle writes it before its objects: `a` for rdf:type."""
    return "a" if predicate.value == RDF + "type" else prefixes.iri(predicate.value)


def _bracketed(iri: str) -> str:
    return f"<{_relative(iri)}>"


def _relative(iri: str) -> str:
    """`iri` as it stood in the text, relative to BASE where it was relative (RFC 3986, section 4.2)."""
    if not iri.startswith(_SCHEME):
        return iri
    if not iri.startswith(_ROOT):
        return iri.removeprefix(_SCHEME)
    above, up = BASE, ""
    while above != _ROOT:
        if iri.startswith(above):
            rest = iri.removeprefix(above)
            # Without a dot the first segment would be read as a scheme, or the path as one from the root.
            return (
                f"./{rest}" if not up and (rest.startswith("/") or ":" in _first_segment(rest)) else up + rest
            )
        above, up = above[: above.rstrip("/").rindex("/") + 1], up + "../"
    rest = iri.removeprefix(_ROOT)
    return f"/./{rest}" if rest.startswith("/") else f"/{rest}"


def _first_segment(reference: str) -> str:
    return re.split("[/?#]", reference, maxsplit=1)[0]


def _quote(value: str) -> str:
    if "\n" not in value:
        return '"' + "".join(_escape(c) for c in value).replace('"', '\\"') + '"'
    lines = "\n".join("".join(_escape(c) for c in line) for line in value.split("\n"))
    # Two quotation marks in a row, or one at the end, could be read as the end of the text.
    return '"""' + re.sub(r'"(?="|\Z)', r'\\"', lines) + '"""'


def _escape(character: str) -> str:
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if character in _MISLEADING or unicodedata.category(character) == "Cc":
        return f"\\u{ord(character):04X}"
    return character


def _language(tag: str) -> str:
    """A language tag in the case that RFC 5646, section 2.1.1, recommends.

    >>> _language("zh-hant-tw"), _language("EN"), _language("en-x-us")
    ('zh-Hant-TW', 'en', 'en-x-us')
    """
    parts = tag.lower().split("-")
    for number, part in enumerate(parts):
        if number and len(parts[number - 1]) > 1 and part.isalpha():
            parts[number] = {2: part.upper(), 4: part.title()}.get(len(part), part)
    return "-".join(parts)
