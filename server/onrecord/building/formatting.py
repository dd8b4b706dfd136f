"""`onrecord fmt`: Turtle and TriG in one canonical form, so that a change of knowledge is a change of lines.

The form: the comment at the head, the prefixes that are used, sorted; then
subjects, predicates (`a` first) and objects, each sorted, one predicate a
line. Blank nodes stand where they are used, lists in parentheses. The result
states the same triples as the text, and formatting it again changes nothing.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph

from onrecord.building.formatting_layout import Layout
from onrecord.building.formatting_source import read_source
from onrecord.building.formatting_terms import BASE, Prefixes
from onrecord.errors import FolderError, FolderSyntaxError, Position

_FORMATS = {".ttl": pyoxigraph.RdfFormat.TURTLE, ".trig": pyoxigraph.RdfFormat.TRIG}


def format_turtle(text: str, name: str = "The text") -> str:
    """The Turtle document `text` (RDF 1.1 Turtle) in canonical form; `name` is what an error calls it.

    Raises FolderSyntaxError where it does not parse, and FolderError where
    formatting would lose something: a comment below the head, a term of RDF 1.2.

    >>> print(format_turtle('''
    ... @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    ... @prefix : <https://example.org/> .
    ... :b rdfs:label 'B' ; a :C, :A . :a :size "7"^^<http://www.w3.org/2001/XMLSchema#integer> .'''), end="")
    @prefix : <https://example.org/> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    <BLANKLINE>
    :a :size 7 .
    <BLANKLINE>
    :b a :A , :C ;
        rdfs:label "B" .
    """
    return _format(text, ".ttl", name)


def format_trig(text: str, name: str = "The text") -> str:
    """The TriG document `text` (RDF 1.1 TriG) in canonical form; raises as `format_turtle` does.

    >>> print(format_trig("GRAPH <https://example.org/g> { <urn:x:a> <urn:x:b> 1.50 }"), end="")
    <https://example.org/g> {
        <urn:x:a> <urn:x:b> 1.50 .
    }
    """
    return _format(text, ".trig", name)


def format_file(path: Path, name: str | None = None) -> str:
    """The Turtle (.ttl) or TriG (.trig) file at `path` in canonical form; nothing is written.

    `name` is what an error calls the file, its path by default. Raises as
    `format_turtle` does, and FolderError for a file that cannot be read or is
    of another format.
    """
    called = str(path) if name is None else name
    if path.suffix not in _FORMATS:
        raise FolderError(f"{called} cannot be formatted. Name a Turtle (.ttl) or TriG (.trig) file.")
    return _format(_read(path, called), path.suffix, called)


def is_formatted(path: Path, name: str | None = None) -> bool:
    """Whether the file at `path` is in canonical form, byte for byte; raises as `format_file` does."""
    formatted = format_file(path, name).encode()
    return path.read_bytes() == formatted


def _read(path: Path, name: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise FolderError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise FolderSyntaxError(
            name, Position(line, 1), "The line is not UTF-8.", "Save the file as UTF-8."
        ) from None


def _format(text: str, suffix: str, name: str) -> str:
    parser = pyoxigraph.parse(text, _FORMATS[suffix], base_iri=BASE)
    try:
        quads = list(parser)
    except SyntaxError as error:
        place = Position(error.lineno, error.offset or 1) if error.lineno is not None else None
        # The parser's sentence begins with the place, which the error tells in its own form.
        reason = re.sub(r"^Parser error at line [^:]*: ", "", str(error.msg)).rstrip(".")
        remedy = "Mend it, then format again."
        raise FolderSyntaxError(name, place, f"{reason[:1].upper()}{reason[1:]}.", remedy) from None
    source = read_source(text)
    if source.lost_comments:
        raise FolderError(
            f"{name}:{source.lost_comments[0]}: a comment below the head of the file would be lost. "
            "Write it into the graph (rdfs:comment), or move it to the top of the file, then format again."
        )
    prefixes = Prefixes(parser.prefixes)
    body = Layout(quads, prefixes, source.labels, name).text()
    parts = [source.header, prefixes.declarations(), body]
    return "\n".join(part for part in parts if part)
